// INFO: what a server says of itself, in the order and with the omissions of client-protocol §3.

import { toJson } from "./format.ts";

/** Fields of an INFO to a client. Absent and false optional fields are left out on the wire. */
export interface Info {
  server_id: string;
  server_name: string;
  version: string;
  /** Midge's own version, which no other server sends. */
  midge: string;
  proto: number;
  git_commit?: string;
  go: string;
  host: string;
  port: number;
  headers: boolean;
  auth_required?: boolean;
  tls_required?: boolean;
  tls_verify?: boolean;
  tls_available?: boolean;
  max_payload: number;
  client_id: number;
  client_ip: string;
  nonce?: string;
  cluster?: string;
  connect_urls?: readonly string[];
  ldm?: boolean;
  connect_info?: boolean;
  remote_account?: string;
  acc_is_sys?: boolean;
  api_lvl?: number;
  xkey?: string;
}

const ORDER: readonly (keyof Info)[] = [
  "server_id",
  "server_name",
  "version",
  "midge",
  "proto",
  "git_commit",
  "go",
  "host",
  "port",
  "headers",
  "auth_required",
  "tls_required",
  "tls_verify",
  "tls_available",
  "max_payload",
  "client_id",
  "client_ip",
  "nonce",
  "cluster",
  "connect_urls",
  "ldm",
  "connect_info",
  "remote_account",
  "acc_is_sys",
  "api_lvl",
  "xkey",
];

/** Optional fields that are left out when they are false or empty; `headers` is always said. */
const isSaid = (field: keyof Info, value: unknown) =>
  value !== undefined &&
  (field === "headers" ||
    (value !== false && value !== "" && !(Array.isArray(value) && value.length === 0)));

/** The line as it goes on the wire: `INFO {…} CRLF`, with the blank before the line's end. */
export function encodeInfo(info: Info): string {
  const said = ORDER.filter((field) => isSaid(field, info[field]));
  return `INFO ${toJson(Object.fromEntries(said.map((field) => [field, info[field]])))} \r\n`;
}
