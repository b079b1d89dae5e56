// Publishers that send prebuilt bytes without end, and receivers that only count bytes, over plain
// TCP.
import { Flow } from "./flow.ts";
import { Measure, type Rate, type Terms } from "./measure.ts";
import { meet } from "./meeting.ts";
import { openClient, roundTrip, sendText } from "./protocol.ts";
import type { StreamLoad } from "./rows.ts";
import { close, discardNow, Poll, POLLIN, POLLOUT, sendNow } from "./sockets.ts";

const READ_BYTES = 1024 * 1024;
const STALLED_MILLISECONDS = 5000;

/** One publisher and those who receive what it publishes. */
interface Stream {
  readonly publisher: number;
  readonly receivers: readonly number[];
  readonly flow: Flow;
}

export function runStream(load: StreamLoad, terms: Terms): Rate {
  const streams = Array.from({ length: load.publishers }, (_, i) => openStream(load, i, terms));
  const measure = new Measure(terms);
  drive(streams, measure);
  for (const { flow, publisher, receivers } of streams) {
    flow.checkNothingExtra();
    for (const socket of [publisher, ...receivers]) close(socket);
  }
  return measure.rate;
}

function openStream(load: StreamLoad, number: number, { port, farPort, access }: Terms): Stream {
  const flow = new Flow(load, number);
  const receivers = Array.from({ length: load.receivers }, () => openClient(farPort, access.login));
  for (const receiver of receivers) {
    sendText(receiver, flow.subscriptions);
    roundTrip(receiver);
  }
  meet(farPort, port);
  return { publisher: openClient(port, access.login), receivers, flow };
}

function drive(streams: readonly Stream[], measure: Measure): void {
  const poll = new Poll(streams.flatMap((stream) => [stream.publisher, ...stream.receivers]));
  let publishing = true;
  for (;;) {
    publishing &&= measure.running(doneOf(streams));
    if (!publishing && owedBy(streams) <= 0) return;
    let position = 0;
    for (const { receivers, flow } of streams) {
      // Where nobody else receives, the publisher itself does: the answers to its PINGs.
      const reads = receivers.length === 0 ? POLLIN : 0;
      poll.want(position++, publishing && flow.hasRoom ? reads | POLLOUT : reads);
      for (let i = 0; i < receivers.length; i++) poll.want(position++, POLLIN);
    }
    if (!poll.wait(STALLED_MILLISECONDS)) {
      throw new Error(`the server stopped in the middle and owes ${owedBy(streams)} bytes`);
    }
    position = 0;
    for (const { publisher, receivers, flow } of streams) {
      const events = poll.ready(position++);
      if ((events & POLLOUT) !== 0) publish(publisher, flow);
      if ((events & POLLIN) !== 0) flow.received += discardNow(publisher, READ_BYTES);
      for (const receiver of receivers) {
        if (poll.ready(position++) === 0) continue;
        flow.received += discardNow(receiver, READ_BYTES);
      }
    }
  }
}

function publish(publisher: number, flow: Flow): void {
  flow.sent += sendNow(publisher, flow.ring.address + flow.at, flow.length);
}

function doneOf(streams: readonly Stream[]): number {
  let done = 0;
  for (const { flow } of streams) done += flow.done;
  return done;
}

function owedBy(streams: readonly Stream[]): number {
  let owed = 0;
  for (const { flow } of streams) owed += flow.owed;
  return owed;
}
