// What the monitor may see of the server: numbers and names, nothing to change. server.ts
// implements it.
import type { Options } from "../config/options.ts";

export interface MonitorSource {
  readonly serverId: string;
  readonly serverName: string;
  readonly options: Options;
  /** The real port for clients, also where a free one was asked for. */
  readonly port: number;
  /** Milliseconds since 1970, with a fraction where the clock has one. */
  readonly startedAt: number;
  /** Clients are let in: listening and not in lame duck mode. */
  readonly ready: boolean;
  /** Clients connected now, including those that have not sent CONNECT yet. */
  readonly connections: number;
  /** Clients accepted since the start, including those that were refused later. */
  readonly totalConnections: number;
  readonly subscriptions: number;
  /** Messages accepted from clients, and their payload bytes with headers. */
  readonly inMsgs: number;
  readonly inBytes: number;
  /** Deliveries, one for each receiver, and their payload bytes with headers. */
  readonly outMsgs: number;
  readonly outBytes: number;
  /** Connections closed because they took their messages too slowly. */
  readonly slowConsumers: number;
  /** Connections closed because they stopped answering pings. */
  readonly staleConnections: number;
  /** Times a publisher was slowed down for its receivers. */
  readonly stalledClients: number;
}
