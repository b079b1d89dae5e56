// The interest cache: published subject → who gets it, found by the hash that the parser computed while
// it scanned the bytes, without making a string.
//
// It is narrow about what it forgets. A subscription to a literal subject touches one entry. One with a
// wildcard is noted in a short list of changes, and an entry checks, when it is next used, whether any
// change since its making concerns it. A subject enters only when it is asked for a second time, so that
// the reply subjects of request/reply, used once each, do not push out what is used again.

import { hashSubject, hasWildcard, matches } from "../proto/subject.ts";
import type { Target } from "./subscription.ts";

/** Entries at the most; each takes some hundred bytes. */
const ENTRIES_MAX = 1 << 17;
const WAYS = 4;
const BUCKETS_MIN = 64;
/** Twice as many places as entries. */
const BUCKETS_MAX = (ENTRIES_MAX * 2) / WAYS;
/** Wildcard changes that are remembered; an entry that missed more is made anew. */
const CHANGES_MAX = 64;
/** Places to remember a first question in. */
const SEEN_SLOTS = 1 << 16;

/** Who gets what is published to one subject. */
export class Interest {
  readonly subject: string;
  readonly plain: readonly Target[];
  /** Members of each queue group; empty when there is none. */
  readonly groups: readonly (readonly Target[])[];
  /** The subject belongs to the servers: clients may not publish to it. */
  readonly reserved: boolean;
  readonly hash: number;
  readonly subjectBytes: number;
  /** The subject's bytes in words; `tailMask` covers those of the last, partial word. */
  readonly key: Int32Array;
  readonly tailMask: number;
  /** Number of the last wildcard change that is accounted for. */
  generation = 0;

  constructor(
    subject: string,
    hash: number,
    plain: readonly Target[],
    groups: readonly (readonly Target[])[],
    reserved: boolean,
  ) {
    this.subject = subject;
    this.hash = hash;
    this.plain = plain;
    this.groups = groups;
    this.reserved = reserved;
    this.subjectBytes = subject.length;
    this.key = wordsOf(subject);
    this.tailMask = (1 << ((subject.length & 3) * 8)) - 1;
  }
}

/** A latin1 string as little-endian words, the last one padded with zeros. */
export function wordsOf(latin1: string): Int32Array {
  const words = new Int32Array((latin1.length + 3) >> 2);
  for (let i = 0; i < latin1.length; i++) {
    words[i >> 2]! |= latin1.charCodeAt(i) << ((i & 3) * 8);
  }
  return words;
}

export class InterestCache {
  #slots: (Interest | undefined)[] = new Array(BUCKETS_MIN * WAYS).fill(undefined);
  #bucketMask = BUCKETS_MIN - 1;
  #count = 0;
  #seen: Int32Array | null = null;
  /** Number of wildcard changes so far; the last CHANGES_MAX patterns, by number modulo that. */
  #generation = 0;
  readonly #changes: string[] = [];

  get size(): number {
    return this.#count;
  }

  /** The entry for the subject at view[at, at + bytes), if there is a current one. */
  find(hash: number, view: DataView, at: number, bytes: number): Interest | null {
    const slots = this.#slots;
    const first = (fold(hash) & this.#bucketMask) * WAYS;
    for (let slot = first; slot < first + WAYS; slot++) {
      const entry = slots[slot];
      if (entry === undefined || entry.hash !== hash || entry.subjectBytes !== bytes) continue;
      if (!sameBytes(entry, view, at)) continue;
      if (entry.generation !== this.#generation && !this.#isCurrent(entry)) {
        slots[slot] = undefined;
        this.#count--;
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
    if (this.#seen[slot] === hash) return true;
    this.#seen[slot] = hash;
    return false;
  }

  add(entry: Interest): void {
    if (this.#count >= this.#slots.length >> 1 && this.#bucketMask + 1 < BUCKETS_MAX)
      this.#double();
    entry.generation = this.#generation;
    this.#place(entry);
  }

  /** Forgets what a changed subscription touches. */
  change(subject: string): void {
    if (hasWildcard(subject)) {
      this.#generation++;
      this.#changes[this.#generation % CHANGES_MAX] = subject;
      return;
    }
    if (this.#count === 0) return;
    const hash = hashSubject(subject);
    const first = (fold(hash) & this.#bucketMask) * WAYS;
    for (let slot = first; slot < first + WAYS; slot++) {
      const entry = this.#slots[slot];
      if (entry === undefined || entry.hash !== hash || entry.subject !== subject) continue;
      this.#slots[slot] = undefined;
      this.#count--;
    }
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
        this.#slots[slot] = entry;
        return;
      }
    }
    if (free === -1) {
      // A full bucket: the newcomer takes a place that its hash chooses.
      free = first + ((entry.hash >>> 28) & (WAYS - 1));
      this.#count--;
    }
    this.#slots[free] = entry;
    this.#count++;
  }

  #double(): void {
    const old = this.#slots;
    this.#slots = new Array(old.length * 2).fill(undefined);
    this.#bucketMask = this.#slots.length / WAYS - 1;
    this.#count = 0;
    for (const entry of old) if (entry !== undefined) this.#place(entry);
  }
}

/** FNV's low bits alone are weak; mix the high ones in. */
function fold(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** At least four bytes follow a subject on the wire, so the last word can always be read. */
function sameBytes(entry: Interest, view: DataView, at: number): boolean {
  const { key, tailMask } = entry;
  const whole = entry.subjectBytes >> 2;
  let k = 0;
  for (; k < whole; k++, at += 4) if (key[k] !== view.getInt32(at, true)) return false;
  return tailMask === 0 || (view.getInt32(at, true) & tailMask) === key[k];
}
