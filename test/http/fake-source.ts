// A server that only has numbers, for tests of the monitor.
import { resolveOptions, type MidgeOptions, type Options } from "../../src/config/options.ts";
import { present } from "../../src/config/present.ts";
import type {
  AccountView,
  ConnectionView,
  MonitorSource,
  SubscriptionView,
  TreeStats,
} from "../../src/http/source.ts";

export const STARTED_AT = Date.UTC(2026, 10, 23, 8, 33, 29, 834);

/** What the real one only shows can be changed here. */
export type FakeSource = { -readonly [K in keyof MonitorSource]: MonitorSource[K] } & {
  open: ConnectionView[];
  closed: ConnectionView[];
  accounts: AccountView[];
};

export function fakeSource(given: MidgeOptions = {}): FakeSource {
  const source: FakeSource = {
    serverId: "NAAA",
    serverName: "east-1",
    options: fakeOptions(given),
    port: 34_222,
    startedAt: STARTED_AT,
    configLoadedAt: STARTED_AT + 1,
    configDigest: "",
    ready: true,
    connections: 3,
    totalConnections: 5,
    subscriptions: 7,
    clientSubscriptions: 7,
    inMsgs: 11,
    inBytes: 13,
    outMsgs: 17,
    outBytes: 19,
    slowConsumers: 23,
    slowConsumerStats: { clients: 23, routes: 0, gateways: 0, leafs: 0 },
    staleConnections: 29,
    staleConnectionStats: { clients: 29, routes: 0, gateways: 0, leafs: 0 },
    stalledClients: 31,
    authRequired: false,
    tlsRequired: false,
    tlsVerify: false,
    tlsCertNotAfter: null,
    systemAccountName: "$SYS",
    cluster: null,
    writeBatches: [1, 0, 2, 0],
    writtenBytes: 14,
    open: [],
    closed: [],
    accounts: [fakeAccount()],
    connectionViews: () => source.open,
    connectionView: (cid) => source.open.find((view) => view.cid === cid),
    closedViews: () => source.closed,
    accountViews: () => source.accounts,
  };
  return source;
}

/** The monitor's own options are taken as they are: others check them. */
function fakeOptions(given: MidgeOptions): Options {
  const { httpsHost, httpsPort, httpBasePath, monitorAuthorization, ...rest } = given;
  const own = { httpsHost, httpsPort, httpBasePath, monitorAuthorization };
  return { ...resolveOptions(rest), ...present(own) };
}

/** An open client that did nothing yet, or whatever it is told to be. */
export function fakeConnection(given: Partial<ConnectionView> = {}): ConnectionView {
  return {
    cid: 5,
    ip: "127.0.0.1",
    port: 40_000,
    startedAt: STARTED_AT,
    lastActivity: STARTED_AT,
    stoppedAt: null,
    reason: null,
    rttMs: 0.381,
    pendingBytes: 0,
    inMsgs: 0,
    inBytes: 0,
    outMsgs: 0,
    outBytes: 0,
    stalls: 0,
    subscriptionCount: 0,
    subscriptionViews: () => [],
    name: "",
    lang: "",
    version: "",
    user: "",
    accountName: "$G",
    tls: null,
    ping: () => {},
    ...given,
  };
}

export function fakeSubscription(given: Partial<SubscriptionView> = {}): SubscriptionView {
  const { subject = "foo", queue = null, sid = "1", delivered = 0, max = 0 } = given;
  return { subject, queue, sid, delivered, max, cid: 5, account: "$G", ...given };
}

/** With these subscriptions, in the list and in the count. */
export function subscribed(subscriptions: readonly SubscriptionView[]) {
  const count = subscriptions.length;
  return {
    subscriptionCount: count,
    clientSubscriptionCount: count,
    subscriptionViews: () => subscriptions,
  };
}

export const NO_STATS: TreeStats = {
  subscriptions: 0,
  cached: 0,
  inserts: 0,
  removes: 0,
  matches: 0,
  cacheHits: 0,
  maxFanout: 0,
  avgFanout: 0,
  fanoutEntries: 0,
};

export function fakeAccount(given: Partial<AccountView> = {}): AccountView {
  return {
    name: "$G",
    isSystem: false,
    connections: 0,
    remoteConnections: 0,
    totalConnections: 0,
    subscriptionCount: 0,
    clientSubscriptionCount: 0,
    sent: { msgs: 0, bytes: 0 },
    received: { msgs: 0, bytes: 0 },
    slowConsumers: 0,
    treeStats: () => NO_STATS,
    subscriptionViews: () => [],
    activity: () => [],
    ...given,
  };
}
