// GET /varz: what the server is, how it is set and what it has done (monitoring §5.2). Names and order are
// nats-server's; `midge` is ours. What this server does not have shows as nats-server shows it turned off.
import { loginTimeout, TLS_HANDSHAKE_MS } from "../config/access.ts";
import { MIDGE_VERSION, NATS_LEVEL } from "../proto/version.ts";
import { formatTime, formatUptime } from "../proto/format.ts";
import type { Context, Endpoint, RequestCounts } from "./endpoint.ts";
import type { MonitorSource } from "./source.ts";
import type { Usage } from "./usage.ts";
import { absentFacts, clusterFacts } from "./varz-cluster.ts";

const NANOS_PER_MS = 1e6;
const PROTOCOL = 1;

export const varz: Endpoint = {
  path: "/varz",
  countsAs: "/varz",
  answer: (_query, context) => describe(context),
};

function describe({ source, usage, requests, now }: Context) {
  const nowMs = now();
  return {
    ...identity(source),
    ...settings(source),
    start: formatTime(source.startedAt),
    now: formatTime(nowMs),
    uptime: formatUptime(nowMs - source.startedAt),
    ...cost(usage.read()),
    ...traffic(source),
    ...configuration(source, requests),
    slow_consumer_stats: source.slowConsumerStats,
    stale_connection_stats: source.staleConnectionStats,
    disk_io_wait_stats: { waiters: 0, waits: 0, wait_time: 0, max_wait_time: 0 },
    ...(source.tlsCertNotAfter === null
      ? {}
      : { tls_cert_not_after: formatTime(source.tlsCertNotAfter) }),
  };
}

function identity(source: MonitorSource) {
  return {
    server_id: source.serverId,
    server_name: source.serverName,
    version: NATS_LEVEL,
    midge: MIDGE_VERSION,
    proto: PROTOCOL,
    go: `bun${Bun.version}`,
    host: source.options.host,
    port: source.port,
    ...(source.authRequired ? { auth_required: true } : {}),
    ...(source.tlsRequired ? { tls_required: true } : {}),
    ...(source.tlsVerify ? { tls_verify: true } : {}),
    ...clientUrls(source),
  };
}

/** Where clients may go, as INFO tells them. */
function clientUrls({ cluster }: MonitorSource) {
  const urls = cluster?.clientUrls ?? [];
  return urls.length > 0 ? { connect_urls: urls } : {};
}

/** As configured, in nats-server's units: durations are nanoseconds, only time-outs are seconds. */
function settings(source: MonitorSource) {
  const { options } = source;
  const { httpHost, httpPort, httpBasePath = "", httpsPort } = options;
  return {
    max_connections: options.maxConnections,
    ...(options.maxSubscriptions > 0 ? { max_subscriptions: options.maxSubscriptions } : {}),
    ping_interval: nanos(options.pingInterval),
    ping_max: options.pingMax,
    http_host: httpHost,
    http_port: httpPort,
    http_base_path: httpBasePath,
    https_port: httpsPort,
    auth_timeout: loginTimeout(options) / 1000,
    max_control_line: options.maxControlLine,
    max_payload: options.maxPayload,
    max_pending: options.maxPending,
    cluster: clusterFacts(source),
    gateway: absentFacts(source),
    leaf: absentFacts(source),
    mqtt: {},
    websocket: {},
    jetstream: {},
    tls_timeout: (options.tls?.timeout ?? TLS_HANDSHAKE_MS) / 1000,
    write_deadline: nanos(options.writeDeadline),
  };
}

/** A whole number: typed readers refuse fractions here. */
function nanos(ms: number): number {
  return Math.round(ms * NANOS_PER_MS);
}

function cost({ mem, cores, cpu }: Usage) {
  return { mem, cores, gomaxprocs: cores, cpu };
}

/** Messages over routes are part of the totals, and their subscriptions, too. */
function traffic(source: MonitorSource) {
  const { inMsgs, inBytes, outMsgs, outBytes, cluster } = source;
  const routed = cluster?.traffic;
  return {
    connections: source.connections,
    total_connections: source.totalConnections,
    routes: cluster?.routeCount ?? 0,
    remotes: cluster?.remotes ?? 0,
    leafnodes: 0,
    in_msgs: inMsgs + (routed?.inMsgs ?? 0),
    in_bytes: inBytes + (routed?.inBytes ?? 0),
    in_client_msgs: inMsgs,
    in_client_bytes: inBytes,
    out_msgs: outMsgs + (routed?.outMsgs ?? 0),
    out_bytes: outBytes + (routed?.outBytes ?? 0),
    out_client_msgs: outMsgs,
    out_client_bytes: outBytes,
    slow_consumers: source.slowConsumers,
    stale_connections: source.staleConnections,
    stalled_clients: source.stalledClients,
    subscriptions: source.subscriptions + (cluster?.subscriptionCount ?? 0),
  };
}

function configuration(source: MonitorSource, requests: RequestCounts) {
  const { systemAccountName, options } = source;
  const { serverTags, serverMetadata } = options;
  return {
    http_req_stats: sorted(requests),
    config_load_time: formatTime(source.configLoadedAt),
    config_digest: source.configDigest,
    ...(serverTags === undefined ? {} : { tags: serverTags }),
    ...(serverMetadata === undefined ? {} : { metadata: serverMetadata }),
    ...(systemAccountName === "" ? {} : { system_account: systemAccountName }),
  };
}

function sorted(counts: RequestCounts): RequestCounts {
  const entries = Object.entries(counts);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
