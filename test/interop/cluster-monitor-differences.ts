// What is left out of account when the monitors of clustered servers are compared: what chance or the
// addresses of a run decide, and the differences to nats-server by name; others that a server without a
// cluster shows, too, are in monitor-differences.ts.
import type { Announced, Kind } from "./cluster-monitor-node.ts";
import { LISTS } from "./cluster-monitor-own.ts";
import type { Idle } from "./monitor-play.ts";
import { isObject, type Json, type JsonObject, type Told } from "./monitor-told.ts";

export interface ClusterDifference {
  readonly name: string;
  readonly reason: string;
  readonly settle: (told: Told, circumstances: ClusterCircumstances) => void;
}

/** Of an answer that is compared with that of a cluster in which other servers stand in some places. */
export interface ClusterCircumstances {
  readonly question: string;
  /** What answers. */
  readonly kind: Kind;
  readonly hasSystemAccount: boolean;
  readonly idle: Idle;
  /** By servers that are another kind there. */
  readonly announced: readonly Announced[];
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const TRAFFIC = ["in_msgs", "out_msgs", "in_bytes", "out_bytes"];

export const CLUSTER_DIFFERENCES: readonly ClusterDifference[] = [
  {
    name: "routez?subs=detail: msgs",
    reason: "Midge counts what goes over a route, not which of the subjects there it was for",
    settle({ body }) {
      for (const route of routesOf(body)) {
        const list = route["subscriptions_list_detail"];
        for (const each of Array.isArray(list) ? list : []) if (isObject(each)) each["msgs"] = 0;
      }
    },
  },
  {
    name: "routez, varz: what goes over the route of the system account",
    reason:
      "servers tell each other of themselves there when it is time; 2.9.10 counts that for $G, too",
    settle({ body }, { kind, hasSystemAccount }) {
      if (!hasSystemAccount) return;
      if (isObject(body) && "gomaxprocs" in body) hide(body, TRAFFIC);
      const { account_statz: accounts } = isObject(body) ? body : {};
      for (const each of Array.isArray(accounts) ? accounts : []) {
        if (isObject(each)) hideTraffic(each, kind);
      }
      for (const route of routesOf(body)) {
        const { account, compression = "not supported" } = route;
        // Servers without pools have no route for that account alone.
        if (account === "$SYS" || compression === "not supported") hide(route, TRAFFIC);
      }
    },
  },
];

function hide(counts: JsonObject, keys: readonly string[]): void {
  for (const key of keys) if (typeof counts[key] === "number") counts[key] = "<number>";
}

/** Of the system account, and where that is counted elsewhere. */
function hideTraffic({ acc, sent, received }: JsonObject, kind: Kind): void {
  const isSystem = acc === "$SYS";
  for (const sums of isSystem ? [sent, received] : kind === "2.9" ? [received] : []) {
    if (!isObject(sums)) continue;
    for (const each of [sums, sums["routes"]]) if (isObject(each)) hide(each, ["msgs", "bytes"]);
  }
}

/** Addresses, ids and orders: theirs are forms, and what has not the right form stays as it is. */
export function settleRun({ body }: Told): void {
  if (!isObject(body)) return;
  const { cluster, connect_urls: urls, http_req_stats: asked } = body;
  // How often it was asked whether all are there; Midge in a test has no file to have a digest of.
  if (isObject(asked)) delete asked["/routez"];
  delete body["config_digest"];
  if (Array.isArray(urls)) body["connect_urls"] = urls.map(withoutPort).sort();
  if (isObject(cluster)) {
    if (Number(cluster["cluster_port"]) > 0) cluster["cluster_port"] = "<port>";
    const known = cluster["urls"];
    if (TIME.test(String(cluster["tls_cert_not_after"]))) cluster["tls_cert_not_after"] = "<time>";
    if (Array.isArray(known)) cluster["urls"] = known.map(withoutPort);
    if (/^[0-9A-Za-z]{22}$/.test(String(cluster["name"]))) cluster["name"] = "<made up>";
  }
  const routes = routesOf(body);
  for (const route of routes) settleRoute(route);
  if (Array.isArray(body["routes"])) {
    body["routes"] = routes.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : 1));
  }
}

function settleRoute(route: JsonObject): void {
  const { rid } = route;
  const list = route["subscriptions_list_detail"];
  for (const each of Array.isArray(list) ? list : []) {
    if (isObject(each) && each["cid"] === rid) each["cid"] = "<rid>";
  }
  if (Number(rid) > 0) route["rid"] = "<rid>";
  for (const key of LISTS) route[key] &&= withoutChance(route[key]);
  // A ping may be on its way.
  if (Number(route["pending_size"]) <= PING_BYTES) route["pending_size"] = 0;
}

const PING_BYTES = 6;

/** What tells one route from another. */
function textOf(route: JsonObject): string {
  return ["remote_id", "account", "subscriptions", ...TRAFFIC]
    .map((key) => JSON.stringify(route[key]))
    .join();
}

/** Servers make up parts of subjects that they are answered to. */
function withoutChance(value: Json): Json {
  if (typeof value === "string") return value.replace(MADE_UP, "$1<made up>");
  if (Array.isArray(value)) return value.map(withoutChance);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutChance(inner)]),
  );
}

const MADE_UP = /(\$SYS\.(?:_INBOX|LATENCY\.M2)\.)[0-9A-Za-z]{8}(?=\.|$)/g;

const withoutPort = (url: Json): Json =>
  typeof url === "string" ? url.replace(/:\d+$/, ":<port>") : url;

function routesOf(body: Json): JsonObject[] {
  const routes = isObject(body) ? body["routes"] : undefined;
  return Array.isArray(routes) ? routes.filter(isObject) : [];
}
