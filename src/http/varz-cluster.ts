// The part of /varz about the cluster (monitoring §5.3): as configured, but for what was settled meanwhile.
import { type ClusterOptions, parseRouteUrl } from "../config/cluster.ts";
import { loginTimeout, TLS_HANDSHAKE_MS } from "../config/access.ts";
import { formatTime } from "../proto/format.ts";
import type { ClusterView } from "./route-source.ts";
import type { MonitorSource } from "./source.ts";

const NANOS_PER_MS = 1e6;

/** Without a cluster it is empty. */
export function clusterFacts({ cluster, options }: MonitorSource): object {
  const settings = options.cluster;
  return cluster === null || settings === undefined
    ? {}
    : describe(cluster, settings, settings.host ?? options.host);
}

function describe(cluster: ClusterView, settings: ClusterOptions, host: string) {
  const { tls, routes = [], poolSize, writeDeadline } = settings;
  return {
    name: cluster.name,
    addr: host,
    cluster_port: cluster.port,
    auth_timeout: loginTimeout(settings) / 1000,
    ...(routes.length > 0 ? { urls: routes.map(placeOf) } : {}),
    tls_timeout: (tls?.timeout ?? TLS_HANDSHAKE_MS) / 1000,
    ...(tls === undefined ? {} : { tls_required: true, tls_verify: true }),
    pool_size: poolSize,
    ...deadlineOf(writeDeadline),
    ...(cluster.tlsCertNotAfter === null
      ? {}
      : { tls_cert_not_after: formatTime(cluster.tlsCertNotAfter) }),
  };
}

/** What nats-server shows of gateways and leaf nodes that are off: the cluster's deadline for writes. */
export function absentFacts({ options }: MonitorSource): object {
  return deadlineOf(options.cluster?.writeDeadline);
}

function deadlineOf(ms: number | undefined): object {
  return ms === undefined ? {} : { write_deadline: Math.round(ms * NANOS_PER_MS) };
}

/** Host and port as they are written, and nothing of the login. */
function placeOf(route: string): string {
  return parseRouteUrl(route) === undefined
    ? ""
    : (/^[^:]+:\/\/(?:[^/]*@)?([^/]*)/.exec(route.trim())?.[1] ?? "");
}
