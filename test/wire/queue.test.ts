// Queue groups: one member of each group hears a message (client protocol §10).
import { afterAll, expect, test } from "bun:test";
import { startServer } from "../support/server.ts";
import { join, type WireClient } from "../support/wire.ts";

const server = await startServer();
afterAll(() => server.stop());

async function listen(says: string): Promise<WireClient> {
  const client = await join(server.port);
  await client.says(says);
  await client.silent();
  return client;
}

/** How many messages a client has heard, by sid. */
async function counts(client: WireClient): Promise<Record<string, number>> {
  const heard: Record<string, number> = {};
  await client.says("PING\r\n");
  for (let line = await client.hearsLine(); line !== "PONG"; line = await client.hearsLine()) {
    const sid = /^MSG \S+ (\S+) /.exec(line)?.[1];
    if (sid) heard[sid] = (heard[sid] ?? 0) + 1;
  }
  return heard;
}

async function publish(subject: string, count: number): Promise<void> {
  await using publisher = await join(server.port);
  await publisher.says(`PUB ${subject} 0\r\n\r\n`.repeat(count));
  await publisher.silent();
}

test("a group of two connections shares a hundred messages about evenly", async () => {
  await using one = await listen("SUB share workers 1\r\n");
  await using two = await listen("SUB share workers 2\r\n");
  await publish("share", 100);
  const first = (await counts(one))["1"] ?? 0;
  const second = (await counts(two))["2"] ?? 0;
  expect(first + second).toBe(100);
  // 50 ± 25 is five standard deviations.
  expect(first).toBeWithin(25, 76);
});

test("members of one connection share too", async () => {
  await using client = await listen("SUB within workers 1\r\nSUB within workers 2\r\n");
  await publish("within", 100);
  const heard = await counts(client);
  expect(heard["1"]! + heard["2"]!).toBe(100);
  expect(heard["1"]).toBeWithin(25, 76);
});

test("a group is one group across the patterns that match", async () => {
  await using client = await listen("SUB across q 1\r\nSUB * q 2\r\nSUB > q 3\r\n");
  await publish("across", 120);
  const heard = await counts(client);
  expect(heard["1"]! + heard["2"]! + heard["3"]!).toBe(120);
  for (const sid of ["1", "2", "3"]) expect(heard[sid]).toBeWithin(10, 71);
});

test("every group and every plain subscription hears each message", async () => {
  await using client = await listen(
    "SUB groups q 1\r\nSUB groups r 2\r\nSUB groups 3\r\nSUB gro*ps 4\r\nSUB groups Q 5\r\n",
  );
  await publish("groups", 5);
  expect(await counts(client)).toEqual({ 1: 5, 2: 5, 3: 5, 5: 5 });
});

test("a member that leaves is chosen no more", async () => {
  await using stays = await listen("SUB leave q 1\r\n");
  await using leaves = await listen("SUB leave q 2\r\n");
  await leaves.says("UNSUB 2\r\n");
  await leaves.silent();
  await publish("leave", 20);
  expect(await counts(stays)).toEqual({ 1: 20 });
  expect(await counts(leaves)).toEqual({});
});

test("a member whose connection closed is chosen no more", async () => {
  await using stays = await listen("SUB close q 1\r\n");
  const leaves = await listen("SUB close q 2\r\n");
  leaves.shutdown();
  await leaves.hearsClose();
  await publish("close", 20);
  expect(await counts(stays)).toEqual({ 1: 20 });
});

test("a member that reached its maximum leaves the rest to the others", async () => {
  await using client = await listen("SUB runs.out q 1\r\nUNSUB 1 5\r\nSUB runs.out q 2\r\n");
  await publish("runs.out", 50);
  expect(await counts(client)).toEqual({ 1: 5, 2: 45 });
});
