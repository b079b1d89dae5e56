// What an answer of a monitor says, in a form in which two servers can be compared: everything that tells
// one server, one run or one moment from another is replaced by the form it has. What is left is compared
// to the letter, the order of the keys and the types of the values included.
import type { Answer } from "./monitor-ask.ts";

export type Json = null | boolean | number | string | Exact | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** A number that is written otherwise than JavaScript would, or too long for it. */
interface Exact {
  readonly rawJSON: string;
}

/** An answer taken apart; differences.ts may change it. */
export interface Told {
  status: number;
  headers: JsonObject;
  /** How JSON is laid out: the spaces of an indentation, or what else. */
  layout: string;
  body: Json;
}

/** Headers that are part of the comparison; the others are the HTTP server's own affair. */
const HEADERS = [
  "content-type",
  "access-control-allow-origin",
  "x-content-type-options",
  "location",
  "www-authenticate",
] as const;

interface ExactJson {
  parse(text: string, reviver: (key: string, value: Json, context: Source) => Json): Json;
  rawJSON(text: string): Exact;
}
interface Source {
  readonly source?: string;
}
/** What ES2026 has and the types don't. */
const exactJson = JSON as unknown as ExactJson;

export function takeApart({ status, headers, body }: Answer): Told {
  const shown: JsonObject = {};
  for (const name of HEADERS) {
    const value = headers.get(name);
    if (value !== undefined) shown[name] = value;
  }
  shown["date"] = headers.has("date");
  const isJson = /^[[{]/.test(body) && shown["content-type"] === "application/json";
  if (!isJson) return { status, headers: shown, layout: "text", body };
  const value = exactJson.parse(body, exact);
  return { status, headers: shown, layout: layoutOf(body, value), body: value };
}

function exact(_key: string, value: Json, { source }: Source): Json {
  if (typeof value !== "number" || source === undefined || String(value) === source) return value;
  return exactJson.rawJSON(source);
}

function layoutOf(text: string, value: Json): string {
  for (const spaces of [0, 2, 3]) if (render(value, spaces) === text) return `${spaces} spaces`;
  return "another layout";
}

/** As Go writes JSON. */
function render(value: Json, spaces: number): string {
  const escape = (character: string) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, spaces).replace(/[<>&\u2028\u2029]/g, escape);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A name for each connection id. */
export type Names = ReadonlyMap<number, string>;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$/;
const UPTIME = /^(\d+y)?(\d+d)?(\d+h)?(\d+m)?\d+s$/;
const ROUND_TRIP = /^(0s|\d+(ns|µs)|\d+(\.\d+)?(ms|s))$/;
const SERVER_ID = /^N[A-Z2-7]{55}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Texts that are no part of the comparison, by key, as long as they have the right form. */
const FORMS: Readonly<Record<string, readonly [RegExp, string]>> = {
  server_id: [SERVER_ID, "<id>"],
  server_name: [SERVER_ID, "<id>"],
  version: [/^2\.15\.\d+$/, "<version>"],
  go: [/./, "<runtime>"],
  config_digest: [DIGEST, "<digest>"],
  rtt: [ROUND_TRIP, "<round trip>"],
  uptime: [UPTIME, "<uptime>"],
  idle: [UPTIME, "<uptime>"],
  ...Object.fromEntries(
    ["now", "start", "last_activity", "stop", "config_load_time", "update_time"].map((key) => [
      key,
      [TIME, "<time>"],
    ]),
  ),
};
/** Numbers that are none of the comparison either. */
const PONG_BYTES = 6;
const MEASURED = new Set(["mem", "port", "http_port", "https_port"]);

/** What the comparison has to know of a scene and of a run of it. */
export interface Context {
  readonly names: Names;
  readonly measured: ReadonlySet<string>;
}

/** All that was told, line by line. */
export function lines({ status, headers, layout, body }: Told, context: Context): string[] {
  return [
    `status ${status}`,
    ...describe("header", headers, context),
    `layout: ${layout}`,
    ...describe("body", body, context),
  ];
}

function describe(path: string, value: Json, context: Context): string[] {
  if (value === null || typeof value !== "object" || "rawJSON" in value) {
    return [`${path} = ${describeLeaf(keyOf(path), value, context)}`];
  }
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((item, at) => [`${path}[${at}]`, item])
    : Object.entries(value).map(([key, item]) => [`${path}.${key}`, item]);
  if (entries.length === 0) return [`${path} = ${Array.isArray(value) ? "[]" : "{}"}`];
  return entries.flatMap(([inner, item]) => describe(inner, item, context));
}

const keyOf = (path: string): string => /[^.[\]]*$/.exec(path)?.[0] ?? "";

function describeLeaf(key: string, value: Json, { names, measured }: Context): string {
  if (typeof value === "string") {
    const [form, word] = FORMS[key] ?? [];
    return form?.test(value) ? word! : JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (key === "cid") return `<cid of ${names.get(value) ?? "the server"}>`;
    // A PONG may be on its way.
    if (key === "pending_bytes" && value <= PONG_BYTES) return "<little>";
    if (key === "cpu") return "<number>";
    if ((MEASURED.has(key) || measured.has(key)) && value > 0) return "<number>";
  }
  return JSON.stringify(value);
}
