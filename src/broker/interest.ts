// The interest cache: published subject → who gets it, found by the hash that the parser computed while
// it scanned the bytes, without making a string.
//
// It is narrow about what it forgets. A subscription to a literal subject touches one entry. One with a
// wildcard is noted in a short list of changes, and an entry checks, when it is next used, whether any
// change since its making concerns it. What may be a reply subject, used once and never again, enters only
// when it is asked for a second time (`sawBefore`), so as not to push out what is used often.

import type { Permissions } from "../auth/permissions.ts";
import { matches } from "../proto/subject.ts";
import type { TreeEntry } from "./subject-tree.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import type { Target } from "./subscription.ts";
import type { Routing } from "./to-routes.ts";

/** Entries at the most, and targets in all of them: each of either takes about a hundred bytes. */
const ENTRIES_MAX = 1 << 17;
const TARGETS_MAX = 1 << 19;
/** What a server that wants a subject takes, in targets. */
const SERVER_TARGETS = 4;
const WAYS = 4;
const BUCKETS_MIN = 64;
/** Twice as many places as entries. */
const BUCKETS_MAX = (ENTRIES_MAX * 2) / WAYS;
/** Wildcard changes that are remembered; an entry that missed more is made anew. */
const CHANGES_MAX = 64;
/** Places that every change of a pattern looks at for entries that are no longer true. */
const SWEEP_SLOTS = 16;
/** Places to remember a first question in. */
const SEEN_SLOTS = 1 << 16;

/** Who gets what is published to one subject. */
export class Interest {
  readonly plain: readonly Target[];
  /** Members of each queue group; empty when there is none. */
  readonly groups: readonly (readonly Target[])[];
  /** Other servers that want it, too; null when there are none. Groups with members there are in here. */
  readonly routing: Routing | null;
  /** The server itself listens; null when it does not. */
  readonly own: readonly ServerSubscription[] | null;
  /** The subject belongs to the servers: clients may not publish to it. */
  readonly reserved: boolean;
  /** The permissions that were last found to allow publishing here: users share theirs. */
  allowedBy: Permissions | null = null;
  /** No receiver appears twice or counts replies: a run of messages may go to one after the other. */
  readonly takesRuns: boolean;
  /** The same for messages that come from another server: those go no further, and to no group unnamed. */
  readonly takesRunsHere: boolean;
  /** Targets it holds on to. */
  readonly targetCount: number;
  /** Messages published to it while it was in the cache. */
  messages = 0;
  /** For the cache: the subject as text and, in words from the second on, as bytes. */
  subject = "";
  subjectBytes = 0;
  key: Int32Array = NO_WORDS;
  hash = 0;
  /** For the cache: number of the last wildcard change that is accounted for. */
  generation = 0;

  constructor(
    plain: readonly Target[],
    groups: readonly (readonly Target[])[],
    reserved: boolean,
    routing: Routing | null = null,
    own: readonly ServerSubscription[] | null = null,
  ) {
    this.routing = routing;
    this.own = own;
    this.plain = plain;
    this.groups = groups;
    this.reserved = reserved;
    this.targetCount = groups.reduce((sum, members) => sum + members.length, plain.length);
    this.takesRunsHere = own === null && takesWholeRuns(plain);
    this.takesRuns =
      groups.length === 0 &&
      this.takesRunsHere &&
      (routing === null || routing.groups.length === 0);
    if (routing !== null) this.targetCount += targetsOf(routing);
  }
}

/** A server takes lines of its own for the subject: it counts for some targets. */
function targetsOf({ servers, groups }: Routing): number {
  const each = groups.map(({ members, remote }) => members.length + remote.length);
  return each.reduce((sum, count) => sum + count, servers.length * SERVER_TARGETS);
}

function takesWholeRuns(targets: readonly Target[]): boolean {
  if (targets.some((each) => each.client.replies !== null)) return false;
  return targets.length < 2 || new Set(targets.map((each) => each.client)).size === targets.length;
}

const NO_WORDS = new Int32Array(0);

/** The head of any target begins with `MSG <subject>`: it serves as the key, too. */
function keyOf(entry: Interest, subject: string): Int32Array {
  const target = entry.plain[0] ?? entry.groups[0]?.[0];
  if (target !== undefined) return target.head;
  const words = new Int32Array((subject.length + 7) >> 2);
  Buffer.from(words.buffer).latin1Write(subject, 4);
  return words;
}

export class InterestCache {
  #slots: (Interest | undefined)[] = new Array(BUCKETS_MIN * WAYS).fill(undefined);
  /** Hashes of the entries in the slots: a question that misses touches nothing else. */
  #hashes = new Int32Array(BUCKETS_MIN * WAYS);
  #bucketMask = BUCKETS_MIN - 1;
  #count = 0;
  #targets = 0;
  #sweepAt = 0;
  #seen: Int32Array | null = null;
  #coin = 0;
  /** Number of wildcard changes so far; the last CHANGES_MAX patterns, by number modulo that. */
  #generation = 0;
  readonly #changes: string[] = [];

  get size(): number {
    return this.#count;
  }

  *entries(): Iterable<Interest> {
    for (const entry of this.#slots) if (entry !== undefined) yield entry;
  }

  /** The entry for the subject at view[at, at + bytes), if there is a current one. */
  find(hash: number, view: DataView, at: number, bytes: number): Interest | null {
    const hashes = this.#hashes;
    const first = (fold(hash) & this.#bucketMask) * WAYS;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (hashes[slot] !== hash) continue;
      const entry = this.#slots[slot];
      if (entry === undefined || !isKey(entry, view, at, bytes)) continue;
      if (entry.generation !== this.#generation && !this.#isCurrent(entry)) {
        this.#clear(slot);
        return null;
      }
      return entry;
    }
    return null;
  }

  /** True when the subject was asked for before, as far as is remembered. */
  sawBefore(hash: number): boolean {
    this.#seen ??= new Int32Array(SEEN_SLOTS);
    const slot = fold(hash) & (SEEN_SLOTS - 1);
    const held = this.#seen[slot]!;
    if (held === hash) return true;
    // Of subjects that come round and share a place, one must stay long enough to be asked for again.
    if (held === 0 || (this.#coin = (this.#coin * 5 + 1) & 0xff) < 0x80) this.#seen[slot] = hash;
    return false;
  }

  add(entry: Interest, subject: string, hash: number): void {
    if (entry.targetCount > TARGETS_MAX >> 1) return;
    if (this.#count >= ENTRIES_MAX || this.#targets + entry.targetCount > TARGETS_MAX)
      this.#empty();
    if (this.#count >= this.#slots.length >> 1 && this.#bucketMask + 1 < BUCKETS_MAX)
      this.#double();
    entry.subject = subject;
    entry.subjectBytes = subject.length;
    entry.hash = hash;
    entry.key = keyOf(entry, subject);
    entry.generation = this.#generation;
    this.#place(entry);
  }

  /** Forgets everything: rules changed that the entries were made by. */
  clear(): void {
    this.#empty();
  }

  /** Forgets what a changed subscription touches. */
  change({ subject, hash, isPattern }: TreeEntry): void {
    if (isPattern) {
      this.#generation++;
      this.#changes[this.#generation % CHANGES_MAX] = subject;
      this.#sweep();
      return;
    }
    if (this.#count === 0) return;
    const first = (fold(hash) & this.#bucketMask) * WAYS;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#hashes[slot] === hash && this.#slots[slot]?.subject === subject) this.#clear(slot);
    }
  }

  /** Lets go, a few at a time, of entries that a change made untrue and that nobody asked for since. */
  #sweep(): void {
    for (let i = 0; i < SWEEP_SLOTS; i++) {
      this.#sweepAt = (this.#sweepAt + 1) % this.#slots.length;
      const entry = this.#slots[this.#sweepAt];
      if (entry !== undefined && !this.#isCurrent(entry)) this.#clear(this.#sweepAt);
    }
  }

  #empty(): void {
    this.#slots = new Array(BUCKETS_MIN * WAYS).fill(undefined);
    this.#hashes = new Int32Array(BUCKETS_MIN * WAYS);
    this.#bucketMask = BUCKETS_MIN - 1;
    this.#count = 0;
    this.#targets = 0;
  }

  #clear(slot: number): void {
    this.#targets -= this.#slots[slot]!.targetCount;
    this.#slots[slot] = undefined;
    this.#hashes[slot] = 0;
    this.#count--;
  }

  #isCurrent(entry: Interest): boolean {
    if (this.#generation - entry.generation > CHANGES_MAX) return false;
    for (let number = entry.generation + 1; number <= this.#generation; number++) {
      if (matches(this.#changes[number % CHANGES_MAX]!, entry.subject)) return false;
    }
    entry.generation = this.#generation;
    return true;
  }

  #place(entry: Interest): void {
    const first = (fold(entry.hash) & this.#bucketMask) * WAYS;
    let free = -1;
    for (let slot = first; slot < first + WAYS; slot++) {
      const held = this.#slots[slot];
      if (held === undefined) free = slot;
      else if (held.hash === entry.hash && held.subject === entry.subject) {
        this.#clear(slot);
        free = slot;
        break;
      }
    }
    if (free === -1) {
      // A full bucket: the newcomer takes a place that its hash chooses.
      free = first + ((entry.hash >>> 28) & (WAYS - 1));
      this.#clear(free);
    }
    this.#slots[free] = entry;
    this.#hashes[free] = entry.hash;
    this.#targets += entry.targetCount;
    this.#count++;
  }

  #double(): void {
    const old = this.#slots;
    this.#slots = new Array(old.length * 2).fill(undefined);
    this.#hashes = new Int32Array(old.length * 2);
    this.#bucketMask = this.#slots.length / WAYS - 1;
    this.#count = 0;
    this.#targets = 0;
    for (const entry of old) if (entry !== undefined) this.#place(entry);
  }
}

/** FNV's low bits alone are weak; mix the high ones in. */
function fold(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** True when the entry's subject is view[at, at + bytes). At least four bytes follow it on the wire. */
function isKey(entry: Interest, view: DataView, at: number, bytes: number): boolean {
  if (entry.subjectBytes !== bytes) return false;
  const { key } = entry;
  const tail = (bytes >> 2) + 1;
  let k = 1;
  for (; k < tail; k++, at += 4) if (key[k] !== view.getInt32(at, true)) return false;
  const tailBits = (bytes & 3) * 8;
  return tailBits === 0 || ((view.getInt32(at, true) ^ key[k]!) & ((1 << tailBits) - 1)) === 0;
}
