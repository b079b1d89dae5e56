// The body of a request: what counts as options, what is ignored, and what is refused (monitoring §21.1).
import { describe, expect, test } from "bun:test";
import { BadBody, FILTERS, means, readBody } from "../../src/system/options.ts";

const SHAPE = {
  sort: "text",
  names: "texts",
  auth: "yes or no",
  limit: "number",
  cid: "count",
} as const;

const read = (text: string) => readBody(Buffer.from(text), SHAPE);

function refusal(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof BadBody) return error.message;
    throw error;
  }
  throw new Error(`${text} was taken`);
}

describe("a body", () => {
  test("that says nothing gives no options", () => {
    for (const text of ["", "null", "{}", " {} ", '{"sort":null}']) expect(read(text)).toEqual({});
  });

  test("gives each option of the right type", () => {
    const all = { sort: "cid", names: ["a", "b"], auth: true, limit: -1, cid: 7 };
    expect(read(JSON.stringify(all))).toEqual(all);
  });

  test("may name options and filters in any case", () => {
    expect(read('{"SORT":"cid","Server_Name":"one","cId":3}')).toEqual({
      sort: "cid",
      server_name: "one",
      cid: 3,
    });
  });

  test("may say what nobody knows, whatever it is", () => {
    const text = '{"nonsense":{"deep":[1]},"toString":1,"constructor":[],"__proto__":{"cid":9}}';
    expect(read(text)).toEqual({});
    expect(Object.keys(read(text))).toEqual([]);
  });

  test.each([
    ['{"sort":1}', '"sort" has to be a text'],
    ['{"sort":["cid"]}', '"sort" has to be a text'],
    ['{"names":"a"}', '"names" has to be a list of texts'],
    ['{"names":["a",1]}', '"names" has to be a list of texts'],
    ['{"auth":1}', '"auth" has to be true or false'],
    ['{"auth":"true"}', '"auth" has to be true or false'],
    ['{"limit":"1"}', '"limit" has to be a whole number'],
    ['{"limit":1.5}', '"limit" has to be a whole number'],
    ['{"limit":9007199254740993}', '"limit" has to be a whole number'],
    ['{"limit":1e400}', '"limit" has to be a whole number'],
    ['{"cid":-1}', '"cid" has to be a whole number, 0 or more'],
    ['{"CID":{}}', '"cid" has to be a whole number, 0 or more'],
    ['{"tags":"az:1"}', '"tags" has to be a list of texts'],
    ['{"exact_match":"yes"}', '"exact_match" has to be true or false'],
  ])("%s is refused, and says why", (text, why) => expect(refusal(text)).toBe(why));

  test("that is no object is refused", () => {
    expect(refusal("[]")).toBe("the request is a list; expected an object");
    expect(refusal("7")).toBe("the request is a number; expected an object");
    expect(refusal('"x"')).toBe("the request is a string; expected an object");
    expect(refusal("true")).toBe("the request is a boolean; expected an object");
  });

  test.each(["{", "nonsense", "{}x", "\0", "{'a':1}", "+1", "\xff\xfe"])(
    "%j is no JSON, and that is told without repeating it at length",
    (text) => {
      expect(refusal(text)).toStartWith("the request is no JSON: ");
      expect(refusal(text.padEnd(100_000, "x")).length).toBeLessThan(500);
    },
  );

  test("holds numbers up to the last that is one", () => {
    expect(read('{"limit":9007199254740991,"cid":0}')).toEqual({ limit: 2 ** 53 - 1, cid: 0 });
    expect(read('{"limit":-9007199254740991}')).toEqual({ limit: 1 - 2 ** 53 });
  });

  test("takes the last of two options that are one", () =>
    expect(read('{"cid":1,"CID":2}')).toEqual({ cid: 2 }));
});

describe("the filters", () => {
  const server = { name: "one-east", host: "10.0.0.1", cluster: "C1", tags: ["az:1", "dc:x"] };
  const mean = (filters: object) =>
    means(readBody(Buffer.from(JSON.stringify(filters)), FILTERS), server);

  test("mean every server where they say nothing", () => {
    expect(mean({})).toBe(true);
    expect(mean({ server_name: "", cluster: "", host: "", tags: [], domain: "" })).toBe(true);
    expect(mean({ exact_match: true })).toBe(true);
  });

  test("mean a server by a part of its name, its host or its cluster", () => {
    for (const filters of [
      { server_name: "east" },
      { host: "0.0" },
      { cluster: "1" },
      { server_name: "one", host: "10", cluster: "C" },
    ]) {
      expect(mean(filters)).toBe(true);
      expect(mean({ ...filters, exact_match: true })).toBe(false);
    }
    expect(
      mean({ server_name: "one-east", host: "10.0.0.1", cluster: "C1", exact_match: true }),
    ).toBe(true);
  });

  test("mean no server that does not fit in all of them, letter by letter", () => {
    for (const filters of [
      { server_name: "west" },
      { server_name: "ONE" },
      { cluster: "c1" },
      { host: "10.0.0.2" },
      { server_name: "one", cluster: "other" },
    ]) {
      expect(mean(filters)).toBe(false);
    }
  });

  test("mean a server that has all the tags, in any case, and no part of them", () => {
    expect(mean({ tags: ["az:1"] })).toBe(true);
    expect(mean({ tags: ["DC:X", "az:1"] })).toBe(true);
    expect(mean({ tags: ["az:1", "az:2"] })).toBe(false);
    expect(mean({ tags: ["az"] })).toBe(false);
    expect(mean({ tags: [""] })).toBe(false);
  });

  test("mean nobody by the domain of a JetStream", () =>
    expect(mean({ domain: "hub" })).toBe(false));
});
