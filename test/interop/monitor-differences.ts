// Where Midge's monitor answers otherwise than that of nats-server 2.15, on purpose. Each difference says what
// becomes of an answer of either server when it is left out of account; what is not named here must be equal.
import { isObject, type Json, type Told } from "./monitor-told.ts";

export interface MonitorDifference {
  readonly name: string;
  readonly reason: string;
  /** Fields that nats-server has there and Midge has not. */
  readonly lacks?: readonly string[];
  /** Changes the answer of either server so that the difference is gone. */
  readonly settle: (told: Told, circumstances: Circumstances) => void;
}

export interface Circumstances {
  readonly question: string;
  /** As of the scene. */
  readonly base: string;
}

/** The pages that are for people, or all about the runtime. */
const OWN_TEXTS = new Set(["", "/", "/stacksz", "/debug/vars"]);
const CACHE = ["num_cache", "num_matches", "cache_hit_rate", "max_fanout", "avg_fanout"];

export const MONITOR_DIFFERENCES: readonly MonitorDifference[] = [
  {
    name: "varz: midge",
    reason: "tells the version of Midge; `version` is that of the NATS release it stands for",
    settle({ body }) {
      if (isObject(body)) delete body["midge"];
    },
  },
  {
    name: "varz: feature_flags",
    reason: "all of them are about JetStream, which Midge does not have",
    lacks: ["feature_flags"],
    settle({ body }) {
      if (isObject(body)) delete body["feature_flags"];
    },
  },
  {
    name: "subsz, accountz: num_cache num_matches cache_hit_rate max_fanout avg_fanout",
    reason: "they describe how matching is cached, which each server does in its own way",
    settle({ body }) {
      for (const stats of [body, at(body, "account_detail", "sublist_stats")]) {
        if (!isObject(stats)) continue;
        for (const key of CACHE) if (typeof stats[key] === "number") stats[key] = "<number>";
      }
    },
  },
  {
    name: "connz: an account that does not exist",
    reason:
      "nats-server says null there; who reads connections needs a list, and a server has its id",
    settle({ body }, { question }) {
      if (!isObject(body) || !question.includes("acc=nope")) return;
      body["server_id"] = "";
      if (body["connections"] === null) body["connections"] = [];
    },
  },
  {
    name: "connz: closed connections of $G",
    reason: "nats-server does not remember the account of those and so never finds them",
    settle(told, { question }) {
      if (/\/connz\?state=(closed|all)&acc=\$G/.test(question)) told.body = "";
    },
  },
  {
    name: "connz: tls_peer_certs after the first",
    reason: "the runtime tells of the client's own certificate, not of the chain that it sent",
    settle({ body }) {
      const rows = at(body, "connections");
      for (const row of Array.isArray(rows) ? rows : []) {
        if (isObject(row) && Array.isArray(row["tls_peer_certs"])) row["tls_peer_certs"].splice(1);
      }
    },
  },
  {
    name: "ipqueuesz: queues",
    reason: "they are nats-server's own, by names that nobody else has",
    settle(told, { question }) {
      if (question.startsWith("/ipqueuesz?all=1") && isObject(told.body)) {
        Object.assign(told, { layout: "", body: {} });
      }
    },
  },
  {
    name: "stacksz, debug/vars and the list of links: the text",
    reason: "it is about the runtime, or for people",
    settle(told, { question, base }) {
      const path = question.replace(/\?.*/, "").slice(base.length);
      if (told.status === 200 && OWN_TEXTS.has(path)) told.body = "";
    },
  },
  {
    name: "errors: X-Content-Type-Options",
    reason: "nothing that a browser is told of a bad parameter shall be taken for a page",
    settle({ status, headers }) {
      if (status >= 400) delete headers["x-content-type-options"];
    },
  },
  {
    name: "paths with dots",
    reason:
      "the runtime takes them for what they mean; nats-server first redirects to the clean path",
    settle(told, { question }) {
      if (/\/\.{1,2}(\/|$)/.test(question)) {
        Object.assign(told, { status: 0, headers: {}, layout: "", body: "" });
      }
    },
  },
  {
    name: "requests that are no HTTP: the text",
    reason: "the runtime refuses them before Midge sees them, with the same status and no words",
    settle(told) {
      const isOurs = typeof told.body === "string" && /^(400 Bad Request.*)?$/.test(told.body);
      if (told.status === 400 && isOurs) Object.assign(told, { headers: {}, body: "" });
    },
  },
  {
    name: "callback",
    reason: "pages that use JSONP go on working, as they did with nats-server before 2.14.3",
    settle(told, { question }) {
      if (question.includes("callback="))
        Object.assign(told, { headers: {}, layout: "", body: "" });
    },
  },
];

function at(value: Json, ...keys: readonly string[]): Json {
  return keys.reduce<Json>((inner, key) => (isObject(inner) ? (inner[key] ?? null) : null), value);
}
