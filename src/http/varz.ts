// GET /varz: what the server is, how it is set and what it has done. Names and order are
// nats-server's; `midge` is ours. What this server does not have yet shows as the empty value NATS
// would show.
import { MIDGE_VERSION, NATS_LEVEL } from "../proto/version.ts";
import { formatTime, formatUptime } from "../proto/format.ts";
import type { MonitorSource } from "./source.ts";
import type { Usage } from "./usage.ts";

const NANOS_PER_MS = 1e6;
const PROTOCOL = 1;
/** Seconds a client has to send CONNECT, or to finish its handshake: NATS' defaults. */
const AUTH_TIMEOUT = 2;
const TLS_TIMEOUT = 2;

/** Requests by path since the start. */
export type RequestCounts = Readonly<Record<string, number>>;

export function varz(source: MonitorSource, usage: Usage, requests: RequestCounts, nowMs: number) {
  const { options } = source;
  const start = formatTime(source.startedAt);
  return {
    server_id: source.serverId,
    server_name: source.serverName,
    version: NATS_LEVEL,
    midge: MIDGE_VERSION,
    proto: PROTOCOL,
    go: `bun${Bun.version}`,
    host: options.host,
    port: source.port,
    max_connections: options.maxConnections,
    ...(options.maxSubscriptions > 0 ? { max_subscriptions: options.maxSubscriptions } : {}),
    ping_interval: nanos(options.pingInterval),
    ping_max: options.pingMax,
    http_host: options.httpHost,
    http_port: options.httpPort,
    http_base_path: "",
    https_port: 0,
    auth_timeout: AUTH_TIMEOUT,
    max_control_line: options.maxControlLine,
    max_payload: options.maxPayload,
    max_pending: options.maxPending,
    cluster: {},
    gateway: {},
    leaf: {},
    mqtt: {},
    websocket: {},
    jetstream: {},
    tls_timeout: TLS_TIMEOUT,
    write_deadline: nanos(options.writeDeadline),
    start,
    now: formatTime(nowMs),
    uptime: formatUptime(nowMs - source.startedAt),
    mem: usage.mem,
    cores: usage.cores,
    gomaxprocs: usage.cores,
    cpu: usage.cpu,
    connections: source.connections,
    total_connections: source.totalConnections,
    routes: 0,
    remotes: 0,
    leafnodes: 0,
    in_msgs: source.inMsgs,
    in_bytes: source.inBytes,
    in_client_msgs: source.inMsgs,
    in_client_bytes: source.inBytes,
    out_msgs: source.outMsgs,
    out_bytes: source.outBytes,
    out_client_msgs: source.outMsgs,
    out_client_bytes: source.outBytes,
    slow_consumers: source.slowConsumers,
    stale_connections: source.staleConnections,
    stalled_clients: source.stalledClients,
    subscriptions: source.subscriptions,
    http_req_stats: sorted(requests),
    config_load_time: start,
    config_digest: "",
    slow_consumer_stats: byKind(source.slowConsumers),
    stale_connection_stats: byKind(source.staleConnections),
    disk_io_wait_stats: { waiters: 0, waits: 0, wait_time: 0, max_wait_time: 0 },
  };
}

export type Varz = ReturnType<typeof varz>;

/** A whole number: typed readers refuse fractions here. */
function nanos(ms: number): number {
  return Math.round(ms * NANOS_PER_MS);
}

function byKind(clients: number) {
  return { clients, routes: 0, gateways: 0, leafs: 0 };
}

function sorted(counts: RequestCounts): RequestCounts {
  const entries = Object.entries(counts);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
