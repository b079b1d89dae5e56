// The table of connections: order, search, pages and rates.
import { describe, expect, test } from "bun:test";
import { ConnectionTable, type TableQuestion } from "../../src/http/live-table.ts";
import { HandClock, sourceOf, turns } from "./live-source.ts";

const ALL: TableQuestion = {
  state: "open",
  sort: "cid",
  descending: false,
  offset: 0,
  limit: 50,
  words: [],
};

function tableOf(...views: Parameters<typeof sourceOf>[0]) {
  const clock = new HandClock();
  const source = sourceOf(views);
  const table = new ConnectionTable(source, turns, clock.now);
  const cids = async (question: Partial<TableQuestion>) =>
    (await table.page({ ...ALL, ...question })).rows.map(({ cid }) => cid);
  return { clock, source, table, cids };
}

describe("order", () => {
  test("is by size for numbers and by characters for text, upwards and downwards", async () => {
    const { cids } = tableOf(
      { name: "b", pendingBytes: 9 },
      { name: "a", pendingBytes: 100 },
      { name: "c", pendingBytes: 20 },
    );
    expect(await cids({ sort: "pending" })).toEqual([1, 3, 2]);
    expect(await cids({ sort: "pending", descending: true })).toEqual([2, 3, 1]);
    expect(await cids({ sort: "name" })).toEqual([2, 1, 3]);
    expect(await cids({ sort: "name", descending: true })).toEqual([3, 1, 2]);
  });

  test("of equals is by their number, in both directions", async () => {
    const { cids } = tableOf({}, {}, {});
    expect(await cids({ sort: "rtt" })).toEqual([1, 2, 3]);
    expect(await cids({ sort: "rtt", descending: true })).toEqual([1, 2, 3]);
  });
});

test("thousands of connections are in order, whatever they are sorted by", async () => {
  const views = Array.from({ length: 3000 }, (_, i) => ({
    startedAt: i,
    lastActivity: -i,
    pendingBytes: (i * 7919) % 1000,
  }));
  const { cids } = tableOf(...views);
  const last = [3000, 2999, 2998];
  expect(await cids({ sort: "startedAt", descending: true, limit: 3 })).toEqual(last);
  expect(await cids({ sort: "lastActivity", limit: 3 })).toEqual(last);
  expect(await cids({ sort: "lastActivity", descending: true, limit: 3 })).toEqual([1, 2, 3]);
  expect(await cids({ sort: "pending", limit: 3 })).toEqual([1, 1001, 2001]);
  expect(await cids({ sort: "pending", descending: true, limit: 3 })).toEqual([322, 1322, 2322]);
});

describe("search", () => {
  test("finds words in names, addresses, users, accounts and languages, whatever their case", async () => {
    const { cids } = tableOf(
      { name: "Orders-EU", lang: "go", user: "alice" },
      { name: "orders-us", ip: "10.1.2.3", port: 7777 },
      { name: "billing", lang: "nats.js", accountName: "ACME" },
    );
    expect(await cids({ words: ["orders"] })).toEqual([1, 2]);
    expect(await cids({ words: ["orders", "alice"] })).toEqual([1]);
    expect(await cids({ words: ["10.1.2.3:7777"] })).toEqual([2]);
    expect(await cids({ words: ["acme"] })).toEqual([3]);
    expect(await cids({ words: ["nats.js"] })).toEqual([3]);
    expect(await cids({ words: ["nothing"] })).toEqual([]);
  });

  test("sees the name that a client gives itself later", async () => {
    const { cids, clock, source } = tableOf({ name: "" });
    expect(await cids({ words: ["late"] })).toEqual([]);
    source.open[0]!.name = "late";
    clock.ms += 2000;
    expect(await cids({ words: ["late"] })).toEqual([1]);
  });
});

test("a page is a piece of all that was found, and says how many there are", async () => {
  const { table } = tableOf(
    ...Array.from({ length: 120 }, (_, i) => ({ name: `client ${i % 2}` })),
  );
  const page = await table.page({ ...ALL, words: ["client 1"], offset: 50, limit: 50 });
  expect(page).toMatchObject({ total: 120, found: 60, offset: 50 });
  expect(page.rows.map(({ cid }) => cid)).toEqual([
    102, 104, 106, 108, 110, 112, 114, 116, 118, 120,
  ]);
});

test("rates compare two looks, and are unknown at the first one", async () => {
  const { table, clock, source } = tableOf({ inMsgs: 1000 }, { outBytes: 5 });
  const [first] = (await table.page(ALL)).rows;
  expect(first).toMatchObject({ inMsgs: 1000, inMsgsRate: null, outBytesRate: null });
  source.open.shift();
  source.open[0]!.outBytes = 405;
  clock.ms += 4000;
  const { rows } = await table.page(ALL);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ cid: 2, outBytes: 405, outBytesRate: 100, inMsgsRate: 0 });
});

test("all questions within two seconds are answered from one look", async () => {
  const { table, clock, source } = tableOf({ inMsgs: 1 });
  await table.page(ALL);
  source.open[0]!.inMsgs = 2;
  clock.ms += 1999;
  expect((await table.page({ ...ALL, descending: true })).rows[0]!.inMsgs).toBe(1);
  clock.ms += 1;
  expect((await table.page(ALL)).rows[0]!.inMsgs).toBe(2);
});

test("closed connections have a table of their own, with reason and end", async () => {
  const { table, source } = tableOf({ name: "open" });
  source.closed = sourceOf([{ name: "gone", stoppedAt: 5, reason: "Client Closed" }]).open;
  const { rows, total } = await table.page({
    ...ALL,
    state: "closed",
    words: ["client", "closed"],
  });
  expect(total).toBe(1);
  expect(rows[0]).toMatchObject({ name: "gone", stoppedAt: 5, reason: "Client Closed" });
});

test("connections that go while they are looked at are left out", async () => {
  const { table, source } = tableOf(...Array.from({ length: 500 }, () => ({})));
  const looking = table.page(ALL);
  source.open.splice(0, 499);
  expect((await looking).total).toBeLessThanOrEqual(500);
  expect((await looking).rows.at(-1)?.cid).toBeGreaterThan(0);
});
