// Message tracing (client-protocol §21): a message with a `Nats-Trace-Dest` header is followed through the
// server, and what happened to it is told as one JSON document to the subject that the header names.

import { microseconds } from "../log/clock.ts";
import { formatTime, toJson } from "../proto/format.ts";
import { readHeaders } from "../proto/headers.ts";
import { type Publish, textMessage } from "../proto/publish.ts";
import { isReservedSubject } from "../proto/reserved.ts";
import { isLiteral } from "../proto/subject.ts";
import type { Account } from "./account.ts";
import type { Client } from "./client.ts";
import { deliver, refusalOf, refuse, sayNoResponders } from "./delivery.ts";
import type { Interest } from "./interest.ts";
import { publishRefusal } from "./refusal.ts";
import { callServer } from "./server-subscription.ts";
import type { Target } from "./subscription.ts";
import { deliverToRoutes } from "./to-routes.ts";

const DESTINATION = "Nats-Trace-Dest";
const ONLY = "Nats-Trace-Only";
const NEEDLE = Buffer.from(DESTINATION);
/** The value that turns tracing off. */
const DISABLED = "trace disabled";

/** Why a subscription did not get a message, as NATS says it. */
const NotDelivered = {
  noEcho: "Not delivered because of no echo",
  clientClosed: "Not delivered because client is closed",
  exceeded: "Not delivered because auto-unsubscribe exceeded",
  slow: "Not delivered because fast producer not stalled and consumer is slow",
} as const;
type NotDelivered = (typeof NotDelivered)[keyof typeof NotDelivered];

interface TraceEvent {
  type: "in" | "eg";
  ts: string;
  kind: 0;
  cid: number;
  name?: string;
  acc?: string;
  subj?: string;
  sub?: string;
  queue?: string;
  error?: string;
}

const now = () => formatTime(microseconds() / 1000);

const nameOf = (client: Client) =>
  client.connect.name === "" ? {} : { name: client.connect.name };

export class MessageTrace {
  /** Where to tell it: a literal subject. */
  readonly destination: string;
  /** Tell what would happen, and deliver nothing. */
  readonly only: boolean;
  readonly #headers: Map<string, string[]>;
  readonly #messageBytes: number;
  readonly #ingress: TraceEvent;
  readonly #events: TraceEvent[] = [];

  /** The trace that a message asks for, or null. */
  static of(client: Client, message: Publish): MessageTrace | null {
    const { bytes, payloadAt, headerBytes } = message;
    const block = bytes.subarray(payloadAt, payloadAt + headerBytes);
    if (block.indexOf(NEEDLE) === -1) return null;
    const headers = readHeaders(block.utf8Slice());
    const destination = headers?.get(DESTINATION)?.[0] ?? "";
    if (headers === null || destination === DISABLED || !isLiteral(destination)) return null;
    return new MessageTrace(client, message, headers, destination);
  }

  private constructor(
    client: Client,
    message: Publish,
    headers: Map<string, string[]>,
    destination: string,
  ) {
    this.destination = destination;
    this.#headers = headers;
    this.#messageBytes = message.totalBytes;
    this.only = ["1", "true", "on"].includes((headers.get(ONLY)?.[0] ?? "").toLowerCase());
    this.#ingress = {
      type: "in",
      ts: now(),
      kind: 0,
      cid: client.cid,
      ...nameOf(client),
      acc: client.account.name,
      subj: message.bytes.utf8Slice(message.subjectAt, message.subjectEnd),
    };
  }

  /** The message was refused. */
  refused(error: string): void {
    this.#ingress.error = error;
  }

  /** A subscription was reached; `error` says why it got nothing. */
  reached(target: Target, error: NotDelivered | null): void {
    const { client, subscription } = target;
    this.#events.push({
      type: "eg",
      ts: now(),
      kind: 0,
      cid: client.cid,
      ...nameOf(client),
      sub: Buffer.from(subscription.subject, "latin1").utf8Slice(),
      ...(subscription.queue === null
        ? {}
        : { queue: Buffer.from(subscription.queue, "latin1").utf8Slice() }),
      ...(error === null ? {} : { error }),
    });
  }

  /** The document; `server` describes who tells it. */
  toJson(server: object): string {
    const header = Object.fromEntries([...this.#headers].sort(([a], [b]) => (a < b ? -1 : 1)));
    return toJson({
      server: { ...server, time: now() },
      request: { header, msgsize: this.#messageBytes },
      events: [this.#ingress, ...this.#events],
    });
  }
}

/** Takes a publish whose way is told. Returns the number of deliveries. */
export function publishTracked(
  client: Client,
  message: Publish,
  interest: Interest,
  trace: MessageTrace,
): number {
  const destination = Buffer.from(trace.destination);
  const isForbidden = client.permissions?.mayPublish(destination.latin1Slice()) === false;
  if (
    isForbidden ||
    isReservedSubject(destination, 0, destination.length, client.account.isSystem)
  ) {
    refuse(client, publishRefusal(destination.latin1Slice()));
    return 0;
  }
  const refusal = refusalOf(client, message, interest);
  let delivered = 0;
  if (refusal !== null) {
    trace.refused(refusal.text);
    refuse(client, refusal);
  } else {
    if (client.verbose) client.sendOk();
    delivered = deliverAll(client, message, interest, trace);
    if (delivered === 0 && client.noResponders && message.replyEnd > message.replyAt) {
      sayNoResponders(client, message);
    }
  }
  const told = trace.toJson(client.host.describeForEvent());
  publishFromServer(client.account, trace.destination, told);
  return delivered;
}

function deliverAll(
  client: Client,
  message: Publish,
  interest: Interest,
  trace: MessageTrace,
): number {
  let delivered = 0;
  for (const target of interest.plain) {
    if (deliverTracked(client, message, target, trace)) delivered++;
  }
  const toOneOf = (members: readonly Target[]) => {
    const first = Math.floor(Math.random() * members.length);
    const inTurn = [...members.slice(first), ...members.slice(0, first)];
    if (inTurn.some((target) => deliverTracked(client, message, target, trace))) delivered++;
  };
  for (const members of interest.groups) toOneOf(members);
  const { routing, own } = interest;
  if (own !== null && !trace.only) delivered += callServer(own, message, client);
  if (routing === null) return delivered;
  // "Only" stands in the header block: every server would obey it, so there is nothing to send.
  if (trace.only) {
    for (const { members } of routing.groups) toOneOf(members);
    return delivered + routing.servers.length;
  }
  const { traceOn } = client.host.logger;
  return (
    delivered +
    deliverToRoutes(client, message, routing, traceOn, (_, __, target) =>
      deliverTracked(client, message, target, trace),
    )
  );
}

function deliverTracked(client: Client, message: Publish, target: Target, trace: MessageTrace) {
  const error = whyNot(client, target);
  trace.reached(target, error);
  if (error !== null) return false;
  return trace.only || deliver(client, message, target, client.host.logger.traceOn);
}

function whyNot(client: Client, { client: receiver, subscription }: Target): NotDelivered | null {
  if (receiver.closeReason !== null) return NotDelivered.clientClosed;
  if (receiver === client && !client.echo) return NotDelivered.noEcho;
  if (subscription.max !== 0 && subscription.delivered >= subscription.max) {
    return NotDelivered.exceeded;
  }
  const isSlow = receiver.connection.congested && client.host.options.noFastProducerStall;
  return isSlow ? NotDelivered.slow : null;
}

/** A message of the server's own, to whoever listens. */
export function publishFromServer(account: Account, subject: string, text: string): void {
  sendFromServer(account, textMessage(subject, text));
}

/** The same for a message that was made already. The server itself does not hear it. */
export function sendFromServer(account: Account, message: Publish): void {
  const { plain, groups, routing } = account.interestIn(message, null);
  const chosen = groups.map((members) => members[Math.floor(Math.random() * members.length)]!);
  for (const target of [...plain, ...chosen]) {
    deliver(null, message, target, target.client.host.logger.traceOn);
  }
  if (routing !== null) deliverToRoutes(null, message, routing, false);
}
