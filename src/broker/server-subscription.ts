// What the server itself listens to: messages to such a subject of an account go to a function, beside the
// clients that hear them. Requests of the system account end here (monitoring §21).

import type { Publish } from "../proto/publish.ts";
import { kindOf, hashSubject, SubjectKind } from "../proto/subject.ts";
import type { Account } from "./account.ts";
import type { Client } from "./client.ts";
import type { TreeEntry } from "./subject-tree.ts";

/** What a question costs its sender of a turn's work, in deliveries. */
const QUESTION_WORK = 512;

/** A message to the server, in memory of its own. */
export interface ServerCall {
  readonly account: Account;
  readonly subject: string;
  /** One character per byte; empty when no answer is wanted. */
  readonly reply: string;
  /** The header block; empty when there is none. */
  readonly headers: string;
  readonly payload: Buffer;
  /** Null for what came from another server. */
  readonly caller: Client | null;
}

export class ServerSubscription implements TreeEntry {
  readonly account: Account;
  readonly subject: string;
  readonly queue = null;
  readonly sid: string;
  readonly isPattern: boolean;
  readonly hash: number;
  place = 0;
  /** Messages that came. */
  delivered = 0;
  /**
   * False for what it leaves alone. Must be quick and publish nothing: what it was called by is still on its
   * way to others.
   */
  readonly take: (call: ServerCall) => boolean;

  /** Other servers send here what is published there. */
  readonly isTold: boolean;

  constructor(
    account: Account,
    subject: string,
    sid: string,
    isTold: boolean,
    take: (call: ServerCall) => boolean,
  ) {
    this.account = account;
    this.subject = subject;
    this.sid = sid;
    this.isTold = isTold;
    this.take = take;
    this.isPattern = kindOf(subject) === SubjectKind.pattern;
    this.hash = this.isPattern ? 0 : hashSubject(subject);
  }
}

/** Hands a message to the server's own subscriptions. Returns how many of them take it. */
export function callServer(
  subscriptions: readonly ServerSubscription[],
  message: Publish,
  caller: Client | null,
): number {
  const { bytes, subjectAt, subjectEnd, replyAt, replyEnd } = message;
  const payloadAt = message.payloadAt + message.headerBytes;
  let taken = 0;
  for (const subscription of subscriptions) {
    // What other servers do not know of is asked where the client is.
    if (caller === null && !subscription.isTold) continue;
    const isTaken = subscription.take({
      account: subscription.account,
      subject: bytes.utf8Slice(subjectAt, subjectEnd),
      reply: bytes.latin1Slice(replyAt, replyEnd),
      headers: bytes.utf8Slice(message.payloadAt, payloadAt),
      payload: Buffer.from(bytes.subarray(payloadAt, message.payloadAt + message.totalBytes)),
      caller,
    });
    if (!isTaken) continue;
    taken++;
    subscription.delivered++;
    caller?.throttle.spend(QUESTION_WORK);
  }
  return taken;
}
