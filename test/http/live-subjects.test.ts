// Subjects as a tree: every sum is exact, however few of them have a place of their own.
import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import type { SubjectNode } from "../../src/http/live-shapes.ts";
import { SubjectActivity, type SubjectQuestion } from "../../src/http/live-subjects.ts";
import { fakeAccount, fakeSource } from "./fake-source.ts";
import { HandClock, sourceWith, turns } from "./live-source.ts";

const ALL: SubjectQuestion = { account: "", under: "", order: "rate" };

function activityOf(messages: Record<string, number>) {
  const clock = new HandClock();
  const activity = new SubjectActivity(sourceWith(messages), turns, clock.now);
  return { clock, tree: (question = {}) => activity.tree({ ...ALL, ...question }) };
}

function child(node: SubjectNode, ...tokens: string[]): SubjectNode | undefined {
  const [token, ...rest] = tokens;
  if (token === undefined) return node;
  const next = node.children.find((each) => each.token === token);
  return next && child(next, ...rest);
}

describe("the tree", () => {
  test("has a branch for each token and the busiest first", async () => {
    const { tree } = activityOf({ "a.b": 1, "a.c": 5, d: 4, "a.c.e": 2 });
    const { root, account, accounts } = await tree();
    expect(account).toBe("$G");
    expect(accounts).toEqual(["$G", "$SYS"]);
    expect(root).toMatchObject({ subjects: 4, messages: 12 });
    expect(root.children.map(({ token }) => token)).toEqual(["a", "d"]);
    expect(child(root, "a")).toMatchObject({ subjects: 3, messages: 8 });
    expect(child(root, "a", "c")).toMatchObject({ subjects: 2, messages: 7 });
    expect(child(root, "a", "c", "e")).toMatchObject({ subjects: 1, messages: 2, children: [] });
  });

  test("of many subjects shows the busiest and sums up the others where they belong", async () => {
    const messages: Record<string, number> = {};
    for (let i = 0; i < 3000; i++) messages[`_INBOX.${i}`] = 1;
    for (let i = 0; i < 100; i++) messages[`orders.${i}`] = 10 + i;
    const { root } = await activityOf(messages).tree();
    const inbox = child(root, "_INBOX")!;
    expect(root).toMatchObject({ subjects: 3100, messages: 3000 + 5950 });
    expect(child(root, "orders")!.children).toHaveLength(100);
    expect(inbox).toMatchObject({ subjects: 3000, messages: 3000 });
    expect(inbox.children).toHaveLength(150);
    expect(inbox.rest).toEqual({ subjects: 2850, messages: 2850, rate: 0 });
  });

  test("ends at some depth", async () => {
    const deep = Array(2000).fill("x").join(".");
    const { root } = await activityOf({ [deep]: 3 }).tree();
    let depth = 0;
    for (let node = root; node.children[0]; node = node.children[0]) depth++;
    expect(depth).toBe(10);
    expect(JSON.stringify(root)).toContain('"rest":{"subjects":1,"messages":3,"rate":0}');
  });

  test("can be of what is below one subject", async () => {
    const { tree } = activityOf({ "a.b.c": 1, "a.b": 2, "a.bb": 4, "x.b.c": 8 });
    const { root, under } = await tree({ under: "a.b" });
    expect(under).toBe("a.b");
    expect(root).toMatchObject({ subjects: 2, messages: 3 });
    expect(root.children.map(({ token }) => token)).toEqual(["c"]);
  });

  test("is text, also where bytes are none", async () => {
    const { tree } = activityOf({ "gr\xc3\xbc\xc3\x9fe.\xff": 1 });
    const { root } = await tree({ under: "gr\xc3\xbc\xc3\x9fe" });
    expect(root.children[0]!.token).toBe("\ufffd");
    expect((await tree()).root.children[0]!.token).toBe("grüße");
  });

  test("of an account that is not there is empty", async () => {
    const { root, account } = await activityOf({ a: 1 }).tree({ account: "nobody" });
    expect([account, root.subjects, root.children]).toEqual(["nobody", 0, []]);
  });
});

test("rates are of the time between two looks, and decide who is busiest", async () => {
  const messages: Record<string, number> = { old: 1_000_000, busy: 0 };
  const { clock, tree } = activityOf(messages);
  expect(await tree()).toMatchObject({ hasRates: false, root: { rate: 0 } });
  messages["busy"] = 400;
  messages["new"] = 20;
  clock.ms += 4000;
  const { hasRates, root } = await tree();
  expect(hasRates).toBe(true);
  expect(root.children.map(({ token, rate }) => [token, rate])).toEqual([
    ["busy", 100],
    ["new", 5],
    ["old", 0],
  ]);
  expect(root.rate).toBe(105);
  expect((await tree({ order: "messages" })).root.children[0]!.token).toBe("old");
});

test("a subject that was forgotten and came back counts from nothing", async () => {
  const messages: Record<string, number> = { a: 1000 };
  const { clock, tree } = activityOf(messages);
  await tree();
  messages["a"] = 40;
  clock.ms += 2000;
  expect((await tree()).root.rate).toBe(20);
});

describe("accounts that there are not", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `nobody-${i}`);
  const mapsNow = () => {
    Bun.gc(true);
    return heapStats().objectTypeCounts["Map"] ?? 0;
  };

  test("leave nothing behind, however many are asked for", async () => {
    const { tree } = activityOf({ a: 1 });
    await tree();
    const before = mapsNow();
    for (const account of names) expect((await tree({ account })).root.subjects).toBe(0);
    expect(mapsNow() - before).toBeLessThan(names.length / 10);
  });

  test("do not make the server forget what it knows of those that there are", async () => {
    const source = fakeSource();
    let reads = 0;
    source.accounts = [fakeAccount({ activity: () => (reads++, [{ subject: "a", messages: 1 }]) })];
    const activity = new SubjectActivity(source, turns, new HandClock().now);
    await activity.tree(ALL);
    for (const account of names) await activity.tree({ ...ALL, account });
    expect((await activity.tree(ALL)).root.messages).toBe(1);
    expect(reads).toBe(1);
  });
});
