// Signs an executable for macOS ad hoc, that is, with digests of its pages and nobody's name. What Bun
// compiles for x64 still has the signature of Bun itself, which no longer fits: macOS would kill it.
// The format is that of Apple's cs_blobs.h.
import { createHash } from "node:crypto";

const HEADER_BYTES = 32;
const SEGMENT = 0x19;
const CODE_SIGNATURE = 0x1d;
const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
/** The version of the format that has the bounds of the executable segment. */
const DIRECTORY_VERSION = 0x20400;
/** Signed ad hoc, by a linker: what codesign replaces without being forced to. */
const DIRECTORY_FLAGS = 0x20002;
const DIRECTORY_BYTES = 88;
/** One blob, and where it is. */
const SUPER_BLOB_BYTES = 20;
const MAIN_BINARY = 1n;
const SHA256 = 2;
const SHA256_BYTES = 32;
const PAGE_BITS = 12;
const PAGE_BYTES = 1 << PAGE_BITS;
/** What segments are aligned to in memory, on arm64; x64 is content with it. */
const SEGMENT_ALIGNMENT = 0x4000n;

interface Layout {
  /** Where in the file the commands are, and what they say. */
  readonly signature: { readonly at: number; readonly offset: number };
  readonly linkEdit: { readonly at: number; readonly offset: bigint };
  readonly text: { readonly offset: bigint; readonly size: bigint };
}

/** The same executable, newly signed by that name. Throws an Error when it has no place for it. */
export function signAdHoc(executable: Uint8Array, identifier: string): Uint8Array {
  const { signature, linkEdit, text } = layoutOf(viewOf(executable));
  const limit = signature.offset;
  const pages = Math.ceil(limit / PAGE_BYTES);
  const name = Buffer.from(`${identifier}\0`);
  const directoryBytes = DIRECTORY_BYTES + name.length + pages * SHA256_BYTES;
  const size = roundUp(SUPER_BLOB_BYTES + directoryBytes, 16);

  const signed = new Uint8Array(limit + size);
  signed.set(executable.subarray(0, limit));
  const view = viewOf(signed);
  // First, because the pages with the commands are signed as well. The signature ends the file, and
  // with it the segment that holds it.
  const linkEditBytes = BigInt(signed.length) - linkEdit.offset;
  view.setUint32(signature.at + 12, size, true);
  view.setBigUint64(linkEdit.at + 32, roundUp64(linkEditBytes, SEGMENT_ALIGNMENT), true);
  view.setBigUint64(linkEdit.at + 48, linkEditBytes, true);

  writeWords(view, limit, [SUPER_BLOB, SUPER_BLOB_BYTES + directoryBytes, 1, 0, SUPER_BLOB_BYTES]);
  const at = limit + SUPER_BLOB_BYTES;
  const digestsAt = DIRECTORY_BYTES + name.length;
  writeWords(view, at, [
    CODE_DIRECTORY,
    directoryBytes,
    DIRECTORY_VERSION,
    DIRECTORY_FLAGS,
    digestsAt,
    DIRECTORY_BYTES,
    0,
    pages,
    limit,
  ]);
  signed.set([SHA256_BYTES, SHA256, 0, PAGE_BITS], at + 36);
  view.setBigUint64(at + 64, text.offset);
  view.setBigUint64(at + 72, text.size);
  view.setBigUint64(at + 80, MAIN_BINARY);
  signed.set(name, at + DIRECTORY_BYTES);
  for (let page = 0; page < pages; page++) {
    // The last one ends where the signature begins.
    const bytes = signed.subarray(page * PAGE_BYTES, Math.min((page + 1) * PAGE_BYTES, limit));
    const digest = createHash("sha256").update(bytes).digest();
    signed.set(digest, at + digestsAt + page * SHA256_BYTES);
  }
  return signed;
}

function layoutOf(view: DataView): Layout {
  let signature: Layout["signature"] | undefined;
  let linkEdit: Layout["linkEdit"] | undefined;
  let text: Layout["text"] | undefined;
  const count = view.getUint32(16, true);
  for (let index = 0, at = HEADER_BYTES; index < count; index++) {
    const command = view.getUint32(at, true);
    if (command === CODE_SIGNATURE) signature = { at, offset: view.getUint32(at + 8, true) };
    if (command === SEGMENT) {
      const offset = view.getBigUint64(at + 40, true);
      const name = segmentNameAt(view, at + 8);
      if (name === "__LINKEDIT") linkEdit = { at, offset };
      if (name === "__TEXT") text = { offset, size: view.getBigUint64(at + 48, true) };
    }
    at += view.getUint32(at + 4, true);
  }
  if (signature && linkEdit && text) return { signature, linkEdit, text };
  throw new Error("the executable for macOS has no place for a signature");
}

function segmentNameAt(view: DataView, at: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, 16);
  return Buffer.from(bytes).toString("latin1").replace(/\0.*/s, "");
}

/** In the byte order of signatures, which is not that of the rest. */
function writeWords(view: DataView, at: number, words: readonly number[]): void {
  for (const [index, word] of words.entries()) view.setUint32(at + 4 * index, word);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function roundUp64(value: bigint, step: bigint): bigint {
  return ((value + step - 1n) / step) * step;
}
