// Metrics of the cluster and of each route. A server may be lost and found again: the totals keep what went
// over routes that are gone, and the series of a route that comes back goes on where it ended.
import type { Labels, MetricsText } from "./metrics-text.ts";
import type { ClusterView, RouteTraffic, RouteView } from "./route-source.ts";

/** Routes with series of their own; those beyond are in the totals only. */
const ROUTES_MAX = 256;
/** Series that are remembered, also while their route is gone. */
const KEPT_MAX = 2 * ROUTES_MAX;

const ZERO: RouteTraffic = { inMsgs: 0, inBytes: 0, outMsgs: 0, outBytes: 0 };

type Counter = readonly [key: keyof RouteTraffic, name: string, help: string];

const COUNTERS: readonly Counter[] = [
  ["inMsgs", "received_messages_total", "Messages that came over the route."],
  ["inBytes", "received_bytes_total", "Bytes of the messages that came over the route."],
  ["outMsgs", "sent_messages_total", "Messages that were sent over the route."],
  ["outBytes", "sent_bytes_total", "Bytes of the messages that were sent over the route."],
];

const TOTALS: readonly Counter[] = [
  ["inMsgs", "received_messages_total", "Messages that came from other servers."],
  ["inBytes", "received_bytes_total", "Bytes of the messages that came from other servers."],
  ["outMsgs", "sent_messages_total", "Messages that were sent to other servers."],
  ["outBytes", "sent_bytes_total", "Bytes of the messages that were sent to other servers."],
];

/** What is told of one route. */
export interface RouteSeries {
  readonly labels: Labels;
  readonly view: RouteView;
  readonly traffic: RouteTraffic;
}

interface Kept {
  /** Of all routes in this place, and of the one that was seen last, as it was seen. */
  total: RouteTraffic;
  rid: number;
  seen: RouteTraffic;
}

/** A monitor's own: it remembers what it told before. */
export class RouteHistory {
  /** By labels, the one seen longest ago first. */
  readonly #kept = new Map<string, Kept>();

  read(cluster: ClusterView): readonly RouteSeries[] {
    const series = new Map<string, RouteSeries>();
    for (const view of cluster.routeViews()) {
      const labels = labelsOf(view);
      const key = JSON.stringify(labels);
      // No two series may be the same; a connection and the one that replaces it are, for a moment.
      if (!series.has(key)) series.set(key, { labels, view, traffic: this.#add(key, view) });
      if (series.size === ROUTES_MAX) break;
    }
    return [...series.values()];
  }

  #add(key: string, view: RouteView): RouteTraffic {
    const { rid, inMsgs, inBytes, outMsgs, outBytes } = view;
    const now = { inMsgs, inBytes, outMsgs, outBytes };
    const kept = this.#kept.get(key) ?? { total: ZERO, rid, seen: ZERO };
    const before = kept.rid === rid ? kept.seen : ZERO;
    const total = {
      inMsgs: kept.total.inMsgs + now.inMsgs - before.inMsgs,
      inBytes: kept.total.inBytes + now.inBytes - before.inBytes,
      outMsgs: kept.total.outMsgs + now.outMsgs - before.outMsgs,
      outBytes: kept.total.outBytes + now.outBytes - before.outBytes,
    };
    this.#kept.delete(key);
    this.#kept.set(key, { total, rid, seen: now });
    if (this.#kept.size > KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value!);
    return total;
  }
}

/** Pools have several routes to a server: those for one account alone, and those with a number. */
function labelsOf({ remoteId, remoteName, account, poolIndex }: RouteView): Labels {
  const server = { remote_id: remoteId, remote_name: remoteName };
  return account === "" ? { ...server, pool: String(poolIndex) } : { ...server, account };
}

export function writeCluster(
  text: MetricsText,
  cluster: ClusterView,
  routes: readonly RouteSeries[],
): void {
  const { name, remotes, routeCount, subscriptionCount, tlsCertNotAfter, traffic } = cluster;
  text.gauges("midge_cluster_info", "Always 1; the label says what the cluster is called.", [
    [{ cluster: name }, 1],
  ]);
  text.gauge("midge_cluster_servers", "Servers of the cluster, with this one.", remotes + 1);
  text.gauge("midge_cluster_routes", "Connections to other servers.", routeCount);
  text.gauge(
    "midge_cluster_subscriptions",
    "Subjects that other servers want to hear.",
    subscriptionCount,
  );
  if (tlsCertNotAfter !== null) {
    text.gauge(
      "midge_cluster_tls_certificate_not_after_seconds",
      "When the first of the certificates for routes ends.",
      tlsCertNotAfter / 1000,
    );
  }
  text.counter(
    "midge_cluster_routes_lost_total",
    "Connections to other servers that ended.",
    cluster.lostRoutes,
  );
  for (const [key, metric, help] of TOTALS) {
    text.counter(`midge_cluster_${metric}`, help, traffic[key]);
  }
  writeRoutes(text, routes);
}

function writeRoutes(text: MetricsText, routes: readonly RouteSeries[]): void {
  const samples = (valueOf: (series: RouteSeries) => number) =>
    routes.map((series) => [series.labels, valueOf(series)] as const);
  text.gauges(
    "midge_route_start_time_seconds",
    "When the route began.",
    samples(({ view }) => view.startedAt / 1000),
  );
  text.gauges(
    "midge_route_round_trip_seconds",
    "The last round trip; 0 before the first.",
    samples(({ view }) => view.rttMs / 1000),
  );
  text.gauges(
    "midge_route_pending_bytes",
    "Bytes that wait to be sent over the route.",
    samples(({ view }) => view.pendingBytes),
  );
  text.gauges(
    "midge_route_subscriptions",
    "Subjects that the other server announced on the route.",
    samples(({ view }) => view.subscriptionCount),
  );
  for (const [key, metric, help] of COUNTERS) {
    text.counters(
      `midge_route_${metric}`,
      help,
      samples(({ traffic }) => traffic[key]),
    );
  }
}
