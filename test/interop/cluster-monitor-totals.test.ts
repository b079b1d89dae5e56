// Totals over routes do not go back when a server is lost and comes back, and lost ones are counted by why.
import { expect, test } from "bun:test";
import { greeting, meet, type Node, routeTo, startMidge, startOriginal } from "../cluster/nodes.ts";
import { describeWithPeer } from "../support/peer.ts";
import { connect } from "../support/wire.ts";
import { askJson } from "./monitor-ask.ts";

interface Varz {
  readonly in_msgs: number;
  readonly in_client_msgs: number;
  readonly out_msgs: number;
  readonly out_client_msgs: number;
  readonly out_bytes: number;
  readonly routes: number;
  readonly slow_consumers: number;
  readonly stale_connections: number;
  readonly stale_connection_stats: { readonly routes: number };
}

const PATIENCE_MS = 4_000;
/** Servers tell each other nothing of their own. */
const QUIET = { noSystemAccount: true };

const doorOf = (node: Node) => ({ port: Number(new URL(node.midge!.monitorUrl!).port) });

async function untilVarz(node: Node, isSo: (varz: Varz) => boolean): Promise<Varz> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const varz = await askJson<Varz>(doorOf(node), "/varz");
    if (isSo(varz)) return varz;
  }
  throw new Error("it never came to that");
}

async function metric(node: Node, name: string): Promise<number> {
  const text = await (await fetch(`${node.midge!.monitorUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

/** Messages go to the other server, which is lost and comes back. */
async function keepsTotals(startOther: (route: string) => Promise<Node>): Promise<void> {
  await using one = await startMidge("A", {}, { httpPort: -1, ...QUIET });
  const two = await startOther(routeTo(one));
  await meet(one, two);
  await one.probe.says("PUB probe.B 5\r\nhello\r\n");
  await one.probe.silent();
  const before = await untilVarz(one, ({ out_msgs }) => out_msgs > 0);
  const overRoutes = before.out_msgs - before.out_client_msgs;
  expect(overRoutes).toBe(await metric(one, "midge_cluster_sent_messages_total"));
  const lost = await metric(one, "midge_cluster_routes_lost_total");
  await two.stop();
  const after = await untilVarz(one, ({ routes }) => routes === 0);
  expect([after.out_msgs, after.out_bytes]).toEqual([before.out_msgs, before.out_bytes]);
  expect(await metric(one, "midge_cluster_routes_lost_total")).toBeGreaterThan(lost);
  await using back = await startOther(routeTo(one));
  await meet(one, back);
  const again = await untilVarz(one, ({ routes }) => routes > 0);
  expect(again.out_msgs).toBeGreaterThan(after.out_msgs);
  expect(again.in_msgs).toBeGreaterThanOrEqual(again.in_client_msgs);
}

test("totals keep what went over routes that are gone, and go on when the server is back", () =>
  keepsTotals((route) => startMidge("B", { routes: [route] }, QUIET)));

for (const level of ["2.15", "2.9"] as const) {
  describeWithPeer(`totals over routes to nats-server ${level}`, level, (path) => {
    test("keep what went over those that are gone, and go on when the server is back", () =>
      keepsTotals((route) => startOriginal(path, "B", [route], "", "no_system_account: true")));
  });
}

test("a server that does not answer pings is counted as a stale route", async () => {
  await using one = await startMidge("A", { pingInterval: 50, pingMax: 1 }, { httpPort: -1 });
  await using peer = await connect(one.clusterPort);
  await peer.says(greeting("DEAF"));
  const varz = await untilVarz(one, ({ stale_connections }) => stale_connections > 0);
  expect(varz).toMatchObject({
    stale_connections: 1,
    stale_connection_stats: { clients: 0, routes: 1 },
    slow_consumers: 0,
  });
});
