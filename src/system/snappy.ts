// Snappy's framing with chunks that are left as they are: every reader of it, and of S2, understands that.
// Who wants answers small asks for gzip.

const STREAM_BEGIN = Buffer.from("\xff\x06\x00\x00sNaPpY", "latin1");
const UNCOMPRESSED = 0x01;
const CHUNK_BYTES_MAX = 65_536;
/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const MASK = 0xa282ead8;

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 1) === 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  }
  return value;
});

export function snappyFramed(payload: Buffer): Buffer {
  const parts: Buffer[] = [STREAM_BEGIN];
  for (let at = 0; at < payload.length; at += CHUNK_BYTES_MAX) {
    const chunk = payload.subarray(at, at + CHUNK_BYTES_MAX);
    const head = Buffer.alloc(8);
    head[0] = UNCOMPRESSED;
    head.writeUIntLE(chunk.length + 4, 1, 3);
    head.writeUInt32LE(maskedChecksum(chunk), 4);
    parts.push(head, chunk);
  }
  return Buffer.concat(parts);
}

/** CRC-32C, turned and shifted, as the format has it. */
function maskedChecksum(bytes: Buffer): number {
  let crc = -1;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  crc = ~crc;
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0;
}
