// The page's graph of servers: who the neighbours are, and what went to and from each in the last second.
import { expect, test } from "bun:test";
import { NeighbourWatch, serverGraph } from "../../src/http/live-servers.ts";
import { fakeCluster, fakeRoute } from "./fake-cluster.ts";
import { fakeSource } from "./fake-source.ts";
import { HandClock } from "./live-source.ts";

function watched(...views: Parameters<typeof fakeRoute>[0][]) {
  const clock = new HandClock();
  const source = fakeSource();
  const cluster = fakeCluster(views.map(fakeRoute));
  source.cluster = cluster;
  const watch = new NeighbourWatch(source, clock.now);
  const tick = (seconds: number) => {
    clock.ms += seconds * 1000;
    watch.tick();
  };
  return { source, cluster, watch, tick };
}

test("a server without a cluster stands alone", () => {
  const source = fakeSource();
  const watch = new NeighbourWatch(source);
  watch.tick();
  const { servers, routes } = serverGraph(source, null, watch.neighbours);
  expect(servers.map(({ name }) => name)).toEqual(["east-1"]);
  expect(routes).toEqual([]);
});

test("a neighbour is told by name, version and address, and the rest is its own to know", () => {
  const { source, watch } = watched({ remoteVersion: "nats-server 2.15.1" });
  const { servers } = serverGraph(source, null, watch.neighbours);
  expect(servers[1]).toEqual({
    id: "NBBB",
    name: "east-2",
    version: "nats-server 2.15.1",
    address: "10.0.0.2:4222",
    isSelf: false,
    connections: null,
    subscriptions: null,
    inMsgs: null,
    outMsgs: null,
  });
});

test("all connections of a pool are one edge, with their traffic together as rates", () => {
  const { cluster, watch, tick } = watched(
    { rid: 5, inMsgs: 100, pendingBytes: 1, rttMs: 4 },
    { rid: 6, poolIndex: 1, outMsgs: 50, pendingBytes: 2, rttMs: 0 },
    { rid: 7, account: "ONE", rttMs: 3 },
  );
  tick(1);
  Object.assign(cluster.views[0]!, { inMsgs: 120, inBytes: 400 });
  Object.assign(cluster.views[2]!, { inMsgs: 4, outBytes: 8 });
  tick(2);
  expect(watch.neighbours.servers.length).toBe(1);
  expect(watch.neighbours.routes).toEqual([
    {
      from: "NAAA",
      to: "NBBB",
      inMsgs: 12,
      inBytes: 200,
      outMsgs: 0,
      outBytes: 4,
      pending: 3,
      rtt: 3,
    },
  ]);
});

test("each neighbour has its own edge, and goes with its last connection", () => {
  const { cluster, watch, tick } = watched(
    { rid: 5 },
    { rid: 6, remoteId: "NCCC", remoteName: "east-3", outMsgs: 7 },
  );
  tick(1);
  expect(watch.neighbours.routes.map(({ to, outMsgs }) => [to, outMsgs])).toEqual([
    ["NBBB", 0],
    ["NCCC", 7],
  ]);
  cluster.views.pop();
  expect(watch.neighbours.servers.map(({ id }) => id)).toEqual(["NBBB"]);
});

test("a connection that comes back counts from its own beginning, and no rate is below zero", () => {
  const { cluster, watch, tick } = watched({ rid: 5, outMsgs: 1000 });
  tick(1);
  cluster.views = [fakeRoute({ rid: 9, outMsgs: 10 })];
  tick(1);
  expect(watch.neighbours.routes[0]).toMatchObject({ outMsgs: 10, inMsgs: 0 });
});
