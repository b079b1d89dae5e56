// One subscription of one client: a subject or pattern, perhaps a queue group, and a count.

import type { DeliveryFilter } from "../auth/permissions.ts";
import { hashSubject } from "../proto/subject.ts";
import type { Client } from "./client.ts";

export class Subscription {
  readonly client: Client;
  /** Subject or pattern, one character per byte. */
  readonly subject: string;
  /** Name of the queue group, or null for a plain subscription. */
  readonly queue: string | null;
  /** The client's own name for it: opaque, any bytes. */
  readonly sid: string;
  /** Messages delivered since it was made; notices do not count. */
  delivered = 0;
  /** Remove it when `delivered` reaches this; 0 for never. */
  max = 0;
  /** What it must not get although it matches; null for nothing. */
  filter: DeliveryFilter | null = null;
  /** Its place in the list of its tree node, so that removal needs no search. */
  place = 0;
  /** It has a wildcard: each subject it matches has a target of its own. */
  readonly isPattern: boolean;
  /** Hash of the subject, for those without wildcards. */
  readonly hash: number;
  /** The one target of a literal subject, made at the first delivery. */
  target: Target | null = null;

  constructor(
    client: Client,
    subject: string,
    isPattern: boolean,
    queue: string | null,
    sid: string,
  ) {
    this.client = client;
    this.subject = subject;
    this.queue = queue;
    this.sid = sid;
    this.isPattern = isPattern;
    this.hash = isPattern ? 0 : hashSubject(subject);
  }
}

/** A subscription together with what every delivery of one subject to it begins with. */
export class Target {
  readonly subscription: Subscription;
  readonly client: Client;
  /** `MSG <subject> <sid> ` in words, the last one padded. */
  readonly head: Int32Array;
  readonly headBytes: number;
  /** The same with HMSG, made when the first message with headers comes. */
  #headersHead: Int32Array | null = null;

  constructor(subscription: Subscription, head: Int32Array, headBytes: number) {
    this.subscription = subscription;
    this.client = subscription.client;
    this.head = head;
    this.headBytes = headBytes;
  }

  /** `HMSG <subject> <sid> ` in words; one byte longer than `head`. */
  get headersHead(): Int32Array {
    if (this.#headersHead === null) {
      const words = new Int32Array((this.headBytes + 4) >> 2);
      const bytes = new Uint8Array(words.buffer);
      bytes[0] = 0x48;
      bytes.set(new Uint8Array(this.head.buffer, this.head.byteOffset, this.headBytes), 1);
      this.#headersHead = words;
    }
    return this.#headersHead;
  }
}
