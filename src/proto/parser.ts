// The protocol state machine: bytes of one connection in, commands to a handler out.
//
// Commands are parsed in place: arguments are offsets into the chunk that arrived, never strings. Only a
// command that is cut by the end of a chunk is gathered, and its payload is not scanned again. The plain
// forms of PUB and HPUB take the short way at the top; every other spelling the protocol allows (lower
// case, tabs, several blanks, bare LF) goes through `parseLine`, which puts a publish into the plain form
// first, so that whoever delivers it sees one form only.

import { CR, LF, parseSize, SPACE, TAB } from "./ascii.ts";
import { type ProtocolError, ProtocolErrors } from "./errors.ts";
import { ODD, Publish, readHpub, readPub, writePlain } from "./publish.ts";
import { quote } from "./quote.ts";
import { readVerb, Verb, verbBytes } from "./verbs.ts";

/** "PUB " and "HPUB" as little-endian words. */
const PUB_BLANK = 0x20425550;
const HPUB = 0x42555048;

/** A plain control line of up to this much more than the limit cannot have too long an argument. */
const PLAIN_EXTRA_BYTES = "PUB ".length + "\r\n".length;

const SMALL_C = 0x63;

/** A held command starts with this much room and doubles until it fits. */
const HELD_BYTES_MIN = 512;

/** What the parser calls. A `false` stops it: the connection closed, or wants to be resumed later. */
export interface CommandHandler {
  /** A control line of a publish is complete; its payload may not have arrived. Only for `watchHeads`. */
  onPublishHead(publish: Publish): boolean;
  /** One publish, or a run of `count`, which it may lower to take only the first ones. */
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
  /** While `gated`: something else than CONNECT came first. */
  onUngreeted(): boolean;
  /** The stream cannot be understood any further; `error` is null where nothing is sent for it. */
  onViolation(error: ProtocolError | null, detail: string): void;
}

const EXCERPT_BYTES_MAX = 32;

/**
 * What stood there, for the log: its first word only, and none of the JSON that would begin with a brace,
 * because the credentials of a misspelt or mistaken CONNECT must not be shown.
 */
function excerpt(bytes: Buffer, at: number, end: number): string {
  const text = bytes.latin1Slice(at, Math.min(end, at + EXCERPT_BYTES_MAX));
  return quote(/^[^\s{"]*/.exec(text)![0]);
}

/** The arguments of a publish, for the log, up to what could be the JSON of a CONNECT. */
const publishArguments = (line: string) => quote(line.replace(/\{.*/s, "{..."));

const unknownOperation = (bytes: Buffer, at: number, end: number) =>
  `Client parser ERROR: unknown protocol operation ${excerpt(bytes, at, end)}`;

/** Without what was found: after a payload of the wrong size that may be the middle of anything. */
const BAD_TRAILER = "Client parser ERROR: expected CRLF after the payload";

export class Parser {
  /** Longest argument of a control line. */
  controlLineBytesMax: number;
  /** Largest payload with headers; Infinity for none. */
  payloadBytesMax: number;
  /** True when HPUB is understood on this connection. */
  headers = false;
  /** True when `onPublishHead` must see every publish before its payload. */
  watchHeads = false;
  /** True until the client said who it is, where that matters: only CONNECT may come first. */
  gated = false;

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
    if (this.gated && !this.#passes(chunk, at)) return at;
    const upto = this.#take(chunk, at);
    // An idle connection must not keep its last chunk alive.
    this.#publish.forget();
    return upto;
  }

  /** The connection is closed: nothing more is run, and nothing kept. */
  stop(): void {
    this.#stopped = true;
    this.#release();
  }

  /** Only the first byte of the first command is looked at (client-protocol §1). */
  #passes(chunk: Buffer, at: number): boolean {
    if (this.#held !== null || at === chunk.length) return true;
    const first = chunk[at]! | 0x20;
    return first === SMALL_C || this.#handler.onUngreeted();
  }

  #take(chunk: Buffer, at: number): number {
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
      if (this.#heldBytes < this.#heldNeeds) {
        this.#checkTrailer();
        return upto;
      }
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

  /** A wrong byte where the CRLF belongs is refused at once, not only when the second has come. */
  #checkTrailer(): void {
    const held = this.#held!;
    const trailerAt = this.#heldNeeds - 2;
    if (this.#heldBytes !== trailerAt + 1 || held[trailerAt] === CR) return;
    this.#violate(ProtocolErrors.unknownOperation, BAD_TRAILER);
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
      this.#violate(ProtocolErrors.unknownOperation, unknownOperation(held, 0, heldBytes));
    } else if (verb === Verb.ping || verb === Verb.pong || verb === Verb.ok) {
      this.#heldBytes = verbBytes(verb);
      this.#skipping = true;
    } else {
      const argumentAt = skipBlanks(held, verbBytes(verb), heldBytes);
      if (argumentLength(held, argumentAt, heldBytes) > this.controlLineBytesMax) {
        this.#violateLength(verb, held, argumentAt, heldBytes);
      } else if (argumentAt === heldBytes && heldBytes > HELD_BYTES_MIN) {
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
        let payloadAt: number = ODD;
        if (word === PUB_BLANK) payloadAt = readPub(publish, bytes, at + 4, end);
        else if (word === HPUB && this.headers && bytes[at + 4] === SPACE) {
          payloadAt = readHpub(publish, bytes, at + 5, end);
        }
        if (payloadAt !== ODD && payloadAt - at <= this.controlLineBytesMax + PLAIN_EXTRA_BYTES) {
          const next = this.#finish(bytes, at, end);
          if (next === CUT) return at;
          at = next;
          if (this.#stopped) return at;
          continue;
        }
      }
      const next = this.#parseLine(bytes, view, at, end);
      if (next === CUT) return at;
      at = next;
      if (this.#stopped) return at;
    }
    return at;
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
      if (payloadEnd < end && bytes[payloadEnd] !== CR) {
        this.#violate(ProtocolErrors.unknownOperation, BAD_TRAILER);
        return end;
      }
      this.#heldNeeds = payloadEnd + 2 - commandAt;
      return CUT;
    }
    this.#headSeen = false;
    if (bytes[payloadEnd] !== CR || bytes[payloadEnd + 1] !== LF) {
      this.#violate(ProtocolErrors.unknownOperation, BAD_TRAILER);
      return end;
    }
    publish.tailEnd = payloadEnd + 2;
    const next = this.watchHeads ? publish.runOfOne(commandAt) : publish.measureRun(commandAt, end);
    if (!this.#handler.onPublish(publish)) this.#stopped = true;
    // The handler may have taken only the first of a run.
    return next === payloadEnd + 2 ? next : commandAt + publish.count * publish.stride;
  }

  /** Any command in any spelling: returns its end, or CUT when its line is not complete. */
  #parseLine(bytes: Buffer, view: DataView, at: number, end: number): number {
    const verb = readVerb(bytes, at, end);
    if (verb === Verb.incomplete) return CUT;
    if (verb === Verb.unknown) {
      return this.#violate(ProtocolErrors.unknownOperation, unknownOperation(bytes, at, end), end);
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
      if (argumentLength(bytes, argumentAt, end) > this.controlLineBytesMax) {
        return this.#violateLength(verb, bytes, argumentAt, end);
      }
      return CUT;
    }
    const argumentBytes = argumentLength(bytes, argumentAt, lineEnd);
    if (argumentBytes > this.controlLineBytesMax) {
      return this.#violateLength(verb, bytes, argumentAt, lineEnd);
    }
    const argumentEnd = argumentAt + argumentBytes;
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
    if (line.includes("\n")) {
      // Passed on inside a subject, it would break the streams of those who receive the message.
      return this.#violate(
        null,
        `Client parser ERROR: ${name} ${publishArguments(line)}: line end`,
        end,
      );
    }
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    const sizes = verb === Verb.pub ? 1 : 2;
    if (words.length < 1 + sizes || words.length > 2 + sizes) {
      const form =
        verb === Verb.pub
          ? "<subject> [reply] <size>"
          : "<subject> [reply] <header size> <total size>";
      return this.#violate(
        null,
        `Client parser ERROR: ${name} ${publishArguments(line)}: expected ${form}`,
        end,
      );
    }
    const totalBytes = parseSize(words[words.length - 1]!);
    const headerBytes = sizes === 2 ? parseSize(words[words.length - 2]!) : 0;
    if (totalBytes < 0 || headerBytes < 0 || headerBytes > totalBytes) {
      return this.#violate(
        null,
        `Client parser ERROR: ${name} ${publishArguments(line)}: bad size`,
        end,
      );
    }
    if (totalBytes > this.payloadBytesMax) {
      return this.#violate(
        ProtocolErrors.maxPayload,
        `maximum payload exceeded: ${totalBytes} vs ${this.payloadBytesMax}`,
        end,
      );
    }
    // Headers of no bytes are no headers: such a message is delivered as MSG.
    if (sizes === 2 && headerBytes === 0) words.splice(words.length - 2, 1);
    const payloadEnd = payloadAt + totalBytes;
    const isWhole = payloadEnd + 2 <= end;
    const plain = writePlain(this.#publish, words, headerBytes, totalBytes, isWhole);
    if (this.watchHeads && !this.#headSeen && !this.#handler.onPublishHead(this.#publish)) {
      this.#stopped = true;
      return end;
    }
    const publish = this.#publish;
    if (payloadEnd < end && bytes[payloadEnd] !== CR) {
      return this.#violate(ProtocolErrors.unknownOperation, BAD_TRAILER, end);
    }
    if (!isWhole) {
      this.#headSeen = true;
      this.#heldNeeds = payloadEnd + 2 - at;
      return CUT;
    }
    if (bytes[payloadEnd + 1] !== LF) {
      return this.#violate(ProtocolErrors.unknownOperation, BAD_TRAILER, end);
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

  #violate(error: ProtocolError | null, detail: string, end = 0): number {
    this.#stopped = true;
    this.#release();
    this.#handler.onViolation(error, detail);
    return end;
  }

  #violateLength(verb: Verb, bytes: Buffer, argumentAt: number, end: number): number {
    // What CONNECT is followed by may be credentials in any form.
    const start = verb === Verb.connect ? "CONNECT" : excerpt(bytes, argumentAt, end);
    return this.#violate(
      ProtocolErrors.maxControlLine,
      `control line longer than max_control_line (${this.controlLineBytesMax}): ${start}`,
      bytes.length,
    );
  }
}

/** The command's end is not here yet. */
const CUT = -1;

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}

/**
 * Bytes of the argument at bytes[at, end): a CR anywhere after its first byte takes the last one off, as
 * in the state machine that clients grew up with (client-protocol §2.1).
 */
function argumentLength(bytes: Uint8Array, at: number, end: number): number {
  for (let i = end - 1; i > at; i--) if (bytes[i] === CR) return end - at - 1;
  return end - at;
}
