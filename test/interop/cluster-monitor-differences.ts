// What is left out of account when the monitors of clustered servers are compared: what chance or the
// addresses of a run decide, and the differences to nats-server by name; others that a server without a
// cluster shows, too, are in monitor-differences.ts.
import { isObject, type Json, type JsonObject, type Told } from "./monitor-told.ts";

export interface ClusterDifference {
  readonly name: string;
  readonly reason: string;
  readonly settle: (told: Told, question: string) => void;
}

const SERVER_ID = /^N[A-Z2-7]{55}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const COUNTS = ["subscriptions", "in_msgs", "out_msgs", "in_bytes", "out_bytes"];

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
    reason: "nats-server tells the others of itself there, and answers them; Midge does not",
    settle({ body }) {
      if (isObject(body) && body["system_account"] === "$SYS") {
        for (const key of COUNTS) body[key] = "<number>";
      }
      for (const route of routesOf(body)) {
        if (route["account"] !== "$SYS") continue;
        for (const key of COUNTS) if (typeof route[key] === "number") route[key] = "<number>";
        delete route["subscriptions_list"];
        delete route["subscriptions_list_detail"];
      }
    },
  },
  {
    name: "varz: gateway, leaf: write_deadline",
    reason:
      "nats-server shows the cluster's there, where there are neither gateways nor leaf nodes",
    settle({ body }) {
      for (const key of ["gateway", "leaf"]) {
        const part = isObject(body) ? body[key] : undefined;
        if (isObject(part)) delete part["write_deadline"];
      }
    },
  },
];

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
  if (SERVER_ID.test(String(route["remote_id"]))) route["remote_id"] = "<id>";
  // A ping may be on its way.
  if (Number(route["pending_size"]) <= PING_BYTES) route["pending_size"] = 0;
}

const PING_BYTES = 6;

/** What tells one route from another. */
function textOf(route: JsonObject): string {
  return ["remote_name", "account", ...COUNTS].map((key) => JSON.stringify(route[key])).join();
}

const withoutPort = (url: Json): Json =>
  typeof url === "string" ? url.replace(/:\d+$/, ":<port>") : url;

function routesOf(body: Json): JsonObject[] {
  const routes = isObject(body) ? body["routes"] : undefined;
  return Array.isArray(routes) ? routes.filter(isObject) : [];
}
