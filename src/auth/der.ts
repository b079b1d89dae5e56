// Just enough of DER to read the names in a certificate: one element after the other.

export interface Element {
  /** The identifier byte: class, constructed or not, number. */
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The elements that a constructed one holds. Throws where the bytes make no sense. */
export function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = byteAt(bytes, at);
    let length = byteAt(bytes, at + 1);
    at += 2;
    if (length & 0x80) {
      const size = length & 0x7f;
      if (size < 1 || size > 4) throw new Error("DER: length out of range");
      length = 0;
      for (let i = 0; i < size; i++) length = length * 256 + byteAt(bytes, at + i);
      at += size;
    }
    if (length > bytes.length - at) throw new Error("DER: cut short");
    found.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

/** The numbers of an object identifier, joined by dots. */
export function identifier(bytes: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    // The first two share one: 40 times the first, which is at most 2, and the second.
    const first = Math.min(Math.floor(value / 40), 2);
    if (numbers.length === 0) numbers.push(first, value - 40 * first);
    else numbers.push(value);
    value = 0;
  }
  return numbers.join(".");
}

const BMP_STRING = 0x1e;
const UNIVERSAL_STRING = 0x1c;
const LATIN1_STRING = 0x14;

/** The text of a string of any type. */
export function text({ tag, content }: Element): string {
  if (tag === LATIN1_STRING) return Buffer.from(content).toString("latin1");
  if (tag === BMP_STRING || tag === UNIVERSAL_STRING)
    return wideText(content, tag === BMP_STRING ? 2 : 4);
  return Buffer.from(content).toString("utf8");
}

function wideText(content: Uint8Array, width: number): string {
  let out = "";
  for (let at = 0; at + width <= content.length; at += width) {
    let code = 0;
    for (let i = 0; i < width; i++) code = code * 256 + content[at + i]!;
    out += code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
  }
  return out;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Error("DER: cut short");
  return byte;
}
