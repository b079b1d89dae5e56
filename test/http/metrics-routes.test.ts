// Metrics of a cluster: of all routes together, which never go back, and of each.
import { expect, test } from "bun:test";
import { TestMonitor } from "./ask.ts";
import { fakeCluster, fakeRoute } from "./fake-cluster.ts";

/** The samples of these metrics, by name and labels. */
async function scrape(monitor: TestMonitor, names: RegExp): Promise<Record<string, number>> {
  const { text } = await monitor.ask("/metrics");
  const lines = text.split("\n").filter((line) => names.test(line));
  return Object.fromEntries(
    lines.map((line) => {
      const blank = line.lastIndexOf(" ");
      return [line.slice(0, blank), Number(line.slice(blank + 1))];
    }),
  );
}

const sent = (labels: string) => `midge_route_sent_messages_total{${labels}}`;
const EAST_2 = 'remote_id="NBBB",remote_name="east-2"';

test("a server without a cluster says nothing about one", async () => {
  await using monitor = await TestMonitor.open();
  expect(await scrape(monitor, /midge_(cluster|route)/)).toEqual({});
});

test("the cluster is told by its size, its totals and its name", async () => {
  await using monitor = await TestMonitor.open({ cluster: {} });
  monitor.source.cluster = fakeCluster([
    fakeRoute(),
    fakeRoute({ rid: 6, poolIndex: 1 }),
    fakeRoute({ rid: 7, remoteId: "NCCC", remoteName: "east-3" }),
  ]);
  expect(await scrape(monitor, /^midge_cluster/)).toEqual({
    'midge_cluster_info{cluster="c1"}': 1,
    midge_cluster_servers: 3,
    midge_cluster_routes: 3,
    midge_cluster_subscriptions: 37,
    midge_cluster_routes_lost_total: 59,
    midge_cluster_received_messages_total: 41,
    midge_cluster_received_bytes_total: 43,
    midge_cluster_sent_messages_total: 47,
    midge_cluster_sent_bytes_total: 53,
  });
});

test("each route has its series, by server and by place in the pool or account", async () => {
  await using monitor = await TestMonitor.open({ cluster: {} });
  monitor.source.cluster = fakeCluster([
    fakeRoute({ outMsgs: 1 }),
    fakeRoute({ rid: 6, poolIndex: 1, outMsgs: 2 }),
    fakeRoute({ rid: 7, account: "ONE", outMsgs: 3, rttMs: 2, pendingBytes: 9 }),
  ]);
  expect(await scrape(monitor, /^midge_route_sent_messages/)).toEqual({
    [sent(`${EAST_2},pool="0"`)]: 1,
    [sent(`${EAST_2},pool="1"`)]: 2,
    [sent(`${EAST_2},account="ONE"`)]: 3,
  });
  const gauges = await scrape(monitor, /^midge_route_(round|pending).*ONE/);
  expect(Object.values(gauges)).toEqual([0.002, 9]);
});

test("the series of a route that comes back goes on where it ended", async () => {
  await using monitor = await TestMonitor.open({ cluster: {} });
  const cluster = fakeCluster([fakeRoute({ rid: 5, outMsgs: 10 })]);
  monitor.source.cluster = cluster;
  const value = async () => Object.values(await scrape(monitor, /^midge_route_sent_messages/));
  expect(await value()).toEqual([10]);
  cluster.views = [];
  expect(await value()).toEqual([]);
  cluster.views = [fakeRoute({ rid: 9, outMsgs: 3 })];
  expect(await value()).toEqual([13]);
  cluster.views = [fakeRoute({ rid: 9, outMsgs: 5 })];
  expect(await value()).toEqual([15]);
});

test("two monitors' scrapes at the same time count growth once", async () => {
  await using monitor = await TestMonitor.open({ cluster: {} });
  monitor.source.cluster = fakeCluster([fakeRoute({ outMsgs: 10 })]);
  const both = [scrape(monitor, /^midge_route_sent_m/), scrape(monitor, /^midge_route_sent_m/)];
  const values = (await Promise.all(both)).flatMap((each) => Object.values(each));
  expect(values).toEqual([10, 10]);
});

test("however many routes there are, the number of series is bounded", async () => {
  await using monitor = await TestMonitor.open({ cluster: {} });
  const many = (turn: number) =>
    Array.from({ length: 700 }, (_, i) => fakeRoute({ rid: i + 1, remoteId: `N${turn}-${i}` }));
  for (let turn = 0; turn < 3; turn++) {
    monitor.source.cluster = fakeCluster(many(turn));
    const series = await scrape(monitor, /^midge_route_sent_messages/);
    expect(Object.keys(series).length).toBe(256);
  }
});

test("a connection and the one that replaces it are not two series of the same labels", async () => {
  await using monitor = await TestMonitor.open({ cluster: {} });
  monitor.source.cluster = fakeCluster([fakeRoute({ rid: 5 }), fakeRoute({ rid: 6 })]);
  const { text } = await monitor.ask("/metrics");
  const series = text.split("\n").filter((line) => line.startsWith("midge_route_pending_bytes"));
  expect(series.length).toBe(1);
});
