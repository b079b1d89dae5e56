// The subject tree against a matcher so simple that it must be right, on random subjects; and the order
// of deliveries that the protocol promises.

import { describe, expect, test } from "bun:test";
import type { Client } from "../../src/broker/client.ts";
import { SubjectTree } from "../../src/broker/subject-tree.ts";
import { Subscription } from "../../src/broker/subscription.ts";
import { hashSubject, kindOf, matches, SubjectKind } from "../../src/proto/subject.ts";
import { seeded } from "../support/random.ts";

const nobody = {} as Client;
let nextSid = 1;

function subscription(subject: string, queue: string | null = null): Subscription {
  const kind = kindOf(subject);
  expect(kind).not.toBe(SubjectKind.invalid);
  return new Subscription(nobody, subject, kind === SubjectKind.pattern, queue, String(nextSid++));
}

function match(tree: SubjectTree<Subscription>, subject: string) {
  const bytes = Buffer.from(subject, "latin1");
  return tree.match(bytes, 0, bytes.length, hashSubject(subject));
}

/** Ten lines that decide the same thing without any tree. */
function naive(pattern: string, subject: string): boolean {
  const want = pattern.split(".");
  const have = subject.split(".");
  if (have.includes("")) return false;
  for (let i = 0; i < want.length; i++) {
    if (want[i] === ">" && i === want.length - 1) return have.length > i;
    if (i >= have.length) return false;
    if (want[i] !== "*" && want[i] !== have[i]) return false;
  }
  return have.length === want.length;
}

const TOKENS = ["a", "b", "ab", "c*", "x>", "*", ">", ""];

function randomSubject(random: () => number, tokens: readonly string[]): string {
  const count = 1 + Math.floor(random() * 4);
  return Array.from({ length: count }, () => tokens[Math.floor(random() * tokens.length)]).join(
    ".",
  );
}

describe("random subjects", () => {
  const seed = Number(process.env.MIDGE_TEST_SEED ?? Date.now() & 0xffff);

  test(`the tree finds what a naive matcher finds, while subscriptions come and go (seed ${seed})`, () => {
    const random = seeded(seed);
    const tree = new SubjectTree<Subscription>();
    const live: Subscription[] = [];
    for (let step = 0; step < 20_000; step++) {
      const remove = live.length > 60 || (live.length > 0 && random() < 0.4);
      if (remove) {
        const [gone] = live.splice(Math.floor(random() * live.length), 1);
        tree.remove(gone!);
      } else {
        const subject = randomSubject(random, TOKENS);
        if (kindOf(subject) === SubjectKind.invalid) continue;
        const queue = random() < 0.3 ? `q${Math.floor(random() * 3)}` : null;
        const added = subscription(subject, queue);
        live.push(added);
        tree.insert(added);
      }
      const subject = randomSubject(random, TOKENS);
      const { plain, groups } = match(tree, subject);
      const wanted = live.filter((each) => naive(each.subject, subject));
      const found = new Set([...plain, ...(groups === null ? [] : [...groups.values()].flat())]);
      if (found.size !== wanted.length || wanted.some((each) => !found.has(each))) {
        throw new Error(`step ${step}: publish ${JSON.stringify(subject)} found the wrong ones`);
      }
      for (const [queue, members] of groups ?? []) {
        expect(members.every((each) => each.queue === queue)).toBe(true);
      }
      expect(tree.size).toBe(live.length);
    }
    for (const each of live) tree.remove(each);
    expect(tree.size).toBe(0);
    expect(match(tree, "a.b").plain).toEqual([]);
  });

  test(`matches() agrees with the naive matcher (seed ${seed})`, () => {
    const random = seeded(seed + 1);
    for (let step = 0; step < 50_000; step++) {
      const pattern = randomSubject(random, TOKENS);
      if (kindOf(pattern) === SubjectKind.invalid) continue;
      const subject = randomSubject(random, TOKENS);
      const got = matches(pattern, subject);
      if (got !== naive(pattern, subject)) {
        throw new Error(
          `matches(${JSON.stringify(pattern)}, ${JSON.stringify(subject)}) is ${got}`,
        );
      }
    }
  });
});

describe("order", () => {
  test("on each level > comes first, then *, then the literal; at the end the literal before *", () => {
    const tree = new SubjectTree<Subscription>();
    for (const subject of ["foo.*", "foo.bar", "foo.>", "*.*", "*.bar", ">"]) {
      tree.insert(subscription(subject));
    }
    const subjects = match(tree, "foo.bar").plain.map((each) => each.subject);
    expect(subjects).toEqual([">", "*.bar", "*.*", "foo.>", "foo.bar", "foo.*"]);
  });

  test("a literal without patterns beside it comes after the patterns of the upper levels", () => {
    const tree = new SubjectTree<Subscription>();
    for (const subject of ["a.b.c", "*.b.c", "a.>"]) tree.insert(subscription(subject));
    const subjects = match(tree, "a.b.c").plain.map((each) => each.subject);
    expect(subjects).toEqual(["*.b.c", "a.>", "a.b.c"]);
  });
});

test("subjects whose hashes collide are kept apart", () => {
  // Two strings with one FNV-1a value, found by search.
  const [one, other] = ["costarring", "liquid"];
  expect(hashSubject(one!)).toBe(hashSubject(other!));
  const tree = new SubjectTree<Subscription>();
  const first = subscription(one!);
  const second = subscription(other!);
  const below = subscription(`${one}.*`);
  const beside = subscription(`${other}.*`);
  for (const each of [first, second, below, beside]) tree.insert(each);
  expect(match(tree, one!).plain).toEqual([first]);
  expect(match(tree, other!).plain).toEqual([second]);
  expect(match(tree, `${other}.x`).plain).toEqual([beside]);
  tree.remove(first);
  tree.remove(below);
  expect(match(tree, one!).plain).toEqual([]);
  expect(match(tree, other!).plain).toEqual([second]);
  expect(match(tree, `${one}.x`).plain).toEqual([]);
  expect(match(tree, `${other}.x`).plain).toEqual([beside]);
});

test("a crowd of subjects with one hash is found and removed like any other", () => {
  const tree = new SubjectTree<Subscription>();
  const crowd = Array.from({ length: 64 }, (_, i) => {
    const each = subscription(`crowd.${i}`);
    return Object.defineProperty(each, "hash", { value: 7 });
  });
  for (const each of crowd) tree.insert(each);
  const look = (subject: string) => {
    const bytes = Buffer.from(subject, "latin1");
    return tree.match(bytes, 0, bytes.length, 7).plain;
  };
  for (const each of crowd) expect(look(each.subject)).toEqual([each]);
  for (const each of crowd.slice(0, 40)) tree.remove(each);
  for (const each of crowd.slice(0, 40)) expect(look(each.subject)).toEqual([]);
  for (const each of crowd.slice(40)) expect(look(each.subject)).toEqual([each]);
  for (const each of crowd.slice(40)) tree.remove(each);
  expect(tree.size).toBe(0);
});

test("queue groups join across patterns by name", () => {
  const tree = new SubjectTree<Subscription>();
  for (const subject of ["foo", "*", ">"]) tree.insert(subscription(subject, "q"));
  tree.insert(subscription("foo", "other"));
  const { groups } = match(tree, "foo");
  expect([...groups!.keys()].sort()).toEqual(["other", "q"]);
  expect(groups!.get("q")!.length).toBe(3);
});
