// The servers as a graph: this one, its neighbours, and what goes between them. Several connections to one
// server are one edge.
import { MIDGE_VERSION } from "../proto/version.ts";
import { rateOf } from "./live-history.ts";
import { type MonotonicClock, monotonic } from "./live-shared.ts";
import type { RouteEdge, ServerGraph, ServerNode, Tick } from "./live-shapes.ts";
import type { RouteTraffic, RouteView } from "./route-source.ts";
import type { MonitorSource } from "./source.ts";

/** What is known of the others. */
export interface Neighbours {
  readonly servers: readonly ServerNode[];
  readonly routes: readonly RouteEdge[];
}

const ALONE: Neighbours = { servers: [], routes: [] };
const ZERO: RouteTraffic = { inMsgs: 0, inBytes: 0, outMsgs: 0, outBytes: 0 };

export function serverGraph(
  source: MonitorSource,
  tick: Tick | null,
  neighbours: Neighbours = ALONE,
): ServerGraph {
  const self: ServerNode = {
    id: source.serverId,
    name: source.serverName,
    version: MIDGE_VERSION,
    address: `${source.options.host}:${source.port}`,
    isSelf: true,
    connections: source.connections,
    subscriptions: source.clientSubscriptions,
    inMsgs: tick?.sample.inMsgs ?? 0,
    outMsgs: tick?.sample.outMsgs ?? 0,
  };
  return { servers: [self, ...neighbours.servers], routes: neighbours.routes };
}

/** Looks at the routes once a second and tells what went over them since. */
export class NeighbourWatch {
  readonly #source: Pick<MonitorSource, "cluster" | "serverId">;
  readonly #now: MonotonicClock;
  /** By route, what had gone over it. */
  #seen: ReadonlyMap<number, RouteTraffic> = new Map();
  /** By server, per second. */
  #rates: ReadonlyMap<string, RouteTraffic> = new Map();
  #seenAt: number;

  constructor(
    source: Pick<MonitorSource, "cluster" | "serverId">,
    now: MonotonicClock = monotonic,
  ) {
    this.#source = source;
    this.#now = now;
    this.#seenAt = now();
  }

  tick(): void {
    const { cluster } = this.#source;
    if (cluster === null) return;
    const seen = new Map<number, RouteTraffic>();
    const growth = new Map<string, RouteTraffic>();
    for (const route of cluster.routeViews()) {
      const { rid, remoteId, inMsgs, inBytes, outMsgs, outBytes } = route;
      const before = this.#seen.get(rid) ?? ZERO;
      const others = growth.get(remoteId) ?? ZERO;
      seen.set(rid, { inMsgs, inBytes, outMsgs, outBytes });
      growth.set(remoteId, {
        inMsgs: others.inMsgs + inMsgs - before.inMsgs,
        inBytes: others.inBytes + inBytes - before.inBytes,
        outMsgs: others.outMsgs + outMsgs - before.outMsgs,
        outBytes: others.outBytes + outBytes - before.outBytes,
      });
    }
    const at = this.#now();
    const seconds = Math.max(at - this.#seenAt, 1) / 1000;
    this.#seenAt = at;
    this.#seen = seen;
    this.#rates = new Map([...growth].map(([id, each]) => [id, perSecond(each, seconds)]));
  }

  get neighbours(): Neighbours {
    const { cluster, serverId } = this.#source;
    if (cluster === null) return ALONE;
    const servers = new Map<string, ServerNode>();
    const routes = new Map<string, RouteEdge>();
    for (const view of cluster.routeViews()) {
      const { remoteId, pendingBytes, rttMs } = view;
      if (!servers.has(remoteId)) servers.set(remoteId, nodeOf(view));
      const { pending, rtt } = routes.get(remoteId) ?? { pending: 0, rtt: 0 };
      routes.set(remoteId, {
        from: serverId,
        to: remoteId,
        ...(this.#rates.get(remoteId) ?? ZERO),
        pending: pending + pendingBytes,
        rtt: rtt === 0 || rttMs === 0 ? rtt + rttMs : Math.min(rtt, rttMs),
      });
    }
    return { servers: [...servers.values()], routes: [...routes.values()] };
  }
}

function nodeOf({ remoteId, remoteName, remoteVersion, remoteAddress }: RouteView): ServerNode {
  return {
    id: remoteId,
    name: remoteName || remoteId,
    version: remoteVersion,
    address: remoteAddress,
    isSelf: false,
    connections: null,
    subscriptions: null,
    inMsgs: null,
    outMsgs: null,
  };
}

function perSecond({ inMsgs, inBytes, outMsgs, outBytes }: RouteTraffic, seconds: number) {
  return {
    inMsgs: rateOf(inMsgs, seconds),
    inBytes: rateOf(inBytes, seconds),
    outMsgs: rateOf(outMsgs, seconds),
    outBytes: rateOf(outBytes, seconds),
  };
}
