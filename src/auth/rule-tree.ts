// The subjects of a permission list as a tree of tokens, so that ten thousand of them cost a look at one
// token after the other, not ten thousand comparisons. Subjects are latin1 text, as on the wire.

import { QueueNames } from "./queue-names.ts";

const DOT = 0x2e;

/** Nodes that a pattern's overlap with a list may cost. */
const OVERLAP_NODES_MAX = 64;

let visited = 0;

/** Nodes looked at since the start, for whomever: who asks before and after knows what an answer cost. */
export function nodesVisited(): number {
  return visited;
}

class Node {
  /** What follows, by its first token; `*` and `>` have places of their own. */
  readonly literals = new Map<string, Node>();
  star: Node | null = null;
  /** The list has a subject that ends here. */
  ends: Entry | null = null;
  /** The list has a subject that goes on with `>` here. */
  tail: Entry | null = null;
}

/** What the list says about one subject of it. */
class Entry {
  /** The subject stands there without a queue group. */
  plain = false;
  /** The queue groups with which it does; null for none. */
  queues: QueueNames | null = null;

  hasQueue(queue: string): boolean {
    return this.queues !== null && this.queues.has(queue);
  }
}

/** What the entries that match a subject say about a queue group. */
export interface QueueVerdict {
  /** Some have no queue group. */
  readonly plain: boolean;
  /** Some have one. */
  readonly qualified: boolean;
  /** One of those is the group asked for. */
  readonly queue: boolean;
}

export class RuleTree {
  readonly #root = new Node();
  #hasQueues = false;

  /** Adds a valid subject, for all (null) or for one queue group, maybe with wildcards. */
  add(subject: string, queue: string | null): void {
    let node = this.#root;
    const tokens = subject.split(".");
    const isOpen = tokens.at(-1) === ">";
    if (isOpen) tokens.pop();
    for (const token of tokens)
      node = token === "*" ? (node.star ??= new Node()) : next(node, token);
    const entry = isOpen ? (node.tail ??= new Entry()) : (node.ends ??= new Entry());
    if (queue === null) entry.plain = true;
    else (entry.queues ??= new QueueNames()).add(queue);
    this.#hasQueues ||= queue !== null;
  }

  /** Some entry holds for a queue group only. */
  get hasQueues(): boolean {
    return this.#hasQueues;
  }

  /**
   * True when an entry without a queue group matches. The subject is taken token by token as it is: its
   * own wildcards are ordinary tokens. One with an empty token matches nothing.
   */
  matches(subject: string): boolean {
    return !hasEmptyToken(subject) && anyMatch(this.#root, subject, 0, isPlain, "");
  }

  /** True when an entry matches that has no queue group, or this one. */
  matchesMember(subject: string, queue: string): boolean {
    return !hasEmptyToken(subject) && anyMatch(this.#root, subject, 0, holdsFor, queue);
  }

  /** What the matching entries say about a member of a queue group. */
  ask(subject: string, queue: string): QueueVerdict {
    if (hasEmptyToken(subject)) return { plain: false, qualified: false, queue: false };
    return {
      plain: anyMatch(this.#root, subject, 0, isPlain, ""),
      qualified: anyMatch(this.#root, subject, 0, isQualified, ""),
      queue: anyMatch(this.#root, subject, 0, hasQueue, queue),
    };
  }

  /**
   * False when no subject matches both this pattern and an entry that concerns the queue group. True also
   * when that would take long to find out.
   */
  mayOverlap(pattern: string, queue: string | null): boolean {
    const says = queue === null ? isPlain : holdsFor;
    overlapEndsAt = visited + OVERLAP_NODES_MAX;
    return anyOverlap(this.#root, pattern.split("."), 0, says, queue ?? "");
  }
}

type Says = (entry: Entry, queue: string) => boolean;

const isPlain: Says = (entry) => entry.plain;
const isQualified: Says = (entry) => entry.queues !== null;
const hasQueue: Says = (entry, queue) => entry.hasQueue(queue);
const holdsFor: Says = (entry, queue) => entry.plain || entry.hasQueue(queue);

function next(node: Node, token: string): Node {
  let child = node.literals.get(token);
  if (child === undefined) node.literals.set(token, (child = new Node()));
  return child;
}

/** The node holds for what comes before `at`, where a token begins; past the end there is none. */
function anyMatch(node: Node, subject: string, at: number, says: Says, queue: string): boolean {
  visited++;
  if (at > subject.length) return node.ends !== null && says(node.ends, queue);
  if (node.tail !== null && says(node.tail, queue)) return true;
  let end = subject.indexOf(".", at);
  if (end < 0) end = subject.length;
  const { star } = node;
  if (star !== null && anyMatch(star, subject, end + 1, says, queue)) return true;
  if (node.literals.size === 0) return false;
  const child = node.literals.get(subject.slice(at, end));
  return child !== undefined && anyMatch(child, subject, end + 1, says, queue);
}

/** The count of visits at which the search for an overlap takes it for granted. */
let overlapEndsAt = 0;

/** As anyMatch, for the tokens of a pattern, whose wildcards stand for any token of an entry. */
function anyOverlap(
  node: Node,
  tokens: readonly string[],
  at: number,
  says: Says,
  queue: string,
): boolean {
  if (++visited > overlapEndsAt) return true;
  if (at === tokens.length) return node.ends !== null && says(node.ends, queue);
  if (node.tail !== null && says(node.tail, queue)) return true;
  const token = tokens[at]!;
  if (token === ">") return anyBelow(node, says, queue);
  if (node.star !== null && anyOverlap(node.star, tokens, at + 1, says, queue)) return true;
  if (token === "*") {
    for (const child of node.literals.values()) {
      if (anyOverlap(child, tokens, at + 1, says, queue)) return true;
    }
    return false;
  }
  const child = node.literals.get(token);
  return child !== undefined && anyOverlap(child, tokens, at + 1, says, queue);
}

/** Some entry with at least one token more than the node has. */
function anyBelow(node: Node, says: Says, queue: string): boolean {
  if (node.star !== null && anyFrom(node.star, says, queue)) return true;
  for (const child of node.literals.values()) if (anyFrom(child, says, queue)) return true;
  return false;
}

/** Some entry that ends at the node or goes on from it. */
function anyFrom(node: Node, says: Says, queue: string): boolean {
  if (++visited > overlapEndsAt) return true;
  if (node.ends !== null && says(node.ends, queue)) return true;
  if (node.tail !== null && says(node.tail, queue)) return true;
  return anyBelow(node, says, queue);
}

function hasEmptyToken(subject: string): boolean {
  let previous = DOT;
  for (let i = 0; i < subject.length; i++) {
    const code = subject.charCodeAt(i);
    if (code === DOT && previous === DOT) return true;
    previous = code;
  }
  return previous === DOT;
}
