// What became of the answers of a clustered server since nats-server 2.9.10, by name: beside one of that
// release Midge answers as a 2.15 does, and what 2.9.10 says there it must say, too, but for these.
import type { ClusterDifference } from "./cluster-monitor-differences.ts";
import type { Kind } from "./cluster-monitor-node.ts";
import { leaveOutOwn } from "./cluster-monitor-own.ts";
import { isObject, type Json } from "./monitor-told.ts";

const OLD: Kind = "2.9";
const PARTS = ["gateways", "routes", "leafs"];

/** By path, the fields that there are since; those after a `[]` are of each in a list. */
const NEW_FIELDS: Readonly<Record<string, readonly string[]>> = {
  "/varz": [
    ...["config_digest", "stale_connections", "stalled_clients"],
    ...["in_client_msgs", "in_client_bytes", "out_client_msgs", "out_client_bytes"],
    ...["slow_consumer_stats", "stale_connection_stats", "disk_io_wait_stats"],
    ...["cluster.pool_size", "cluster.write_deadline", "cluster.tls_cert_not_after"],
    ...["gateway.write_deadline", "leaf.write_deadline"],
  ],
  "/routez": ["server_name", "routes[].remote_name", "routes[].compression"],
  "/subsz": ["subscriptions_list[].account_tag"],
  "/accountz": ["account_detail.name_tag"],
  "/accstatz": [
    ...["account_statz[].name", "account_statz[].num_subscriptions"],
    ...PARTS.map((part) => `account_statz[].sent.${part}`),
    ...PARTS.map((part) => `account_statz[].received.${part}`),
  ],
};

export const RELEASE_DIFFERENCES: readonly ClusterDifference[] = [
  {
    name: "routez, varz, subsz, accountz, accstatz: what servers want themselves",
    reason: "each release answers requests to other $SYS.REQ subjects",
    settle(told, { idle, announced }) {
      leaveOutOwn(told, idle, announced);
    },
  },
  {
    name: "accstatz: received",
    reason:
      "2.9.10 counts what comes over routes for $G if it was dialled, and for nobody if it dials",
    settle({ body }) {
      const { account_statz: list } = isObject(body) ? body : {};
      for (const account of Array.isArray(list) ? list.filter(isObject) : []) {
        const { acc, received } = account;
        if (!isObject(received)) continue;
        for (const key of ["msgs", "bytes"]) {
          const { routes } = received;
          const count = Number(received[key]) - (isObject(routes) ? Number(routes[key]) : 0);
          if (typeof received[key] === "number") received[key] = acc === "$G" ? "<number>" : count;
        }
      }
    },
  },
  {
    name: "routez?subs=detail: R and L",
    reason: "servers that speak of it know interest by whose it is, clients' or leaf nodes'",
    settle({ body }, { kind }) {
      const { routes } = isObject(body) ? body : {};
      for (const route of kind !== OLD && Array.isArray(routes) ? routes : []) {
        const list = isObject(route) ? route["subscriptions_list_detail"] : undefined;
        for (const each of Array.isArray(list) ? list.filter(isObject) : []) {
          each["sid"] = String(each["sid"]).replace(/^(R|L \S+) /, "");
        }
      }
    },
  },
  {
    name: "subsz: server_id now total offset limit",
    reason: "2.9.10 has them only where it lists subscriptions",
    settle({ body }, { question, kind }) {
      if (kind === OLD || !question.startsWith("/subsz") || !isObject(body)) return;
      if (body["subscriptions_list"] !== undefined) return;
      for (const key of ["server_id", "now", "total", "offset", "limit"]) delete body[key];
    },
  },
  ...Object.entries(NEW_FIELDS).flatMap(([path, fields]) =>
    fields.map((each) => since(path, each)),
  ),
  {
    name: "varz: version",
    reason: "Midge tells the release that it stands for",
    settle({ body }) {
      if (isObject(body) && typeof body["version"] === "string") {
        body["version"] = body["version"].replace(/^2\.(9|15)\.\d+$/, "<version>");
      }
    },
  },
  {
    name: "varz: the order of in_msgs, out_msgs, in_bytes, out_bytes",
    reason: "counts of one direction stand together since",
    settle({ body }) {
      if (!isObject(body) || !("gomaxprocs" in body)) return;
      for (const key of ["out_msgs", "in_bytes", "out_bytes"]) {
        const value = body[key];
        delete body[key];
        if (value !== undefined) body[key] = value;
      }
    },
  },
  {
    name: "Access-Control-Allow-Origin",
    reason: "pages from elsewhere may read answers since 2.9.22",
    settle({ headers }, { kind }) {
      if (kind !== OLD) delete headers["access-control-allow-origin"];
    },
  },
];

function since(path: string, field: string): ClusterDifference {
  return {
    name: `${path}: ${field}`,
    reason: "releases after 2.9.10 brought it, and tools expect it",
    settle({ body }, { question, kind }) {
      const isThere = kind !== OLD && question.replace(/\?.*/, "") === path;
      if (isThere) remove(body, field.split(/\.|(?=\[\])/));
    },
  };
}

/** The field at the end of these steps, wherever there is one. */
function remove(value: Json | undefined, [step, ...steps]: readonly string[]): void {
  if (step === "[]" && Array.isArray(value)) for (const each of value) remove(each, steps);
  if (step === undefined || !isObject(value)) return;
  if (steps.length === 0) delete value[step];
  else remove(value[step], steps);
}
