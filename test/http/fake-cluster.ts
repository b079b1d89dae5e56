// A cluster that only has numbers, for tests of the monitor.
import type { ClusterView, RouteView } from "../../src/http/route-source.ts";
import { STARTED_AT } from "./fake-source.ts";

export type FakeRoute = { -readonly [K in keyof RouteView]: RouteView[K] };

/** What the real one only shows can be changed here. */
export type FakeCluster = { -readonly [K in keyof ClusterView]: ClusterView[K] } & {
  views: FakeRoute[];
};

/** A cluster with these routes; what was on others before is in `traffic`, too. */
export function fakeCluster(views: readonly FakeRoute[] = []): FakeCluster {
  const cluster: FakeCluster = {
    name: "c1",
    port: 36_222,
    remotes: new Set(views.map(({ remoteId }) => remoteId)).size,
    routeCount: views.length,
    subscriptionCount: 37,
    clientUrls: [],
    tlsCertNotAfter: null,
    traffic: { inMsgs: 41, inBytes: 43, outMsgs: 47, outBytes: 53 },
    lostRoutes: 59,
    slowRoutes: 0,
    staleRoutes: 0,
    views: [...views],
    routeViews: () => cluster.views,
  };
  return cluster;
}

/** An accepted route to "east-2" on which nothing was said yet, or whatever it is told to be. */
export function fakeRoute(given: Partial<RouteView> = {}): FakeRoute {
  return {
    rid: 5,
    remoteId: "NBBB",
    remoteName: "east-2",
    remoteVersion: "0.1.0",
    remoteAddress: "10.0.0.2:4222",
    isSolicited: false,
    isConfigured: false,
    ip: "10.0.0.2",
    port: 45_678,
    startedAt: STARTED_AT,
    lastActivity: STARTED_AT,
    rttMs: 0.381,
    imports: null,
    exports: null,
    pendingBytes: 0,
    inMsgs: 0,
    inBytes: 0,
    outMsgs: 0,
    outBytes: 0,
    subscriptionCount: 0,
    tellsKinds: true,
    account: "",
    poolIndex: 0,
    compression: "off",
    interestViews: () => [],
    ...given,
  };
}
