// Texts as they stand in a file: where bare, quoted and block texts end, and what escapes mean. In
// double quotes an unknown escape keeps its backslash, as gnatsd read it; nats-server 2 refuses
// it.
import { CR, END, isBlank, isNewline, LF } from "./cursor.ts";

export const QUOTE = 0x27;
export const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSING_PARENTHESIS = 0x29;

const SIMPLE: ReadonlyMap<number, number> = new Map([
  [0x74, 0x09], // t
  [0x6e, LF], // n
  [0x72, CR], // r
  [DOUBLE_QUOTE, DOUBLE_QUOTE],
  [BACKSLASH, BACKSLASH],
]);

/** Where a bare text ends: line end, blank, `;` `,` `]` `}` or a single quote. */
export function bareEnd(bytes: Uint8Array, from: number): number {
  let end = from;
  for (;;) {
    const byte = bytes[end] ?? END;
    if (byte === END || isNewline(byte) || isBlank(byte) || byte === QUOTE) return end;
    if (byte === 0x3b || byte === 0x2c || byte === 0x5d || byte === 0x7d) return end;
    end++;
  }
}

/** Where the closing quote stands, or -1. `from` is behind the opening one. */
export function quoteEnd(bytes: Uint8Array, from: number, quote: number): number {
  if (quote === QUOTE) return bytes.indexOf(QUOTE, from);
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === DOUBLE_QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  return -1;
}

/** Where the `)` stands that is alone on its line and so ends a block, or -1. */
export function blockEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] !== CLOSING_PARENTHESIS) continue;
    const next = bytes[at + 2] ?? END;
    if (next === END || next === LF) return at + 1;
    if (next === CR && (bytes[at + 3] ?? END) === LF) return at + 1;
    if (next === CR && at + 3 === bytes.length) return at + 1;
  }
  return -1;
}

export function hasEscape(bytes: Uint8Array, from: number, upto: number): boolean {
  return bytes.subarray(from, upto).includes(BACKSLASH);
}

/** Bytes with their escapes worked in; `unknown` is told where each one stands that is none. */
export function unescape(
  bytes: Uint8Array,
  from: number,
  upto: number,
  json: boolean,
  unknown: (at: number) => void,
): Uint8Array {
  const result = new Uint8Array(upto - from);
  let size = 0;
  for (let at = from; at < upto; at++) {
    const byte = bytes[at]!;
    if (byte !== BACKSLASH) {
      result[size++] = byte;
      continue;
    }
    const escape = readEscape(bytes, at, upto, json);
    if (escape === undefined) {
      unknown(at);
      result[size++] = byte;
      continue;
    }
    for (const each of escape.bytes) result[size++] = each;
    at = escape.end - 1;
  }
  return result.subarray(0, size);
}

interface Escape {
  readonly bytes: readonly number[] | Uint8Array;
  readonly end: number;
}

function readEscape(
  bytes: Uint8Array,
  at: number,
  upto: number,
  json: boolean,
): Escape | undefined {
  const letter = at + 1 < upto ? bytes[at + 1]! : END;
  const simple = SIMPLE.get(letter);
  if (simple !== undefined) return { bytes: [simple], end: at + 2 };
  if (letter === 0x78) {
    const value = hex(bytes, at + 2, 2, upto);
    return value === undefined ? undefined : { bytes: [value], end: at + 4 };
  }
  if (!json) return undefined;
  if (letter === 0x2f) return { bytes: [letter], end: at + 2 };
  return letter === 0x75 ? readUnicode(bytes, at, upto) : undefined;
}

/** JSON's four hexadecimal digits, or a pair of them for one character beyond U+FFFF. */
function readUnicode(bytes: Uint8Array, at: number, upto: number): Escape | undefined {
  const unit = hex(bytes, at + 2, 4, upto);
  if (unit === undefined) return undefined;
  let text = String.fromCharCode(unit);
  let end = at + 6;
  const high = unit >= 0xd800 && unit < 0xdc00;
  if (high && bytes[end] === BACKSLASH && bytes[end + 1] === 0x75) {
    const low = hex(bytes, end + 2, 4, upto);
    if (low !== undefined && low >= 0xdc00 && low < 0xe000) {
      text += String.fromCharCode(low);
      end += 6;
    }
  }
  return { bytes: Buffer.from(text, "utf8"), end };
}

function hex(bytes: Uint8Array, from: number, digits: number, upto: number): number | undefined {
  if (from + digits > upto) return undefined;
  let value = 0;
  for (let at = from; at < from + digits; at++) {
    const digit = Number.parseInt(String.fromCharCode(bytes[at]!), 16);
    if (Number.isNaN(digit)) return undefined;
    value = value * 16 + digit;
  }
  return value;
}
