// Interest of other servers that comes and goes (cluster §4.6) disturbs what it is about, and nothing else.
import { expect, test } from "bun:test";
import { join } from "../support/wire.ts";
import { after, heard, joinCluster, subscriber, wants } from "./delivery-peer.ts";
import { startMidge } from "./nodes.ts";

test("a flow of messages is looked up once, whatever another server wants and no longer wants", async () => {
  await using node = await startMidge("A");
  const account = node.midge!.accountNamed("$G");
  await using peer = await joinCluster(node);
  await using hearer = await subscriber(node, "SUB flow.a 1\r\n");
  await using publisher = await join(node.port);
  await after(publisher, "PUB flow.a 1\r\nx\r\n".repeat(10), hearer);
  const before = account.lookUps;
  for (let round = 0; round < 20; round++) {
    const names = Array.from({ length: 50 }, (_, i) => `s.${round}.${i}`);
    const come = names.map(
      (name) => `RS+ $G ${name}\r\nRS+ $G ${name} g 2\r\nRS+ $G ${name} g 3\r\n`,
    );
    const go = names.map((name) => `RS- $G ${name}\r\nRS- $G ${name} g\r\n`);
    const patterns = `RS+ $G p.${round}.*\r\nRS- $G p.${round}.*\r\n`;
    await wants(peer, come.join("") + patterns + go.join(""));
    const [said] = await after(publisher, "PUB flow.a 1\r\nx\r\n".repeat(10), hearer);
    expect(said).toBe("MSG flow.a 1 1\r\nx\r\n".repeat(10));
  }
  expect(account.lookUps - before).toBe(0);
  expect(account.remoteInterests).toBe(0);
  await wants(peer, "RS+ $G flow.*\r\n");
  const [mine, theirs] = await after(publisher, "PUB flow.a 1\r\nx\r\n", hearer, peer);
  expect([mine, theirs]).toEqual(["MSG flow.a 1 1\r\nx\r\n", "RMSG $G flow.a 1\r\nx\r\n"]);
}, 10_000);

test("a hundred thousand lines at once are all in force when the next one is answered", async () => {
  await using node = await startMidge("A");
  await using peer = await joinCluster(node);
  const count = 100_000;
  const lines = Array.from({ length: count }, (_, i) => `RS+ $G many.${i} g ${1 + (i % 3)}\r\n`);
  await peer.says(lines.join(""));
  expect(await heard(peer)).toBe("");
  const account = node.midge!.accountNamed("$G");
  expect(account.remoteInterests).toBe(count);
  peer.close();
  await node.logged(/Router connection closed/);
  expect(account.remoteInterests).toBe(0);
}, 20_000);
