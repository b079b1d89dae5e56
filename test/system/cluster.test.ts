// Questions in a cluster (monitoring §21.1): every server answers, one that is named answers alone, and what
// one is not told of is not asked elsewhere.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { meet, startMidge, routeTo, type Node } from "../cluster/nodes.ts";
import { until } from "../library/support.ts";
import { ACCOUNTS, Pair } from "./cluster-stage.ts";
import { Asker, type Json, Listener } from "./stage.ts";

let pair: Pair;
let sys: Asker;
let remote: Asker;

beforeAll(async () => {
  pair = await Pair.open();
  sys = await pair.join(pair.one, "sys");
  remote = await pair.join(pair.two, "sys");
  await meet(...pair.nodes);
});

afterAll(async () => {
  await sys[Symbol.asyncDispose]();
  await remote[Symbol.asyncDispose]();
  await pair[Symbol.asyncDispose]();
});

/** The answers of both servers, that of "one" first. */
async function asksBoth(asker: Asker, subject: string, body: unknown = ""): Promise<Json[]> {
  await asker.sends(subject, body);
  const answers: Json[] = [];
  while (answers.length < 2) answers.push(JSON.parse((await asker.hears()).payload));
  const name = ({ server, name: own }: Json) => String(server?.name ?? own);
  return answers.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}

const systemOf = ({ midge }: Node) => midge!.accountIfAny("SYS")!;
const idOf = ({ midge }: Node) => midge!.serverId;

test("every server answers", async () => {
  for (const asker of [sys, remote]) {
    for (const name of ["VARZ", "STATSZ", "CONNZ", "HEALTHZ", "IDZ"]) {
      const answers = await asksBoth(asker, `$SYS.REQ.SERVER.PING.${name}`);
      const names = answers.map((each) => each.server?.name ?? each.name);
      expect([name, ...names]).toEqual([name, "one", "two"]);
    }
    const figures = await asksBoth(asker, "$SYS.REQ.SERVER.PING");
    expect(figures.map(({ statsz }) => statsz.active_servers)).toEqual([2, 2]);
    expect(figures.map(({ server }) => server.cluster)).toEqual(["c1", "c1"]);
    expect(figures[0].statsz.routes.length).toBeGreaterThan(0);
    const connections = await asksBoth(asker, "$SYS.REQ.ACCOUNT.SYS.CONNZ");
    expect(connections.map(({ data }) => data.num_connections)).toEqual([1, 1]);
  }
});

test("a server that is named, or that the filters mean, answers alone", async () => {
  for (const node of pair.nodes) {
    const byId = await sys.asks(`$SYS.REQ.SERVER.${idOf(node)}.VARZ`);
    expect(byId.data.server_name).toBe(node.name);
    const byName = await sys.asks("$SYS.REQ.SERVER.PING.VARZ", { server_name: node.name });
    expect(byName.data.server_name).toBe(node.name);
  }
  const body = { cluster: "c2" };
  expect(await sys.asksInVain("$SYS.REQ.SERVER.PING.VARZ", body)).toBe(true);
});

test("who one is, is told by the own server alone", async () => {
  for (const [asker, node] of [
    [sys, pair.one],
    [remote, pair.two],
  ] as const) {
    const { server } = await asker.asks("$SYS.REQ.USER.INFO");
    expect(server.name).toBe(node.name);
  }
});

test("an order goes to the server that it names, whoever is connected where", async () => {
  await using here = await pair.join(pair.one, "bob");
  await using there = await pair.join(pair.two, "bob");
  await sys.asks(`$SYS.REQ.SERVER.${idOf(pair.two)}.KICK`, { cid: there.cid });
  await there.wire.hearsClose();
  await here.wire.silent();
});

test("a user is told of the own account on all servers", async () => {
  await using here = await pair.join(pair.one, "adam");
  await using there = await pair.join(pair.two, "adam");
  await meet(...pair.nodes);
  for (const subject of ["$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ"]) {
    const answers = await asksBoth(here, subject, { acc: "SYS" });
    const cids = answers.map(({ data }) => data.connections.map(({ cid }: Json) => cid));
    expect(cids).toEqual([[here.cid], [there.cid]]);
  }
  const figures = await asksBoth(there, "$SYS.REQ.ACCOUNT.PING.STATZ");
  const rows = figures.map(({ data }) => data.account_statz.map(({ acc }: Json) => acc));
  expect(rows).toEqual([["A"], ["A"]]);
});

test("subscribers are counted on all servers, and told as one number", async () => {
  await sys.wire.says("SUB foo.bar 1\r\nSUB foo.* q 2\r\n");
  await remote.wire.says("SUB foo.bar 1\r\nSUB foo.> q 2\r\n");
  await sys.wire.silent();
  await remote.wire.silent();
  for (const [words, count] of [
    ["foo.bar", "4"],
    ["foo.bar q", "2"],
    ["foo.bar r", "0"],
    ["foo.other", "2"],
    ["nothing", "0"],
    ["foo.>", "4"],
    ["", "0"],
    ["foo..bar", "0"],
    ["one two three", "0"],
  ] as const) {
    await sys.sends("$SYS.DEBUG.SUBSCRIBERS", words);
    expect([words, (await sys.hears()).payload]).toEqual([words, count]);
  }
  await sys.wire.says("UNSUB 1\r\nUNSUB 2\r\n");
  await remote.wire.says("UNSUB 1\r\nUNSUB 2\r\n");
});

test("who comes and goes at another server is heard", async () => {
  await using listener = new Listener(sys.wire);
  await sys.wire.says("SUB $SYS.ACCOUNT.B.CONNECT e1\r\nSUB $SYS.ACCOUNT.B.DISCONNECT e2\r\n");
  await sys.wire.silent();
  await meet(...pair.nodes);
  const known = () => systemOf(pair.two).remoteInterests;
  expect(known()).toBeGreaterThan(0);
  const bob = await pair.join(pair.two, "bob");
  const { document } = await listener.hears();
  expect([document.server.name, document.client.id]).toEqual(["two", bob.cid]);
  bob.wire.close();
  const gone = await listener.hears();
  expect([gone.document.server.name, gone.document.client.id]).toEqual(["two", bob.cid]);
  sys = await pair.join(pair.one, "sys");
});

test("what a server listens to itself is told to others, and forgotten when it stops", async () => {
  const options = { systemAccount: "SYS", accounts: ACCOUNTS, noAuthUser: "guest" };
  await using one = await startMidge("one", {}, options);
  expect(systemOf(one).remoteInterests).toBe(0);
  const two = await startMidge("two", { routes: [routeTo(one)] }, options);
  await meet(one, two);
  const system = systemOf(one);
  await until(() => system.remoteInterests > 50, "all that it listens to is told");
  await using asker = await Asker.join(one.port, "sys");
  const subject = `$SYS.REQ.SERVER.${idOf(two)}.VARZ`;
  expect((await asker.asks(subject)).server.name).toBe("two");
  await asker.wire.says("SUB $SYS.SERVER.*.SHUTDOWN e\r\n");
  await asker.wire.silent();
  await meet(one, two);
  await two.stop();
  const { subject: farewell } = await asker.wire.hearsMessage();
  expect(farewell).toBe(`$SYS.SERVER.${idOf(two)}.SHUTDOWN`);
  await until(() => system.remoteInterests === 0, "it is forgotten");
  expect(await asker.asksNobody(subject)).toBe(true);
  expect((await asker.asks("$SYS.REQ.SERVER.PING.VARZ")).server.name).toBe("one");
});
