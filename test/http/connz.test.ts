// /connz: names and order, which connections, in which order, in which part.
import { describe, expect, test } from "bun:test";
import type { ConnectionView } from "../../src/http/source.ts";
import { Dice } from "../support/dice.ts";
import { TestMonitor } from "./ask.ts";
import { fakeConnection, fakeSubscription, STARTED_AT, subscribed } from "./fake-source.ts";

interface Connz {
  readonly num_connections: number;
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
  readonly connections: Readonly<Record<string, unknown>>[];
}

async function withClients(open: ConnectionView[], closed: ConnectionView[] = []) {
  const monitor = await TestMonitor.open();
  monitor.source.open = open;
  monitor.source.closed = closed;
  monitor.source.connections = open.length;
  const connz = async (query = "") => (await monitor.json(`/connz?${query}`)) as unknown as Connz;
  return {
    monitor,
    connz,
    cids: async (query: string) => (await connz(query)).connections.map(({ cid }) => cid),
    [Symbol.asyncDispose]: () => monitor[Symbol.asyncDispose](),
  };
}

const gone = (given: Partial<ConnectionView>) =>
  fakeConnection({ stoppedAt: STARTED_AT + 9000, reason: "Client Closed", ...given });

describe("the answer", () => {
  test("without connections has an empty list", async () => {
    await using server = await withClients([]);
    const { text } = await server.monitor.ask("/connz");
    expect(text).toMatch(
      /^{\n {2}"server_id": "NAAA",\n {2}"now": "[^"]+Z",\n {2}"num_connections": 0,\n {2}"total": 0,\n {2}"offset": 0,\n {2}"limit": 1024,\n {2}"connections": \[\]\n}$/,
    );
  });

  test("shows a client with nats-server's names in nats-server's order", async () => {
    const client = fakeConnection({
      lastActivity: STARTED_AT + 1500.25,
      inMsgs: 1,
      inBytes: 2,
      outMsgs: 3,
      outBytes: 4,
      pendingBytes: 5,
      stalls: 6,
      name: "alpha<1>",
      lang: "go",
      version: "1.2.2",
      user: "alice",
      accountName: "A",
      tls: { version: "1.3", cipher: "TLS_AES_128_GCM_SHA256", first: true, certificate: null },
      ...subscribed([
        fakeSubscription({ subject: "foo.>" }),
        fakeSubscription({ subject: "b\xc3\xa9" }),
      ]),
    });
    await using server = await withClients([client]);
    const { text } = await server.monitor.ask("/connz?subs=1&auth=1");
    expect(text).toContain('"name": "alpha\\u003c1\\u003e"');
    const [shown] = (await server.connz("subs=1&auth=true")).connections;
    const { uptime, idle, ...rest } = shown!;
    expect(Object.keys(shown!).join(" ")).toBe(
      "cid kind type ip port start last_activity rtt uptime idle pending_bytes in_msgs out_msgs " +
        "in_bytes out_bytes stalls subscriptions name lang version tls_version tls_cipher_suite " +
        "tls_first authorized_user account subscriptions_list name_tag",
    );
    expect([uptime, idle]).toEqual([expect.stringMatching(/\ds$/), expect.stringMatching(/\ds$/)]);
    expect(rest).toEqual({
      cid: 5,
      kind: "Client",
      type: "nats",
      ip: "127.0.0.1",
      port: 40_000,
      start: "2026-11-23T08:33:29.834Z",
      last_activity: "2026-11-23T08:33:31.33425Z",
      rtt: "381µs",
      pending_bytes: 5,
      in_msgs: 1,
      out_msgs: 3,
      in_bytes: 2,
      out_bytes: 4,
      stalls: 6,
      subscriptions: 2,
      name: "alpha<1>",
      lang: "go",
      version: "1.2.2",
      tls_version: "1.3",
      tls_cipher_suite: "TLS_AES_128_GCM_SHA256",
      tls_first: true,
      authorized_user: "alice",
      account: "A",
      subscriptions_list: ["foo.>", "bé"],
      name_tag: "A",
    });
  });

  test("leaves out what there is nothing to say of", async () => {
    await using server = await withClients([fakeConnection({ rttMs: 0 })]);
    const [plain] = (await server.connz()).connections;
    expect(Object.keys(plain!).join(" ")).toBe(
      "cid kind type ip port start last_activity rtt uptime idle pending_bytes in_msgs out_msgs " +
        "in_bytes out_bytes subscriptions",
    );
    expect(plain!["rtt"]).toBe("0s");
    const [asked] = (await server.connz("auth=1&subs=1")).connections;
    expect(asked!["name_tag"]).toBe("$G");
    expect(asked).not.toHaveProperty("account");
    expect(asked).not.toHaveProperty("authorized_user");
    expect(asked).not.toHaveProperty("subscriptions_list");
  });

  test("shows a closed client with its end, frozen at that time", async () => {
    const client = gone({
      accountName: "B",
      user: "b",
      lastActivity: STARTED_AT + 2000,
      reason: "Slow Consumer (Pending Bytes)",
      ...subscribed([fakeSubscription({ account: "B", subject: "bye", delivered: 2 })]),
    });
    await using server = await withClients([], [client]);
    const [shown] = (await server.connz("state=closed&subs=detail&auth=1")).connections;
    expect(Object.keys(shown!).slice(6, 9)).toEqual(["last_activity", "stop", "reason"]);
    expect(shown).toMatchObject({
      stop: "2026-11-23T08:33:38.834Z",
      reason: "Slow Consumer (Pending Bytes)",
      uptime: "9s",
      idle: "7s",
      authorized_user: "b",
      account: "B",
      name_tag: "B",
    });
    expect(shown!["subscriptions_list_detail"]).toEqual([
      { account: "B", account_tag: "B", subject: "bye", sid: "1", msgs: 2, cid: 5 },
    ]);
    const [bare] = (await server.connz("state=closed")).connections;
    expect(bare).not.toHaveProperty("name_tag");
  });

  test("has the details of open clients' subscriptions without their account", async () => {
    const list = [
      fakeSubscription({ subject: "foo.*", delivered: 1, max: 5 }),
      fakeSubscription({ subject: "foo.bar", queue: "q1", sid: "2" }),
    ];
    await using server = await withClients([fakeConnection(subscribed(list))]);
    const [shown] = (await server.connz("subs=detail")).connections;
    expect(shown!["subscriptions_list_detail"]).toEqual([
      { subject: "foo.*", sid: "1", msgs: 1, max: 5, cid: 5 },
      { subject: "foo.bar", qgroup: "q1", sid: "2", msgs: 0, cid: 5 },
    ]);
  });

  test("is the same with very many subscriptions of one client", async () => {
    const list = Array.from({ length: 3000 }, (_, i) => fakeSubscription({ subject: `s.${i}` }));
    await using server = await withClients([
      fakeConnection(subscribed(list)),
      fakeConnection({ cid: 6 }),
    ]);
    const { text } = await server.monitor.ask("/connz?subs=1&auth=1");
    expect(text).toBe(JSON.stringify(JSON.parse(text), null, 2));
    const [many, none] = (JSON.parse(text) as Connz).connections;
    expect(many!["subscriptions_list"]).toEqual(list.map(({ subject }) => subject));
    expect([many!["name_tag"], none!["cid"]]).toEqual(["$G", 6]);
  });
});

describe("paging", () => {
  const clients = [1, 2, 3, 4, 5].map((cid) => fakeConnection({ cid }));

  test.each([
    ["", [1, 2, 3, 4, 5], 0, 1024],
    ["limit=2", [1, 2], 0, 2],
    ["limit=2&offset=3", [4, 5], 3, 2],
    ["limit=2&offset=4", [5], 4, 2],
    ["offset=5", [], 5, 1024],
    ["offset=99&limit=0", [], 99, 1024],
    ["limit=-1&offset=-5", [1, 2, 3, 4, 5], 0, 1024],
    ["sort=subs&limit=2&offset=1", [2, 3], 1, 2],
  ])("?%s lists %p", async (query, listed, offset, limit) => {
    await using server = await withClients(clients);
    const answer = await server.connz(query);
    expect(answer.connections.map(({ cid }) => cid)).toEqual(listed);
    const { num_connections, total } = answer;
    expect([num_connections, total]).toEqual([listed.length, 5]);
    expect([answer.offset, answer.limit]).toEqual([offset, limit]);
  });

  test("numbers that overflow are clamped, and shown as they were", async () => {
    await using server = await withClients(clients);
    const most = "9223372036854775807";
    const { text } = await server.monitor.ask(`/connz?limit=${most}&offset=${most}&sort=idle`);
    expect(text).toContain(`"offset": ${most},\n  "limit": ${most},\n  "connections": []`);
    expect(await server.cids(`limit=${most}&offset=3`)).toEqual([4, 5]);
  });
});

describe("filters", () => {
  const open = [
    fakeConnection({ cid: 5, user: "a", accountName: "A" }),
    fakeConnection({ cid: 6, user: "b", accountName: "B" }),
    fakeConnection({ cid: 7, user: "b", accountName: "B" }),
    fakeConnection({ cid: 8 }),
  ];
  const closed = [
    gone({ cid: 3, user: "b", accountName: "B" }),
    gone({ cid: 4, user: "zz", accountName: "", reason: "Authentication Failure" }),
    gone({ cid: 2 }),
  ];

  test.each([
    ["state=open", [5, 6, 7, 8], 4],
    ["state=closed", [2, 3, 4], 3],
    ["state=any", [2, 3, 4, 5, 6, 7, 8], 7],
    ["acc=B", [6, 7], 2],
    ["acc=B&state=all", [3, 6, 7], 3],
    ["acc=$G&state=closed", [2], 1],
    ["acc=nope", [], 0],
    ["user=b", [6, 7], 4],
    ["user=b&state=closed", [3], 3],
    ["user=b&acc=A", [], 1],
    ["mqtt_client=x", [], 4],
    ["cid=6", [6], 4],
    ["cid=6&user=a", [], 4],
    ["cid=6&acc=A", [], 1],
    ["cid=6&offset=1", [], 4],
    ["cid=3", [], 4],
    ["cid=3&state=closed", [3], 3],
    ["cid=6&state=any", [6], 7],
    ["cid=99", [], 4],
    ["cid=18446744073709551615", [], 4],
    ["cid=0", [5, 6, 7, 8], 4],
  ])("?%s lists %p", async (query, listed, total) => {
    await using server = await withClients(open, closed);
    const answer = await server.connz(query);
    expect(answer.connections.map(({ cid }) => cid)).toEqual(listed);
    expect([answer.num_connections, answer.total]).toEqual([listed.length, total]);
    if (query.includes("cid=") && !query.includes("cid=0")) expect(answer.limit).toBe(1);
  });
});

describe("sorting", () => {
  const clients = [
    fakeConnection({
      cid: 1,
      startedAt: 5,
      inMsgs: 1,
      lastActivity: 30,
      rttMs: 2,
      pendingBytes: 7,
    }),
    fakeConnection({ cid: 2, startedAt: 6, outMsgs: 1, lastActivity: 10, inBytes: 1 }),
    fakeConnection({ cid: 3, startedAt: 7, outBytes: 9, lastActivity: 20, subscriptionCount: 2 }),
  ];

  test.each([
    ["", [1, 2, 3]],
    ["cid", [1, 2, 3]],
    ["start", [1, 2, 3]],
    ["subs", [3, 1, 2]],
    ["pending", [1, 2, 3]],
    ["msgs_to", [2, 1, 3]],
    ["msgs_from", [1, 2, 3]],
    ["bytes_to", [3, 1, 2]],
    ["bytes_from", [2, 1, 3]],
    ["last", [1, 3, 2]],
    ["idle", [2, 3, 1]],
    ["uptime", [3, 2, 1]],
    ["rtt", [1, 2, 3]],
  ])("by '%s' gives %p, equal ones by cid", async (sort, order) => {
    await using server = await withClients(clients);
    expect(await server.cids(`sort=${sort}`)).toEqual(order);
  });

  test("closed ones by their end and its reason", async () => {
    const closed = [
      gone({ cid: 1, stoppedAt: STARTED_AT + 1, reason: "Write Error", startedAt: STARTED_AT }),
      gone({
        cid: 2,
        stoppedAt: STARTED_AT + 3,
        reason: "Client Closed",
        startedAt: STARTED_AT + 2.5,
      }),
      gone({
        cid: 3,
        stoppedAt: STARTED_AT + 2,
        reason: "Client Closed",
        startedAt: STARTED_AT - 9,
      }),
    ];
    await using server = await withClients([], closed);
    expect(await server.cids("state=closed&sort=stop")).toEqual([2, 3, 1]);
    expect(await server.cids("state=closed&sort=reason")).toEqual([2, 3, 1]);
    expect(await server.cids("state=closed&sort=uptime")).toEqual([2, 1, 3]);
  });

  test("is the same for any number of clients as sorting all of them", async () => {
    const dice = new Dice(7);
    const many = Array.from({ length: 3000 }, (_, i) =>
      fakeConnection({ cid: i + 1, outMsgs: dice.below(50) }),
    );
    await using server = await withClients(many);
    const sorted = many
      .toSorted((a, b) => b.outMsgs - a.outMsgs || a.cid - b.cid)
      .map(({ cid }) => cid);
    expect(await server.cids("sort=msgs_to&limit=3000")).toEqual(sorted);
    expect(await server.cids("sort=msgs_to&limit=20&offset=100")).toEqual(sorted.slice(100, 120));
  });
});

describe("bad parameters", () => {
  test.each([
    [
      "auth=yes&limit=x",
      `Error decoding boolean for 'auth': strconv.ParseBool: parsing "yes": invalid syntax`,
    ],
    [
      "subs=maybe",
      `Error decoding boolean for 'subs': strconv.ParseBool: parsing "maybe": invalid syntax`,
    ],
    [
      "limit=abc&offset=x",
      `Error decoding int for 'offset': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      "cid=-1&limit=1.5",
      `Error decoding int for 'limit': strconv.Atoi: parsing "1.5": invalid syntax`,
    ],
    [
      "cid=-1&state=foo",
      `Error decoding uint64 for 'cid': strconv.ParseUint: parsing "-1": invalid syntax`,
    ],
    ["state=foo&sort=bar", "Error decoding state for foo"],
    ["sort=bar", "invalid sorting option: bar"],
    ["sort=CID", "invalid sorting option: CID"],
    ["sort=__proto__", "invalid sorting option: __proto__"],
    ["sort=stop", "sort by stop only valid on closed connections"],
    ["sort=reason&state=any", "sort by reason only valid on closed connections"],
  ])("?%s is a 400 in words, the first one in order", async (query, text) => {
    await using server = await withClients([]);
    expect(await server.monitor.refusal(`/connz?${query}`)).toEqual([400, text]);
  });
});

describe("between the choice and the answer", () => {
  test("a client may go: what is remembered of it takes its place", async () => {
    const here = fakeConnection({ cid: 1 });
    await using server = await withClients([here, fakeConnection({ cid: 2 })], [gone({ cid: 1 })]);
    // Chosen from the list, but not to be found any more.
    server.monitor.source.connectionView = (cid) =>
      cid === 1 ? undefined : fakeConnection({ cid });
    const { num_connections, connections } = await server.connz();
    expect(num_connections).toBe(2);
    expect(connections.map(({ cid, reason }) => [cid, reason])).toEqual([
      [1, "Client Closed"],
      [2, undefined],
    ]);
  });
});

test("asking for an unknown round-trip time has it measured, for clients that answer pings", async () => {
  const pinged: number[] = [];
  const client = (cid: number, given: Partial<ConnectionView>) =>
    fakeConnection({ cid, rttMs: 0, lang: "go", ...given, ping: () => void pinged.push(cid) });
  const open = [client(1, {}), client(2, { lang: "" }), client(3, { rttMs: 1 })];
  await using server = await withClients(open, [client(4, { stoppedAt: 1, reason: "x" })]);
  await server.connz("state=all");
  expect(pinged).toEqual([1]);
});
