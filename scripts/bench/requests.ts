// Request/reply in two ways: as many as the server can do with several clients and many requests on
// their way, and one at a time, where the time of each round trip counts.
import { type Latency, Measure, type Rate, type Terms } from "./measure.ts";
import { readClocks, usageBetween } from "./meters.ts";
import { meet } from "./meeting.ts";
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

/** Several responders are a queue group. */
export function runRequests(inbox: Inbox, count: number, terms: Terms): Rate {
  const { port, farPort } = terms;
  const group = count > 1 ? "workers" : "";
  const responders = Array.from(
    { length: count },
    () => new Responder(farPort, inbox, REQUESTERS * IN_FLIGHT, group),
  );
  const requesters: Requester[] = [];
  for (let i = 0; i < REQUESTERS; i++) {
    requesters.push(new Requester(port, inbox, i, IN_FLIGHT));
  }
  meet(farPort, port);
  const sockets = [...responders, ...requesters].map((party) => party.socket);
  const poll = new Poll(sockets);
  sockets.forEach((_, position) => poll.want(position, POLLIN));
  const received = new Float64Array(REQUESTERS);
  const measure = new Measure(terms);
  for (const requester of requesters) requester.ask(IN_FLIGHT);
  let answered = 0;
  for (let done = 0; measure.running(done);) {
    if (!poll.wait(STALLED_MILLISECONDS)) throw new Error("requests or replies were lost");
    responders.forEach((responder, i) => {
      if (poll.ready(i) !== 0) answered += responder.answer(receiveNow);
    });
    done = 0;
    for (let i = 0; i < REQUESTERS; i++) {
      const requester = requesters[i]!;
      if (poll.ready(count + i) !== 0) received[i]! += discardNow(requester.socket, READ_BYTES);
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
  const couple = new Couple(terms.port, inbox);
  couple.warm(terms.warmSeconds);
  const times = new TripTimes();
  const begin = readClocks(terms.serverPids);
  couple.run(terms.seconds, times);
  const usage = usageBetween(begin, readClocks(terms.serverPids));
  const [p50 = 0, p99 = 0] = times.at(0.5, 0.99);
  return { kind: "latency", trips: times.count, p50, p99, ...usage };
}

/** A requester and a responder with one request on its way. */
export class Couple {
  readonly #responder: Responder;
  readonly #requester: Requester;

  constructor(port: number, inbox: Inbox) {
    this.#responder = new Responder(port, inbox, 1);
    this.#requester = new Requester(port, inbox, 0, 1);
  }

  warm(seconds: number): void {
    const until = Bun.nanoseconds() + seconds * 1e9;
    for (let i = 0; i < WARM_TRIPS || Bun.nanoseconds() < until; i++) this.#trip();
  }

  /** As long as that, longer where that would be too few round trips, less where it is plenty. */
  run(seconds: number, times: TripTimes): void {
    const until = Bun.nanoseconds() + seconds * 1e9;
    const { count } = times;
    const least = count + LEAST_TRIPS;
    const most = count + MOST_TRIPS;
    while (times.count < least || (times.count < most && Bun.nanoseconds() < until)) {
      times.add(this.#trip());
    }
  }

  #trip(): number {
    const begin = Bun.nanoseconds();
    this.#requester.ask(1);
    while (this.#responder.answer(receive) === 0);
    this.#requester.awaitAnswer();
    return Bun.nanoseconds() - begin;
  }
}

/** What round trips took. */
export class TripTimes {
  /** Nanoseconds. */
  #times = new Float64Array(MOST_TRIPS);
  count = 0;

  add(nanoseconds: number): void {
    if (this.count === this.#times.length) {
      const more = new Float64Array(2 * this.count);
      more.set(this.#times);
      this.#times = more;
    }
    this.#times[this.count++] = nanoseconds;
  }

  /** In seconds, what these shares of them took at most. */
  at(...shares: readonly number[]): number[] {
    const sorted = this.#times.slice(0, this.count).sort();
    return shares.map((share) => (sorted[Math.floor(share * (this.count - 1))] ?? 0) / 1e9);
  }
}
