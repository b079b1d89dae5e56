// A walk through the bytes of one text: where it stands, what lies there, and which line that is.
// Knows the classes of characters and comments, but no grammar.
import { quoteText } from "../problem.ts";
import type { Position } from "../value.ts";

/** What `peek` says behind the last byte; NUL bytes are refused before parsing. */
export const END = 0;

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const HASH = 0x23;
export const SLASH = 0x2f;

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text from UTF-8; `valid` is false where bytes had to be replaced. */
export function decodeText(bytes: Uint8Array): { text: string; valid: boolean } {
  try {
    return { text: STRICT.decode(bytes), valid: true };
  } catch {
    return { text: LENIENT.decode(bytes), valid: false };
  }
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

export function isNewline(byte: number): boolean {
  return byte === LF || byte === CR;
}

/** "=" and ":". */
export function isSeparator(byte: number): boolean {
  return byte === 0x3d || byte === 0x3a;
}

export class Cursor {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** The byte that is looked at next. */
  at = 0;
  /** Of texts that stand in no file, such as the environment's: the place that all of it has. */
  readonly #fixed: Position | undefined;
  // The line that was asked for last, so that positions, asked for in order, cost one walk in all.
  #line = 1;
  #lineAt = 0;
  #nextLineAt = -1;

  constructor(bytes: Uint8Array, file: string, fixed?: Position) {
    this.bytes = bytes;
    this.file = file;
    this.#fixed = fixed;
  }

  peek(ahead = 0): number {
    return this.bytes[this.at + ahead] ?? END;
  }

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  position(offset = this.at): Position {
    if (this.#fixed !== undefined) return this.#fixed;
    if (offset < this.#lineAt) {
      // Only errors look back.
      this.#line = 1;
      this.#lineAt = 0;
      this.#nextLineAt = -1;
    }
    if (this.#nextLineAt === -1) this.#nextLineAt = this.#lineAfter(this.#lineAt);
    while (this.#nextLineAt <= offset) {
      this.#line++;
      this.#lineAt = this.#nextLineAt;
      this.#nextLineAt = this.#lineAfter(this.#lineAt);
    }
    return { file: this.file, line: this.#line, column: offset - this.#lineAt + 1 };
  }

  #lineAfter(offset: number): number {
    const end = this.bytes.indexOf(LF, offset);
    return end === -1 ? Number.POSITIVE_INFINITY : end + 1;
  }

  text(from: number, upto: number): string {
    return decodeText(this.bytes.subarray(from, upto)).text;
  }

  /** Spaces and tabs. */
  skipBlanks(): void {
    while (isBlank(this.peek())) this.at++;
  }

  /** Every white space that Unicode knows, line ends included. */
  skipSpace(): void {
    for (let width = this.spaceWidth(); width > 0; width = this.spaceWidth()) this.at += width;
  }

  /** White space of all kinds, and comments. */
  skipSpaceAndComments(): void {
    for (;;) {
      this.skipSpace();
      if (!this.atComment()) return;
      this.skipComment();
    }
  }

  atComment(): boolean {
    const byte = this.peek();
    return byte === HASH || (byte === SLASH && this.peek(1) === SLASH);
  }

  /** Up to the end of the line, which stays. */
  skipComment(): void {
    while (!this.ended && !isNewline(this.peek())) this.at++;
  }

  /** How many bytes of white space stand here as one character; 0 for none. */
  spaceWidth(): number {
    const byte = this.peek();
    if (byte === SPACE || (byte >= TAB && byte <= CR)) return 1;
    if (byte < 0x80) return 0;
    const second = this.peek(1);
    if (byte === 0xc2) return second === 0x85 || second === 0xa0 ? 2 : 0;
    return byte >= 0xe1 && byte <= 0xe3 && isWideSpace(byte, second, this.peek(2)) ? 3 : 0;
  }

  /** The character here, as a message may show it. */
  describe(): string {
    const byte = this.peek();
    if (this.ended) return "the end of the file";
    if (isNewline(byte)) return "the end of the line";
    let end = this.at + 1;
    while (end < this.at + 4 && ((this.bytes[end] ?? 0) & 0xc0) === 0x80) end++;
    const character = this.text(this.at, end);
    return character < " " || character === "'" ? quoteText(character) : `'${character}'`;
  }
}

/** U+1680, U+2000–200A, U+2028, U+2029, U+202F, U+205F and U+3000. */
function isWideSpace(first: number, second: number, third: number): boolean {
  if (first === 0xe1) return second === 0x9a && third === 0x80;
  if (first === 0xe3) return second === 0x80 && third === 0x80;
  if (second === 0x81) return third === 0x9f;
  if (second !== 0x80) return false;
  return (third >= 0x80 && third <= 0x8a) || third === 0xa8 || third === 0xa9 || third === 0xaf;
}
