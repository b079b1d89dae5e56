// Values without inner structure, and how a text fails: quoted, block and bare texts, numbers,
// booleans. Knows whether what is being read may be a secret, so that no message shows it.
import type { ConfigValue, Position } from "../value.ts";
import { type Cursor, decodeText, END, isBlank, isDigit, isNewline } from "./cursor.ts";
import { syntaxError } from "./error.ts";
import { readNumeric } from "./numbers.ts";
import type { Session } from "./session.ts";
import {
  bareEnd,
  blockEnd,
  DOUBLE_QUOTE,
  hasEscape,
  QUOTE,
  quoteEnd,
  unescape,
} from "./strings.ts";

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["no", false],
  ["off", false],
]);

/** Hashes of passwords that start like a variable. */
const BCRYPT = /^\$2[aby]\$/;

const MINUS = 0x2d;
const SEMICOLON = 0x3b;
const OPEN_PARENTHESIS = 0x28;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What an include's path may not start with. */
const NO_PATH: ReadonlyMap<number, string> = new Map([
  [MINUS, "the start of a number"],
  [OPEN_BRACKET, "the start of a list"],
  [OPEN_BRACE, "the start of a block"],
  [OPEN_PARENTHESIS, "the start of a block text"],
  [BACKSLASH, "an escape"],
]);

/** A name that stands for a value that is somewhere else. */
export interface Variable {
  readonly kind: "variable";
  readonly name: string;
  readonly at: Position;
}

export class Reader {
  readonly cursor: Cursor;
  /** Whether what is being read may be a secret. */
  secret = false;
  readonly #session: Session;

  constructor(cursor: Cursor, session: Session) {
    this.cursor = cursor;
    this.#session = session;
  }

  blockText(): ConfigValue {
    const cursor = this.cursor;
    const at = cursor.position();
    const end = blockEnd(cursor.bytes, cursor.at + 1);
    if (end === -1) this.failUnclosed("'(', by ')' alone on a line");
    const value = this.text(cursor.bytes.subarray(cursor.at + 1, end), at);
    cursor.at = end + 1;
    return { kind: "string", value, at };
  }

  quoted(quote: number): ConfigValue {
    const cursor = this.cursor;
    const at = cursor.position();
    const start = cursor.at + 1;
    const end = quoteEnd(cursor.bytes, start, quote);
    if (end === -1) this.failUnclosed("a quote");
    let bytes = cursor.bytes.subarray(start, end);
    if (quote === DOUBLE_QUOTE && hasEscape(cursor.bytes, start, end)) {
      bytes = unescape(cursor.bytes, start, end, true, (offset) => {
        const hint = "this backslash starts no known escape and is kept; nats-server refuses it";
        this.#session.warn(cursor.position(offset), hint);
      });
    }
    const value = this.text(bytes, at);
    cursor.at = end + 1;
    return { kind: "string", value, at };
  }

  numeric(): ConfigValue | Variable {
    const cursor = this.cursor;
    const start = cursor.at;
    const at = cursor.position();
    const numeric = readNumeric(cursor.bytes, start);
    switch (numeric.kind) {
      case "wrong":
        return this.fail(numeric.expected, numeric.end);
      case "word": {
        // nats-server takes the byte that makes a word of the number as it is, a quote as well.
        const quote = cursor.bytes[numeric.end] === QUOTE;
        return this.bare(start, numeric.end + (quote ? 1 : 0));
      }
      case "address":
        cursor.at = numeric.end;
        return { kind: "string", value: cursor.text(start, numeric.end), at };
      case "date":
        cursor.at = numeric.end;
        return { kind: "date", value: numeric.value, at };
      case "float":
        cursor.at = numeric.end;
        return { kind: "float", value: numeric.value, at };
      case "integer":
        cursor.at = numeric.end;
        return { kind: "integer", value: numeric.value, at };
    }
  }

  /** A text without quotes: a boolean, a variable, or just a text. */
  bare(start: number, from: number): ConfigValue | Variable {
    const cursor = this.cursor;
    const at = cursor.position(start);
    const end = bareEnd(cursor.bytes, from);
    if (end === start) return this.fail("a value");
    const quoted = cursor.bytes[end] === QUOTE;
    cursor.at = quoted ? end + 1 : end;
    let bytes = cursor.bytes.subarray(start, end);
    const escaped = hasEscape(cursor.bytes, start, end);
    if (escaped) {
      bytes = unescape(cursor.bytes, start, end, false, (offset) => {
        this.fail(
          'one of the escapes \\xHH \\t \\n \\r \\" \\\\, or quotes around the text',
          offset,
        );
      });
    }
    const text = this.text(bytes, at);
    if (escaped || quoted) return { kind: "string", value: text, at };
    const truth = text.length <= 5 ? BOOLEANS.get(text.toLowerCase()) : undefined;
    if (truth !== undefined) return { kind: "boolean", value: truth, at };
    if (text.startsWith("$") && !BCRYPT.test(text)) {
      return { kind: "variable", name: text.slice(1), at };
    }
    return { kind: "string", value: text, at };
  }

  /** The path of an include. */
  path(): string {
    const cursor = this.cursor;
    const first = cursor.peek();
    if (first === QUOTE || first === DOUBLE_QUOTE) {
      const end = cursor.bytes.indexOf(first, cursor.at + 1);
      if (end === -1) this.failUnclosed("the quoted path of an include");
      const path = cursor.text(cursor.at + 1, end);
      cursor.at = end + 1;
      return path;
    }
    const kind = isDigit(first) ? "the start of a number" : NO_PATH.get(first);
    if (kind !== undefined) {
      throw syntaxError(cursor.position(), `expected the path of an include, found ${kind}`);
    }
    const start = cursor.at;
    while (!endsPath(cursor.peek())) cursor.at++;
    if (cursor.at === start) this.fail("the path of an include");
    return cursor.text(start, cursor.at);
  }

  /** Text of these bytes; those that are no UTF-8 are replaced, with a warning. */
  text(bytes: Uint8Array, at: Position): string {
    const { text, valid } = decodeText(bytes);
    if (!valid) {
      this.#session.warn(at, "this text is not valid UTF-8; its bad bytes are replaced");
    }
    return text;
  }

  refuseNul(): void {
    const offset = this.cursor.bytes.indexOf(0);
    if (offset === -1) return;
    const position = this.cursor.position(offset);
    throw syntaxError(position, "expected a UTF-8 text, found a NUL byte");
  }

  failUnclosed(what: string): never {
    const position = this.cursor.position();
    throw syntaxError(position, `expected the end of ${what}, found the end of the file`);
  }

  fail(expected: string, offset = this.cursor.at): never {
    const cursor = this.cursor;
    cursor.at = offset;
    const secret = this.secret && !cursor.ended && !isNewline(cursor.peek());
    const found = secret ? "something else" : cursor.describe();
    throw syntaxError(cursor.position(), `expected ${expected}, found ${found}`);
  }
}

function endsPath(byte: number): boolean {
  if (byte === END || isNewline(byte) || isBlank(byte)) return true;
  return byte === SEMICOLON || byte === CLOSE_BRACE;
}
