// What servers say of themselves to each other over a route: INFO from both, CONNECT from who dials
// (cluster §4.2, §4.3). Unknown keys are kept where an INFO is passed on to a third server.

import { toJson } from "./format.ts";

/** What is read of another server's INFO; what it left out or spoiled is empty. */
export interface RouteInfo {
  readonly serverId: string;
  readonly serverName: string;
  readonly proto: number;
  readonly host: string;
  readonly port: number;
  readonly headers: boolean;
  readonly cluster: string;
  readonly dynamic: boolean;
  readonly connectUrls: readonly string[];
  readonly lameDuck: boolean;
  /** LS- comes with its origin. */
  readonly originInLeave: boolean;
  readonly authRequired: boolean;
  /** Where to dial it: only in an INFO that was passed on. */
  readonly ip: string;
  /** For one account only: never passed on, and no way to know a server by. */
  readonly account: string;
  readonly poolIndex: number;
  /** Connections that it shares out accounts to; 0 or less: it does not. */
  readonly poolSize: number;
  /** Everything it said. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const URLS_MAX = 1024;

/** Null when it is no JSON object. */
export function parseRouteInfo(json: string): RouteInfo | null {
  const raw = parseObject(json);
  if (raw === null) return null;
  const urls = raw["connect_urls"];
  return {
    serverId: text(raw["server_id"]),
    serverName: text(raw["server_name"]),
    proto: number(raw["proto"]),
    host: text(raw["host"]),
    port: number(raw["port"]),
    headers: raw["headers"] === true,
    cluster: text(raw["cluster"]),
    dynamic: raw["cluster_dynamic"] === true,
    connectUrls: Array.isArray(urls) ? urls.map(text).filter(isUrl).slice(0, URLS_MAX) : [],
    lameDuck: raw["ldm"] === true,
    originInLeave: raw["lnocu"] === true,
    authRequired: raw["auth_required"] === true,
    ip: text(raw["ip"]),
    account: text(raw["route_account"]),
    poolIndex: number(raw["route_pool_idx"]),
    poolSize: number(raw["route_pool_size"]),
    raw,
  };
}

/** What who dials says first. */
export interface RouteConnect {
  readonly user: string;
  readonly password: string;
  readonly cluster: string;
  readonly dynamic: boolean;
  /** Clients say their language: this one is at the wrong door. */
  readonly lang: string;
  readonly gateway: string;
}

export function parseRouteConnect(json: string): RouteConnect | null {
  const raw = parseObject(json);
  if (raw === null) return null;
  return {
    user: text(raw["user"]),
    password: text(raw["pass"]),
    cluster: text(raw["cluster"]),
    dynamic: raw["cluster_dynamic"] === true,
    lang: text(raw["lang"]),
    gateway: text(raw["gateway"]),
  };
}

/** `INFO {…} CRLF`; absent values and false ones are left out, `headers` is always said. */
export function encodeRouteInfo(fields: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(`INFO ${toJson(said(fields))} \r\n`);
}

export function encodeRouteConnect(fields: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(`CONNECT ${toJson(fields)}\r\n`);
}

function said(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) =>
        value !== undefined && (name === "headers" || (value !== false && value !== "")),
    ),
  );
}

function parseObject(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return null;
  }
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
const number = (value: unknown) =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : 0;
/** `host:port` for clients: what could break out of a line or of JSON is no address. */
const isUrl = (value: string) => /^[^\s"]{1,255}$/.test(value);
