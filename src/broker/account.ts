// One tenant: its own subject space, with the tree of its subscriptions and the cache of who gets what.

import type { AccountLimits } from "../config/access.ts";
import { SPACE } from "../proto/ascii.ts";
import type { Publish } from "../proto/publish.ts";
import { isReservedSubject } from "../proto/reserved.ts";
import { hashSubject } from "../proto/subject.ts";
import type { Client } from "./client.ts";
import { Interest, InterestCache } from "./interest.ts";
import { addTraffic, isSlowConsumer, noTraffic, type Traffic } from "./roster.ts";
import type { RemoteInterest } from "./routing.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import { SubjectTree } from "./subject-tree.ts";
import { type Subscription, Target } from "./subscription.ts";
import { type Routing, routingOf } from "./to-routes.ts";

/** The account of clients that name none. */
export const GLOBAL_ACCOUNT = "$G";
/** The account of the server's own events, unless another is named. */
export const SYSTEM_ACCOUNT = "$SYS";

/** All that the server listens to begins with it. */
const DOLLAR = 0x24;

/** What looking up a subject costs, in deliveries: to begin with, and for each place of the tree. */
const LOOK_UP_WORK = 8;
const VISIT_WORK = 2;

const NO_LIMITS: AccountLimits = {};
const NO_TARGETS: readonly Target[] = [];
const NO_GROUPS: readonly (readonly Target[])[] = [];

/** What a subscription is for. */
export type Wanted = Pick<Subscription, "subject" | "queue">;

/** Is told of subscriptions that come and go, to tell other servers. */
export interface InterestWatcher {
  subscribed(subscription: Wanted): void;
  unsubscribed(subscription: Wanted): void;
  /** From here to `flush` only what has changed in the end is of interest. */
  hold(): void;
  flush(): void;
}

export class Account {
  readonly name: string;
  readonly #tree = new SubjectTree<Subscription>();
  /** What other servers announced; null when nothing. */
  #remote: SubjectTree<RemoteInterest> | null = null;
  /** What the server itself listens to. */
  readonly #own = new Set<ServerSubscription>();
  readonly #ownTree = new SubjectTree<ServerSubscription>();
  /** Null where there are no other servers. */
  watcher: InterestWatcher | null = null;
  readonly #interests = new InterestCache();
  /** Who is logged in, in the order they came. */
  readonly #clients = new Set<Client>();
  /** Of the servers' own events: its clients may publish what others may not. */
  readonly isSystem: boolean;
  limits: AccountLimits = NO_LIMITS;
  /** Clients that ever logged in, and those of them that were closed for being slow. */
  totalConnections = 0;
  /** Clients on other servers, as far as those told. */
  remoteConnections = 0;
  slowConsumers = 0;
  /** Subscriptions made and ended, other servers' among them, and publishes whose receivers were not in the cache. */
  inserts = 0;
  removes = 0;
  lookUps = 0;
  readonly #gone: Traffic = noTraffic();
  /** Messages from other servers and to them, with their payload bytes. */
  readonly routeTraffic = { inMsgs: 0, inBytes: 0, outMsgs: 0, outBytes: 0 };

  constructor(name: string, isSystem = false) {
    this.name = name;
    this.isSystem = isSystem;
  }

  /** As many clients as its limit allows are logged in. */
  get isFull(): boolean {
    return this.#clients.size + this.remoteConnections >= this.#connectionsMax;
  }

  /** The newest of its clients, as many as are too many after its limit was lowered. */
  get surplus(): Client[] {
    return [...this.#clients].slice(this.#connectionsMax);
  }

  get #connectionsMax(): number {
    const { maxConnections = -1 } = this.limits;
    return maxConnections < 0 ? Infinity : maxConnections;
  }

  get connections(): number {
    return this.#clients.size;
  }

  join(client: Client): void {
    this.#clients.add(client);
    this.totalConnections++;
  }

  leave(client: Client): void {
    if (!this.#clients.delete(client)) return;
    addTraffic(this.#gone, client);
    if (isSlowConsumer(client)) this.slowConsumers++;
  }

  get clients(): Iterable<Client> {
    return this.#clients;
  }

  /** What its clients sent and got, with those who left. */
  get traffic(): Traffic {
    const total = { ...this.#gone };
    for (const client of this.#clients) addTraffic(total, client);
    return total;
  }

  /** Subjects in the cache, with the messages published to each since it came there. */
  get interests(): Iterable<Interest> {
    return this.#interests.entries();
  }

  get subscriptionCount(): number {
    return this.#tree.size;
  }

  get cachedSubjects(): number {
    return this.#interests.size;
  }

  subscribe(subscription: Subscription): void {
    this.inserts++;
    this.#tree.insert(subscription);
    this.#interests.change(subscription);
    this.watcher?.subscribed(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    this.removes++;
    this.#tree.remove(subscription);
    this.#interests.change(subscription);
    this.watcher?.unsubscribed(subscription);
  }

  /** The server itself listens. */
  listen(subscription: ServerSubscription): void {
    this.inserts++;
    this.#own.add(subscription);
    this.#ownTree.insert(subscription);
    this.#interests.change(subscription);
    if (subscription.isTold) this.watcher?.subscribed(subscription);
  }

  /** The server does not listen any more, to nothing. */
  stopListening(): void {
    for (const subscription of this.#own) {
      this.removes++;
      this.#ownTree.remove(subscription);
      this.#interests.change(subscription);
      if (subscription.isTold) this.watcher?.unsubscribed(subscription);
    }
    this.#own.clear();
  }

  /** What the server itself listens to. */
  get ownSubscriptions(): ReadonlySet<ServerSubscription> {
    return this.#own;
  }

  /** Another server wants this, too. */
  addRemote(entry: RemoteInterest): void {
    this.inserts++;
    this.#remote ??= new SubjectTree();
    this.#remote.insert(entry);
    this.#interests.change(entry);
  }

  removeRemote(entry: RemoteInterest): void {
    if (this.#remote === null) return;
    this.removes++;
    this.#remote.remove(entry);
    if (this.#remote.size === 0) this.#remote = null;
    this.#interests.change(entry);
  }

  /** The number of members of a remote queue group changed. */
  reweigh(entry: RemoteInterest, weight: number): void {
    if (entry.weight === weight) return;
    entry.weight = weight;
    this.#interests.change(entry);
  }

  /** What other servers announced, as many subjects. */
  get remoteInterests(): number {
    return this.#remote?.size ?? 0;
  }

  /** Permissions of its clients changed: who gets what is found anew. */
  forgetInterests(): void {
    this.#interests.clear();
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
    const mine = plain.filter((each) => each.client === client);
    return allowedOf(mine, bytes, at, end)[0];
  }

  #lookUp(publish: Publish, payer: Client | null): Interest {
    this.lookUps++;
    const { bytes, subjectAt, subjectEnd, hash } = publish;
    const {
      plain: matching,
      groups,
      visited,
    } = this.#tree.match(bytes, subjectAt, subjectEnd, hash);
    payer?.throttle.spend(LOOK_UP_WORK + visited * VISIT_WORK + matching.length);
    const plain = allowedOf(matching, bytes, subjectAt, subjectEnd);
    const byName = groups === null ? null : groupTargets(groups, publish);
    const targets = plain.length === 0 ? NO_TARGETS : plain.map((each) => targetOf(each, publish));
    const remote = this.#remote;
    const routing = remote === null ? null : this.#routing(remote, publish, byName);
    const interest = new Interest(
      targets,
      byName === null ? NO_GROUPS : [...byName.values()],
      isReservedSubject(bytes, subjectAt, subjectEnd, this.isSystem),
      routing,
      this.#own.size === 0 ? null : this.#ownIn(publish),
    );
    if (isLasting(plain) || this.#interests.sawBefore(hash)) {
      this.#interests.add(interest, bytes.latin1Slice(subjectAt, subjectEnd), hash);
    }
    return interest;
  }

  /** Which of the server's own subscriptions it is for; null for none. */
  #ownIn({ bytes, subjectAt, subjectEnd, hash }: Publish): readonly ServerSubscription[] | null {
    if (bytes[subjectAt] !== DOLLAR) return null;
    const { plain } = this.#ownTree.match(bytes, subjectAt, subjectEnd, hash);
    return plain.length === 0 ? null : plain;
  }

  /** Takes the groups with members elsewhere out of `local`. */
  #routing(
    remote: SubjectTree<RemoteInterest>,
    { bytes, subjectAt, subjectEnd, hash }: Publish,
    local: Map<string, readonly Target[]> | null,
  ): Routing | null {
    const { plain, groups } = remote.match(bytes, subjectAt, subjectEnd, hash);
    if (plain.length === 0 && groups === null) return null;
    const subject = bytes.latin1Slice(subjectAt, subjectEnd);
    return routingOf(this, subject, plain, groups, local);
  }
}

/**
 * A subscription to this very subject, without an end in sight, is reason enough to remember it. What only
 * patterns match may be a reply subject that never comes again.
 */
function isLasting(plain: readonly Subscription[]): boolean {
  return plain.length > 0 && plain.every((each) => !each.isPattern && each.max === 0);
}

function groupTargets(
  groups: Map<string, Subscription[]>,
  publish: Publish,
): Map<string, readonly Target[]> {
  const all = new Map<string, readonly Target[]>();
  const { bytes, subjectAt, subjectEnd } = publish;
  for (const [queue, members] of groups) {
    const allowed = allowedOf(members, bytes, subjectAt, subjectEnd);
    if (allowed.length > 0)
      all.set(
        queue,
        allowed.map((each) => targetOf(each, publish)),
      );
  }
  return all;
}

/** Without those whose client may not hear this subject: found out once per subject, not per message. */
function allowedOf(
  subscriptions: readonly Subscription[],
  bytes: Buffer,
  at: number,
  end: number,
): readonly Subscription[] {
  if (!subscriptions.some((each) => each.filter !== null)) return subscriptions;
  const subject = bytes.latin1Slice(at, end);
  return subscriptions.filter((each) => each.filter?.denies(subject) !== true);
}

/** A subscription that is not a pattern has one target for ever. */
function targetOf(subscription: Subscription, publish: Publish): Target {
  if (subscription.target !== null) return subscription.target;
  const target = newTarget(subscription, publish);
  if (!subscription.isPattern) subscription.target = target;
  return target;
}

/** A target for the subject of this publish, whatever the subscription's own subject is. */
export function newTarget(subscription: Subscription, publish: Publish): Target {
  const { view, subjectAt, subjectEnd } = publish;
  return makeTarget(subscription, view, subjectAt, subjectEnd - subjectAt);
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
