// Public nkeys as text: base32 of a type byte, the 32 key bytes and a CRC-16 (XMODEM). A server's id
// is one (first letter N), and so is its curve key (X).

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const TYPES = { server: 13 << 3, curve: 23 << 3 } as const;

/** 56 characters for 32 key bytes. */
export function encodePublicNkey(type: keyof typeof TYPES, key: Uint8Array): string {
  const raw = new Uint8Array(key.length + 3);
  raw[0] = TYPES[type];
  raw.set(key, 1);
  const sum = crc16(raw.subarray(0, key.length + 1));
  raw[key.length + 1] = sum & 0xff;
  raw[key.length + 2] = sum >> 8;
  return base32(raw);
}

function base32(bytes: Uint8Array): string {
  let out = "";
  let bits = 0;
  let value = 0;
  for (let i = 0; i < bytes.length; i++) {
    value = (value << 8) | bytes[i]!;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(value >> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  if (bits > 0) out += ALPHABET[(value << (5 - bits)) & 31];
  return out;
}

/** CRC-16/XMODEM a byte at a time: the eight shifts of the polynomial, folded into three. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < bytes.length; i++) {
    let mixed = (crc >> 8) ^ bytes[i]!;
    mixed ^= mixed >> 4;
    crc = ((crc << 8) ^ (mixed << 12) ^ (mixed << 5) ^ mixed) & 0xffff;
  }
  return crc;
}
