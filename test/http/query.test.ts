// Parameters: Go's grammar of numbers and booleans, and its words for what is none.
import { describe, expect, test } from "bun:test";
import { BadParameter, Query } from "../../src/http/query.ts";

function refusal(ask: () => unknown): string {
  try {
    ask();
  } catch (error) {
    if (error instanceof BadParameter) return error.message;
    throw error;
  }
  return "accepted";
}

describe("integers", () => {
  test.each([
    ["", 0],
    ["5", 5],
    ["-5", -5],
    ["%2B5", 5],
    ["007", 7],
    ["-0", 0],
    ["9007199254740991", 2 ** 53 - 1],
    ["9007199254740993", 9_007_199_254_740_993n],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["-9223372036854775808", -(2n ** 63n)],
    [`-${"0".repeat(40)}12`, -12],
  ])("%s is %p, exactly", (text, value) => {
    expect(new Query(`n=${text}`).exactInt("n")).toEqual(value as never);
  });

  test.each(["abc", "+5", "0x5", "1_0", "%20", "-", "1.0", "1e3", "%2B", "--1", "5;"])(
    "%s is none",
    (text) => {
      const query = new Query(`limit=${text}`);
      const dropped = text.includes(";");
      expect(refusal(() => query.int("limit"))).toMatch(
        dropped
          ? /^accepted$/
          : /^Error decoding int for 'limit': strconv.Atoi: parsing ".*": invalid syntax$/,
      );
    },
  );

  test.each([
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999",
    `-${"9".repeat(99)}`,
  ])("%s is out of range", (text) => {
    expect(refusal(() => new Query(`limit=${text}`).int("limit"))).toBe(
      `Error decoding int for 'limit': strconv.Atoi: parsing "${text}": value out of range`,
    );
  });

  test("unsigned ones have no sign and reach 2^64", () => {
    expect(new Query("cid=18446744073709551615").uint64("cid")).toBe(2n ** 64n - 1n);
    const told = (text: string) => refusal(() => new Query(`cid=${text}`).uint64("cid"));
    const error = "Error decoding uint64 for 'cid': strconv.ParseUint: parsing";
    expect(told("-1")).toBe(`${error} "-1": invalid syntax`);
    expect(told("%2B1")).toBe(`${error} "+1": invalid syntax`);
    expect(told("18446744073709551616")).toBe(
      `${error} "18446744073709551616": value out of range`,
    );
  });
});

describe("booleans, details and states", () => {
  test.each(["1", "t", "T", "TRUE", "true", "True"])("%s is true", (text) => {
    expect(new Query(`b=${text}`).bool("b")).toBe(true);
  });

  test.each(["", "0", "f", "F", "FALSE", "false", "False"])("'%s' is false", (text) => {
    expect(new Query(`b=${text}`).bool("b")).toBe(false);
  });

  test.each(["yes", "tRUE", "2", "01", "on", "detail"])("%s is neither", (text) => {
    expect(refusal(() => new Query(`auth=${text}`).bool("auth"))).toBe(
      `Error decoding boolean for 'auth': strconv.ParseBool: parsing "${text}": invalid syntax`,
    );
  });

  test("subs may ask for details, in any case of letters", () => {
    expect(new Query("subs=DETail").subs()).toBe("detail");
    expect(new Query("subs=1").subs()).toBe(true);
    expect(refusal(() => new Query("subs=details").subs())).toStartWith("Error decoding boolean");
  });

  test("states are open, closed, any and all, in any case of letters", () => {
    const states = ["", "Open", "CLOSED", "any", "ALL"].map((text) => new Query(`state=${text}`));
    expect(states.map((query) => query.state())).toEqual(["open", "open", "closed", "all", "all"]);
    expect(refusal(() => new Query("state=foo").state())).toBe("Error decoding state for foo");
  });
});

describe("forms", () => {
  test("the first of repeated names counts, names are exact, blanks are plus signs", () => {
    const query = new Query("a=1&a=2&A=3&b+c=d+e%20f&&=x&g");
    expect(query.text("a")).toBe("1");
    expect(query.text("A")).toBe("3");
    expect(query.text("b c")).toBe("d e f");
    expect(query.text("g")).toBe("");
  });

  test("what has a semicolon or a broken percent is left out", () => {
    const query = new Query("a=1;b&limit=%zz&c=%4&d=%41");
    expect(["a", "limit", "c", "d"].map((name) => query.text(name))).toEqual(["", "", "", "A"]);
  });

  test("no name is special", () => {
    const query = new Query("constructor=1");
    expect([query.text("__proto__"), query.text("constructor")]).toEqual(["", "1"]);
  });

  test("what is quoted back is quoted as Go quotes it", () => {
    const query = new Query("limit=a%22b%5C%0A%C3%A9%FF%00%E2%80%A8%F0%9F%98%80");
    expect(refusal(() => query.int("limit"))).toBe(
      `Error decoding int for 'limit': strconv.Atoi: parsing "a\\"b\\\\\\né\\xff\\x00\\u2028😀": invalid syntax`,
    );
  });
});
