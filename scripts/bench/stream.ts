// Publishers that send prebuilt bytes without end, and receivers that only count bytes. All frames
// of a load have one size, so bytes are messages. What is published and not yet received is
// bounded, well below what makes any server drop a slow consumer or hold back a fast producer.
import { Measure, type Rate, type Terms } from "./measure.ts";
import {
  deliveryFrame,
  openClient,
  payloadOf,
  PING_BYTES,
  pingFrame,
  publishFrame,
  roundTrip,
  sendText,
  subscribeFrame,
} from "./protocol.ts";
import type { StreamLoad } from "./rows.ts";
import { discardNow, Memory, Poll, POLLIN, POLLOUT, sendNow } from "./sockets.ts";

/**
 * Bytes of one publisher that are on their way, counted where they are more: published or
 * delivered.
 */
const IN_FLIGHT_BYTES = 2 * 1024 * 1024;
/** At most this much is written at once, so that reading gets its turn. */
const WRITE_BYTES = 64 * 1024;
const READ_BYTES = 1024 * 1024;
/** Prebuilt bytes are at least this long, which makes for few and long writes. */
const RING_BYTES = 256 * 1024;
/** Where nobody receives, a PING after about so many bytes makes the server tell how far it is. */
const PING_EVERY_BYTES = 64 * 1024;
const STALLED_MILLISECONDS = 5000;

/** One publisher, those who receive what it publishes, and the repeating unit of both. */
interface Stream {
  readonly publisher: number;
  readonly receivers: readonly number[];
  /** Whole units, sent round and round. */
  readonly ring: Memory;
  /** What is sent in one unit, what comes back for it, and how many messages that means. */
  readonly unit: { readonly sent: number; readonly received: number; readonly messages: number };
  sent: number;
  received: number;
}

export function runStream(load: StreamLoad, terms: Terms): Rate {
  const streams = Array.from({ length: load.publishers }, (_, i) => openStream(load, i, terms));
  const measure = new Measure(terms);
  drive(streams, measure);
  streams.forEach(checkNothingExtra);
  return measure.rate;
}

function openStream(load: StreamLoad, number: number, terms: Terms): Stream {
  const payload = payloadOf(load.payload);
  const subjects = subjectsOf(load, number);
  const sids = subjects.map((_, i) => String(subjects.length + i)); // all of one length
  const receivers = Array.from({ length: load.receivers }, () => openClient(terms.port));
  for (const receiver of receivers) {
    const group = load.queue ? "workers" : "";
    const wanted = load.wildcard ? [`bench.${number}.*.temp`] : subjects;
    sendText(receiver, wanted.map((it, i) => subscribeFrame(it, sids[i] ?? "", group)).join(""));
    roundTrip(receiver);
  }
  const [first = ""] = subjects;
  const frame = publishFrame(first, payload).length;
  const copies = load.queue ? 1 : load.receivers;
  const turn = shuffled(subjects)
    .map((subject) => publishFrame(subject, payload))
    .join("");
  const base = { publisher: openClient(terms.port), receivers, sent: 0, received: 0 };
  if (copies === 0) {
    const messages = Math.ceil(PING_EVERY_BYTES / turn.length) * subjects.length;
    const group = turn.repeat(messages / subjects.length) + pingFrame;
    const unit = { sent: group.length, received: PING_BYTES, messages };
    return { ...base, ring: ringOf(group), unit };
  }
  const delivery = deliveryFrame(first, sids[0] ?? "", payload).length;
  const unit = { sent: frame, received: delivery * copies, messages: copies };
  return { ...base, ring: ringOf(turn), unit };
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

function drive(streams: readonly Stream[], measure: Measure): void {
  const poll = new Poll(streams.flatMap((stream) => [stream.publisher, ...stream.receivers]));
  let publishing = true;
  for (;;) {
    publishing &&= measure.running(doneOf(streams));
    if (!publishing && owedBy(streams) <= 0) return;
    let position = 0;
    for (const stream of streams) {
      // Where nobody else receives, the publisher itself does: the answers to its PINGs.
      const reads = stream.receivers.length === 0 ? POLLIN : 0;
      poll.want(position++, publishing && hasRoom(stream) ? reads | POLLOUT : reads);
      for (let i = 0; i < stream.receivers.length; i++) poll.want(position++, POLLIN);
    }
    if (!poll.wait(STALLED_MILLISECONDS)) {
      throw new Error(`the server stopped in the middle and owes ${owedBy(streams)} bytes`);
    }
    position = 0;
    for (const stream of streams) {
      const events = poll.ready(position++);
      if ((events & POLLOUT) !== 0) publish(stream);
      if ((events & POLLIN) !== 0) stream.received += discardNow(stream.publisher, READ_BYTES);
      for (const receiver of stream.receivers) {
        if (poll.ready(position++) === 0) continue;
        stream.received += discardNow(receiver, READ_BYTES);
      }
    }
  }
}

function hasRoom({ sent, received, unit }: Stream): boolean {
  const units = sent / unit.sent - received / unit.received;
  return units * Math.max(unit.sent, unit.received) < IN_FLIGHT_BYTES;
}

function publish(stream: Stream): void {
  const ringBytes = stream.ring.bytes.length;
  const at = stream.sent % ringBytes;
  const length = Math.min(WRITE_BYTES, ringBytes - at);
  stream.sent += sendNow(stream.publisher, stream.ring.address + at, length);
}

function doneOf(streams: readonly Stream[]): number {
  let done = 0;
  for (const { received, unit } of streams) done += (received / unit.received) * unit.messages;
  return done;
}

/** Bytes that are still to come for the whole units the server has got. */
function owedBy(streams: readonly Stream[]): number {
  let owed = 0;
  for (const { sent, received, unit } of streams) {
    owed += Math.floor(sent / unit.sent) * unit.received - received;
  }
  return owed;
}

/**
 * More bytes than expected mean that the frames are not what this load thinks; a PING each is no
 * surprise.
 */
function checkNothingExtra(stream: Stream): void {
  const extra = -owedBy([stream]);
  const allowed = PING_BYTES * Math.max(1, stream.receivers.length);
  if (extra > allowed) throw new Error(`the server sent ${extra} bytes more than it should`);
}
