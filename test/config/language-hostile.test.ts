// Whatever bytes come: the language either understands them or throws its own error, soon.
import { expect, test } from "bun:test";
import {
  configDigest,
  ConfigSyntaxError,
  parseConfigText,
} from "../../src/config/language/load.ts";
import { Dice } from "../support/dice.ts";
import { ACCEPTED } from "./corpus.ts";
import { REFUSED } from "./corpus-refused.ts";

const SEED = Number(process.env["MIDGE_SEED"] ?? Date.now() % 1_000_000);
const ENV = { HOME: "/x", X: "[$Y ]", Y: "{a: 1}", Z: "$Z", W: "a b" };

/** "understood", or the message; any other error than the language's own fails the test. */
function outcome(text: string | Uint8Array): string {
  try {
    const { root } = parseConfigText(text, {
      file: "c",
      read: () => Buffer.from("q = 1"),
      env: ENV,
    });
    configDigest(root);
    return "understood";
  } catch (error) {
    if (!(error instanceof ConfigSyntaxError)) throw error;
    for (const { position } of error.problems) {
      expect(position!.line).toBeGreaterThan(0);
      expect(position!.column).toBeGreaterThan(0);
    }
    return error.message;
  }
}

test(`random bytes and random grammar never throw anything else (MIDGE_SEED=${SEED})`, () => {
  console.info(`MIDGE_SEED=${SEED}`);
  const dice = new Dice(SEED);
  const words = ["a", "b", "include", "$a", "$X", "$Z", "$W", "1k", "-1", "2016-05-04T18:53:41Z"];
  const marks = [..."{}[]()=:,;'\"#/\\\n\r\t .-$"].concat("\u00a0", "\u2028", "\\x4", "\\u12", "é");
  for (let round = 0; round < 2_000; round++) {
    const bytes = new Uint8Array(dice.below(60));
    for (let index = 0; index < bytes.length; index++) bytes[index] = dice.below(256);
    outcome(bytes);
    let text = "";
    for (let count = dice.below(30); count > 0; count--) {
      text += dice.once(2) ? dice.pick(words) : dice.pick(marks);
    }
    outcome(text);
  }
});

test(`every text of the corpus, damaged at random, as well (MIDGE_SEED=${SEED})`, () => {
  const dice = new Dice(SEED);
  const texts = [...Object.values(ACCEPTED).flat(), ...Object.values(REFUSED).flat()];
  for (const [text] of texts) {
    const bytes = Buffer.from(text);
    for (let end = 0; end <= Math.min(bytes.length, 100); end++) outcome(bytes.subarray(0, end));
    for (let round = 0; round < 4 && bytes.length > 0; round++) {
      const damaged = Buffer.from(bytes);
      damaged[dice.below(damaged.length)] = dice.below(256);
      outcome(damaged);
    }
  }
});

test.each([
  ["lists", "[", ""],
  ["blocks", "{a ", ""],
  ["braces", "{", "file"],
])("deeply nested %s are refused, not a crash", (_, opening, place) => {
  const text = (place === "file" ? "" : "a = ") + opening.repeat(200_000);
  expect(outcome(text)).toContain("expected at most 200 blocks and lists in each other");
});

test("two hundred levels are fine", () => {
  expect(outcome(`a = ${"[".repeat(200)}${"]".repeat(200)}`)).toBe("understood");
  expect(outcome(`a ${"{a ".repeat(200)} 1 ${"}".repeat(200)}`)).toBe("understood");
});

test("variables cannot nest deeper", () => {
  let text = "a0 = 1\n";
  for (let index = 1; index <= 300; index++) text += `a${index} = [$a${index - 1} ]\n`;
  expect(outcome(text)).toContain("expected at most 200 blocks and lists in each other");
});

test("variables cannot make a huge tree of a small file", () => {
  let text = "a0 = [x,x,x,x,x,x,x,x,x,x]\n";
  for (let index = 1; index <= 20; index++) {
    text += `a${index} = [${`$a${index - 1},`.repeat(10)}]\n`;
  }
  expect(outcome(text)).toContain("expected a smaller configuration");
});

test("variables of the environment cannot nest without end", () => {
  const env: Record<string, string> = {};
  for (let index = 0; index < 5_000; index++) env[`V${index}`] = `$V${index + 1}`;
  expect(() => parseConfigText("a = $V0", { file: "c", env })).toThrow(ConfigSyntaxError);
});

// Each of these would take minutes if the time grew with the square of the length.
const SIZE = 100_000;
test.each([
  ["one long line of entries", "a=1;".repeat(SIZE)],
  ["many lines", "a=1\n".repeat(SIZE)],
  ["open quotes in a list", `a = [${"'x','".repeat(SIZE)}`],
  ["block texts that look closed", `a = (${"\n)x".repeat(SIZE)}`],
  ["a long number", `a = ${"9".repeat(SIZE)}`],
  ["a long fraction", `a = ${"9".repeat(SIZE)}.${"9".repeat(SIZE)}`],
  ["a long address", `a = 1.2.${"3.".repeat(SIZE)}`],
  ["a long word", `a = 1x${"y".repeat(SIZE)}`],
  ["a long key", `${"k".repeat(SIZE)}\n`.repeat(3)],
  ["a key of slashes", `k${"/".repeat(SIZE)}`],
  ["a variable of slashes", `k = $${"/".repeat(SIZE)}`],
  ["many blanks", `a ${" ".repeat(SIZE)}=${" ".repeat(SIZE)}1`],
  ["many separators", "a = b=".repeat(SIZE)],
  ["many escapes", `a = "${"\\q\\x41".repeat(SIZE)}"`],
  ["many variables", `a=1\n${"b=$a\n".repeat(SIZE)}`],
  ["warnings that look back", Buffer.from('a="\n\\q\xff"\n'.repeat(SIZE), "latin1")],
  ["many keys", Array.from({ length: SIZE }, (_, index) => `k${index}=${index}`).join("\n")],
  ["many comments", "#\n//\n".repeat(SIZE)],
])("%s take time like their length", (_, text) => {
  const start = performance.now();
  outcome(text);
  expect(performance.now() - start).toBeLessThan(3_000);
});
