// Reads what another server says over a route (cluster §4.5). Messages in their plain form are read where
// they lie, as publishes of clients are; every other line is split into words. Of a command that is not
// complete the bytes are kept, and joined once, when all of them are there.

import { CR, LF, parseSize, SPACE, startsWith } from "./ascii.ts";
import { NamedMessage } from "./named-message.ts";
import { ODD, Publish, readHpub, readPub, writePlain } from "./publish.ts";

/** Largest message over a route: as much as any server allows its clients. */
export const ROUTE_PAYLOAD_BYTES_MAX = 64 << 20;

/** Each returns false when nothing more must be read. */
export interface RouteCommands {
  onMessage(account: string, message: Publish, queues: readonly string[]): boolean;
  /** RS+, RS-, LS+ and LS-: the verb in upper case and what follows it. */
  onInterest(verb: string, words: readonly string[]): boolean;
  /** RS+ or RS- and what follows it, one character per byte; null when it wants words instead. */
  onPlainInterest(joins: boolean, text: string): boolean | null;
  onConnect(json: string): boolean;
  onInfo(json: string): boolean;
  onPing(): boolean;
  onPong(): boolean;
  onPeerError(text: string): boolean;
  /** The route is beyond help; `text` is what the other side is told, if anything. */
  onViolation(text: string | null, detail: string): boolean;
  /** Enough was done for this turn: the parser keeps the rest until `goOn`. */
  readonly isTired: boolean;
  /** A message of so many bytes is not all here; false when it will not be waited for, and the route is closed. */
  mayWaitFor(bytes: number): boolean;
}

const NO_QUEUES: readonly string[] = [];
const SHOWN_BYTES_MAX = 64;

export class RouteParser {
  /** Longest line. */
  lineBytesMax: number;
  /** The account that the route is for alone, which messages do not name; empty for all. */
  onlyAccount = "";
  readonly #commands: RouteCommands;
  readonly #publish = new Publish();
  readonly #named = new NamedMessage();
  /** The groups of the last message that named some, as text and one by one: the next has the same. */
  #queuesText = "";
  #queues: readonly string[] = NO_QUEUES;
  /** Parts of a command that is not complete, and how many bytes it takes at least. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes = 0;
  /** The account of the last message, as `<account> ` and as text. */
  #accountBytes: Buffer = Buffer.alloc(0);
  #account = "";
  #stopped = false;
  /** What is held waits for the next turn, not for more bytes. */
  #rests = false;

  constructor(commands: RouteCommands, lineBytesMax: number) {
    this.#commands = commands;
    this.lineBytesMax = lineBytesMax;
  }

  stop(): void {
    this.#stopped = true;
    this.#held = [];
  }

  /** There is something left that was put off. */
  get rests(): boolean {
    return this.#rests;
  }

  /** Takes up what was put off. */
  goOn(): void {
    this.#rests = false;
    const held = this.#takeHeld();
    this.#read(held, true);
  }

  feed(chunk: Buffer): void {
    let left = chunk;
    // Of a command in two chunks only its own bytes are joined.
    while (this.#heldBytes > 0 && left.length > 0 && !this.#stopped) {
      const taken = this.#rests ? left.length : this.#lacking(left);
      this.#hold(left.subarray(0, taken));
      left = left.subarray(taken);
      if (this.#rests || this.#heldBytes < this.#neededBytes) return;
      this.#read(this.#takeHeld(), true);
    }
    if (left.length > 0) this.#read(left, false);
  }

  /** How many of these bytes the command that is held can do with: up to its end, or that of its line. */
  #lacking(bytes: Buffer): number {
    const lacks = this.#neededBytes - this.#heldBytes;
    if (lacks > 1) return Math.min(lacks, bytes.length);
    return bytes.indexOf(LF) + 1 || bytes.length;
  }

  #takeHeld(): Buffer {
    const held = this.#held;
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    return bytes;
  }

  /** `isOurs`: the memory stays as it is when this returns. */
  #read(bytes: Buffer, isOurs: boolean): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = bytes.length;
    let at = 0;
    while (at < end && !this.#stopped) {
      this.#rests = this.#commands.isTired;
      const next = this.#rests ? 0 : this.#command(bytes, view, at, end);
      if (next > 0) {
        at = next;
        continue;
      }
      if (this.#stopped) break;
      this.#neededBytes = -next;
      if (isOurs) this.#keep(bytes.subarray(at));
      else this.#hold(bytes.subarray(at));
      break;
    }
    this.#publish.forget();
  }

  #hold(bytes: Buffer): void {
    // The runtime may use the memory of a chunk again.
    this.#keep(Buffer.from(bytes));
  }

  #keep(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  /** Returns where the next command begins, or minus the bytes that this one takes at least. */
  #command(bytes: Buffer, view: DataView, at: number, end: number): number {
    const isPlain = startsWith(bytes, at, end, "RMSG ");
    if (isPlain || startsWith(bytes, at, end, "HMSG ")) {
      const next = this.#plainMessage(bytes, view, at, end, isPlain);
      if (next !== 0) return next;
    }
    const lf = bytes.indexOf(LF, at);
    const lineEnd = lf < 0 ? end : lf;
    if (lineEnd - at > this.lineBytesMax) {
      return this.#fail(
        "maximum control line exceeded",
        `line of more than ${this.lineBytesMax} bytes`,
        end,
      );
    }
    if (lf < 0) return -(end - at + 1);
    const lineTo = bytes[lf - 1] === CR && lf > at ? lf - 1 : lf;
    const joins = startsWith(bytes, at, end, "RS+ ");
    if (joins || startsWith(bytes, at, end, "RS- ")) {
      const goesOn = this.#commands.onPlainInterest(joins, bytes.latin1Slice(at + 4, lineTo));
      if (goesOn !== null) return goesOn ? lf + 1 : end;
    }
    const line = bytes.latin1Slice(at, lineTo);
    return this.#line(line, bytes, at, lf + 1, end);
  }

  /** What `#command` returns for a message that ends `bytes` after its beginning, and is not all here. */
  #awaits(bytes: number): number {
    if (!this.#commands.mayWaitFor(bytes)) this.stop();
    return -bytes;
  }

  /** A message to plain subscriptions; 0 when it has to be read the long way. */
  #plainMessage(bytes: Buffer, view: DataView, at: number, end: number, isPlain: boolean): number {
    const isAlone = this.onlyAccount !== "";
    const subjectAt = isAlone ? at + 5 : this.#pastAccount(bytes, at + 5, end);
    if (subjectAt < 0) return 0;
    const publish = this.#publish;
    const read = isPlain ? readPub : readHpub;
    const payloadAt = read(publish, bytes, subjectAt, end);
    if (payloadAt === ODD) return this.#namedMessage(bytes, view, at, subjectAt, end, isPlain);
    const { totalBytes } = publish;
    if (totalBytes > ROUTE_PAYLOAD_BYTES_MAX || payloadAt - at > this.lineBytesMax) return 0;
    const tailEnd = payloadAt + totalBytes + 2;
    if (tailEnd > end) return this.#awaits(tailEnd - at);
    if (bytes[tailEnd - 2] !== CR || bytes[tailEnd - 1] !== LF)
      return this.#unknown(bytes, tailEnd - 2, end);
    publish.bytes = bytes;
    publish.view = view;
    publish.tailEnd = tailEnd;
    const next = isPlain ? publish.measureRun(at, end) : publish.runOfOne(at);
    const account = isAlone ? this.onlyAccount : this.#account;
    return this.#commands.onMessage(account, publish, NO_QUEUES) ? next : end;
  }

  /** A message to queue groups, perhaps to plain subscriptions, too; 0 when it has to be read the long way. */
  #namedMessage(
    bytes: Buffer,
    view: DataView,
    at: number,
    subjectAt: number,
    end: number,
    isPlain: boolean,
  ): number {
    const lf = bytes.indexOf(LF, subjectAt);
    const named = this.#named;
    if (lf < 0 || lf - at > this.lineBytesMax) return 0;
    if (!named.read(bytes, subjectAt, lf, isPlain ? 1 : 2)) return 0;
    if (named.totalBytes > ROUTE_PAYLOAD_BYTES_MAX) return 0;
    const tailEnd = lf + 1 + named.totalBytes + 2;
    if (tailEnd > end) return this.#awaits(tailEnd - at);
    if (bytes[tailEnd - 2] !== CR || bytes[tailEnd - 1] !== LF)
      return this.#unknown(bytes, tailEnd - 2, end);
    const publish = this.#publish;
    const read = isPlain ? readPub : readHpub;
    const gatheredAt = named.gather(bytes);
    if (read(publish, bytes, gatheredAt, end) !== lf + 1) return this.#malformed("RMSG", end);
    publish.bytes = bytes;
    publish.view = view;
    publish.tailEnd = tailEnd;
    publish.runOfOne(gatheredAt);
    if (named.queues !== this.#queuesText) {
      this.#queuesText = named.queues;
      this.#queues = named.queues.split(" ");
    }
    const account = this.onlyAccount === "" ? this.#account : this.onlyAccount;
    return this.#commands.onMessage(account, publish, this.#queues) ? tailEnd : end;
  }

  /** Reads `<account> `; returns where the subject begins, or -1. */
  #pastAccount(bytes: Buffer, at: number, end: number): number {
    const known = this.#accountBytes;
    const { length } = known;
    if (length > 0 && at + length < end) {
      let i = 0;
      while (i < length && bytes[at + i] === known[i]) i++;
      if (i === length) return at + length;
    }
    let to = at;
    while (to < end && bytes[to]! > SPACE) to++;
    if (to === at || to >= end || bytes[to] !== SPACE) return -1;
    this.#accountBytes = Buffer.from(bytes.subarray(at, to + 1));
    this.#account = bytes.utf8Slice(at, to);
    return to + 1;
  }

  #line(line: string, bytes: Buffer, at: number, next: number, end: number): number {
    const words = wordsOf(line);
    const verb = (words[0] ?? "").toUpperCase();
    const commands = this.#commands;
    const rest = () => utf8(line.slice(line.indexOf(words[0]!) + verb.length).trim());
    let goesOn: boolean;
    switch (verb) {
      case "RMSG":
      case "HMSG":
      case "LMSG":
        return this.#message(verb, words.slice(1), bytes, at, next, end);
      case "RS+":
      case "RS-":
      case "LS+":
      case "LS-":
        goesOn = commands.onInterest(verb, words.slice(1));
        break;
      case "PING":
        goesOn = commands.onPing();
        break;
      case "PONG":
        goesOn = commands.onPong();
        break;
      case "INFO":
        goesOn = commands.onInfo(rest());
        break;
      case "CONNECT":
        goesOn = commands.onConnect(rest());
        break;
      case "-ERR":
        goesOn = commands.onPeerError(rest());
        break;
      // Of gateways, and what a verbose peer says: nothing follows from them here.
      case "A+":
      case "A-":
      case "+OK":
        goesOn = true;
        break;
      default:
        return this.#unknown(bytes, at, end);
    }
    return goesOn ? next : end;
  }

  /** `[origin] account subject [reply] size`, or with `| queues…`, or with `+ reply queues…`. */
  #message(
    verb: string,
    words: readonly string[],
    bytes: Buffer,
    at: number,
    next: number,
    end: number,
  ): number {
    const origin = verb === "LMSG" ? words[0] : "";
    const own = verb === "LMSG" ? words.slice(1) : words;
    const args = this.onlyAccount === "" ? own : [latin1(this.onlyAccount), ...own];
    const sizes = verb === "RMSG" ? 1 : 2;
    const middle = args.slice(2, args.length - sizes);
    const mark = middle[0];
    if (origin === undefined || args.length < 2 + sizes) return this.#malformed(verb, end);
    const isNamed = middle.length > 1;
    if (isNamed && mark !== "|" && mark !== "+") return this.#malformed(verb, end);
    const queues = !isNamed ? NO_QUEUES : middle.slice(mark === "+" ? 2 : 1);
    if (isNamed && queues.length === 0) return this.#malformed(verb, end);
    const reply = !isNamed ? mark : mark === "+" ? middle[1] : undefined;
    const totalBytes = parseSize(args[args.length - 1]!);
    const headerBytes = sizes === 1 ? 0 : parseSize(args[args.length - 2]!);
    if (totalBytes < 0 || headerBytes < 0 || headerBytes > totalBytes)
      return this.#malformed(verb, end);
    if (totalBytes > ROUTE_PAYLOAD_BYTES_MAX) {
      return this.#fail("Maximum Payload Violation", `${verb} of ${totalBytes} bytes`, end);
    }
    const after = next + totalBytes + 2;
    if (after > end) return this.#awaits(after - at);
    if (bytes[after - 2] !== CR || bytes[after - 1] !== LF)
      return this.#unknown(bytes, after - 2, end);
    const plain = [args[1]!, ...(reply === undefined ? [] : [reply])];
    if (headerBytes > 0) plain.push(String(headerBytes));
    plain.push(String(totalBytes));
    const publish = this.#publish;
    const memory = writePlain(publish, plain, headerBytes, totalBytes, true);
    bytes.copy(memory, publish.payloadAt, next, after);
    const goesOn = this.#commands.onMessage(utf8(args[0]!), publish, queues);
    return goesOn ? after : end;
  }

  #unknown(bytes: Buffer, at: number, end: number): number {
    const shown = JSON.stringify(bytes.latin1Slice(at, Math.min(end, at + SHOWN_BYTES_MAX)));
    return this.#fail("Unknown Protocol Operation", `unknown protocol operation at ${shown}`, end);
  }

  #malformed(verb: string, end: number): number {
    return this.#fail(null, `malformed ${verb}`, end);
  }

  #fail(text: string | null, detail: string, end: number): number {
    this.stop();
    this.#commands.onViolation(text, detail);
    return end;
  }
}

const latin1 = (text: string) => Buffer.from(text).latin1Slice();
const utf8 = (latin1: string) => Buffer.from(latin1, "latin1").utf8Slice();

/** Nearly every line has single blanks. */
function wordsOf(line: string): string[] {
  const isOdd =
    line.includes("  ") || line.includes("\t") || line.startsWith(" ") || line.endsWith(" ");
  if (!isOdd && line !== "") return line.split(" ");
  return line.split(/[ \t]+/).filter((word) => word !== "");
}
