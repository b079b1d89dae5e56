// The protocol state machine: bytes of one connection in, commands to a handler out.
//
// Commands are parsed in place: arguments are offsets into the chunk that arrived, never strings. Only a
// command that is cut by the end of a chunk is gathered, and its payload is not scanned again. The plain
// forms of PUB and HPUB take the short way at the top; every other spelling the protocol allows (lower
// case, tabs, several blanks, bare LF) goes through `parseLine`, which puts a publish into the plain form
// first, so that whoever delivers it sees one form only.

import { CR, LF, SPACE, TAB } from "./ascii.ts";
import { type ProtocolError, ProtocolErrors } from "./errors.ts";
import { FNV_OFFSET, FNV_PRIME } from "./subject.ts";
import { readVerb, Verb, verbBytes } from "./verbs.ts";

/** "PUB " and "HPUB" as little-endian words. */
const PUB_BLANK = 0x20425550;
const HPUB = 0x42555048;

/** More digits than this are a malformed size (client-protocol §2.4). */
const SIZE_DIGITS_MAX = 9;

/** Equal commands that are handed over together: bounded, so that a turn's bounds keep their meaning. */
const RUN_COUNT_MAX = 256;
const RUN_BYTES_MAX = 32 << 10;

/** A held command starts with this much room and doubles until it fits. */
const HELD_BYTES_MIN = 512;

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

/** What the parser calls. A `false` stops it: the connection closed, or wants to be resumed later. */
export interface CommandHandler {
  /** A control line of a publish is complete; its payload may not have arrived. Only for `watchHeads`. */
  onPublishHead(publish: Publish): boolean;
  /** One publish, or a run of `count`: all of them are taken, whatever is returned. */
  onPublish(publish: Publish): boolean;
  /** The argument bytes of the other commands, without the line's end. */
  onSubscribe(bytes: Buffer, at: number, end: number): boolean;
  onUnsubscribe(bytes: Buffer, at: number, end: number): boolean;
  onConnect(bytes: Buffer, at: number, end: number): boolean;
  onInfo(bytes: Buffer, at: number, end: number): boolean;
  onPeerError(bytes: Buffer, at: number, end: number): boolean;
  onPing(): boolean;
  onPong(): boolean;
  onOk(): boolean;
  /** The stream cannot be understood any further; `error` is null where nothing is sent for it. */
  onViolation(error: ProtocolError | null, detail: string): void;
}

const EMPTY = Buffer.alloc(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer, 0, 0);

/** Detail of a violation: what stood there, cut short. */
function excerpt(bytes: Buffer, at: number, end: number): string {
  return JSON.stringify(bytes.latin1Slice(at, Math.min(end, at + 32)));
}

export class Parser {
  /** Longest argument of a control line. */
  controlLineBytesMax: number;
  /** Largest payload with headers; Infinity for none. */
  payloadBytesMax: number;
  /** True when HPUB is understood on this connection. */
  headers = false;
  /** True when `onPublishHead` must see every publish before its payload. */
  watchHeads = false;

  readonly #handler: CommandHandler;
  readonly #publish = new Publish();
  /** Bytes of a command that a chunk's end cut. */
  #held: Buffer | null = null;
  #heldBytes = 0;
  /** Total bytes of the held command once its control line is known, else 0. */
  #heldNeeds = 0;
  /** True when the held command's head was checked already. */
  #headSeen = false;
  /** True while the rest of an over-long PING, PONG or +OK line is dropped. */
  #skipping = false;
  #stopped = false;

  constructor(handler: CommandHandler, controlLineBytesMax: number, payloadBytesMax: number) {
    this.#handler = handler;
    this.controlLineBytesMax = controlLineBytesMax;
    this.payloadBytesMax = payloadBytesMax;
  }

  /**
   * Parses a chunk from `at`. Returns where it stopped: the chunk's length when all of it was taken, or
   * the place to go on from after a handler said stop.
   */
  feed(chunk: Buffer, at = 0): number {
    this.#stopped = false;
    const end = chunk.length;
    while (this.#held !== null && at < end) {
      at = this.#topUp(chunk, at, end);
      if (this.#stopped) return at;
    }
    if (at === end) return at;
    const rest = this.#run(chunk, at, end);
    if (this.#stopped) return rest;
    if (rest < end) this.#hold(chunk, rest, end);
    return end;
  }

  /** Adds bytes to the held command, at most up to its end; runs it when it is whole. */
  #topUp(chunk: Buffer, at: number, end: number): number {
    let upto = end;
    if (this.#heldNeeds > 0) {
      upto = Math.min(end, at + this.#heldNeeds - this.#heldBytes);
      this.#append(chunk, at, upto);
      if (this.#heldBytes < this.#heldNeeds) return upto;
    } else {
      const lineEnd = chunk.indexOf(LF, at);
      if (lineEnd !== -1) upto = lineEnd + 1;
      if (this.#skipping) {
        if (lineEnd === -1) return upto;
        this.#skipping = false;
        this.#append(chunk, lineEnd, upto);
      } else {
        // No line may be longer than its limit, whatever follows: do not gather more than shows that.
        const room = this.controlLineBytesMax + 64 - this.#heldBytes;
        if (upto - at > room) upto = at + Math.max(room, 1);
        this.#append(chunk, at, upto);
      }
    }
    const held = this.#held!;
    const heldBytes = this.#heldBytes;
    const rest = this.#run(held, 0, heldBytes);
    if (rest === heldBytes) {
      this.#release();
    } else if (!this.#stopped) {
      this.#checkCut(held, heldBytes);
    }
    return upto;
  }

  #hold(chunk: Buffer, at: number, end: number): void {
    this.#append(chunk, at, end);
    this.#checkCut(this.#held!, this.#heldBytes);
  }

  #append(chunk: Buffer, at: number, end: number): void {
    const needed = this.#heldBytes + end - at;
    let held = this.#held;
    if (held === null || held.length < needed) {
      const doubled = Math.max(HELD_BYTES_MIN, needed, held === null ? 0 : held.length * 2);
      const larger = Buffer.allocUnsafeSlow(
        this.#heldNeeds > 0 ? Math.max(needed, Math.min(doubled, this.#heldNeeds)) : doubled,
      );
      if (held !== null) held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = held = larger;
    }
    chunk.copy(held, this.#heldBytes, at, end);
    this.#heldBytes = needed;
  }

  #release(): void {
    this.#held = null;
    this.#heldBytes = 0;
    this.#heldNeeds = 0;
    this.#headSeen = false;
  }

  /** Refuses a cut line as soon as it can be seen to be wrong, without waiting for its end. */
  #checkCut(held: Buffer, heldBytes: number): void {
    if (this.#heldNeeds > 0) return;
    const verb = readVerb(held, 0, heldBytes);
    if (verb === Verb.incomplete) return;
    if (verb === Verb.unknown) {
      this.#violate(ProtocolErrors.unknownOperation, excerpt(held, 0, heldBytes));
    } else if (verb === Verb.ping || verb === Verb.pong || verb === Verb.ok) {
      this.#heldBytes = verbBytes(verb);
      this.#skipping = true;
    } else {
      const argumentAt = skipBlanks(held, verbBytes(verb), heldBytes);
      if (heldBytes - argumentAt > this.controlLineBytesMax) this.#violateLength(held, argumentAt);
      else if (argumentAt === heldBytes && heldBytes > HELD_BYTES_MIN) {
        // Nothing but blanks so far: keep one.
        this.#heldBytes = verbBytes(verb) + 1;
      }
    }
  }

  /** Takes whole commands from bytes[at, end); returns where the first incomplete one begins. */
  #run(bytes: Buffer, at: number, end: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const publish = this.#publish;
    publish.bytes = bytes;
    publish.view = view;
    // The shortest publish, "PUB a 0", is longer than this, so words can be read below it.
    const wordsEnd = end - 8;
    while (at < end) {
      if (at < wordsEnd) {
        const word = view.getInt32(at, true);
        if (word === PUB_BLANK || (word === HPUB && bytes[at + 4] === SPACE)) {
          const next =
            word === PUB_BLANK
              ? this.#readPub(bytes, at, at + 4, end)
              : this.#readHpub(bytes, at, at + 5, end);
          if (next > 0) {
            at = next;
            if (this.#stopped) return at;
            continue;
          }
          if (next === CUT) return at;
        }
      }
      const next = this.#parseLine(bytes, view, at, end);
      if (next === CUT) return at;
      at = next;
      if (this.#stopped) return at;
    }
    return at;
  }

  /** `PUB subject [reply] size`: the end of the command, CUT, or ODD when it is not in plain form. */
  #readPub(bytes: Buffer, commandAt: number, at: number, end: number): number {
    const publish = this.#publish;
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
    if (i - at > this.controlLineBytesMax) return ODD;
    publish.subjectAt = at;
    publish.subjectEnd = subjectEnd;
    publish.hash = hash;
    publish.replyAt = secondAt;
    publish.replyEnd = replyEnd;
    publish.tailAt = secondAt;
    publish.headerBytes = 0;
    publish.totalBytes = size;
    publish.payloadAt = i + 2;
    return this.#finish(bytes, commandAt, end);
  }

  /** `HPUB subject [reply] header-size total-size`, as `#readPub`. */
  #readHpub(bytes: Buffer, commandAt: number, at: number, end: number): number {
    if (!this.headers) return ODD;
    const publish = this.#publish;
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
    if (lineEnd - at > this.controlLineBytesMax) return ODD;
    publish.subjectAt = at;
    publish.subjectEnd = subjectEnd;
    publish.hash = hash;
    publish.replyAt = secondAt;
    publish.replyEnd = replyEnd;
    publish.tailAt = secondAt;
    publish.headerBytes = headerBytes;
    publish.totalBytes = totalBytes;
    publish.payloadAt = lineEnd + 2;
    return this.#finish(bytes, commandAt, end);
  }

  /** The line is understood: check size, payload and its CRLF, and hand it over. */
  #finish(bytes: Buffer, commandAt: number, end: number): number {
    const publish = this.#publish;
    const payloadEnd = publish.payloadAt + publish.totalBytes;
    if (publish.totalBytes > this.payloadBytesMax) {
      this.#violate(
        ProtocolErrors.maxPayload,
        `maximum payload exceeded: ${publish.totalBytes} vs ${this.payloadBytesMax}`,
      );
      return end;
    }
    if (this.watchHeads && !this.#headSeen && !this.#handler.onPublishHead(publish)) {
      this.#stopped = true;
      return end;
    }
    if (payloadEnd + 2 > end) {
      this.#headSeen = true;
      // A wrong byte where the CRLF belongs is refused at once, not only when the second has come.
      if (payloadEnd < end && bytes[payloadEnd] !== CR) {
        this.#violate(ProtocolErrors.unknownOperation, excerpt(bytes, payloadEnd, end));
        return end;
      }
      this.#heldNeeds = payloadEnd + 2 - commandAt;
      return CUT;
    }
    this.#headSeen = false;
    if (bytes[payloadEnd] !== CR || bytes[payloadEnd + 1] !== LF) {
      this.#violate(ProtocolErrors.unknownOperation, excerpt(bytes, payloadEnd, end));
      return end;
    }
    publish.tailEnd = payloadEnd + 2;
    const stride = payloadEnd + 2 - commandAt;
    publish.stride = stride;
    publish.count = 1;
    const runEnd = Math.min(end, commandAt + RUN_BYTES_MAX) - stride;
    let next = commandAt + stride;
    if (next <= runEnd && !this.watchHeads) {
      const { view, payloadAt } = publish;
      const lineBytes = payloadAt - commandAt;
      while (next <= runEnd && isSameLine(view, commandAt, next, lineBytes)) {
        if (bytes[next + stride - 2] !== CR || bytes[next + stride - 1] !== LF) break;
        next += stride;
        if (++publish.count === RUN_COUNT_MAX) break;
      }
    }
    if (!this.#handler.onPublish(publish)) this.#stopped = true;
    return next;
  }

  /** Any command in any spelling: returns its end, or CUT when its line is not complete. */
  #parseLine(bytes: Buffer, view: DataView, at: number, end: number): number {
    const verb = readVerb(bytes, at, end);
    if (verb === Verb.incomplete) return CUT;
    if (verb === Verb.unknown) {
      return this.#violate(ProtocolErrors.unknownOperation, excerpt(bytes, at, end), end);
    }
    const handler = this.#handler;
    if (verb === Verb.ping || verb === Verb.pong || verb === Verb.ok) {
      const lineEnd = bytes.indexOf(LF, at);
      if (lineEnd === -1 || lineEnd >= end) return CUT;
      const goOn =
        verb === Verb.ping
          ? handler.onPing()
          : verb === Verb.pong
            ? handler.onPong()
            : handler.onOk();
      if (!goOn) this.#stopped = true;
      return lineEnd + 1;
    }
    const argumentAt = skipBlanks(bytes, at + verbBytes(verb), end);
    // The first byte of an argument belongs to it whatever it is, even a line end.
    const lineEnd = argumentAt < end ? bytes.indexOf(LF, argumentAt + 1) : -1;
    if (lineEnd === -1 || lineEnd >= end) {
      if (end - argumentAt > this.controlLineBytesMax)
        return this.#violateLength(bytes, argumentAt);
      return CUT;
    }
    const argumentEnd = lineEnd - (hasCarriageReturn(bytes, argumentAt + 1, lineEnd) ? 1 : 0);
    if (argumentEnd - argumentAt > this.controlLineBytesMax) {
      return this.#violateLength(bytes, argumentAt);
    }
    let goOn = false;
    switch (verb) {
      case Verb.pub:
      case Verb.hpub:
        return this.#parsePublish(verb, bytes, view, at, argumentAt, argumentEnd, lineEnd + 1, end);
      case Verb.sub:
        goOn = handler.onSubscribe(bytes, argumentAt, argumentEnd);
        break;
      case Verb.unsub:
        goOn = handler.onUnsubscribe(bytes, argumentAt, argumentEnd);
        break;
      case Verb.connect:
        goOn = handler.onConnect(bytes, argumentAt, argumentEnd);
        break;
      case Verb.info:
        goOn = handler.onInfo(bytes, argumentAt, argumentEnd);
        break;
      case Verb.err:
        goOn = handler.onPeerError(bytes, argumentAt, argumentEnd);
        break;
    }
    if (!goOn) this.#stopped = true;
    return lineEnd + 1;
  }

  /** A publish that is not in plain form: rewritten into it, then read again. */
  #parsePublish(
    verb: Verb,
    bytes: Buffer,
    view: DataView,
    at: number,
    argumentAt: number,
    argumentEnd: number,
    payloadAt: number,
    end: number,
  ): number {
    const name = verb === Verb.pub ? "PUB" : "HPUB";
    const line = bytes.latin1Slice(argumentAt, argumentEnd);
    if (verb === Verb.hpub && !this.headers) {
      return this.#violate(null, "message headers not supported: CONNECT with headers first", end);
    }
    const words = splitArguments(line);
    const sizes = verb === Verb.pub ? 1 : 2;
    if (words.length < 1 + sizes || words.length > 2 + sizes) {
      const form =
        verb === Verb.pub
          ? "<subject> [reply] <size>"
          : "<subject> [reply] <header size> <total size>";
      return this.#violate(null, `${name} ${JSON.stringify(line)}: expected ${form}`, end);
    }
    const totalBytes = parseSize(words[words.length - 1]!);
    const headerBytes = sizes === 2 ? parseSize(words[words.length - 2]!) : 0;
    if (totalBytes < 0 || headerBytes < 0 || headerBytes > totalBytes) {
      return this.#violate(null, `${name} ${JSON.stringify(line)}: bad size`, end);
    }
    if (totalBytes > this.payloadBytesMax) {
      return this.#violate(
        ProtocolErrors.maxPayload,
        `maximum payload exceeded: ${totalBytes} vs ${this.payloadBytesMax}`,
        end,
      );
    }
    const plain = this.#writePlain(words, sizes, headerBytes, totalBytes);
    if (this.watchHeads && !this.#headSeen && !this.#handler.onPublishHead(this.#publish)) {
      this.#stopped = true;
      return end;
    }
    const publish = this.#publish;
    const payloadEnd = payloadAt + totalBytes;
    if (payloadEnd < end && bytes[payloadEnd] !== CR) {
      return this.#violate(ProtocolErrors.unknownOperation, excerpt(bytes, payloadEnd, end), end);
    }
    if (payloadEnd + 2 > end) {
      this.#headSeen = true;
      this.#heldNeeds = payloadEnd + 2 - at;
      return CUT;
    }
    if (bytes[payloadEnd + 1] !== LF) {
      return this.#violate(ProtocolErrors.unknownOperation, excerpt(bytes, payloadEnd, end), end);
    }
    this.#headSeen = false;
    publish.count = 1;
    bytes.copy(plain, publish.payloadAt, payloadAt, payloadEnd + 2);
    const goOn = this.#handler.onPublish(publish);
    publish.bytes = bytes;
    publish.view = view;
    if (!goOn) this.#stopped = true;
    return payloadEnd + 2;
  }

  /** Writes the control line of a publish in plain form, with room for its payload, and describes it. */
  #writePlain(words: string[], sizes: number, headerBytes: number, totalBytes: number): Buffer {
    const publish = this.#publish;
    // Headers of no bytes are no headers: such a message is delivered as MSG.
    if (sizes === 2 && headerBytes === 0) words.splice(words.length - 2, 1);
    const subject = words[0]!;
    const hasReply = words.length > 1 + (headerBytes > 0 ? 2 : 1);
    const line = `PUB ${words.join(" ")}\r\n`;
    const plain = Buffer.allocUnsafeSlow(line.length + totalBytes + 2);
    plain.latin1Write(line);
    let hash = FNV_OFFSET;
    for (let i = 0; i < subject.length; i++) hash = Math.imul(hash ^ plain[4 + i]!, FNV_PRIME);
    publish.bytes = plain;
    publish.view = new DataView(plain.buffer, plain.byteOffset, plain.length);
    publish.subjectAt = 4;
    publish.subjectEnd = 4 + subject.length;
    publish.hash = hash;
    publish.tailAt = publish.replyAt = publish.subjectEnd + 1;
    publish.replyEnd = publish.replyAt + (hasReply ? words[1]!.length : 0);
    publish.headerBytes = headerBytes;
    publish.totalBytes = totalBytes;
    publish.payloadAt = line.length;
    publish.tailEnd = plain.length;
    return plain;
  }

  #violate(error: ProtocolError | null, detail: string, end = 0): number {
    this.#stopped = true;
    this.#release();
    this.#handler.onViolation(error, detail);
    return end;
  }

  #violateLength(bytes: Buffer, argumentAt: number): number {
    const start = excerpt(bytes, argumentAt, bytes.length);
    return this.#violate(
      ProtocolErrors.maxControlLine,
      `control line longer than max_control_line (${this.controlLineBytesMax}): ${start}`,
      bytes.length,
    );
  }
}

/** The command's end is not here yet. */
const CUT = -1;
/** Not in plain form: take the long way. */
const ODD = -2;

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

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}

function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! > SPACE) at++;
  return at;
}

function hasCarriageReturn(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = end - 1; i >= at; i--) if (bytes[i] === CR) return true;
  return false;
}

/** A size in bytes[at, end), or -1. */
function readSize(bytes: Uint8Array, at: number, end: number): number {
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

/** Words of a PUB or HPUB line: runs of blanks and tabs separate, nothing else does. */
function splitArguments(line: string): string[] {
  return line.split(/[ \t]+/).filter((word) => word !== "");
}
