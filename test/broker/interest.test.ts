// The interest cache: it must find by bytes what was put in, forget exactly what a subscription touches,
// and stay within its bound.

import { expect, test } from "bun:test";
import type { Client } from "../../src/broker/client.ts";
import { Interest, InterestCache } from "../../src/broker/interest.ts";
import { Subscription } from "../../src/broker/subscription.ts";
import { hashSubject, kindOf, SubjectKind } from "../../src/proto/subject.ts";

function subscription(subject: string): Subscription {
  const isPattern = kindOf(subject) === SubjectKind.pattern;
  return new Subscription({} as Client, subject, isPattern, null, "1");
}

function find(cache: InterestCache, subject: string, hash = hashSubject(subject)) {
  const line = Buffer.from(`PUB ${subject} 0\r\n\r\n`, "latin1");
  const view = new DataView(line.buffer, line.byteOffset, line.length);
  return cache.find(hash, view, 4, subject.length);
}

function add(cache: InterestCache, subject: string, hash = hashSubject(subject)): Interest {
  const interest = new Interest([], [], false);
  cache.add(interest, subject, hash);
  return interest;
}

test("finds an entry by its bytes, for every length of the last word", () => {
  const cache = new InterestCache();
  for (const subject of ["a", "ab", "abc", "abcd", "abcde", "foo.bar.baz"]) {
    const interest = add(cache, subject);
    expect(find(cache, subject)).toBe(interest);
  }
  expect(find(cache, "abx")).toBeNull();
});

test("equal hashes are not enough: the bytes are compared", () => {
  const cache = new InterestCache();
  add(cache, "foo.bar", 7);
  expect(find(cache, "foo.baz", 7)).toBeNull();
  expect(find(cache, "foo.ba", 7)).toBeNull();
  expect(find(cache, "foo.barr", 7)).toBeNull();
});

test("a subscription without wildcards makes it forget that subject alone", () => {
  const cache = new InterestCache();
  const kept = add(cache, "other");
  add(cache, "foo.bar");
  cache.change(subscription("foo.bar"));
  expect(find(cache, "foo.bar")).toBeNull();
  expect(find(cache, "other")).toBe(kept);
});

test("a pattern makes it forget what it matches and nothing else", () => {
  const cache = new InterestCache();
  const kept = add(cache, "other.x");
  add(cache, "foo.x");
  cache.change(subscription("foo.*"));
  expect(find(cache, "foo.x")).toBeNull();
  expect(find(cache, "other.x")).toBe(kept);
  expect(cache.size).toBe(1);
});

test("a change that concerns an entry is not forgotten, however many others follow", () => {
  const cache = new InterestCache();
  add(cache, "foo");
  cache.change(subscription("*"));
  for (let i = 0; i < 500; i++) cache.change(subscription(`no.match.${i}.*`));
  expect(find(cache, "foo")).toBeNull();
});

test("entries that a change made untrue are let go even if nobody asks for them again", () => {
  const cache = new InterestCache();
  for (let i = 0; i < 100; i++) add(cache, `foo.${i}`);
  cache.change(subscription("foo.*"));
  for (let i = 0; i < 100; i++) cache.change(subscription(`no.match.${i}.*`));
  expect(cache.size).toBe(0);
});

test("it holds no more targets than its bound, however many subscribers each subject has", () => {
  const cache = new InterestCache();
  const targets = Array.from({ length: 1000 }, () => ({ head: new Int32Array(8), client: {} }));
  for (let i = 0; i < 2000; i++) {
    cache.add(new Interest(targets as never, [], false), `s.${i}`, hashSubject(`s.${i}`));
  }
  expect(cache.size).toBeLessThanOrEqual((1 << 19) / 1000);
});

test("a subject is remembered when it is asked for again", () => {
  const cache = new InterestCache();
  expect(cache.sawBefore(1234)).toBe(false);
  expect(cache.sawBefore(1234)).toBe(true);
});

test("subjects that come round and share a place are all remembered in the end", () => {
  const cache = new InterestCache();
  const subjects = Array.from({ length: 200 }, (_, i) => i * 0x10000 + (i >> 1));
  const seen = new Set<number>();
  for (let round = 0; round < 60; round++) {
    for (const hash of subjects) if (!seen.has(hash) && cache.sawBefore(hash)) seen.add(hash);
  }
  expect(seen.size).toBe(subjects.length);
});

test("it holds no more entries than its bound, however many subjects come", () => {
  const cache = new InterestCache();
  for (let i = 0; i < 300_000; i++) add(cache, `s.${i}`);
  expect(cache.size).toBeLessThanOrEqual(1 << 17);
  expect(cache.size).toBeGreaterThan(0);
});
