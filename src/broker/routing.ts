// What the cluster and the broker know of each other (cluster §4.5, §4.15): a link to another server, what
// that server announced, and what becomes of a message that it sends. A server without routes has none of
// this in its interests, and pays one branch.

import type { Connection } from "../net/connection.ts";
import type { Publish } from "../proto/publish.ts";
import { hashSubject } from "../proto/subject.ts";
import { type Account, newTarget } from "./account.ts";
import { hasAckReply, uncovered } from "./ack-reply.ts";
import { deliver, deliverRun } from "./delivery.ts";
import type { Interest } from "./interest.ts";
import { callServer } from "./server-subscription.ts";
import type { TreeEntry } from "./subject-tree.ts";
import type { Target } from "./subscription.ts";
import { passOn, type RoutedGroup } from "./to-routes.ts";
import { traceFromRoute, type TraceOptions } from "./traffic-trace.ts";

/** A connection to another server, as the way of a message sees it. */
export interface RouteLink {
  readonly connection: Connection;
  /** Whose it is: a message goes to each server once. */
  readonly remoteId: string;
  /** The account that it is for alone, and that its lines do not name; empty for all. */
  readonly account: string;
  /** The other side takes header blocks. */
  readonly headers: boolean;
  outMsgs: number;
  outBytes: number;
  /** Logs a line of the protocol, and how much of a message; only while traces are on. */
  trace?(text: string): void;
  readonly traceOptions?: TraceOptions;
}

/** What a server announced: a subject or pattern, perhaps of a queue group with so many members. */
export class RemoteInterest implements TreeEntry {
  readonly link: RouteLink;
  readonly account: Account;
  readonly subject: string;
  readonly queue: string | null;
  readonly isPattern: boolean;
  readonly hash: number;
  /** The cluster of leaf nodes that wants it, by way of that server; empty for the server's own clients. */
  readonly origin: string;
  place = 0;
  weight: number;

  constructor(
    link: RouteLink,
    account: Account,
    subject: string,
    isPattern: boolean,
    queue: string | null,
    weight: number,
    origin = "",
  ) {
    this.link = link;
    this.account = account;
    this.subject = subject;
    this.isPattern = isPattern;
    this.queue = queue;
    this.weight = weight;
    this.origin = origin;
    this.hash = isPattern ? 0 : hashSubject(subject);
  }
}

/**
 * A message, or a run of them, came over `link`: for all plain subscriptions here, and for one member of
 * each group that the sender named. It goes on to another server only where a named group lost its last
 * member here meanwhile. Returns the deliveries: what it cost of a turn's work.
 */
export function deliverFromRoute(
  link: RouteLink,
  account: Account,
  message: Publish,
  queues: readonly string[],
  readAt: number,
  traced: boolean,
): number {
  const interest = account.interestIn(message, null);
  const covers = message.replyEnd > message.replyAt && hasAckReply(message);
  const isRun = queues.length === 0 && interest.takesRunsHere && message.headerBytes === 0;
  if (isRun && !traced && !covers) {
    return deliverRun(null, message, interest.plain, readAt);
  }
  const { plain } = interest;
  let delivered = 0;
  for (let n = message.count; n > 0; n--) {
    if (traced) traceFromRoute(link, account.name, message, queues);
    const arrival = new Arrival(message, covers ? uncovered(message) : null, readAt, traced);
    for (let i = 0; i < plain.length; i++) arrival.take(plain[i]!);
    if (queues.length > 0) toGroups(link, arrival, interest, queues);
    if (interest.own !== null) callServer(interest.own, message, null);
    delivered += arrival.delivered;
    message.next();
  }
  message.rewind();
  return delivered;
}

/** One message from another server, on its way to clients. */
class Arrival {
  readonly message: Publish;
  /** As clients see it, where that differs. */
  readonly #uncovered: Publish | null;
  readonly #readAt: number;
  readonly traced: boolean;
  delivered = 0;

  constructor(message: Publish, shown: Publish | null, readAt: number, traced: boolean) {
    this.message = message;
    this.#uncovered = shown;
    this.#readAt = readAt;
    this.traced = traced;
  }

  /** False when the subscription does not take it. */
  take(target: Target): boolean {
    const shown = this.#uncovered;
    const taken =
      shown === null
        ? deliver(null, this.message, target, this.traced)
        : deliver(null, shown, newTarget(target.subscription, shown), this.traced);
    if (!taken) return false;
    target.client.lastActivity = this.#readAt;
    this.delivered++;
    return true;
  }
}

function toGroups(
  link: RouteLink,
  arrival: Arrival,
  interest: Interest,
  queues: readonly string[],
): void {
  const lost: RoutedGroup[] = [];
  for (const queue of queues) {
    const routed = interest.routing?.groups.find((group) => group.queue === queue);
    const members = routed?.members ?? membersOf(interest, queue);
    if (!toOneOf(arrival, members) && routed !== undefined) lost.push(routed);
  }
  if (lost.length > 0) passOn(interest.routing!, link, lost, arrival.message, arrival.traced);
}

/** From a random member on, the first that takes it. */
function toOneOf(arrival: Arrival, members: readonly Target[]): boolean {
  const count = members.length;
  let at = Math.floor(Math.random() * count);
  for (let tries = 0; tries < count; tries++) {
    if (arrival.take(members[at]!)) return true;
    if (++at === count) at = 0;
  }
  return false;
}

function membersOf({ groups }: Interest, queue: string): readonly Target[] {
  for (let i = 0; i < groups.length; i++) {
    const members = groups[i]!;
    if (members[0]!.subscription.queue === queue) return members;
  }
  return NOBODY;
}

const NOBODY: readonly Target[] = [];
