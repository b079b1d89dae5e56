// How much of a client's input is worked on at a time. A turn of the loop does a bounded amount of work
// for one client and leaves the rest of its chunk for the next turn, so that a firehose starves nobody;
// and a client that publishes faster than a receiver reads is held back for a few milliseconds
// (client-protocol §16.2). Both pause the socket, so that back-pressure reaches the sender. Who waits for its
// login is read on for a while, because a paused socket does not tell that its peer has gone.

import { CloseReason } from "../proto/errors.ts";
import type { Parser } from "../proto/parser.ts";
import type { Client } from "./client.ts";

/** Work that one turn does for one client, counted in deliveries of short messages: a few milliseconds. */
const TURN_WORK_MAX = 1 << 16;
/** Bytes that one turn delivers for one client. */
const TURN_BYTES_MAX = 8 << 20;
/** A producer waits this long for a receiver that is nearly full … */
const STALL_MS = 2;
/** … and not longer than this in all, for every so many bytes that it sent. */
const STALL_MS_MAX = 10;
const STALL_WINDOW_BYTES = 64 << 10;
/** On hold a client is read until so many bytes wait … */
const HELD_BYTES_MAX = 16 << 10;
/** … of which each chunk counts so many more for itself: tiny ones must not add up to a lot of memory. */
const CHUNK_BYTES = 256;

export class Throttle {
  readonly #client: Client;
  readonly #parser: Parser;
  /** Chunks that are not worked on yet, and where to go on in the first. */
  #chunks: Buffer[] = [];
  #at = 0;
  #paused = false;
  /** What was said last takes a while: nothing goes on before `release`. */
  #onHold = false;
  /** Bytes that came behind it and wait. */
  #heldBytes = 0;
  #work = 0;
  #bytes = 0;
  #stallWanted = false;
  #stalledMs = 0;
  #stallWindowBytes = 0;
  #timer: Timer | null = null;
  /** The receiver that this client waits for. */
  #waitsFor: Client | null = null;
  /** Producers that wait for this client to read. */
  #held: Set<Client> | null = null;

  constructor(client: Client, parser: Parser) {
    this.#client = client;
    this.#parser = parser;
  }

  /** True while input waits to be worked on, or an answer to what came last. */
  get waits(): boolean {
    return this.#onHold || this.#chunks.length > 0;
  }

  feed(chunk: Buffer): void {
    if (this.#onHold) {
      this.#keep(chunk, 0);
      return;
    }
    if (this.#paused) {
      this.#chunks.push(chunk);
      return;
    }
    this.#work = 0;
    this.#bytes = 0;
    const upto = this.#parser.feed(chunk);
    if (this.#onHold) this.#keep(chunk, upto);
    else if (upto < chunk.length || this.#stallWanted) this.#pause(chunk, upto);
  }

  /** Works on nothing more until `release`, and reads only a little more. */
  hold(): void {
    this.#onHold = true;
  }

  release(): void {
    this.#onHold = false;
    this.#heldBytes = 0;
    if (this.#client.closeReason !== null) return;
    if (this.#paused) {
      this.#client.connection.pause();
      setImmediate(goOn, this);
    } else if (this.#client.connection.ended) this.#client.close(CloseReason.clientClosed);
  }

  /** Something came while the client is on hold. */
  #keep(chunk: Buffer, from: number): void {
    const client = this.#client;
    if (from === chunk.length || client.closeReason !== null) return;
    if (this.#chunks.length === 0) this.#at = from;
    this.#chunks.push(chunk);
    this.#paused = true;
    this.#heldBytes += chunk.length - from + CHUNK_BYTES;
    if (!client.login.mayHold(this.#heldBytes)) return;
    if (this.#heldBytes >= HELD_BYTES_MAX) client.connection.pause();
  }

  /** The client is put on hold by something that waited itself: what waits behind that is kept. */
  #keepRest(from: number): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    for (const chunk of chunks) {
      this.#keep(chunk, from);
      from = 0;
    }
    if (this.#heldBytes < HELD_BYTES_MAX) this.#client.connection.resume();
  }

  /** Work that is left to this turn. */
  get workLeft(): number {
    return TURN_WORK_MAX - this.#work;
  }

  /** Counts what a command cost. False when this turn did enough for this client. */
  spend(work: number): boolean {
    this.#work += work;
    return !this.#stallWanted && this.#work < TURN_WORK_MAX && this.#bytes < TURN_BYTES_MAX;
  }

  /** Counts the bytes that a publish brought in and sent out. */
  spendBytes(bytesIn: number, bytesOut: number): void {
    this.#stallWindowBytes += bytesIn;
    this.#bytes += bytesOut;
  }

  /** A receiver is nearly full: wait for it a little before going on. */
  stallFor(receiver: Client): void {
    if (this.#stallWindowBytes >= STALL_WINDOW_BYTES) {
      this.#stallWindowBytes = 0;
      this.#stalledMs = 0;
    }
    if (this.#stalledMs >= STALL_MS_MAX || this.#stallWanted) return;
    this.#stalledMs += STALL_MS;
    this.#stallWanted = true;
    receiver.stalls++;
    this.#waitsFor = receiver;
    (receiver.throttle.#held ??= new Set()).add(this.#client);
  }

  /** This client read, or is gone: those who waited for it go on. */
  releaseOthers(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    for (const producer of held) producer.throttle.#goOnSoon();
  }

  stop(): void {
    this.#chunks = [];
    this.#paused = false;
    this.#endStall();
  }

  #pause(chunk: Buffer, upto: number): void {
    if (this.#client.closeReason !== null) return;
    this.#chunks.push(chunk);
    this.#at = upto;
    this.#paused = true;
    this.#client.connection.pause();
    this.#goOnLater();
  }

  #goOnLater(): void {
    if (this.#stallWanted) this.#timer = setTimeout(goOn, STALL_MS, this);
    else if (!this.#onHold) setImmediate(goOn, this);
  }

  #endStall(): void {
    this.#stallWanted = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waitsFor !== null) this.#waitsFor.throttle.#held?.delete(this.#client);
    this.#waitsFor = null;
  }

  #goOnSoon(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    setImmediate(goOn, this);
  }

  /** For the timer and the immediate only: works on what waits. */
  goOn(): void {
    if (this.#client.closeReason !== null || !this.#paused || this.#onHold) return;
    this.#endStall();
    this.#work = 0;
    this.#bytes = 0;
    while (this.#chunks.length > 0) {
      const chunk = this.#chunks[0]!;
      const upto = this.#parser.feed(chunk, this.#at);
      if (this.#client.closeReason !== null) return;
      if (this.#onHold) return this.#keepRest(upto);
      if (upto < chunk.length || this.#stallWanted) {
        this.#at = upto;
        this.#goOnLater();
        return;
      }
      this.#chunks.shift();
      this.#at = 0;
    }
    this.#paused = false;
    if (this.#client.connection.ended) this.#client.close(CloseReason.clientClosed);
    else this.#client.connection.resume();
  }
}

const goOn = (throttle: Throttle) => throttle.goOn();
