// The signature that macOS wants: the digests are those of the file as it is in the end.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { signAdHoc } from "../../scripts/release/mach-o-signature.ts";

const SIGNATURE_AT = 10_000 - (10_000 % 16);
const LINK_EDIT_AT = 8192;

/** With a code segment, some content, and a signature at the end that fits nothing. */
function unsigned(names = ["__TEXT", "__LINKEDIT"]): Uint8Array {
  const bytes = Buffer.alloc(SIGNATURE_AT + 48, "content of the file ");
  bytes.fill(0, 0, 512);
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(0x01000007, 4);
  bytes.writeUInt32LE(names.length + 1, 16);
  let at = 32;
  for (const name of names) {
    bytes.writeUInt32LE(0x19, at);
    bytes.writeUInt32LE(72, at + 4);
    bytes.write(name, at + 8);
    bytes.writeBigUInt64LE(name === "__LINKEDIT" ? BigInt(LINK_EDIT_AT) : 0n, at + 40);
    bytes.writeBigUInt64LE(4096n, at + 48);
    at += 72;
  }
  bytes.writeUInt32LE(0x1d, at);
  bytes.writeUInt32LE(16, at + 4);
  bytes.writeUInt32LE(SIGNATURE_AT, at + 8);
  bytes.writeUInt32LE(48, at + 12);
  return bytes;
}

/** The numbers of the pages whose digest in the signature is not theirs. */
function wrongPages(signed: Uint8Array): number[] {
  const bytes = Buffer.from(signed);
  const directory = SIGNATURE_AT + bytes.readUInt32BE(SIGNATURE_AT + 16);
  const digests = directory + bytes.readUInt32BE(directory + 16);
  const limit = bytes.readUInt32BE(directory + 32);
  const wrong: number[] = [];
  for (let page = 0; page < bytes.readUInt32BE(directory + 28); page++) {
    const content = bytes.subarray(page * 4096, Math.min(limit, (page + 1) * 4096));
    const digest = createHash("sha256").update(content).digest();
    const found = bytes.subarray(digests + page * 32, digests + (page + 1) * 32);
    if (!digest.equals(found)) wrong.push(page);
  }
  return wrong;
}

describe("a signed executable", () => {
  const signed = signAdHoc(unsigned(), "midge");
  const bytes = Buffer.from(signed);

  test("has the digest of each page, the commands' and the last, shorter one included", () => {
    expect(wrongPages(signed)).toEqual([]);
    expect(bytes.readUInt32BE(SIGNATURE_AT + 20 + 28)).toBe(3);
    expect(bytes.readUInt32BE(SIGNATURE_AT + 20 + 32)).toBe(SIGNATURE_AT);
  });

  test("shows where a single byte was changed afterwards", () => {
    const changed = Uint8Array.from(signed);
    changed[5000]! ^= 1;
    expect(wrongPages(changed)).toEqual([1]);
  });

  test("ends with the signature, and its commands say so", () => {
    const size = bytes.readUInt32LE(32 + 2 * 72 + 12);
    expect(signed.length).toBe(SIGNATURE_AT + size);
    expect(size % 16).toBe(0);
    const linkEdit = 32 + 72;
    expect(bytes.readBigUInt64LE(linkEdit + 48)).toBe(BigInt(signed.length - LINK_EDIT_AT));
    expect(bytes.readBigUInt64LE(linkEdit + 32)).toBe(0x4000n);
  });

  test("bears the name that it is given, and is ad hoc", () => {
    const directory = SIGNATURE_AT + 20;
    const name = directory + bytes.readUInt32BE(directory + 20);
    expect(bytes.toString("latin1", name, name + 6)).toBe("midge\0");
    expect(bytes.readUInt32BE(directory + 12) & 2).toBe(2);
  });

  test("is the same when it is signed once more", () => {
    expect(signAdHoc(signed, "midge")).toEqual(signed);
  });
});

test("an executable without a place for a signature is refused", () => {
  expect(() => signAdHoc(unsigned(["__TEXT"]), "midge")).toThrow("no place for a signature");
});
