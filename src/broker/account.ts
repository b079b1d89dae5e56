// One tenant: its own subject space, with the tree of its subscriptions and the cache of who gets what.

import { SPACE } from "../proto/ascii.ts";
import type { Publish } from "../proto/publish.ts";
import { isReservedSubject } from "../proto/reserved.ts";
import { hashSubject } from "../proto/subject.ts";
import type { Client } from "./client.ts";
import { Interest, InterestCache } from "./interest.ts";
import { SubjectTree } from "./subject-tree.ts";
import { type Subscription, Target } from "./subscription.ts";

/** The account of clients that name none. */
export const GLOBAL_ACCOUNT = "$G";

/** What looking up a subject costs, in deliveries: to begin with, and for each place of the tree. */
const LOOK_UP_WORK = 8;
const VISIT_WORK = 2;

const NO_TARGETS: readonly Target[] = [];
const NO_GROUPS: readonly (readonly Target[])[] = [];

export class Account {
  readonly name: string;
  readonly #tree = new SubjectTree();
  readonly #interests = new InterestCache();

  constructor(name: string) {
    this.name = name;
  }

  get subscriptionCount(): number {
    return this.#tree.size;
  }

  get cachedSubjects(): number {
    return this.#interests.size;
  }

  subscribe(subscription: Subscription): void {
    this.#tree.insert(subscription);
    this.#interests.change(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    this.#tree.remove(subscription);
    this.#interests.change(subscription);
  }

  /** Who gets this publish. What looking it up costs is counted against `payer`. */
  interestIn(publish: Publish, payer: Client | null): Interest {
    const { hash, view, subjectAt } = publish;
    const found = this.#interests.find(hash, view, subjectAt, publish.subjectEnd - subjectAt);
    return found !== null ? found : this.#lookUp(publish, payer);
  }

  /** The first plain subscription of `client` that bytes[at, end) reaches, in the order of delivery. */
  firstPlain(client: Client, bytes: Buffer, at: number, end: number): Subscription | undefined {
    const hash = hashSubject(bytes.latin1Slice(at, end));
    const { plain, visited } = this.#tree.match(bytes, at, end, hash);
    client.throttle.spend(LOOK_UP_WORK + visited * VISIT_WORK + plain.length);
    return plain.find((each) => each.client === client);
  }

  #lookUp(publish: Publish, payer: Client | null): Interest {
    const { bytes, subjectAt, subjectEnd, hash } = publish;
    const { plain, groups, visited } = this.#tree.match(bytes, subjectAt, subjectEnd, hash);
    payer?.throttle.spend(LOOK_UP_WORK + visited * VISIT_WORK + plain.length);
    const interest = new Interest(
      plain.length === 0 ? NO_TARGETS : plain.map((each) => targetOf(each, publish)),
      groups === null ? NO_GROUPS : groupTargets(groups, publish),
      isReservedSubject(bytes, subjectAt, subjectEnd),
    );
    if (isLasting(plain) || this.#interests.sawBefore(hash)) {
      this.#interests.add(interest, bytes.latin1Slice(subjectAt, subjectEnd), hash);
    }
    return interest;
  }
}

/**
 * A subscription to this very subject, without an end in sight, is reason enough to remember it. What only
 * patterns match may be a reply subject that never comes again.
 */
function isLasting(plain: readonly Subscription[]): boolean {
  return plain.length > 0 && plain.every((each) => !each.isPattern && each.max === 0);
}

function groupTargets(groups: Map<string, Subscription[]>, publish: Publish): Target[][] {
  const all: Target[][] = [];
  for (const members of groups.values()) all.push(members.map((each) => targetOf(each, publish)));
  return all;
}

/** A subscription that is not a pattern has one target for ever. */
function targetOf(subscription: Subscription, publish: Publish): Target {
  if (subscription.target !== null) return subscription.target;
  const { view, subjectAt, subjectEnd } = publish;
  const target = makeTarget(subscription, view, subjectAt, subjectEnd - subjectAt);
  if (!subscription.isPattern) subscription.target = target;
  return target;
}

/** "MSG " as a word. */
const MSG_BLANK = 0x2047534d;

/**
 * Puts `MSG <subject> <sid> ` together in words. At least four bytes follow a subject on the wire, so
 * its last word can be read whole.
 */
function makeTarget(
  subscription: Subscription,
  view: DataView,
  subjectAt: number,
  subjectBytes: number,
): Target {
  const { sid } = subscription;
  const headBytes = subjectBytes + sid.length + 6;
  const head = new Int32Array((headBytes + 3) >> 2);
  head[0] = MSG_BLANK;
  let at = 4;
  for (const end = at + (subjectBytes & ~3); at < end; at += 4, subjectAt += 4) {
    head[at >> 2] = view.getInt32(subjectAt, true);
  }
  const tailBits = (subjectBytes & 3) * 8;
  let word = tailBits === 0 ? 0 : view.getInt32(subjectAt, true) & ((1 << tailBits) - 1);
  let bits = tailBits;
  at = at >> 2;
  // The blank before the sid, the sid, the blank after it.
  for (let i = -1; i <= sid.length; i++) {
    const byte = i < 0 || i === sid.length ? SPACE : sid.charCodeAt(i);
    word |= byte << bits;
    bits += 8;
    if (bits === 32) {
      head[at++] = word;
      word = bits = 0;
    }
  }
  if (bits > 0) head[at] = word;
  return new Target(subscription, head, headBytes);
}
