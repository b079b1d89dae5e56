// /subsz and its other name: numbers of all trees, and lists of subscriptions.
import { describe, expect, test } from "bun:test";
import type { AccountView, SubscriptionView, TreeStats } from "../../src/http/source.ts";
import { TestMonitor } from "./ask.ts";
import { fakeAccount, fakeSubscription, NO_STATS } from "./fake-source.ts";

const TREE_A: TreeStats = {
  subscriptions: 3,
  cached: 2,
  inserts: 5,
  removes: 2,
  matches: 8,
  cacheHits: 2,
  maxFanout: 3,
  avgFanout: 2,
  fanoutEntries: 2,
};
const TREE_B: TreeStats = {
  ...NO_STATS,
  subscriptions: 1,
  cached: 1,
  matches: 2,
  cacheHits: 1,
  maxFanout: 5,
  avgFanout: 5,
  fanoutEntries: 1,
};

function account(name: string, subscriptions: SubscriptionView[], stats = NO_STATS): AccountView {
  return fakeAccount({
    name,
    subscriptionCount: subscriptions.length,
    subscriptionViews: () => subscriptions,
    treeStats: () => stats,
  });
}

const ofA = ["foo.*", "foo.bar", ">"].map((subject, i) =>
  fakeSubscription({ account: "A", subject, sid: `${i + 1}`, queue: i === 1 ? "q" : null }),
);
const ofB = [fakeSubscription({ account: "B", subject: "bar", delivered: 4, max: 9, cid: 8 })];

async function withSubscriptions() {
  const monitor = await TestMonitor.open();
  monitor.source.accounts = [account("A", ofA, TREE_A), account("B", ofB, TREE_B)];
  return monitor;
}

const subjects = (answer: Record<string, unknown>) =>
  ((answer["subscriptions_list"] ?? []) as { subject: string }[]).map(({ subject }) => subject);

describe("the numbers", () => {
  test("are sums over the accounts, shares and averages over what they are shares of", async () => {
    await using monitor = await withSubscriptions();
    const { now: _now, ...shown } = await monitor.json("/subsz");
    expect(Object.entries(shown)).toEqual([
      ["server_id", "NAAA"],
      ["num_subscriptions", 4],
      ["num_cache", 3],
      ["num_inserts", 5],
      ["num_removes", 2],
      ["num_matches", 10],
      ["cache_hit_rate", 0.3],
      ["max_fanout", 5],
      ["avg_fanout", 3],
      ["total", 0],
      ["offset", 0],
      ["limit", 1024],
    ]);
  });

  test("are zero where there is nothing, and for an account that nobody knows", async () => {
    await using monitor = await withSubscriptions();
    const unknown = await monitor.json("/subsz?acc=nope&subs=1");
    const { server_id: _id, now: _now, limit: _limit, ...numbers } = unknown;
    expect(Object.values(numbers).every((each) => each === 0)).toBe(true);
    expect(unknown).not.toHaveProperty("subscriptions_list");
    expect(await monitor.json("/subsz?acc=A")).toMatchObject({
      num_subscriptions: 3,
      avg_fanout: 2,
    });
  });

  test("are the same under both names", async () => {
    await using monitor = await withSubscriptions();
    const [one, other] = [await monitor.json("/subsz"), await monitor.json("/subscriptionsz")];
    expect({ ...one, now: "" }).toEqual({ ...other, now: "" });
  });
});

describe("the list", () => {
  test("has every subscription with its account", async () => {
    await using monitor = await withSubscriptions();
    const answer = await monitor.json("/subsz?subs=1");
    expect(answer["total"]).toBe(4);
    expect(answer["subscriptions_list"]).toEqual([
      { account: "A", account_tag: "A", subject: "foo.*", sid: "1", msgs: 0, cid: 5 },
      {
        account: "A",
        account_tag: "A",
        subject: "foo.bar",
        qgroup: "q",
        sid: "2",
        msgs: 0,
        cid: 5,
      },
      { account: "A", account_tag: "A", subject: ">", sid: "3", msgs: 0, cid: 5 },
      { account: "B", account_tag: "B", subject: "bar", sid: "1", msgs: 4, max: 9, cid: 8 },
    ]);
  });

  test.each([
    ["acc=A", ["foo.*", "foo.bar", ">"], 3],
    ["limit=2&offset=1", ["foo.bar", ">"], 4],
    ["offset=3&limit=9", ["bar"], 4],
    ["offset=4", [], 4],
    ["limit=-1&offset=-1", ["foo.*", "foo.bar", ">", "bar"], 4],
    ["offset=9223372036854775807", [], 4],
    ["test=foo.bar", ["foo.*", "foo.bar", ">"], 3],
    ["test=foo.bar&offset=2", [">"], 3],
    ["test=bar&acc=B", ["bar"], 1],
    ["test=nobody&acc=B", [], 0],
  ])("?subs=1&%s has %p of %p", async (query, listed, total) => {
    await using monitor = await withSubscriptions();
    const answer = await monitor.json(`/subsz?subs=1&${query}`);
    expect(subjects(answer)).toEqual(listed);
    expect(answer["total"]).toBe(total);
    expect("subscriptions_list" in answer).toBe(listed.length > 0);
  });

  test("finds one subscription among 100,000", async () => {
    await using monitor = await TestMonitor.open();
    const many = Array.from({ length: 100_000 }, (_, i) => fakeSubscription({ subject: `a.${i}` }));
    monitor.source.accounts = [account("$G", many)];
    const answer = await monitor.json("/subsz?subs=1&test=a.77777");
    expect([answer["total"], subjects(answer)]).toEqual([1, ["a.77777"]]);
    expect(subjects(await monitor.json("/subsz?subs=1&offset=99999"))).toEqual(["a.99999"]);
  });

  test("compares bytes, and shows them as text", async () => {
    await using monitor = await TestMonitor.open();
    monitor.source.accounts = [account("$G", [fakeSubscription({ subject: "b\xc3\xa9.*" })])];
    const answer = await monitor.json("/subsz?subs=1&test=b%C3%A9.x");
    expect(subjects(answer)).toEqual(["bé.*"]);
  });
});

describe("bad parameters", () => {
  test.each([
    [
      "subs=detail",
      `Error decoding boolean for 'subs': strconv.ParseBool: parsing "detail": invalid syntax`,
    ],
    [
      "limit=x&offset=y",
      `Error decoding int for 'offset': strconv.Atoi: parsing "y": invalid syntax`,
    ],
    ["test=foo.*", "invalid test subject, must be valid publish subject: foo.*"],
    ["test=foo..bar", "invalid test subject, must be valid publish subject: foo..bar"],
    ["test=%3E", "invalid test subject, must be valid publish subject: >"],
  ])("?%s is a 400 in words", async (query, text) => {
    await using monitor = await withSubscriptions();
    expect(await monitor.refusal(`/subsz?${query}`)).toEqual([400, text]);
  });
});
