// The subject tree: who is subscribed to what, by token. Each level has literal branches, one branch for
// `*`, and the list of `>`. It answers which subscriptions a published subject reaches, in the order the
// protocol promises (client-protocol §8.4): on every level `>` first, then the `*` branch, then the
// literal one; at the last token the literal before the `*`.

import type { Subscription } from "./subscription.ts";

/** Subscriptions at one place of the tree. */
class Leaf {
  plain: Subscription[] = [];
  /** Members by queue group. */
  groups: Map<string, Subscription[]> | null = null;

  add(subscription: Subscription): void {
    const list = this.#listOf(subscription);
    subscription.place = list.length;
    list.push(subscription);
  }

  /** The last of the list takes the free place: order within one place is not promised. */
  remove(subscription: Subscription): void {
    const list = this.#listOf(subscription);
    const last = list.pop()!;
    if (last !== subscription) {
      list[subscription.place] = last;
      last.place = subscription.place;
    }
    if (list.length === 0 && subscription.queue !== null) this.groups!.delete(subscription.queue);
  }

  get isEmpty(): boolean {
    return this.plain.length === 0 && (this.groups === null || this.groups.size === 0);
  }

  #listOf(subscription: Subscription): Subscription[] {
    const { queue } = subscription;
    if (queue === null) return this.plain;
    this.groups ??= new Map();
    let members = this.groups.get(queue);
    if (members === undefined) this.groups.set(queue, (members = []));
    return members;
  }
}

class Node {
  literals: Map<string, Node> | null = null;
  star: Node | null = null;
  /** Subscriptions whose pattern ends here. */
  leaf: Leaf | null = null;
  /** Subscriptions whose pattern ends here with `>`. */
  rest: Leaf | null = null;

  get isEmpty(): boolean {
    return (
      this.leaf === null &&
      this.rest === null &&
      this.star === null &&
      (this.literals === null || this.literals.size === 0)
    );
  }
}

/** What a publish reaches: plain subscriptions, and per queue group its members. */
export interface Matches {
  readonly plain: Subscription[];
  readonly groups: Map<string, Subscription[]> | null;
}

class Collector implements Matches {
  readonly plain: Subscription[] = [];
  groups: Map<string, Subscription[]> | null = null;

  add(leaf: Leaf): void {
    for (let i = 0; i < leaf.plain.length; i++) this.plain.push(leaf.plain[i]!);
    if (leaf.groups === null) return;
    this.groups ??= new Map();
    for (const [queue, members] of leaf.groups) {
      const all = this.groups.get(queue);
      if (all === undefined) this.groups.set(queue, members.slice());
      else for (const member of members) all.push(member);
    }
  }
}

export class SubjectTree {
  readonly #root = new Node();
  #size = 0;

  /** Subscriptions in the tree. */
  get size(): number {
    return this.#size;
  }

  /** Adds a subscription; its subject must be a valid one to subscribe to. */
  insert(subscription: Subscription): void {
    let node = this.#root;
    const tokens = subscription.subject.split(".");
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i]!;
      if (token === ">") {
        (node.rest ??= new Leaf()).add(subscription);
        this.#size++;
        return;
      }
      if (token === "*") {
        node = node.star ??= new Node();
        continue;
      }
      node.literals ??= new Map();
      let next = node.literals.get(token);
      if (next === undefined) node.literals.set(token, (next = new Node()));
      node = next;
    }
    (node.leaf ??= new Leaf()).add(subscription);
    this.#size++;
  }

  /** Removes a subscription that was inserted, and the branches that only it needed. */
  remove(subscription: Subscription): void {
    this.#removeBelow(this.#root, subscription.subject.split("."), 0, subscription);
    this.#size--;
  }

  #removeBelow(node: Node, tokens: string[], depth: number, subscription: Subscription): void {
    if (depth === tokens.length) {
      node.leaf!.remove(subscription);
      if (node.leaf!.isEmpty) node.leaf = null;
      return;
    }
    const token = tokens[depth]!;
    if (token === ">") {
      node.rest!.remove(subscription);
      if (node.rest!.isEmpty) node.rest = null;
    } else if (token === "*") {
      this.#removeBelow(node.star!, tokens, depth + 1, subscription);
      if (node.star!.isEmpty) node.star = null;
    } else {
      const next = node.literals!.get(token)!;
      this.#removeBelow(next, tokens, depth + 1, subscription);
      if (next.isEmpty) node.literals!.delete(token);
    }
  }

  /** All subscriptions that a publish to `subject` reaches; none when it has an empty token. */
  match(subject: string): Matches {
    const found = new Collector();
    const tokens = subject.split(".");
    if (!tokens.includes("")) collect(this.#root, tokens, 0, found);
    return found;
  }
}

function collect(node: Node, tokens: string[], depth: number, found: Collector): void {
  if (node.rest !== null) found.add(node.rest);
  const literal = node.literals?.get(tokens[depth]!);
  const { star } = node;
  if (depth + 1 < tokens.length) {
    if (star !== null) collect(star, tokens, depth + 1, found);
    if (literal !== undefined) collect(literal, tokens, depth + 1, found);
    return;
  }
  if (literal !== undefined && literal.leaf !== null) found.add(literal.leaf);
  if (star !== null && star.leaf !== null) found.add(star.leaf);
}
