// What in a monitor's answer depends on chance: orders that nobody promises, and orders by what was measured.
import { isObject, type Json, type JsonObject, type Told } from "./monitor-told.ts";

/** Leaves out of an answer what depends on chance. */
export function settleChance(told: Told, question: string): void {
  told.body = inOrder(withoutNames(told.body));
  const connections = isObject(told.body) ? told.body["connections"] : undefined;
  if (!Array.isArray(connections)) return;
  const rows = connections.filter(isObject);
  settleOrder(told, rows, question);
  for (const row of rows) {
    // The last words may or may not have been sent when it was closed.
    if (row["reason"] !== undefined && Number(row["pending_bytes"]) >= 0) row["pending_bytes"] = 0;
  }
}

/** What a server listens to itself has its id in it, or a word of its own, and is numbered as it likes. */
function withoutNames(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNames);
  if (typeof value === "string") return value.replace(OWN_NAME, "$1<own>");
  if (!isObject(value) || "rawJSON" in value) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutNames(item)] as const);
  const shown = Object.fromEntries(entries);
  if (String(shown["subject"]).startsWith("$SYS.") && "sid" in shown) shown["sid"] = "<own>";
  return shown;
}

const OWN_NAME =
  /^(\$SYS\.(?:REQ\.SERVER\.|_INBOX_\.|_INBOX\.|LATENCY\.M2\.))(?!PING\b)[0-9A-Za-z]+/;

/** Puts lists in order that have no promised one. */
function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== "object" || "rawJSON" in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const ordered = inOrder(item);
      const isUnordered = UNORDERED.has(key) && Array.isArray(ordered);
      return [key, isUnordered ? ordered.toSorted(byText) : ordered];
    }),
  );
}

const UNORDERED = new Set([
  "subscriptions_list",
  "subscriptions_list_detail",
  "accounts",
  "account_statz",
  "imports",
  "exports",
]);

function byText(left: Json, right: Json): number {
  const [one, other] = [JSON.stringify(left), JSON.stringify(right)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/**
 * Connections in an order that depends on when things happened are put in the order of their ids; whether
 * they came in the order that was asked for is told instead.
 */
function settleOrder(told: Told, rows: JsonObject[], question: string): void {
  const sort = new URL(question, "http://a").searchParams.get("sort") ?? "";
  const rank = RANKS[sort];
  if (rank === undefined || !isObject(told.body)) return;
  const now = String(told.body["now"]);
  const ranks = rows.map((row) => rank(row, now));
  const isSorted = ranks.every((each, at) => at === 0 || ranks[at - 1]! <= each);
  told.layout += isSorted ? ", sorted" : ", not sorted";
  told.body["connections"] = rows.toSorted(
    (left, right) => Number(left["cid"]) - Number(right["cid"]),
  );
}

/** What ascends in a list that is sorted so. Times are compared to the microsecond. */
const RANKS: Readonly<Record<string, (row: JsonObject, now: string) => number>> = {
  pending: (row) => -Number(row["pending_bytes"]),
  stop: (row) => -micros(row["stop"]),
  last: (row) => -micros(row["last_activity"]),
  // The longest idle one is the first.
  idle: (row) => micros(row["last_activity"]),
  uptime: (row, now) => micros(row["stop"] ?? now) - micros(row["start"]),
  rtt: (row) => -roundTripMicros(String(row["rtt"])),
};

function micros(time: Json | undefined): number {
  const [, fraction = ""] = /\.(\d+)Z$/.exec(String(time)) ?? [];
  const seconds = Date.parse(String(time).replace(/\.\d+/, "")) / 1000;
  return seconds * 1e6 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

function roundTripMicros(text: string): number {
  const units: Readonly<Record<string, number>> = { ns: 0.001, µs: 1, ms: 1000, s: 1e6 };
  const [, count = "", unit = ""] = /^([\d.]+)(\D+)$/.exec(text) ?? [];
  return Math.floor(Number(count) * (units[unit] ?? 0));
}
