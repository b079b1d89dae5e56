// What starts with a digit or a minus: whole numbers with their suffix, fractions, dates,
// addresses; and words that only look like numbers at first. Every function takes the bytes and
// where to start, and tells where it ended.
import { END, HASH, isBlank, isDigit, isNewline } from "./cursor.ts";

export type Numeric =
  | { readonly kind: "integer"; readonly value: number | bigint; readonly end: number }
  | { readonly kind: "float"; readonly value: number; readonly end: number }
  | { readonly kind: "date"; readonly value: Date; readonly end: number }
  /** Such as 127.0.0.1:4222; what follows is not part of it. */
  | { readonly kind: "address"; readonly end: number }
  /** No number after all (`10s`, `4222:5222`): a word; up to `end` its bytes are known. */
  | { readonly kind: "word"; readonly end: number }
  | { readonly kind: "wrong"; readonly expected: string; readonly end: number };

const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;
/** More digits than this are out of range whatever they are. */
const INTEGER_DIGITS_MAX = 19;
const DATE_SHAPE = "dddd-dd-ddTdd:dd:ddZ";
const POWERS = "kmgtpe";

export function readNumeric(bytes: Uint8Array, start: number): Numeric {
  const negative = bytes[start] === MINUS;
  const digitsAt = negative ? start + 1 : start;
  const digitsEnd = skipDigits(bytes, digitsAt);
  if (digitsEnd === digitsAt) return { kind: "wrong", expected: "a digit", end: digitsAt };
  const next = bytes[digitsEnd] ?? END;
  if (next === DOT) return readFraction(bytes, start, digitsEnd);
  if (next === MINUS && !negative) {
    if (digitsEnd - digitsAt === 4) return readDate(bytes, start);
    const expected = "a whole date such as 2026-01-31T10:00:00Z, or quotes around a text";
    return { kind: "wrong", expected, end: digitsEnd };
  }
  return readInteger(bytes, start, digitsAt, digitsEnd);
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let end = from;
  while (isDigit(bytes[end] ?? END)) end++;
  return end;
}

function latin(bytes: Uint8Array, from: number, upto: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, upto - from).toString("latin1");
}

function readInteger(
  bytes: Uint8Array,
  start: number,
  digitsAt: number,
  digitsEnd: number,
): Numeric {
  const negative = digitsAt > start;
  const end = skipSuffix(bytes, digitsEnd);
  if (!endsNumber(bytes[end] ?? END)) {
    if (negative) return { kind: "wrong", expected: "the end of the number", end };
    return { kind: "word", end };
  }
  const factor = suffixFactor(latin(bytes, digitsEnd, end).toLowerCase());
  if (factor === undefined) {
    const expected = "k, kb, ki, kib, or the same of m, g, t, p, e behind the number";
    return { kind: "wrong", expected, end: digitsEnd };
  }
  let firstAt = digitsAt;
  while (firstAt < digitsEnd - 1 && bytes[firstAt] === 0x30) firstAt++;
  const fits = digitsEnd - firstAt <= INTEGER_DIGITS_MAX;
  const size = fits ? BigInt(latin(bytes, firstAt, digitsEnd)) * factor : INTEGER_MAX + 1n;
  const value = negative ? -size : size;
  if (!fits || value < INTEGER_MIN || value > INTEGER_MAX) {
    const expected = "a whole number that fits in 64 bits";
    return { kind: "wrong", expected, end: start };
  }
  const small = Number(value);
  return { kind: "integer", value: Number.isSafeInteger(small) ? small : value, end };
}

/** The letter of a power and any run of "b" and "i", in any case. */
function skipSuffix(bytes: Uint8Array, from: number): number {
  if (!POWERS.includes(lowerLetter(bytes[from]))) return from;
  let end = from + 1;
  while ("bi".includes(lowerLetter(bytes[end]))) end++;
  return end;
}

function lowerLetter(byte = END): string {
  return String.fromCharCode(byte | 0x20);
}

/** 10m is ten million, 10mb, 10mi and 10mib are ten times 1024². */
function suffixFactor(suffix: string): bigint | undefined {
  if (suffix === "") return 1n;
  const power = BigInt(POWERS.indexOf(suffix[0]!) + 1);
  const unit = suffix.slice(1);
  if (unit === "") return 1000n ** power;
  return unit === "b" || unit === "i" || unit === "ib" ? 1024n ** power : undefined;
}

/** Line end, white space, `,`, `;`, `}`, and for lists and comments without a blank `]` and `#`. */
function endsNumber(byte: number): boolean {
  if (byte === END || isBlank(byte) || isNewline(byte) || byte === HASH) return true;
  return byte === 0x2c || byte === 0x3b || byte === 0x7d || byte === 0x5d;
}

function readFraction(bytes: Uint8Array, start: number, dotAt: number): Numeric {
  const end = skipDigits(bytes, dotAt + 1);
  if (end === dotAt + 1) return { kind: "wrong", expected: "a digit behind the '.'", end };
  if (bytes[end] === DOT) return { kind: "address", end: skipAddress(bytes, end) };
  const value = Number(latin(bytes, start, end));
  if (!Number.isFinite(value)) {
    return { kind: "wrong", expected: "a smaller number", end: start };
  }
  return { kind: "float", value, end };
}

/** Digits, dots, colons and minuses: as much of an address as may stand without quotes. */
function skipAddress(bytes: Uint8Array, from: number): number {
  let end = from;
  for (;;) {
    const byte = bytes[end] ?? END;
    if (!isDigit(byte) && byte !== DOT && byte !== COLON && byte !== MINUS) return end;
    end++;
  }
}

function readDate(bytes: Uint8Array, start: number): Numeric {
  for (let index = 0; index < DATE_SHAPE.length; index++) {
    const byte = bytes[start + index] ?? END;
    const wanted = DATE_SHAPE[index]!;
    if (wanted === "d" ? isDigit(byte) : byte === wanted.charCodeAt(0)) continue;
    const expected = wanted === "d" ? "a digit of a date" : `'${wanted}' of a date`;
    return {
      kind: "wrong",
      expected: `${expected} such as 2026-01-31T10:00:00Z`,
      end: start + index,
    };
  }
  const end = start + DATE_SHAPE.length;
  const text = latin(bytes, start, end);
  const value = new Date(text);
  // Days such as February 30 would be counted on into March.
  if (Number.isNaN(value.getTime()) || `${value.toISOString().slice(0, 19)}Z` !== text) {
    return { kind: "wrong", expected: "a day and time that the calendar has", end: start };
  }
  return { kind: "date", value, end };
}
