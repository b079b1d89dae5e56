// The subject tree: who is subscribed to what, by token. Each level has literal branches, one branch for
// `*`, and the list of `>`. It answers which subscriptions a published subject reaches, in the order the
// protocol promises (client-protocol §8.4): on every level `>` first, then the `*` branch, then the
// literal one; at the last token the literal before the `*`. Literal branches are found by the hash of
// the token's bytes, so that walking it makes no strings.

import { DOT } from "../proto/ascii.ts";
import { FNV_OFFSET, FNV_PRIME, hashSubject } from "../proto/subject.ts";
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
  /** The literal token that leads here; empty for the root and for `*`. */
  readonly token: string;
  /** Another literal branch of the same parent, whose token has the same hash. */
  sibling: Node | null = null;
  literals: Map<number, Node> | null = null;
  star: Node | null = null;
  /** Subscriptions whose pattern ends here. */
  leaf: Leaf | null = null;
  /** Subscriptions whose pattern ends here with `>`. */
  rest: Leaf | null = null;

  constructor(token: string) {
    this.token = token;
  }

  get isEmpty(): boolean {
    return this.leaf === null && this.rest === null && this.star === null && this.literals === null;
  }

  /** The branch for a token, made if there is none. */
  branch(token: string): Node {
    const hash = hashSubject(token);
    this.literals ??= new Map();
    const first = this.literals.get(hash) ?? null;
    for (let node = first; node !== null; node = node.sibling)
      if (node.token === token) return node;
    const node = new Node(token);
    node.sibling = first;
    this.literals.set(hash, node);
    return node;
  }

  /** Cuts a branch off. */
  prune(branch: Node): void {
    const literals = this.literals!;
    const hash = hashSubject(branch.token);
    let node = literals.get(hash)!;
    if (node !== branch) {
      while (node.sibling !== branch) node = node.sibling!;
      node.sibling = branch.sibling;
    } else if (branch.sibling !== null) literals.set(hash, branch.sibling);
    else literals.delete(hash);
    if (literals.size === 0) this.literals = null;
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
  readonly #root = new Node("");
  #size = 0;

  /** Subscriptions in the tree. */
  get size(): number {
    return this.#size;
  }

  /** Adds a subscription; its subject must be a valid one to subscribe to. */
  insert(subscription: Subscription): void {
    this.#size++;
    let node = this.#root;
    for (const token of subscription.subject.split(".")) {
      if (token === ">") {
        (node.rest ??= new Leaf()).add(subscription);
        return;
      }
      node = token === "*" ? (node.star ??= new Node("")) : node.branch(token);
    }
    (node.leaf ??= new Leaf()).add(subscription);
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
      const branch = node.branch(token);
      this.#removeBelow(branch, tokens, depth + 1, subscription);
      if (branch.isEmpty) node.prune(branch);
    }
  }

  /** All subscriptions that a publish to bytes[at, end) reaches; none when it has an empty token. */
  match(bytes: Uint8Array, at: number, end: number): Matches {
    const found = new Collector();
    if (!hasEmptyToken(bytes, at, end)) collect(this.#root, bytes, at, end, found);
    return found;
  }
}

function hasEmptyToken(bytes: Uint8Array, at: number, end: number): boolean {
  let last = DOT;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === DOT && last === DOT) return true;
    last = byte;
  }
  return last === DOT;
}

/** Adds what matches the tokens from `at` on below `node`. */
function collect(node: Node, bytes: Uint8Array, at: number, end: number, found: Collector): void {
  if (node.rest !== null) found.add(node.rest);
  const { star, literals } = node;
  if (star === null && literals === null) return;
  let hash = FNV_OFFSET;
  let tokenEnd = at;
  for (let byte = 0; tokenEnd < end && (byte = bytes[tokenEnd]!) !== DOT; tokenEnd++) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  let literal = literals === null ? undefined : literals.get(hash);
  while (literal !== undefined && !isToken(literal.token, bytes, at, tokenEnd)) {
    literal = literal.sibling ?? undefined;
  }
  if (tokenEnd < end) {
    if (star !== null) collect(star, bytes, tokenEnd + 1, end, found);
    if (literal !== undefined) collect(literal, bytes, tokenEnd + 1, end, found);
    return;
  }
  if (literal !== undefined && literal.leaf !== null) found.add(literal.leaf);
  if (star !== null && star.leaf !== null) found.add(star.leaf);
}

function isToken(token: string, bytes: Uint8Array, at: number, end: number): boolean {
  if (token.length !== end - at) return false;
  for (let i = 0; at < end; i++, at++) if (token.charCodeAt(i) !== bytes[at]) return false;
  return true;
}
