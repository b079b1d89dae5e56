// Byte constants of the wire, and small pure helpers on bytes. No sockets, no clock, no options.

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const DOT = 0x2e;
export const ZERO = 0x30;
export const STAR = 0x2a;
export const GREATER = 0x3e;

/** Writes the decimal digits of a non-negative integer; returns where they end. */
export function writeDigits(target: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  const end = at + digits;
  for (let to = end - 1, rest = value; to >= at; to--) {
    const next = Math.floor(rest / 10);
    target[to] = ZERO + (rest - next * 10);
    rest = next;
  }
  return end;
}

/** True when the bytes at `at` are `text` (ASCII). */
export function startsWith(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (end - at < text.length) return false;
  for (let k = 0; k < text.length; k++) {
    if (bytes[at + k] !== text.charCodeAt(k)) return false;
  }
  return true;
}

/** More digits than this are a malformed size (client-protocol §2.4). */
export const SIZE_DIGITS_MAX = 9;

/** A size in bytes[at, end), or -1. */
export function readSize(bytes: Uint8Array, at: number, end: number): number {
  if (end === at || end - at > SIZE_DIGITS_MAX) return -1;
  let size = 0;
  for (let i = at; i < end; i++) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) return -1;
    size = size * 10 + digit;
  }
  return size;
}

/** A size in digits, or -1. */
export function parseSize(text: string): number {
  if (text.length === 0 || text.length > SIZE_DIGITS_MAX) return -1;
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    size = size * 10 + digit;
  }
  return size;
}

/** Words of a SUB or UNSUB line: here line ends separate, too. */
export function splitWords(bytes: Buffer, at: number, end: number): string[] {
  const words: string[] = [];
  while (at < end) {
    let byte = bytes[at]!;
    if (byte === SPACE || byte === TAB || byte === CR || byte === LF) {
      at++;
      continue;
    }
    const wordAt = at++;
    for (; at < end; at++) {
      byte = bytes[at]!;
      if (byte === SPACE || byte === TAB || byte === CR || byte === LF) break;
    }
    words.push(bytes.latin1Slice(wordAt, at));
  }
  return words;
}
