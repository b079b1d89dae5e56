// One tenant: its own subject space, with the tree of its subscriptions and the cache of who gets what.

import type { Publish } from "../proto/parser.ts";
import { isReservedSubject } from "../proto/reserved.ts";
import { Interest, InterestCache, wordsOf } from "./interest.ts";
import { SubjectTree } from "./subject-tree.ts";
import { type Subscription, Target } from "./subscription.ts";

/** The account of clients that name none. */
export const GLOBAL_ACCOUNT = "$G";

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
    this.#interests.change(subscription.subject);
  }

  unsubscribe(subscription: Subscription): void {
    this.#tree.remove(subscription);
    this.#interests.change(subscription.subject);
  }

  /** Who gets this publish. */
  interestIn(publish: Publish): Interest {
    const { hash, view, subjectAt } = publish;
    const found = this.#interests.find(hash, view, subjectAt, publish.subjectEnd - subjectAt);
    return found !== null ? found : this.#lookUp(publish);
  }

  #lookUp(publish: Publish): Interest {
    const subject = publish.bytes.latin1Slice(publish.subjectAt, publish.subjectEnd);
    const interest = this.interestInSubject(subject, publish.hash);
    if (this.#interests.sawBefore(publish.hash)) this.#interests.add(interest);
    return interest;
  }

  /** Who gets a message to `subject`, from the tree. */
  interestInSubject(subject: string, hash: number): Interest {
    const { plain, groups } = this.#tree.match(subject);
    return new Interest(
      subject,
      hash,
      plain.map((subscription) => targetOf(subscription, subject)),
      groups === null ? NO_GROUPS : groupTargets(groups, subject),
      isReservedSubject(subject),
    );
  }
}

function groupTargets(groups: Map<string, Subscription[]>, subject: string): Target[][] {
  const all: Target[][] = [];
  for (const members of groups.values())
    all.push(members.map((member) => targetOf(member, subject)));
  return all;
}

function targetOf(subscription: Subscription, subject: string): Target {
  if (subscription.subject !== subject) return makeTarget(subscription, subject);
  return (subscription.target ??= makeTarget(subscription, subject));
}

function makeTarget(subscription: Subscription, subject: string): Target {
  const head = `MSG ${subject} ${subscription.sid} `;
  return new Target(subscription, wordsOf(head), head.length);
}
