// The loads that servers are compared on and what Midge must reach in each of them.
// Budgets are ratios to the better peer, plain limits where a comparison means nothing, or what a
// feature may cost on top of Midge's own row without it.

/**
 * How replies find their requester: one subject for all, a wildcard with a new subject each, a new
 * SUB each.
 */
export type Inbox = "fixed" | "wildcard" | "new";

export type Load =
  | { readonly kind: "stream"; readonly stream: StreamLoad }
  | { readonly kind: "requests"; readonly inbox: Inbox; readonly responders: number }
  | { readonly kind: "latency"; readonly inbox: Inbox }
  | { readonly kind: "handshakes" }
  | { readonly kind: "connections"; readonly count: number }
  | { readonly kind: "polled"; readonly crowd: CrowdSize; readonly questions: readonly string[] }
  | { readonly kind: "page"; readonly crowd: CrowdSize; readonly viewers: number }
  | { readonly kind: "health"; readonly stream: StreamLoad }
  | { readonly kind: "churned"; readonly stream: StreamLoad; readonly perSecond: number }
  | { readonly kind: "join"; readonly subscriptions: number }
  | { readonly kind: "idle" }
  | { readonly kind: "start"; readonly times: number };

/** Publishers that write as fast as deliveries come back. */
export interface StreamLoad {
  readonly payload: number;
  /** Independent publishers, each with subjects and receivers of its own. */
  readonly publishers: number;
  /** Receiving connections of each publisher; 0 means that nobody is interested. */
  readonly receivers: number;
  /** The receivers share the messages instead of getting a copy each. */
  readonly queue: boolean;
  /** Subjects that a publisher goes round. */
  readonly subjects: number;
  /** Receivers hold one wildcard subscription instead of one subscription per subject. */
  readonly wildcard: boolean;
}

/** Silent connections that are there while something else is measured. */
export interface CrowdSize {
  readonly connections: number;
  /** Shared out evenly. */
  readonly subscriptions: number;
}

/**
 * What servers are configured with where their defaults are not what a row is about. A cluster is two
 * servers: publishers and requesters are clients of one, receivers and responders of the other.
 */
export type Setup = "tls" | "permissions" | "monitor" | "cluster";

/** What a row asks for. Ratios: at least, null: none; limits and shares: at most. */
export type Budget =
  | { readonly kind: "rate"; readonly cpu: number | null; readonly throughput: number | null }
  | { readonly kind: "overhead"; readonly of: Row; readonly share: number }
  | { readonly kind: "latency"; readonly p50: number; readonly p99: number }
  | { readonly kind: "limits"; readonly limits: readonly Limit[] };

export interface Limit {
  /** Of the figure in the outcome; "" for its only one. */
  readonly name: string;
  readonly unit: Unit;
  /** Null for a figure that is only shown. */
  readonly most: number | null;
  /** Better than the better peer by this factor, at least. */
  readonly ratio?: number;
  /** Of all rounds the worst is judged, not the middle one. */
  readonly isWorst?: boolean;
}

export type Unit = "KB" | "MB" | "ms" | "µs" | "%" | "×" | "M/s";

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly load: Load;
  readonly budget: Budget;
  readonly setup?: Setup;
  /** At most so many rounds, where more would take long and tell little. */
  readonly rounds?: { readonly midge: number; readonly peers: number };
}

const plain: StreamLoad = {
  payload: 16,
  publishers: 1,
  receivers: 1,
  queue: false,
  subjects: 1,
  wildcard: false,
};
const crowded: CrowdSize = { connections: 10_000, subscriptions: 100_000 };
const small: Budget = { kind: "rate", cpu: 2, throughput: 2 };
const large: Budget = { kind: "rate", cpu: 1.2, throughput: 1 };
const churn: Budget = { kind: "rate", cpu: 1.5, throughput: 1.5 };
const noSlower: Budget = { kind: "latency", p50: 1, p99: 1 };
const noWorse: Budget = { kind: "rate", cpu: 1, throughput: 1 };
const noMoreCpu: Budget = { kind: "rate", cpu: 1, throughput: null };
const onlyShown: Budget = { kind: "rate", cpu: null, throughput: null };

const oneToOne = stream("1-1-16", "1 → 1, 16 B", {}, small);
const noSlowerThanPeers = { most: null, ratio: 1 } as const;
/** A process that has just started and single worst round trips: not behind by more than a third. */
const nearPeers = { most: null, ratio: 0.75 } as const;
const guarded: Budget = { kind: "overhead", of: oneToOne, share: 0.15 };

export const rows: readonly Row[] = [
  stream("publish-16", "publish only, 16 B", { receivers: 0 }, small),
  oneToOne,
  stream("1-1-128", "1 → 1, 128 B", { payload: 128 }, small),
  stream("1-1-1k", "1 → 1, 1 KiB", { payload: 1024 }, large),
  stream("1-1-64k", "1 → 1, 64 KiB", { payload: 65_536 }, large),
  stream("1-10", "1 → 10, 16 B, per delivery", { receivers: 10 }, small),
  stream("1-100", "1 → 100, 16 B, per delivery", { receivers: 100 }, small),
  stream("pairs", "4 pairs, 16 B", { publishers: 4 }, small),
  stream("queue", "queue group of 4, 16 B", { receivers: 4, queue: true }, small),
  stream("wildcard", "1000 subjects → 1 wildcard, 16 B", { subjects: 1000, wildcard: true }, small),
  stream("literals", "100,000 subscriptions, 16 B", { subjects: 100_000 }, small),
  { ...stream("permissions", "1 → 1, 16 B with permissions", {}, guarded), setup: "permissions" },
  { ...stream("tls", "1 → 1, 128 B over TLS", { payload: 128 }, noMoreCpu), setup: "tls" },
  requests("request-fixed", "request/reply, fixed inbox", "fixed", small),
  requests("request-wildcard", "request/reply, wildcard inbox", "wildcard", churn),
  requests("request-new", "request/reply, new inbox each", "new", churn),
  latency("latency-fixed", "round trip, fixed inbox", "fixed"),
  latency("latency-wildcard", "round trip, wildcard inbox", "wildcard"),
  latency("latency-new", "round trip, new inbox each", "new"),
  {
    id: "handshakes",
    title: "full TLS handshakes",
    load: { kind: "handshakes" },
    budget: onlyShown,
    setup: "tls",
  },
  {
    id: "connections",
    title: "idle connection with a subscription (10,000)",
    load: { kind: "connections", count: 10_000 },
    budget: atMost(6, "KB"),
  },
  {
    id: "idle",
    title: "idle server, resident memory",
    load: { kind: "idle" },
    budget: atMost(45, "MB"),
  },
  {
    id: "start",
    title: "start to ready (median of 10)",
    load: { kind: "start", times: 10 },
    budget: atMost(50, "ms"),
  },
  {
    id: "monitor-polled",
    title:
      "round trip, /connz and /subsz asked each second (10,000 clients, 100,000 subscriptions)",
    load: { kind: "polled", crowd: crowded, questions: ["/connz", "/subsz"] },
    budget: {
      kind: "limits",
      limits: [
        { name: "p99", unit: "µs", most: null },
        { name: "not asked p99", unit: "µs", most: null },
        { name: "ratio", unit: "×", most: 2 },
      ],
    },
    setup: "monitor",
    rounds: { midge: 2, peers: 1 },
  },
  {
    id: "monitor-page",
    title: "the monitor's page, CPU of a core (10,000 clients, 100,000 subscriptions)",
    load: { kind: "page", crowd: crowded, viewers: 10 },
    budget: {
      kind: "limits",
      limits: [
        { name: "no viewer", unit: "%", most: 1 },
        { name: "10 viewers", unit: "%", most: 3 },
      ],
    },
    setup: "monitor",
    rounds: { midge: 1, peers: 0 },
  },
  {
    id: "monitor-health",
    title: "/healthz during 1 → 1, 16 B",
    load: { kind: "health", stream: plain },
    budget: {
      kind: "limits",
      limits: [
        { name: "p50", unit: "ms", most: null },
        { name: "worst", unit: "ms", most: 100, isWorst: true },
      ],
    },
    setup: "monitor",
    rounds: { midge: 3, peers: 1 },
  },
  clustered(stream("cluster-16", "node to node, 1 → 1, 16 B", {}, small)),
  clustered(stream("cluster-128", "node to node, 1 → 1, 128 B", { payload: 128 }, small)),
  {
    ...clustered(stream("cluster-1k", "node to node, 1 → 1, 1 KiB", { payload: 1024 }, large)),
    rounds: { midge: 2, peers: 2 },
  },
  {
    id: "cluster-request",
    title: "node to node, request/reply with a queue group of 4",
    load: { kind: "requests", inbox: "wildcard", responders: 4 },
    budget: noWorse,
    setup: "cluster",
    rounds: { midge: 2, peers: 2 },
  },
  {
    id: "cluster-join",
    title: "a node starts, joins and knows 100,000 subscriptions",
    load: { kind: "join", subscriptions: 100_000 },
    budget: { kind: "limits", limits: [{ name: "", unit: "ms", ...nearPeers }] },
  },
  {
    id: "cluster-churn",
    title: "1 → 1, 128 B and round trips on a node, 10,000 SUB and UNSUB a second on the other",
    load: { kind: "churned", stream: { ...plain, payload: 128 }, perSecond: 10_000 },
    budget: {
      kind: "limits",
      limits: [
        { name: "churned", unit: "M/s", ...noSlowerThanPeers },
        { name: "calm", unit: "M/s", most: null },
        { name: "churned p99", unit: "µs", ...nearPeers },
        { name: "calm p99", unit: "µs", most: null },
      ],
    },
    setup: "cluster",
    rounds: { midge: 2, peers: 1 },
  },
];

function clustered(row: Row): Row {
  return { ...row, setup: "cluster" };
}

function atMost(most: number, unit: Unit): Budget {
  return { kind: "limits", limits: [{ name: "", unit, most }] };
}

function stream(id: string, title: string, differs: Partial<StreamLoad>, budget: Budget): Row {
  return { id, title, load: { kind: "stream", stream: { ...plain, ...differs } }, budget };
}

function requests(id: string, title: string, inbox: Inbox, budget: Budget): Row {
  return { id, title, load: { kind: "requests", inbox, responders: 1 }, budget };
}

function latency(id: string, title: string, inbox: Inbox): Row {
  return { id, title, load: { kind: "latency", inbox }, budget: noSlower };
}
