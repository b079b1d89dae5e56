// What holds on every route: how long and how much is waited for (cluster §4.17).

import { loginTimeout } from "../config/access.ts";
import type { ClusterOptions } from "../config/cluster.ts";
import type { Options } from "../config/options.ts";

export interface Terms {
  /** The other side must log in. */
  readonly authRequired: boolean;
  readonly loginTimeoutMs: number;
  readonly pingIntervalMs: number;
  /** Pings without an answer, after which a route is stale. */
  readonly pingMax: number;
  /** Longest line. */
  readonly lineBytesMax: number;
  /** Bytes that may wait for one server; a route with more is slow, and closed. */
  readonly maxPending: number;
  /** Milliseconds that bytes may wait for a server that reads nothing. */
  readonly writeDeadline: number;
}

const PING_MS_MAX = 30_000;
/** A route line may be so many times as long as a client's. */
const LINE_FACTOR = 16;
/** A lost route loses more than a slow client. */
export const ROUTE_PENDING_BYTES_MAX = 256 << 20;

export function termsOf(settings: ClusterOptions, options: Options): Terms {
  const { authorization, pingInterval = options.pingInterval } = settings;
  return {
    authRequired: authorization !== undefined,
    loginTimeoutMs: loginTimeout(settings),
    pingIntervalMs: Math.min(pingInterval, PING_MS_MAX),
    pingMax: settings.pingMax ?? options.pingMax,
    lineBytesMax: options.maxControlLine * LINE_FACTOR,
    maxPending: Math.max(options.maxPending, ROUTE_PENDING_BYTES_MAX),
    writeDeadline: settings.writeDeadline ?? options.writeDeadline,
  };
}
