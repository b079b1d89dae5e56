// What the monitor may see of a cluster: its servers, and the connections to them. As all of the source it is
// read only, and times are milliseconds since 1970.

/** Which subjects may pass. */
export interface SubjectRule {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** Messages over routes, and their payload bytes with headers. */
export interface RouteTraffic {
  readonly inMsgs: number;
  readonly inBytes: number;
  readonly outMsgs: number;
  readonly outBytes: number;
}

/** A subject that another server wants; texts have one character for each byte. */
export interface RemoteInterestView {
  readonly account: string;
  readonly subject: string;
  readonly queue: string | null;
  /** Of leaf nodes of that server: what their cluster is called; "" for its own clients. */
  readonly origin: string;
}

/** A connection to another server; pools have several to each. */
export interface RouteView extends RouteTraffic {
  readonly rid: number;
  readonly remoteId: string;
  readonly remoteName: string;
  /** What the other server is: "0.1.0" of Midge, "nats-server 2.15.1" of others. */
  readonly remoteVersion: string;
  /** Where its clients connect, as far as it is known. */
  readonly remoteAddress: string;
  /** This server dials it, or would if it had not been dialled first. */
  readonly isSolicited: boolean;
  /** It is in the configuration; others are heard of. */
  readonly isConfigured: boolean;
  readonly ip: string;
  readonly port: number;
  readonly startedAt: number;
  readonly lastActivity: number;
  /** 0 when it is not known. */
  readonly rttMs: number;
  /** What the other server says of its permissions. */
  readonly imports: SubjectRule | null;
  readonly exports: SubjectRule | null;
  readonly pendingBytes: number;
  readonly subscriptionCount: number;
  /** What the other server wants is known by for whom: its clients or leaf nodes. Old servers do not tell. */
  readonly tellsKinds: boolean;
  /** The account that it is for alone; "" where it is shared. */
  readonly account: string;
  /** Its place among those that are shared. */
  readonly poolIndex: number;
  /** As nats-server names it: "off", or "not supported" by the other server. */
  readonly compression: string;
  interestViews(): Iterable<RemoteInterestView>;
}

export interface ClusterView {
  readonly name: string;
  /** The real port for routes. */
  readonly port: number;
  /** Other servers in touch. */
  readonly remotes: number;
  /** Connections to them. */
  readonly routeCount: number;
  /** What they want, as many subjects. */
  readonly subscriptionCount: number;
  /** Where clients may go; empty before there was any other server. */
  readonly clientUrls: readonly string[];
  /** When the first of the certificates for routes ends; null without one. */
  readonly tlsCertNotAfter: number | null;
  /** Over all routes, those that are gone among them. */
  readonly traffic: RouteTraffic;
  /** Routes that ended after they had been in use. */
  readonly lostRoutes: number;
  /** Those that ended because they took what they were sent too slowly, and because they did not answer. */
  readonly slowRoutes: number;
  readonly staleRoutes: number;
  /** Those in use: live objects, read quickly, never keep. */
  routeViews(): Iterable<RouteView>;
}
