// A publish as the parser hands it over: offsets into the bytes that arrived, never strings. Here is its
// plain form, how that is read from the wire in one pass, and how any other spelling is put into it.

import { CR, LF, readSize, SIZE_DIGITS_MAX, SPACE } from "./ascii.ts";
import { FNV_OFFSET, FNV_PRIME, hashSubject } from "./subject.ts";

/** The line is not in plain form, or not complete: take the long way. */
export const ODD = -1;

/** Equal commands that are handed over together: bounded, so that a turn's bounds keep their meaning. */
const RUN_COUNT_MAX = 256;
const RUN_BYTES_MAX = 32 << 10;

const EMPTY = Buffer.alloc(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer, 0, 0);

/**
 * A publish in its plain form, as offsets into `bytes`:
 * `[H]PUB <subject> [reply ][header size ]<total size>CRLF<headers><payload>CRLF`.
 * From `tailAt` to `tailEnd` it is byte for byte what follows `MSG <subject> <sid> ` in a delivery.
 */
export class Publish {
  bytes: Buffer = EMPTY;
  /** The same memory as `bytes`, for reading words. */
  view: DataView = EMPTY_VIEW;
  subjectAt = 0;
  subjectEnd = 0;
  /** FNV-1a of the subject. */
  hash = 0;
  /** The reply subject; empty when `replyEnd` is `replyAt`. */
  replyAt = 0;
  replyEnd = 0;
  tailAt = 0;
  tailEnd = 0;
  /** Bytes of the header block; 0 for a PUB and for an HPUB without headers. */
  headerBytes = 0;
  /** Headers and payload together. */
  totalBytes = 0;
  /** Where headers begin, or the payload when there are none. */
  payloadAt = 0;
  /**
   * How many publishes follow each other with this very control line, only their payloads differing:
   * each begins `stride` bytes after the one before. Offsets are those of the first.
   */
  count = 1;
  stride = 0;

  /** Says that this publish stands alone; returns where it ends. */
  runOfOne(commandAt: number): number {
    this.count = 1;
    this.stride = this.tailEnd - commandAt;
    return this.tailEnd;
  }

  /** Counts the publishes from `commandAt` on that have the same control line; returns where they end. */
  measureRun(commandAt: number, end: number): number {
    const { bytes, view } = this;
    let next = this.runOfOne(commandAt);
    const { stride } = this;
    const lineBytes = this.payloadAt - commandAt;
    const lastAt = Math.min(end, commandAt + RUN_BYTES_MAX) - stride;
    while (next <= lastAt && isSameLine(view, commandAt, next, lineBytes)) {
      if (bytes[next + stride - 2] !== CR || bytes[next + stride - 1] !== LF) break;
      next += stride;
      if (++this.count === RUN_COUNT_MAX) break;
    }
    return next;
  }

  /** Lets go of the bytes. */
  forget(): void {
    this.bytes = EMPTY;
    this.view = EMPTY_VIEW;
  }

  /** Moves on to the next publish of a run. */
  next(): void {
    this.#move(this.stride);
  }

  /** Moves back to the first after `count` steps. */
  rewind(): void {
    this.#move(-this.stride * this.count);
  }

  #move(by: number): void {
    this.subjectAt += by;
    this.subjectEnd += by;
    this.replyAt += by;
    this.replyEnd += by;
    this.tailAt += by;
    this.tailEnd += by;
    this.payloadAt += by;
  }
}

/**
 * Reads `subject [reply] size` CRLF from `at`. Returns where the payload begins, or ODD when the line is
 * not in plain form or not complete.
 */
export function readPub(publish: Publish, bytes: Buffer, at: number, end: number): number {
  let hash = FNV_OFFSET;
  let i = at;
  let byte = 0;
  while (i < end && (byte = bytes[i]!) > SPACE) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
    i++;
  }
  if (i + 1 >= end) return ODD;
  if (byte !== SPACE || i === at) return ODD;
  const subjectEnd = i;
  const secondAt = ++i;
  let size = 0;
  let isNumber = true;
  while (i < end && (byte = bytes[i]!) > SPACE) {
    const digit = byte - 48;
    if (digit >= 0 && digit <= 9) size = size * 10 + digit;
    else isNumber = false;
    i++;
  }
  if (i + 1 >= end || i === secondAt) return ODD;
  let sizeAt = secondAt;
  let replyEnd = secondAt;
  if (byte === SPACE) {
    replyEnd = i;
    sizeAt = ++i;
    size = 0;
    isNumber = true;
    while (i < end && (byte = bytes[i]!) > SPACE) {
      const digit = byte - 48;
      if (digit >= 0 && digit <= 9) size = size * 10 + digit;
      else isNumber = false;
      i++;
    }
    if (i + 1 >= end || i === sizeAt) return ODD;
  }
  if (byte !== CR || bytes[i + 1] !== LF || !isNumber || i - sizeAt > SIZE_DIGITS_MAX) return ODD;
  publish.subjectAt = at;
  publish.subjectEnd = subjectEnd;
  publish.hash = hash;
  publish.replyAt = secondAt;
  publish.replyEnd = replyEnd;
  publish.tailAt = secondAt;
  publish.headerBytes = 0;
  publish.totalBytes = size;
  publish.payloadAt = i + 2;
  return publish.payloadAt;
}

/** Reads `subject [reply] header-size total-size` CRLF, as `readPub`. */
export function readHpub(publish: Publish, bytes: Buffer, at: number, end: number): number {
  let hash = FNV_OFFSET;
  let i = at;
  let byte = 0;
  while (i < end && (byte = bytes[i]!) > SPACE) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
    i++;
  }
  if (i + 1 >= end || byte !== SPACE || i === at) return ODD;
  const subjectEnd = i;
  const secondAt = ++i;
  const secondEnd = wordEnd(bytes, i, end);
  if (secondEnd === secondAt || bytes[secondEnd] !== SPACE) return ODD;
  const thirdAt = secondEnd + 1;
  let lineEnd = wordEnd(bytes, thirdAt, end);
  if (lineEnd === thirdAt || lineEnd + 1 >= end) return ODD;
  let headerAt = secondAt;
  let headerEnd = secondEnd;
  let totalAt = thirdAt;
  let replyEnd = secondAt;
  if (bytes[lineEnd] === SPACE) {
    replyEnd = secondEnd;
    headerAt = thirdAt;
    headerEnd = lineEnd;
    totalAt = lineEnd + 1;
    lineEnd = wordEnd(bytes, totalAt, end);
    if (lineEnd === totalAt || lineEnd + 1 >= end) return ODD;
  }
  if (bytes[lineEnd] !== CR || bytes[lineEnd + 1] !== LF) return ODD;
  const headerBytes = readSize(bytes, headerAt, headerEnd);
  const totalBytes = readSize(bytes, totalAt, lineEnd);
  if (headerBytes < 1 || totalBytes < headerBytes) return ODD;
  publish.subjectAt = at;
  publish.subjectEnd = subjectEnd;
  publish.hash = hash;
  publish.replyAt = secondAt;
  publish.replyEnd = replyEnd;
  publish.tailAt = secondAt;
  publish.headerBytes = headerBytes;
  publish.totalBytes = totalBytes;
  publish.payloadAt = lineEnd + 2;
  return publish.payloadAt;
}

/**
 * Writes the words of a control line in plain form into fresh memory with room for the payload, and
 * makes `publish` describe it. Returns the memory; the payload, if it is to come, belongs at `payloadAt`.
 */
export function writePlain(
  publish: Publish,
  words: readonly string[],
  headerBytes: number,
  totalBytes: number,
  withPayload: boolean,
): Buffer {
  const subject = words[0]!;
  const hasReply = words.length > 1 + (headerBytes > 0 ? 2 : 1);
  const line = `PUB ${words.join(" ")}\r\n`;
  const plain = Buffer.allocUnsafeSlow(line.length + (withPayload ? totalBytes + 2 : 0));
  plain.latin1Write(line);
  publish.bytes = plain;
  publish.view = new DataView(plain.buffer, plain.byteOffset, plain.length);
  publish.subjectAt = 4;
  publish.subjectEnd = 4 + subject.length;
  publish.hash = hashSubject(subject);
  publish.tailAt = publish.replyAt = publish.subjectEnd + 1;
  publish.replyEnd = publish.replyAt + (hasReply ? words[1]!.length : 0);
  publish.headerBytes = headerBytes;
  publish.totalBytes = totalBytes;
  publish.payloadAt = line.length;
  publish.tailEnd = plain.length;
  publish.runOfOne(0);
  return plain;
}

/** A publish of text, made here instead of read from the wire. */
export function textMessage(subject: string, text: string): Publish {
  return ownMessage(Buffer.from(subject).latin1Slice(), Buffer.from(text));
}

/** The same with bytes: subjects have one character for each. `headers` is a header block, or empty. */
export function ownMessage(subject: string, payload: Buffer, headers = "", reply = ""): Publish {
  const headerBytes = Buffer.byteLength(headers);
  const totalBytes = headerBytes + payload.length;
  const words = [subject];
  if (reply !== "") words.push(reply);
  if (headerBytes > 0) words.push(String(headerBytes));
  words.push(String(totalBytes));
  const publish = new Publish();
  const plain = writePlain(publish, words, headerBytes, totalBytes, true);
  plain.write(headers, publish.payloadAt);
  payload.copy(plain, publish.payloadAt + headerBytes);
  plain.latin1Write("\r\n", publish.payloadAt + totalBytes);
  return publish;
}

/** Compares two control lines word by word; the last word overlaps the one before. A line has 9 bytes or more. */
function isSameLine(view: DataView, one: number, other: number, bytes: number): boolean {
  const last = one + bytes - 4;
  const ahead = other - one;
  for (let at = one + 4; at < last; at += 4) {
    if (view.getInt32(at, true) !== view.getInt32(at + ahead, true)) return false;
  }
  return (
    view.getInt32(one, true) === view.getInt32(other, true) &&
    view.getInt32(last, true) === view.getInt32(last + ahead, true)
  );
}

function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! > SPACE) at++;
  return at;
}
