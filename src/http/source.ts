// What the monitor may see of the server: numbers and names, nothing to change. server.ts
// implements it. Times are milliseconds since 1970, with a fraction where the clock has one.
import type { Options } from "../config/options.ts";
import type { ClusterView } from "./route-source.ts";

/** Texts that come from the protocol have one character for each byte (latin1). */
export interface SubscriptionView {
  readonly subject: string;
  readonly queue: string | null;
  readonly sid: string;
  /** Messages that it was given. */
  readonly delivered: number;
  /** Messages after which it ends; 0 for none. */
  readonly max: number;
  readonly cid: number;
  readonly account: string;
}

/** An open client, or what is remembered of a closed one. */
export interface ConnectionView {
  readonly cid: number;
  readonly ip: string;
  readonly port: number;
  readonly startedAt: number;
  readonly lastActivity: number;
  /** Null while it is open, as the reason. */
  readonly stoppedAt: number | null;
  readonly reason: string | null;
  /** 0 when it is not known. */
  readonly rttMs: number;
  readonly pendingBytes: number;
  readonly inMsgs: number;
  readonly inBytes: number;
  readonly outMsgs: number;
  readonly outBytes: number;
  /** Times that publishers were slowed down for it. */
  readonly stalls: number;
  readonly subscriptionCount: number;
  subscriptionViews(): Iterable<SubscriptionView>;
  /** What CONNECT said. */
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  /** "" for nobody, "[REDACTED]" for a token. */
  readonly user: string;
  readonly accountName: string;
  readonly tls: TlsView | null;
  /** Asks an open client for its round-trip time; nothing happens to a closed one. */
  ping(): void;
}

export interface TlsView {
  readonly version: string;
  readonly cipher: string;
  /** The handshake came before INFO. */
  readonly first: boolean;
  /** The client's, verified, as DER. */
  readonly certificate: Uint8Array | null;
}

/** Statistics of one account's subject tree and the cache in front of it. */
export interface TreeStats {
  readonly subscriptions: number;
  /** Subjects in the cache. */
  readonly cached: number;
  readonly inserts: number;
  readonly removes: number;
  readonly matches: number;
  readonly cacheHits: number;
  /** Receivers of a cached subject, a queue group being one. */
  readonly maxFanout: number;
  readonly avgFanout: number;
  /** Cached subjects that the average is over. */
  readonly fanoutEntries: number;
}

export interface TrafficView {
  readonly msgs: number;
  readonly bytes: number;
}

export interface AccountView {
  readonly name: string;
  readonly isSystem: boolean;
  readonly connections: number;
  /** On other servers, as they tell it. */
  readonly remoteConnections: number;
  readonly totalConnections: number;
  /** Of its clients, and the server's own. */
  readonly subscriptionCount: number;
  /** Of its clients. */
  readonly clientSubscriptionCount: number;
  /** Delivered to its clients. */
  readonly sent: TrafficView;
  /** Published by them. */
  readonly received: TrafficView;
  readonly slowConsumers: number;
  /** What came from other servers and went to them, and how many subjects they want; nothing without a cluster. */
  readonly routed?: {
    readonly sent: TrafficView;
    readonly received: TrafficView;
    readonly subscriptionCount: number;
  };
  treeStats(): TreeStats;
  subscriptionViews(): Iterable<SubscriptionView>;
  /** Subjects by messages published since they were first seen; only what the cache holds. */
  activity(): Iterable<{ readonly subject: string; readonly messages: number }>;
}

/** How late timers of the last second came. */
export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface KindCounts {
  readonly clients: number;
  readonly routes: number;
  readonly gateways: number;
  readonly leafs: number;
}

/** A certificate with its chain and its key, as PEM text. */
export interface PemPair {
  readonly cert: string;
  readonly key: string;
}

/** How the monitor is encrypted: as clients are. Names are those of the TLS library. */
export interface MonitorTls extends PemPair {
  /** Certificates for hosts that are asked for by name. */
  readonly others?: readonly PemPair[];
  /** Suites, with colons between them; the runtime's choice unless given, as the curves. */
  readonly ciphers?: string;
  readonly ecdhCurve?: string;
  /** TLS 1.2 unless given. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

export interface MonitorSource {
  readonly serverId: string;
  readonly serverName: string;
  readonly options: Options;
  /** The real port for clients, also where a free one was asked for. */
  readonly port: number;
  readonly startedAt: number;
  /** When the options in force were read. */
  readonly configLoadedAt: number;
  /** "sha256:…" of the configuration file, "" without one. */
  readonly configDigest: string;
  /** Clients are let in: listening and not in lame duck mode. */
  readonly ready: boolean;
  /** Clients connected now, including those that have not sent CONNECT yet. */
  readonly connections: number;
  /** Clients accepted since the start, including those that were refused later. */
  readonly totalConnections: number;
  /** Of clients, and the server's own. */
  readonly subscriptions: number;
  /** Of clients. */
  readonly clientSubscriptions: number;
  /** Messages accepted from clients, and their payload bytes with headers. */
  readonly inMsgs: number;
  readonly inBytes: number;
  /** Deliveries, one for each receiver, and their payload bytes with headers. */
  readonly outMsgs: number;
  readonly outBytes: number;
  /** Connections closed because they took their messages too slowly. */
  readonly slowConsumers: number;
  readonly slowConsumerStats: KindCounts;
  /** Connections closed because they stopped answering pings. */
  readonly staleConnections: number;
  readonly staleConnectionStats: KindCounts;
  /** Times a publisher was slowed down for its receivers. */
  readonly stalledClients: number;
  readonly authRequired: boolean;
  readonly tlsRequired: boolean;
  readonly tlsVerify: boolean;
  /** When the first of the server's certificates ends; null without one. */
  readonly tlsCertNotAfter: number | null;
  /** "" when it is off. */
  readonly systemAccountName: string;
  /** Null where there are no other servers to be in touch with. */
  readonly cluster: ClusterView | null;

  // What follows is gone through with pauses; what comes and goes meanwhile may be seen or not.

  /** Open ones, cid ascending, live objects: read quickly, never keep. */
  connectionViews(): Iterable<ConnectionView>;
  /** An open one. */
  connectionView(cid: number): ConnectionView | undefined;
  /** Oldest first, at most `options.maxClosedClients`. */
  closedViews(): readonly ConnectionView[];
  /** $G, the system account, and the configured ones. */
  accountViews(): Iterable<AccountView>;
  /** Writes to clients' sockets since the start, by their bytes: `[i]` those below 2^(i+1) and not below 2^i. */
  readonly writeBatches: readonly number[];
  /** Bytes of all these writes; missing where nobody counts them. */
  readonly writtenBytes?: number;
}
