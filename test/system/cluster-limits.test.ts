// An account's limit of connections is one for the whole cluster: servers tell each other how many there are
// (monitoring §21.3), and forget those of one that leaves.
import { describe, expect, test } from "bun:test";
import { connect, connectLine, join } from "../support/wire.ts";
import { meet, type Node, routeTo, startMidge, startQuiet } from "../cluster/nodes.ts";
import { until } from "../library/support.ts";
import { ACCOUNTS, Pair } from "./cluster-stage.ts";
import { Asker, password } from "./stage.ts";

const LIMITED = { ...ACCOUNTS, B: { ...ACCOUNTS.B, limits: { maxConnections: 2 } } };
const REFUSAL = "-ERR 'maximum account active connections exceeded'\r\n";

const elsewhere = ({ midge }: Node, account = "B") =>
  midge!.accountIfAny(account)!.remoteConnections;
const knows = (node: Node, count: number) =>
  until(() => elsewhere(node) === count, `${node.name} knows of ${count} connections elsewhere`);

async function expectRefused(node: Node): Promise<void> {
  await using surplus = await connect(node.port);
  await surplus.says(connectLine({ user: "bob", pass: password }));
  await surplus.hears(REFUSAL);
  await surplus.hearsClose();
}

describe("a limit of connections", () => {
  test("counts those at all servers, whichever one would be next", async () => {
    await using pair = await Pair.open({ accounts: LIMITED });
    await using _here = await pair.join(pair.one, "bob");
    await knows(pair.two, 1);
    await using there = await pair.join(pair.two, "bob");
    await knows(pair.one, 1);
    for (const node of pair.nodes) await expectRefused(node);
    // Others have their own limits, or none.
    await using adam = await pair.join(pair.two, "adam");
    await adam.wire.silent();
    await there.wire.silent();
  });

  test("leaves room again when a client goes, wherever it was", async () => {
    await using pair = await Pair.open({ accounts: LIMITED });
    const here = await pair.join(pair.one, "bob");
    await using _second = await pair.join(pair.one, "bob");
    await knows(pair.two, 2);
    await expectRefused(pair.two);
    here.wire.close();
    await knows(pair.two, 1);
    await using there = await pair.join(pair.two, "bob");
    await there.wire.silent();
  });

  test("leaves room again when a server goes", async () => {
    await using pair = await Pair.open({ accounts: LIMITED });
    await using _one = await pair.join(pair.one, "bob");
    await using _two = await pair.join(pair.one, "bob");
    await knows(pair.two, 2);
    await expectRefused(pair.two);
    await pair.one.stop();
    await knows(pair.two, 0);
    await using there = await pair.join(pair.two, "bob");
    await there.wire.silent();
  });

  test("counts those who were there before the servers met", async () => {
    const options = { systemAccount: "SYS", accounts: LIMITED, noAuthUser: "guest" };
    await using one = await startMidge("one", {}, options);
    await using _first = await Asker.join(one.port, "bob");
    await using _second = await Asker.join(one.port, "bob");
    await using two = await startMidge("two", { routes: [routeTo(one)] }, options);
    await meet(one, two);
    await knows(two, 2);
    await expectRefused(two);
  });

  test("is not what an ordinary user says that it is", async () => {
    await using pair = await Pair.open({ accounts: LIMITED });
    await using adam = await pair.join(pair.one, "adam");
    const id = pair.one.midge!.serverId;
    const text = JSON.stringify({ server: { id }, acc: "B", conns: 2 });
    for (const subject of ["$SYS.SERVER.ACCOUNT.B.CONNS", "$SYS.ACCOUNT.B.SERVER.CONNS"]) {
      await adam.wire.says(`PUB ${subject} ${text.length}\r\n${text}\r\n`);
    }
    await adam.wire.silent();
    await meet(...pair.nodes);
    expect(elsewhere(pair.two)).toBe(0);
    await using bob = await pair.join(pair.two, "bob");
    await bob.wire.silent();
  });

  test("of nobody's account is each server's own", async () => {
    const options = { accounts: {} };
    await using one = await startMidge("one", {}, options);
    await using two = await startMidge("two", { routes: [routeTo(one)] }, options);
    await meet(one, two);
    await using _guest = await join(one.port);
    await meet(one, two);
    expect([elsewhere(one, "$G"), elsewhere(two, "$G")]).toEqual([0, 0]);
  });
});

describe("without a system account", () => {
  test("nothing listens, and others are told of nothing", async () => {
    await using one = await startMidge("one");
    await using two = await startQuiet("two", { routes: [routeTo(one)] });
    await meet(one, two);
    const system = one.midge!.accountIfAny("$SYS");
    expect([system!.remoteInterests, system!.ownSubscriptions.size]).toEqual([0, 56]);
    expect(two.midge!.accountIfAny("$SYS")?.ownSubscriptions.size ?? 0).toBe(0);
    for (const account of two.midge!.accounts) {
      expect([account.name, account.ownSubscriptions.size]).toEqual([account.name, 0]);
    }
  });

  test("nobody answers questions, and the limit is each server's own", async () => {
    await using one = await startQuiet("one");
    await using asker = await Asker.join(one.port);
    for (const subject of ["USER.INFO", "ACCOUNT.PING.CONNZ", "SERVER.PING.CONNZ", "SERVER.PING"]) {
      expect(await asker.asksNobody(`$SYS.REQ.${subject}`)).toBe(true);
    }
  });
});
