// Who is subscribed to what. Subjects without wildcards are found whole, by the hash that the parser
// computed; patterns live in a tree by token, where each level has literal branches, one branch for `*`,
// and the list of `>`. Both together answer which subscriptions a published subject reaches, in the
// order the protocol promises (client-protocol §8.4): on every level `>` first, then the `*` branch, then
// the literal one; at the last token the literal before the `*`.

import { DOT } from "../proto/ascii.ts";
import { FNV_OFFSET, FNV_PRIME, hashSubject } from "../proto/subject.ts";
import { TextMap, type TextMapEntry } from "./text-map.ts";

/** What a tree holds: subscriptions of clients, or what other servers announced. */
export interface TreeEntry {
  readonly subject: string;
  readonly queue: string | null;
  readonly isPattern: boolean;
  /** Of the subject, where that is no pattern. */
  readonly hash: number;
  /** Kept by the tree: the place in a list. */
  place: number;
}

/** Subscriptions at one place of the tree. */
class Leaf<S extends TreeEntry> {
  plain: S[] = [];
  /** Members by queue group. */
  groups: Map<string, S[]> | null = null;

  add(subscription: S): void {
    const list = this.#listOf(subscription);
    subscription.place = list.length;
    list.push(subscription);
  }

  /** The last of the list takes the free place: order within one place is not promised. */
  remove(subscription: S): void {
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

  #listOf(subscription: S): S[] {
    const { queue } = subscription;
    if (queue === null) return this.plain;
    this.groups ??= new Map();
    let members = this.groups.get(queue);
    if (members === undefined) this.groups.set(queue, (members = []));
    return members;
  }
}

/** Subscriptions to one subject without wildcards. */
class Literal<S extends TreeEntry> extends Leaf<S> implements TextMapEntry<Literal<S>> {
  /** The subject. */
  readonly text: string;
  sibling: Literal<S> | null = null;

  constructor(text: string) {
    super();
    this.text = text;
  }
}

class Node<S extends TreeEntry> implements TextMapEntry<Node<S>> {
  /** The literal token that leads here; empty for the root and for `*`. */
  readonly text: string;
  sibling: Node<S> | null = null;
  literals: TextMap<Node<S>> | null = null;
  star: Node<S> | null = null;
  /** Subscriptions whose pattern ends here. */
  leaf: Leaf<S> | null = null;
  /** Subscriptions whose pattern ends here with `>`. */
  rest: Leaf<S> | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get isEmpty(): boolean {
    return this.leaf === null && this.rest === null && this.star === null && this.literals === null;
  }

  /** The branch for a token, made if there is none. */
  branch(token: string): Node<S> {
    const hash = hashSubject(token);
    this.literals ??= new TextMap();
    let branch = this.literals.get(token, hash);
    if (branch === null) this.literals.add((branch = new Node<S>(token)), hash);
    return branch;
  }

  /** Cuts a branch off. */
  prune(branch: Node<S>): void {
    this.literals!.remove(branch, hashSubject(branch.text));
    if (this.literals!.isEmpty) this.literals = null;
  }
}

/** What a publish reaches: plain subscriptions, and per queue group its members. */
export interface Matches<S extends TreeEntry> {
  /** Places of the tree that were looked at: what the answer cost. */
  readonly visited: number;
  readonly plain: S[];
  readonly groups: Map<string, S[]> | null;
}

class Collector<S extends TreeEntry> implements Matches<S> {
  visited = 0;
  readonly plain: S[] = [];
  groups: Map<string, S[]> | null = null;
  /** The subject's own subscriptions, until their place in the order has come. */
  literal: Literal<S> | null;

  constructor(literal: Literal<S> | null) {
    this.literal = literal;
  }

  add(leaf: Leaf<S>): void {
    for (let i = 0; i < leaf.plain.length; i++) this.plain.push(leaf.plain[i]!);
    if (leaf.groups === null) return;
    this.groups ??= new Map();
    for (const [queue, members] of leaf.groups) {
      const all = this.groups.get(queue);
      if (all === undefined) this.groups.set(queue, members.slice());
      else for (const member of members) all.push(member);
    }
  }

  addLiteral(): void {
    if (this.literal === null) return;
    this.add(this.literal);
    this.literal = null;
  }
}

export class SubjectTree<S extends TreeEntry> {
  readonly #literals = new TextMap<Literal<S>>();
  readonly #root = new Node<S>("");
  #size = 0;

  /** Subscriptions in the tree. */
  get size(): number {
    return this.#size;
  }

  /** Adds a subscription; its subject must be a valid one to subscribe to. */
  insert(subscription: S): void {
    this.#size++;
    if (!subscription.isPattern) {
      this.#literal(subscription.subject, subscription.hash).add(subscription);
      return;
    }
    let node = this.#root;
    for (const token of subscription.subject.split(".")) {
      if (token === ">") {
        (node.rest ??= new Leaf<S>()).add(subscription);
        return;
      }
      node = token === "*" ? (node.star ??= new Node<S>("")) : node.branch(token);
    }
    (node.leaf ??= new Leaf<S>()).add(subscription);
  }

  /** Removes a subscription that was inserted, and the branches that only it needed. */
  remove(subscription: S): void {
    this.#size--;
    if (subscription.isPattern) {
      removeBelow(this.#root, subscription.subject.split("."), 0, subscription);
      return;
    }
    const literal = this.#literal(subscription.subject, subscription.hash);
    literal.remove(subscription);
    if (literal.isEmpty) this.#literals.remove(literal, subscription.hash);
  }

  /** All subscriptions that a publish to bytes[at, end) reaches; none when it has an empty token. */
  match(bytes: Buffer, at: number, end: number, hash: number): Matches<S> {
    const found = new Collector<S>(this.#literals.find(bytes, at, end, hash));
    if (!this.#root.isEmpty && !hasEmptyToken(bytes, at, end)) {
      collect(this.#root, bytes, at, end, true, found);
    }
    found.addLiteral();
    return found;
  }

  /** The place of a subject without wildcards, made if there is none. */
  #literal(subject: string, hash: number): Literal<S> {
    let literal = this.#literals.get(subject, hash);
    if (literal === null) this.#literals.add((literal = new Literal<S>(subject)), hash);
    return literal;
  }
}

function removeBelow<S extends TreeEntry>(
  node: Node<S>,
  tokens: string[],
  depth: number,
  subscription: S,
): void {
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
    removeBelow(node.star!, tokens, depth + 1, subscription);
    if (node.star!.isEmpty) node.star = null;
  } else {
    const branch = node.branch(token);
    removeBelow(branch, tokens, depth + 1, subscription);
    if (branch.isEmpty) node.prune(branch);
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

/**
 * Adds the patterns below `node` that match the tokens from `at` on. `onPath` says that the way here is
 * the subject's own: then the subject's own subscriptions come before the last `*`.
 */
function collect<S extends TreeEntry>(
  node: Node<S>,
  bytes: Buffer,
  at: number,
  end: number,
  onPath: boolean,
  found: Collector<S>,
): void {
  found.visited++;
  if (node.rest !== null) found.add(node.rest);
  const { star, literals } = node;
  if (star === null && literals === null) return;
  let hash = FNV_OFFSET;
  let tokenEnd = at;
  for (let byte = 0; tokenEnd < end && (byte = bytes[tokenEnd]!) !== DOT; tokenEnd++) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  const branch = literals === null ? null : literals.find(bytes, at, tokenEnd, hash);
  if (tokenEnd < end) {
    if (star !== null) collect(star, bytes, tokenEnd + 1, end, false, found);
    if (branch !== null) collect(branch, bytes, tokenEnd + 1, end, onPath, found);
    return;
  }
  if (onPath) found.addLiteral();
  if (branch !== null && branch.leaf !== null) found.add(branch.leaf);
  if (star !== null && star.leaf !== null) found.add(star.leaf);
}
