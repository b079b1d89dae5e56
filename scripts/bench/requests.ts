// Request/reply in two ways: as many as the server can do with several clients and many requests on
// their way, and one at a time, where the time of each round trip counts.
import { type Latency, Measure, type Rate, type Terms } from "./measure.ts";
import { readClocks, usageBetween } from "./meters.ts";
import { Requester, Responder } from "./parties.ts";
import type { Inbox } from "./rows.ts";
import { discardNow, Poll, POLLIN, receive, receiveNow } from "./sockets.ts";

const REQUESTERS = 4;
/** Requests of one requester that wait for their reply. */
const IN_FLIGHT = 64;
const READ_BYTES = 256 * 1024;
const STALLED_MILLISECONDS = 5000;

/** A just-in-time compiler needs some thousand turns to settle; the others do not mind. */
const WARM_TRIPS = 10_000;
const LEAST_TRIPS = 5000;
const MOST_TRIPS = 100_000;

export function runRequests(inbox: Inbox, terms: Terms): Rate {
  const responder = new Responder(terms.port, inbox, REQUESTERS * IN_FLIGHT);
  const requesters: Requester[] = [];
  for (let i = 0; i < REQUESTERS; i++) {
    requesters.push(new Requester(terms.port, inbox, i, IN_FLIGHT));
  }
  const sockets = [responder.socket, ...requesters.map((requester) => requester.socket)];
  const poll = new Poll(sockets);
  sockets.forEach((_, position) => poll.want(position, POLLIN));
  const received = new Float64Array(REQUESTERS);
  const measure = new Measure(terms);
  for (const requester of requesters) requester.ask(IN_FLIGHT);
  let answered = 0;
  for (let done = 0; measure.running(done);) {
    if (!poll.wait(STALLED_MILLISECONDS)) throw new Error("requests or replies were lost");
    if (poll.ready(0) !== 0) answered += responder.answer(receiveNow);
    done = 0;
    for (let i = 0; i < REQUESTERS; i++) {
      const requester = requesters[i]!;
      if (poll.ready(i + 1) !== 0) received[i]! += discardNow(requester.socket, READ_BYTES);
      // A PING of the server among the replies is shorter than one and disappears in the rounding.
      const replies = Math.floor(received[i]! / requester.answerBytes);
      const more = replies + IN_FLIGHT - requester.asked;
      if (more > 0) requester.ask(more);
      done += replies;
    }
  }
  if (measure.rate.messages > answered) throw new Error("more replies came than were sent");
  return measure.rate;
}

export function runLatency(inbox: Inbox, terms: Terms): Latency {
  const responder = new Responder(terms.port, inbox, 1);
  const requester = new Requester(terms.port, inbox, 0, 1);
  const times = new Float64Array(MOST_TRIPS);
  const roundTrip = (): number => {
    const begin = Bun.nanoseconds();
    requester.ask(1);
    while (responder.answer(receive) === 0);
    requester.awaitAnswer();
    return Bun.nanoseconds() - begin;
  };
  let until = Bun.nanoseconds() + terms.warmSeconds * 1e9;
  for (let i = 0; i < WARM_TRIPS || Bun.nanoseconds() < until; i++) roundTrip();
  const begin = readClocks(terms.serverPid);
  until = Bun.nanoseconds() + terms.seconds * 1e9;
  let trips = 0;
  while (trips < LEAST_TRIPS || (trips < MOST_TRIPS && Bun.nanoseconds() < until)) {
    times[trips++] = roundTrip();
  }
  const usage = usageBetween(begin, readClocks(terms.serverPid));
  const sorted = times.subarray(0, trips).sort();
  const at = (share: number) => (sorted[Math.floor(share * trips)] ?? 0) / 1e9;
  return { kind: "latency", trips, p50: at(0.5), p99: at(0.99), ...usage };
}
