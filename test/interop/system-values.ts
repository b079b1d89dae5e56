// Values in messages of the system account that tell one server, one run or one moment from another: they
// are replaced by the form they have.
import { isObject, type Json, type JsonObject, type Names } from "./monitor-told.ts";

/** Who is who in one run of a scene. */
export interface Identity {
  readonly serverNames: ReadonlyMap<string, string>;
  readonly names: Names;
  /** Those who ask and listen: they are told so much that nobody counts it. */
  readonly ears: ReadonlySet<string>;
  /** How much members of ordinary accounts send and hear is the same in every run. */
  readonly isCounted: boolean;
  /** Ids of events of one step, numbered as they come, if that is no chance. */
  readonly unique: Map<string, number> | undefined;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$/;
const EVENT_ID = /^[0-9A-Za-z]{22}$/;
const VERSION = /^2\.15\.\d+$/;
const TRAFFIC = ["in_msgs", "out_msgs", "in_bytes", "out_bytes"];
const TOTALS = [...TRAFFIC, ...TRAFFIC.map((key) => key.replace("_", "_client_"))];
const COUNTERS = ["sent", "received", "sent_to_clients", "received_from_clients"];

export function settleValues(value: Json, identity: Identity): void {
  if (Array.isArray(value)) {
    for (const each of value) settleValues(each, identity);
  } else if (isObject(value)) {
    settleObject(value, identity);
    for (const each of Object.values(value)) settleValues(each, identity);
  }
}

function settleObject(value: JsonObject, identity: Identity): void {
  for (const key of ["time", "timestamp"]) matching(value, key, TIME, "<time>");
  matching(value, "ver", VERSION, "<version>");
  for (const key of ["seq", "rtt", "gomaxprocs", "cluster_port"]) positive(value, key);
  if (typeof value["profile"] === "string") value["profile"] = "<profile>";
  for (const [key, inner] of Object.entries(value)) value[key] = addressed(inner, identity);
  settleId(value, identity);
  settleTraffic(value, identity);
  for (const key of ["imports", "exports", "allow", "deny"]) {
    const list = value[key];
    if (Array.isArray(list)) value[key] = list.toSorted(byText);
  }
}

function settleId(value: JsonObject, { names, unique }: Identity): void {
  const { id } = value;
  if (typeof id === "number") value["id"] = `<cid of ${names.get(id) ?? "the server"}>`;
  else if (typeof id === "string" && EVENT_ID.test(id)) {
    if (unique?.has(id) === false) unique.set(id, unique.size + 1);
    value["id"] = `<event ${unique?.get(id) ?? "of some"}>`;
  }
}

/** Servers are named, and ports are left out. */
function addressed(value: Json, { serverNames }: Pick<Identity, "serverNames">): Json {
  if (Array.isArray(value)) return value.map((each) => addressed(each, { serverNames }));
  if (typeof value !== "string") return value;
  return serverNames.get(value) ?? value.replace(/^127\.0\.0\.1:\d+$/, "127.0.0.1:<port>");
}

function settleTraffic(value: JsonObject, { names, ears, isCounted }: Identity): void {
  const isRow = typeof value["cid"] === "number";
  // PONGs, and answers to others, may be on their way.
  if (isRow && typeof value["pending_bytes"] === "number") value["pending_bytes"] = 0;
  const isEar = isRow && ears.has(names.get(Number(value["cid"])) ?? "");
  const isRoute = typeof value["rid"] === "number";
  if (isRoute) for (const key of ["rid", "pending", "pending_size"]) count(value, key);
  const isServer = value["total_connections"] !== undefined || isRoute;
  if (isEar || isServer) for (const key of TOTALS) count(value, key);
  if (isEar || String(value["subject"]).startsWith("$SYS.")) count(value, "msgs");
  if (isCounted && !isServer && value["acc"] !== "SYS") return;
  for (const key of COUNTERS) if (isObject(value[key])) settleCounts(value[key]);
}

function settleCounts(counts: JsonObject): void {
  for (const key of ["msgs", "bytes"]) count(counts, key);
  // To other servers and from them.
  for (const inner of Object.values(counts)) if (isObject(inner)) settleCounts(inner);
}

function matching(value: JsonObject, key: string, form: RegExp, word: string): void {
  const text = value[key];
  if (typeof text === "string" && form.test(text)) value[key] = word;
}

function count(value: JsonObject, key: string): void {
  const number = value[key];
  if (typeof number === "number" && Number.isInteger(number) && number >= 0) value[key] = "<count>";
}

function positive(value: JsonObject, key: string): void {
  const number = value[key];
  if (typeof number === "number" && Number.isInteger(number) && number > 0) value[key] = "<number>";
}

function byText(left: Json, right: Json): number {
  const [one, other] = [JSON.stringify(left), JSON.stringify(right)];
  return one < other ? -1 : one > other ? 1 : 0;
}
