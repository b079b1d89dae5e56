// A server that stops reading (cluster §4.17): it is told as much as may wait for it and then let go, and
// clients here never wait for it.
import { expect, test } from "bun:test";
import type { Route } from "../../src/cluster/route.ts";
import { join, type WireClient } from "../support/wire.ts";
import { after, heard, joinCluster, subscriber, wants } from "./delivery-peer.ts";
import { type Node, startMidge } from "./nodes.ts";

const PENDING_MAX = 8 << 20;
const PAYLOAD = "P".repeat(10_000);
const LINE = `PUB n ${PAYLOAD.length}\r\n${PAYLOAD}\r\n`;
/** Messages between two looks, and the most that may be needed to fill the kernel's buffers and ours. */
const BATCH = 100;
const BATCHES_MAX = 200;

const routeOf = (node: Node): Route => [...node.midge!.cluster!.routes][0]!;

/** Lets so many bytes wait for a server. */
function bound(node: Node, maxPending: number): void {
  const { cluster } = node.midge!;
  cluster!.terms = { ...cluster!.terms, maxPending };
}

/** Publishes until `isDone`; returns how many messages that took. */
async function publishUntil(
  publisher: WireClient,
  hearer: WireClient,
  isDone: () => boolean,
): Promise<number> {
  for (let batch = 1; batch <= BATCHES_MAX; batch++) {
    const [said] = await after(publisher, LINE.repeat(BATCH), hearer);
    expect(said!.length).toBe(BATCH * `MSG n 1 ${PAYLOAD.length}\r\n${PAYLOAD}\r\n`.length);
    if (isDone()) return batch * BATCH;
  }
  throw new Error("the route was never found slow");
}

test("a server that stops reading is let go when too much waits for it, and clients never wait", async () => {
  await using node = await startMidge("A");
  bound(node, PENDING_MAX);
  await using peer = await joinCluster(node, {}, "STUCK");
  await wants(peer, "RS+ $G n\r\n");
  await using here = await subscriber(node, "SUB n 1\r\n");
  await using publisher = await join(node.port);
  const route = routeOf(node);
  peer.pause();
  let most = 0;
  await publishUntil(publisher, here, () => {
    most = Math.max(most, route.connection.pendingBytes);
    return node.midge!.cluster!.remotes === 0;
  });
  expect(most).toBeGreaterThan(PENDING_MAX / 4);
  expect(most).toBeLessThanOrEqual(PENDING_MAX);
  await node.logged(/rid:\d+ - Slow Route Detected: /);
  await node.logged(/Router connection closed: Slow Consumer \(Pending Bytes\) - Remote: STUCK/);
  // What waited for it is freed, and what it wanted forgotten.
  expect(route.connection.pendingBytes).toBe(0);
  expect(route.connection.isGone).toBe(true);
  expect(route.interests.size).toBe(0);
  const before = route.outMsgs;
  const [said] = await after(publisher, "PUB n 1\r\nx\r\n", here);
  expect(said).toBe("MSG n 1 1\r\nx\r\n");
  expect(route.outMsgs).toBe(before);
}, 20_000);

test("a member of a group that cannot be reached any more is passed over", async () => {
  await using node = await startMidge("A");
  bound(node, PENDING_MAX);
  await using peer = await joinCluster(node, {}, "STUCK");
  await wants(peer, "RS+ $G n\r\nRS+ $G q g 1000\r\n");
  await using here = await subscriber(node, "SUB n 1\r\nSUB q g 2\r\n");
  await using publisher = await join(node.port);
  peer.pause();
  await publishUntil(publisher, here, () => node.midge!.cluster!.remotes === 0);
  const [said] = await after(publisher, "PUB q 1\r\nx\r\n".repeat(10), here);
  expect(said).toBe("MSG q 2 1\r\nx\r\n".repeat(10));
}, 20_000);

test("a server that reads nothing for longer than the write deadline is let go", async () => {
  await using node = await startMidge("A", {}, { writeDeadline: 100 });
  await using peer = await joinCluster(node, {}, "STUCK");
  await wants(peer, "RS+ $G n\r\n");
  await using here = await subscriber(node, "SUB n 1\r\n");
  await using publisher = await join(node.port);
  peer.pause();
  const route = routeOf(node);
  await publishUntil(publisher, here, () => route.connection.blocked || route.connection.isGone);
  await node.logged(/Slow Route Detected: WriteDeadline exceeded with \d+ total bytes\./);
  expect(await heard(here)).toBe("");
}, 20_000);

test("a message from a server that no client's buffer can hold costs that client its connection", async () => {
  await using node = await startMidge("A", {}, { maxPending: 1 << 20, writeDeadline: 10_000 });
  await using peer = await joinCluster(node);
  await using stuck = await subscriber(node, "SUB n 1\r\n");
  await using reader = await subscriber(node, "SUB small 1\r\n");
  stuck.pause();
  const size = 16 << 20;
  const [said] = await after(
    peer,
    `RMSG $G n ${size}\r\n${"P".repeat(size)}\r\nRMSG $G small 1\r\nx\r\n`,
    reader,
  );
  expect(said).toBe("MSG small 1 1\r\nx\r\n");
  await node.logged(/cid:\d+ - Slow Consumer Detected: MaxPending of 1048576 Exceeded/);
}, 20_000);
