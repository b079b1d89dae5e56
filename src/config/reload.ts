// What may change in a running server, and what needs a restart (config-and-cli §7). A reload is all or
// nothing: one change that cannot be made refuses the rest.

import { formatDuration } from "./duration.ts";
import type { OptionKey, Options } from "./options.ts";
import {
  accountsLines,
  authorizationLines,
  monitorLines,
  refusedTlsChanges,
  tlsLines,
} from "./reload-access.ts";
import { clusterLines, refusedClusterChanges } from "./reload-cluster.ts";

/** A change that takes effect at once, with the words of its log line. */
export interface OptionChange {
  readonly key: OptionKey;
  /** `Reloaded: ping_interval = 20s` */
  readonly line: string;
}

/** Names the changes that need a restart. */
export class ReloadError extends Error {
  override readonly name = "ReloadError";
}

const DURATIONS: ReadonlySet<OptionKey> = new Set<OptionKey>([
  "writeDeadline",
  "pingInterval",
  "lameDuckDuration",
  "lameDuckGracePeriod",
]);

/** Options that are told part by part, of which some depend on more than one. */
const IN_PARTS = {
  authorization: authorizationLines,
  accounts: accountsLines,
  tls: tlsLines,
  monitorAuthorization: monitorLines,
  cluster: clusterLines,
  serverTags: linesIfChanged("serverTags", "tags"),
  serverMetadata: linesIfChanged("serverMetadata", "metadata"),
} satisfies Partial<Record<OptionKey, (old: Options, next: Options) => string[]>>;

/** One line without the value. */
function linesIfChanged(key: OptionKey, name: string) {
  return (old: Options, next: Options): string[] =>
    Bun.deepEquals(old[key], next[key]) ? [] : [`Reloaded: ${name}`];
}

/** The configuration key of each other option that can be reloaded. */
const RELOADABLE: Partial<Record<OptionKey, string>> = {
  debug: "debug",
  trace: "trace",
  traceVerbose: "trace_verbose",
  traceHeaders: "trace_headers",
  logtime: "logtime",
  logtimeUtc: "logtime_utc",
  logFile: "log_file",
  syslog: "syslog",
  remoteSyslog: "remote_syslog",
  maxTracedMsgLen: "max_traced_msg_len",
  connectErrorReports: "connect_error_reports",
  reconnectErrorReports: "reconnect_error_reports",
  pingInterval: "ping_interval",
  pingMax: "ping_max",
  writeDeadline: "write_deadline",
  maxControlLine: "max_control_line",
  maxPayload: "max_payload",
  maxConnections: "max_connections",
  noFastProducerStall: "no_fast_producer_stall",
  pidFile: "pid_file",
  portsFileDir: "ports_file_dir",
  clientAdvertise: "client_advertise",
};

/** Names under which operators know the others from nats-server's log. */
const FIELD_NAMES: Partial<Record<OptionKey, string>> = {
  httpHost: "HTTPHost",
  httpPort: "HTTPPort",
  httpsHost: "HTTPSHost",
  httpsPort: "HTTPSPort",
  httpBasePath: "HTTPBasePath",
  maxSubscriptions: "MaxSubs",
  maxSubscriptionTokens: "MaxSubTokens",
  logMaxNum: "LogMaxFiles",
  allowNonTls: "AllowNonTLS",
};

const fieldName = (key: OptionKey) => FIELD_NAMES[key] ?? key[0]!.toUpperCase() + key.slice(1);

/**
 * The changes from one set of options to another, one per log line. Throws a ReloadError that names every
 * change which needs a restart.
 */
export function compareOptions(old: Options, next: Options): OptionChange[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])] as OptionKey[];
  const changed = keys.filter((key) => !(key in IN_PARTS) && old[key] !== next[key]);
  const refused = changed
    .filter((key) => RELOADABLE[key] === undefined)
    .map((key) => `${fieldName(key)}: old=${show(key, old[key])}, new=${show(key, next[key])}`);
  refused.push(...refusedTlsChanges(old, next), ...refusedClusterChanges(old, next));
  if (refused.length > 0) {
    throw new ReloadError(`config reload not supported for ${refused.join("; ")}`);
  }
  const whole = changed.map((key) => ({ key, line: lineOf(key, RELOADABLE[key]!, next[key]) }));
  const inParts = Object.entries(IN_PARTS).flatMap(([key, linesOf]) =>
    linesOf(old, next).map((line) => ({ key: key as OptionKey, line })),
  );
  return [...whole, ...inParts];
}

function lineOf(key: OptionKey, name: string, value: unknown): string {
  const verb = key === "clientAdvertise" ? "Reload" : "Reloaded";
  return `${verb}: ${name} = ${show(key, value)}`;
}

function show(key: OptionKey, value: unknown): string {
  if (value === undefined) return "";
  return DURATIONS.has(key) ? formatDuration(value as number) : String(value);
}
