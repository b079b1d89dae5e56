// The servers as a graph: this one, its neighbours, and what goes between them.
import { MIDGE_VERSION } from "../proto/version.ts";
import type { RouteEdge, ServerGraph, ServerNode, Tick } from "./live-shapes.ts";
import type { MonitorSource } from "./source.ts";

/** What is known of the others; nothing before there are clusters. */
export interface Neighbours {
  readonly servers: readonly ServerNode[];
  readonly routes: readonly RouteEdge[];
}

const ALONE: Neighbours = { servers: [], routes: [] };

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
    subscriptions: source.subscriptions,
    inMsgs: tick?.sample.inMsgs ?? 0,
    outMsgs: tick?.sample.outMsgs ?? 0,
  };
  return { servers: [self, ...neighbours.servers], routes: neighbours.routes };
}
