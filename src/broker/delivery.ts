// The way of a message from the publish to its receivers' out-buffers (client-protocol §7.3, §8): the hot
// path. Anything that is not needed for a plain delivery costs one branch here and lives further below.

import { ProtocolErrors } from "../proto/errors.ts";
import type { Publish } from "../proto/publish.ts";
import { isReservedReply } from "../proto/reserved.ts";
import { isLiteral } from "../proto/subject.ts";
import type { Client } from "./client.ts";
import type { Interest } from "./interest.ts";
import { MessageTrace, publishTracked } from "./message-trace.ts";
import { publishRefusal, type Refusal, replyRefusal } from "./refusal.ts";
import type { ReplyPermits } from "./reply-permits.ts";
import { callServer } from "./server-subscription.ts";
import { withoutHeaders } from "./stripped.ts";
import type { Target } from "./subscription.ts";
import { deliverRunToRoutes, deliverToRoutes } from "./to-routes.ts";
import { traceIn, traceOut } from "./traffic-trace.ts";

/** What refusing a publish and permitting a reply cost of a turn's work, in deliveries. */
const REFUSAL_WORK = 128;
const PERMIT_WORK = 16;

/** Pedantic clients are told at the control line that their subject is none; the message goes on. */
export function checkHead(client: Client, head: Publish): boolean {
  if (!isLiteral(subjectOf(head))) client.sendError(ProtocolErrors.invalidPublishSubject.text);
  return true;
}

/** Takes a publish of `client`, or a run of them. False when the client must not go on in this turn. */
export function publish(client: Client, message: Publish): boolean {
  client.active = true;
  client.lastActivity = client.readAt;
  const interest = client.account.interestIn(message, client);
  const { totalBytes } = message;
  const count = affordable(client, message, interest);
  interest.messages += count;
  client.inMsgs += count;
  client.inBytes += totalBytes * count;
  let delivered = 0;
  if (count > 1 && interest.takesRuns && isUnwatched(client, message, interest)) {
    delivered = deliverRun(client, message, interest.plain, client.readAt);
    if (interest.routing !== null) delivered += deliverRunToRoutes(message, interest.routing);
  } else {
    for (let i = 0; i < count; i++) {
      delivered += publishOne(client, message, interest);
      message.next();
    }
    message.rewind();
  }
  client.throttle.spendBytes(totalBytes * count, totalBytes * delivered);
  return client.throttle.spend(delivered + count);
}

/** A run is taken as far as the turn's work allows, and one message of it in any case. */
function affordable(client: Client, message: Publish, interest: Interest): number {
  if (message.count === 1) return 1;
  const least = isAllowed(client, interest) ? 1 : REFUSAL_WORK;
  let each = least + interest.plain.length + interest.groups.length;
  if (interest.routing !== null) each += interest.routing.servers.length;
  message.count = Math.max(1, Math.min(message.count, Math.floor(client.throttle.workLeft / each)));
  return message.count;
}

/** It is known that the client may publish here. */
function isAllowed({ permissions }: Client, interest: Interest): boolean {
  return !interest.reserved && (permissions === null || permissions === interest.allowedBy);
}

/** Nothing has to be said or checked about single messages of a run. */
function isUnwatched(client: Client, message: Publish, interest: Interest): boolean {
  return (
    message.headerBytes === 0 &&
    isAllowed(client, interest) &&
    !client.verbose &&
    !client.host.logger.traceOn &&
    (message.replyEnd === message.replyAt || !client.noResponders) &&
    !hasReservedReply(message)
  );
}

/** Returns the number of deliveries. */
function publishOne(client: Client, message: Publish, interest: Interest): number {
  const traced = client.host.logger.traceOn;
  if (traced) traceIn(client, message);
  const tracked = message.headerBytes > 0 ? MessageTrace.of(client, message) : null;
  if (tracked !== null) return publishTracked(client, message, interest, tracked);
  const refusal = refusalOf(client, message, interest);
  if (refusal !== null) {
    refuse(client, refusal);
    return 0;
  }
  if (client.verbose) client.sendOk();
  let delivered = 0;
  const { plain, groups } = interest;
  for (let i = 0; i < plain.length; i++) {
    if (deliver(client, message, plain[i]!, traced)) delivered++;
  }
  for (let i = 0; i < groups.length; i++) {
    if (deliverToOne(client, message, groups[i]!, traced)) delivered++;
  }
  if (interest.routing !== null) {
    delivered += deliverToRoutes(client, message, interest.routing, traced);
  }
  if (interest.own !== null) delivered += callServer(interest.own, message, client);
  if (delivered === 0 && client.noResponders && message.replyEnd > message.replyAt) {
    sayNoResponders(client, message);
  }
  return delivered;
}

/**
 * A run goes to one receiver after the other, whole: none of them has two subscriptions in it, so each
 * sees the order of publishing. Receivers whose deliveries begin alike get copies of the same bytes.
 * `client` is null for messages from another server.
 */
export function deliverRun(
  client: Client | null,
  message: Publish,
  targets: readonly Target[],
  readAt: number,
): number {
  const { count, totalBytes, tailAt, tailEnd, stride, bytes, view } = message;
  let delivered = 0;
  let written: Target | null = null;
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i]!;
    const { subscription, client: receiver } = target;
    const { connection } = receiver;
    if (subscription.max !== 0 || connection.congested) {
      delivered += deliverEach(client, message, target);
      continue;
    }
    if (receiver === client && !receiver.echo) continue;
    const { head, headBytes } = target;
    const runBytes = count * (headBytes + tailEnd - tailAt);
    if (written !== null && beginsAlike(written, target)) {
      if (!connection.appendCopy(written.client.connection, runBytes)) continue;
    } else {
      if (!connection.appendRun(head, headBytes, bytes, view, tailAt, tailEnd, stride, count)) {
        continue;
      }
      written = target;
    }
    subscription.delivered += count;
    receiver.outMsgs += count;
    receiver.outBytes += totalBytes * count;
    receiver.lastActivity = readAt;
    delivered += count;
    if (connection.congested && client !== null && receiver !== client) stall(client, receiver);
  }
  return delivered;
}

/** A run for one receiver, message by message. */
function deliverEach(client: Client | null, message: Publish, target: Target): number {
  let delivered = 0;
  for (let i = 0; i < message.count; i++) {
    if (deliver(client, message, target, false)) delivered++;
    message.next();
  }
  message.rewind();
  return delivered;
}

function beginsAlike(one: Target, other: Target): boolean {
  if (one.headBytes !== other.headBytes) return false;
  for (let k = 0; k < one.head.length; k++) if (one.head[k] !== other.head[k]) return false;
  return true;
}

/** Exactly one member of a queue group gets it: from a random one on, the first that takes it. */
function deliverToOne(
  client: Client,
  message: Publish,
  members: readonly Target[],
  traced: boolean,
): boolean {
  const count = members.length;
  let pick = count === 1 ? 0 : Math.floor(Math.random() * count);
  for (let tries = 0; tries < count; tries++) {
    if (deliver(client, message, members[pick]!, traced)) return true;
    if (++pick === count) pick = 0;
  }
  return false;
}

/**
 * False when the subscription does not take it: no echo, used up, closed, or slow. `client` is null for
 * messages of the server's own.
 */
export function deliver(
  client: Client | null,
  message: Publish,
  target: Target,
  traced: boolean,
): boolean {
  const { subscription, client: receiver } = target;
  if (receiver === client && !receiver.echo) return false;
  if (subscription.max !== 0 && subscription.delivered >= subscription.max) return false;
  const { connection } = receiver;
  if (connection.congested && receiver.host.options.noFastProducerStall) return false;
  let sent = message;
  let taken: boolean;
  if (message.headerBytes === 0) {
    taken = connection.appendMessage(
      target.head,
      target.headBytes,
      message.bytes,
      message.view,
      message.tailAt,
      message.tailEnd,
    );
  } else if (receiver.headers) {
    taken = connection.appendMessage(
      target.headersHead,
      target.headBytes + 1,
      message.bytes,
      message.view,
      message.tailAt,
      message.tailEnd,
    );
  } else {
    sent = withoutHeaders(message);
    const { bytes, view, tailAt, tailEnd } = sent;
    taken = connection.appendMessage(target.head, target.headBytes, bytes, view, tailAt, tailEnd);
  }
  if (!taken) return false;
  if (receiver.replies !== null && message.replyEnd > message.replyAt) {
    permitReply(receiver, receiver.replies, message, client);
  }
  subscription.delivered++;
  receiver.outMsgs++;
  receiver.outBytes += sent.totalBytes;
  if (client !== null) receiver.lastActivity = client.readAt;
  if (traced) traceOut(sent, target);
  if (subscription.max !== 0 && subscription.delivered >= subscription.max) {
    receiver.subscriptions.remove(subscription);
  }
  if (connection.congested && client !== null && receiver !== client) stall(client, receiver);
  return true;
}

/** A producer waits a little for a receiver that is nearly full, unless told not to. */
function stall(client: Client, receiver: Client): void {
  if (!client.host.options.noFastProducerStall) client.throttle.stallFor(receiver);
}

/** A reply subject that begins with `_` or `$` may be one of the servers' own. */
function hasReservedReply(message: Publish): boolean {
  if (message.replyEnd === message.replyAt) return false;
  const first = message.bytes[message.replyAt]!;
  if (first !== 0x5f && first !== 0x24) return false;
  // `_INBOX.` is by far the most usual one.
  if (message.bytes[message.replyAt + 1] === 0x49) return false;
  return isReservedReply(replyOf(message));
}

/** Null, or why the client may not publish this. */
export function refusalOf(client: Client, message: Publish, interest: Interest): Refusal | null {
  if (interest.reserved) return publishRefusal(subjectOf(message));
  const { permissions } = client;
  if (permissions !== null && permissions !== interest.allowedBy) {
    const subject = subjectOf(message);
    if (permissions.mayPublish(subject)) interest.allowedBy = permissions;
    else if (client.replies?.use(subject) !== true) return publishRefusal(subject);
  }
  return hasReservedReply(message) ? replyRefusal(replyOf(message)) : null;
}

export function refuse(client: Client, refusal: Refusal): void {
  client.throttle.spend(REFUSAL_WORK);
  client.error(refusal.logged);
  client.sendError(refusal.text);
}

/** The receiver may answer, unless it may publish there anyway. */
function permitReply(
  receiver: Client,
  replies: ReplyPermits,
  message: Publish,
  payer: Client | null,
): void {
  payer?.throttle.spend(PERMIT_WORK);
  const reply = replyOf(message);
  if (receiver.permissions?.mayPublish(reply) !== true) replies.grant(reply);
}

/**
 * Tells a requester that nobody is there (§11): on the first of its plain subscriptions that match the
 * reply. The notice is not counted as a message.
 */
export function sayNoResponders(client: Client, message: Publish): void {
  const { bytes, replyAt, replyEnd } = message;
  const subscription = client.account.firstPlain(client, bytes, replyAt, replyEnd);
  if (subscription === undefined) return;
  const headers = `NATS/1.0 503\r\nNats-Subject: ${subjectOf(message)}\r\n\r\n`;
  const size = headers.length;
  const line = `HMSG ${replyOf(message)} ${subscription.sid} ${size} ${size}`;
  if (client.host.logger.traceOn) client.traceOut(line);
  client.connection.appendText(`${line}\r\n${headers}\r\n`);
}

const subjectOf = (message: Publish) =>
  message.bytes.latin1Slice(message.subjectAt, message.subjectEnd);

const replyOf = (message: Publish) => message.bytes.latin1Slice(message.replyAt, message.replyEnd);
