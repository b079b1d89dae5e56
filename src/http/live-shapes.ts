// What the page and the server say to each other, as JSON. Both sides import this file; it knows nothing.
// Times are milliseconds since 1970, rates are per second, sizes are bytes.

/** One second of the server, in the order of its history. */
export const SAMPLE_FIELDS = [
  "time",
  "inMsgs",
  "outMsgs",
  "inBytes",
  "outBytes",
  "connections",
  "subscriptions",
  "cpu",
  "memory",
  "slowConsumers",
  "loopP50",
  "loopP99",
  "loopMax",
] as const;

export type SampleField = (typeof SAMPLE_FIELDS)[number];

/**
 * `time` is its end; messages and bytes are rates; `slowConsumers` were closed in it; `cpu` is percent of one
 * core; loop delays are milliseconds.
 */
export type Sample = Readonly<Record<SampleField, number>>;

/** Oldest first; all lists are of the same length. */
export type History = Readonly<Record<SampleField, readonly number[]>>;

/** Messages and bytes in both directions. */
interface Traffic {
  readonly inMsgs: number;
  readonly outMsgs: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

/** Since the start of the server. */
export interface Totals extends Traffic {
  readonly connections: number;
  readonly slowConsumers: number;
}

/** The event "sample", once a second. */
export interface Tick {
  readonly sample: Sample;
  readonly totals: Totals;
  /** Clients are let in. */
  readonly ready: boolean;
}

/** The event "hello", which a stream begins with. */
export interface Hello {
  readonly server: ServerFacts;
  readonly history: History;
  readonly tick: Tick | null;
}

export interface ServerFacts {
  readonly id: string;
  readonly name: string;
  /** Midge's own, and the NATS level it stands for. */
  readonly version: string;
  readonly level: string;
  readonly host: string;
  readonly port: number;
  readonly startedAt: number;
  readonly now: number;
  readonly cores: number;
  readonly maxConnections: number;
  readonly authRequired: boolean;
  readonly tlsRequired: boolean;
}

export type ConnectionState = "open" | "closed";

/** What a table of connections may be sorted by. */
export const SORT_KEYS = [
  "cid",
  "name",
  "ip",
  "account",
  "user",
  "subscriptions",
  "pending",
  "rtt",
  "inMsgs",
  "outMsgs",
  "inBytes",
  "outBytes",
  "inMsgsRate",
  "outMsgsRate",
  "inBytesRate",
  "outBytesRate",
  "startedAt",
  "lastActivity",
  "stoppedAt",
  "reason",
] as const;

export type SortKey = (typeof SORT_KEYS)[number];

type TrafficRates = Readonly<Record<`${keyof Traffic}Rate`, number | null>>;

/** Rates are null until it was seen twice. */
export interface ConnectionRow extends Traffic, TrafficRates {
  readonly cid: number;
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  readonly ip: string;
  readonly port: number;
  readonly account: string;
  readonly user: string;
  readonly encrypted: boolean;
  readonly startedAt: number;
  readonly lastActivity: number;
  /** Null while it is open, as the reason. */
  readonly stoppedAt: number | null;
  readonly reason: string | null;
  readonly subscriptions: number;
  readonly pending: number;
  /** Milliseconds; 0 when it is not known. */
  readonly rtt: number;
}

/** Answer of live/connections. */
export interface ConnectionPage {
  /** All there are, and those that the search found. */
  readonly total: number;
  readonly found: number;
  readonly offset: number;
  readonly rows: readonly ConnectionRow[];
}

/** Answer of live/connections/<cid>. */
export interface ConnectionDetail {
  readonly row: ConnectionRow;
  /** When it was looked at. */
  readonly now: number;
  readonly stalls: number;
  readonly tls: {
    readonly version: string;
    readonly cipher: string;
    readonly first: boolean;
    /** The subject of the client's certificate; "" without one. */
    readonly certificate: string;
  } | null;
  /** Those that were given most, at most SUBSCRIPTIONS_SHOWN. */
  readonly subscriptions: readonly SubscriptionRow[];
}

export const SUBSCRIPTIONS_SHOWN = 200;

export interface SubscriptionRow {
  readonly subject: string;
  readonly queue: string | null;
  readonly sid: string;
  readonly delivered: number;
  /** 0 for none. */
  readonly max: number;
}

export type SubjectOrder = "rate" | "messages";

/** Of subjects that end at a node or below. */
export interface SubjectSum {
  readonly subjects: number;
  readonly messages: number;
  readonly rate: number;
}

export interface SubjectNode extends SubjectSum {
  readonly token: string;
  readonly children: readonly SubjectNode[];
  /** What is below and not among the children. */
  readonly rest: SubjectSum;
}

/** Answer of live/subjects. */
export interface SubjectTree {
  /** Names, the one with most messages first. */
  readonly accounts: readonly string[];
  readonly account: string;
  /** The subject that all of it is below; "" for everything. */
  readonly under: string;
  /** False while rates are not known yet. */
  readonly hasRates: boolean;
  readonly root: SubjectNode;
}

export interface ServerNode {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly address: string;
  readonly isSelf: boolean;
  /** Null for what only that server knows. */
  readonly connections: number | null;
  readonly subscriptions: number | null;
  readonly inMsgs: number | null;
  readonly outMsgs: number | null;
}

/** Between two servers; rates as the first one sees them. */
export interface RouteEdge extends Traffic {
  readonly from: string;
  readonly to: string;
  readonly pending: number;
  /** Milliseconds; 0 when it is not known. */
  readonly rtt: number;
}

/** Answer of live/servers. */
export interface ServerGraph {
  readonly servers: readonly ServerNode[];
  readonly routes: readonly RouteEdge[];
}
