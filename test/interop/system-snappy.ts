// Unpacks the snappy framing format, in which answers come to those who say that they accept it. Checksums
// are not checked: what is unpacked wrongly is no JSON.

const COMPRESSED = 0x00;
const UNCOMPRESSED = 0x01;
/** Chunk types from here on may be skipped, the stream's name among them. */
const SKIPPABLE = 0x80;
const CHECKSUM_BYTES = 4;

export function unsnapped(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = bytes.readUInt8(at);
    const length = bytes.readUIntLE(at + 1, 3);
    const chunk = bytes.subarray(at + 4, at + 4 + length);
    if (type === COMPRESSED) parts.push(block(chunk.subarray(CHECKSUM_BYTES)));
    else if (type === UNCOMPRESSED) parts.push(chunk.subarray(CHECKSUM_BYTES));
    else if (type < SKIPPABLE) throw new Error(`snappy chunk of type ${type}`);
    at += 4 + length;
  }
  return Buffer.concat(parts);
}

/** One block: its length, then pieces that are there literally and copies of what came before. */
function block(bytes: Buffer): Buffer {
  const [size, start] = varint(bytes);
  const out = Buffer.alloc(size);
  let written = 0;
  for (let at = start; at < bytes.length;) {
    const tag = bytes.readUInt8(at++);
    if ((tag & 3) === 0) {
      const [length, next] = literalLength(bytes, at, tag >> 2);
      written += bytes.copy(out, written, next, next + length);
      at = next + length;
      continue;
    }
    const kind = tag & 3;
    const offsetBytes = kind === 3 ? 4 : kind;
    const tail = bytes.readUIntLE(at, offsetBytes);
    const offset = kind === 1 ? ((tag >> 5) << 8) | tail : tail;
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    // A copy may overlap what it writes.
    for (let end = written + length; written < end; written++) {
      out[written] = out.readUInt8(written - offset);
    }
    at += offsetBytes;
  }
  return out;
}

function literalLength(bytes: Buffer, at: number, code: number): [length: number, next: number] {
  if (code < 60) return [code + 1, at];
  const size = code - 59;
  return [bytes.readUIntLE(at, size) + 1, at + size];
}

function varint(bytes: Buffer): [value: number, next: number] {
  let value = 0;
  for (let at = 0; ; at++) {
    const byte = bytes.readUInt8(at);
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return [value, at + 1];
  }
}
