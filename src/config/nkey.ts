// Public nkeys as a configuration names them (auth.md §6): base32 of a type byte, 32 key bytes and a CRC-16,
// 56 characters whose first one tells the type. Checked here without the machinery that verifies signatures.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SUM_BYTES_AT = 33;
const SHAPE = /^[A-Z2-7]{56}$/;
const SEED_SHAPE = /^S[A-Z2-7]{57}$/;

export type NkeyLetter = "A" | "C" | "N" | "O" | "U" | "X";
const LETTERS = "ACNOUX";

/** A key of that kind, or of any, with the right sum. */
export function isPublicNkey(text: string, letter?: NkeyLetter): boolean {
  if (!SHAPE.test(text) || !LETTERS.includes(text[0]!)) return false;
  if (letter !== undefined && text[0] !== letter) return false;
  const bytes = decodeBase32(text);
  // Of the type byte, the letter shows five bits; the others are 0.
  if ((bytes[0]! & 7) !== 0) return false;
  const sum = bytes[SUM_BYTES_AT]! | (bytes[SUM_BYTES_AT + 1]! << 8);
  return crc16(bytes.subarray(0, SUM_BYTES_AT)) === sum;
}

/** Private: it must stay with its owner. */
export function looksLikeSeed(text: string): boolean {
  return SEED_SHAPE.test(text);
}

function decodeBase32(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length * 5) >> 3);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const character of text) {
    value = ((value << 5) | ALPHABET.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes[at++] = (value >> (bits -= 8)) & 0xff;
  }
  return bytes;
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}
