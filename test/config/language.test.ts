// The configuration language, rule by rule: every text of the corpus, as it is and with CRLF.
import { describe, expect, test } from "bun:test";
import { ConfigSyntaxError, parseConfigText } from "../../src/config/language/load.ts";
import { ACCEPTED, plain, type Plain } from "./corpus.ts";
import { REFUSED } from "./corpus-refused.ts";

/** The same value as a file with CRLF has it: texts over several lines have it, too. */
function withCrlf(value: Plain): Plain {
  if (typeof value === "string") return crlf(value);
  if (Array.isArray(value)) return value.map(withCrlf);
  if (typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [crlf(key), withCrlf(each)]),
  );
}

function crlf(text: string): string {
  return text.replaceAll("\n", "\r\n");
}

function messageOf(text: string): string {
  try {
    parseConfigText(text, { file: "c", read: () => Buffer.from("q=1") });
  } catch (error) {
    if (error instanceof ConfigSyntaxError) return error.message;
    throw error;
  }
  return "accepted";
}

for (const [theme, rows] of Object.entries(ACCEPTED)) {
  describe(`${theme}, accepted`, () => {
    for (const [text, value] of rows) {
      test(JSON.stringify(text), () => {
        const { root } = parseConfigText(text, { file: "c" });
        expect(plain(root)).toEqual(value);
      });
      // Escapes that make a line end of their own stay as they are.
      if (!text.includes("\n") || text.includes("\\n")) continue;
      test(JSON.stringify(crlf(text)), () => {
        const { root } = parseConfigText(crlf(text), { file: "c" });
        expect(plain(root)).toEqual(withCrlf(value));
      });
    }
  });
}

for (const [theme, rows] of Object.entries(REFUSED)) {
  describe(`${theme}, refused`, () => {
    for (const [text, message] of rows) {
      test(JSON.stringify(text), () => {
        expect(messageOf(text)).toBe(`c:${message}`);
      });
      if (!text.includes("\n")) continue;
      test(`${JSON.stringify(crlf(text))} at the same line`, () => {
        const line = message.slice(0, message.indexOf(":") + 1);
        expect(messageOf(crlf(text))).toStartWith(`c:${line}`);
      });
    }
  });
}
