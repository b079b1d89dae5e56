// What a stream load sends and what comes back for it, whatever carries the bytes: prebuilt frames
// and their sizes. All frames of a load have one size, so bytes are messages. What is published and
// not yet received is bounded, well below what makes any server drop a slow consumer or hold back a
// fast producer.
import {
  deliveryFrame,
  payloadOf,
  PING_BYTES,
  pingFrame,
  publishFrame,
  subscribeFrame,
} from "./protocol.ts";
import type { StreamLoad } from "./rows.ts";
import { Memory } from "./sockets.ts";

/**
 * Bytes of one publisher that are on their way, counted where they are more: published or
 * delivered.
 */
const IN_FLIGHT_BYTES = 2 * 1024 * 1024;
/** At most this much is written at once, so that reading gets its turn. */
const WRITE_BYTES = 64 * 1024;
/** Prebuilt bytes are at least this long, which makes for few and long writes. */
const RING_BYTES = 256 * 1024;
/** Where nobody receives, a PING after about so many bytes makes the server tell how far it is. */
const PING_EVERY_BYTES = 64 * 1024;

/** What is sent in one unit, what comes back for it, and how many messages that means. */
interface Unit {
  readonly sent: number;
  readonly received: number;
  readonly messages: number;
}

/** The bytes of one publisher and of those who receive what it publishes. */
export class Flow {
  /** What every receiver subscribes to. */
  readonly subscriptions: string;
  /** Whole units, sent round and round. */
  readonly ring: Memory;
  readonly #unit: Unit;
  readonly #receivers: number;
  sent = 0;
  received = 0;

  /** `number` tells the publishers of a load, and their subjects, apart. */
  constructor(load: StreamLoad, number: number) {
    const payload = payloadOf(load.payload);
    const subjects = subjectsOf(load, number);
    const sids = subjects.map((_, i) => String(subjects.length + i)); // all of one length
    const group = load.queue ? "workers" : "";
    const wanted = load.wildcard ? [`bench.${number}.*.temp`] : subjects;
    this.subscriptions = wanted.map((it, i) => subscribeFrame(it, sids[i] ?? "", group)).join("");
    this.#receivers = load.receivers;
    const [first = ""] = subjects;
    const turn = shuffled(subjects)
      .map((subject) => publishFrame(subject, payload))
      .join("");
    if (load.receivers === 0) {
      const messages = Math.ceil(PING_EVERY_BYTES / turn.length) * subjects.length;
      const pinged = turn.repeat(messages / subjects.length) + pingFrame;
      this.ring = ringOf(pinged);
      this.#unit = { sent: pinged.length, received: PING_BYTES, messages };
    } else {
      const copies = load.queue ? 1 : load.receivers;
      const delivery = deliveryFrame(first, sids[0] ?? "", payload).length;
      const frame = publishFrame(first, payload).length;
      this.ring = ringOf(turn);
      this.#unit = { sent: frame, received: delivery * copies, messages: copies };
    }
  }

  /** Where in the ring the next bytes to send are. */
  get at(): number {
    return this.sent % this.ring.bytes.length;
  }

  /** How many bytes may be sent at once from there. */
  get length(): number {
    return Math.min(WRITE_BYTES, this.ring.bytes.length - this.at);
  }

  get hasRoom(): boolean {
    const { sent, received } = this.#unit;
    const units = this.sent / sent - this.received / received;
    return units * Math.max(sent, received) < IN_FLIGHT_BYTES;
  }

  /** Messages the server has finished. */
  get done(): number {
    return (this.received / this.#unit.received) * this.#unit.messages;
  }

  /** Bytes that are still to come for the whole units the server has got. */
  get owed(): number {
    return Math.floor(this.sent / this.#unit.sent) * this.#unit.received - this.received;
  }

  /**
   * More bytes than expected mean that the frames are not what this load thinks; a PING each is no
   * surprise.
   */
  checkNothingExtra(): void {
    const extra = -this.owed;
    const allowed = PING_BYTES * Math.max(1, this.#receivers);
    if (extra > allowed) throw new Error(`the server sent ${extra} bytes more than it should`);
  }
}

function subjectsOf(load: StreamLoad, number: number): string[] {
  const digits = String(load.subjects).length;
  const name = (i: number) => String(i).padStart(digits, "0");
  return Array.from({ length: load.subjects }, (_, i) => `bench.${number}.${name(i)}.temp`);
}

/**
 * A repeatable order without locality: the steps of a generator modulo a power of two visit each
 * number once.
 */
function shuffled(items: readonly string[]): string[] {
  const size = 2 ** Math.ceil(Math.log2(items.length));
  const result: string[] = [];
  for (let i = 0, at = 1; i < size; i++) {
    at = (at * 5 + 12_345) % size;
    const item = items[at];
    if (item !== undefined) result.push(item);
  }
  return result;
}

const ringOf = (unit: string): Memory =>
  new Memory(unit.repeat(Math.ceil(RING_BYTES / unit.length)));
