// Every flag of the executable, once: parsing, the help page and later shell completions read this
// table. It is a citty definition keyed by the option that a flag sets. The flags' names are
// gnatsd's and nats-server's, because operators' scripts use them; the words beside them are ours.
import type { BooleanArgDef, StringArgDef } from "citty";

export const FLAG_GROUPS = [
  "Server Options",
  "Logging Options",
  "JetStream Options",
  "Authorization Options",
  "TLS Options",
  "Cluster Options",
  "Profiling Options",
  "Common Options",
] as const;

interface FlagExtras {
  /** The names without dashes, in the order of the help page. */
  readonly alias: string[];
  readonly description: string;
  readonly group: (typeof FLAG_GROUPS)[number];
  /** A number in any of Go's spellings; citty hands it on as text. */
  readonly integer?: boolean;
  /** Given this flag means given all of those. */
  readonly expands?: readonly string[];
  /** Must not be empty: a variable that a script left unset must not open a server. */
  readonly filled?: boolean;
  /** Its value when it is given none: what follows is its value only if it is no flag. */
  readonly bare?: string;
  /** Accepted with the warning that it has no effect yet. */
  readonly later?: boolean;
  /** What its text must be, beyond text (flag-checks.ts). */
  readonly check?: FlagCheck;
  /** Keys of the file that it switches off when it is given as off. */
  readonly switchesOff?: readonly string[];
}

export type FlagCheck = "advertised" | "cluster url" | "one word" | "routes" | "syslog";

/** Booleans never take the next argument, all others always do, unless they can do without. */
export type Flag = (BooleanArgDef | StringArgDef) & FlagExtras;

export const FLAGS = {
  host: {
    type: "string",
    alias: ["a", "addr", "net"],
    valueHint: "host",
    description: "Listen on this address (default: 0.0.0.0)",
    group: "Server Options",
  },
  port: {
    type: "string",
    integer: true,
    alias: ["p", "port"],
    valueHint: "port",
    description: "Port for clients, -1 for any free one (default: 4222)",
    group: "Server Options",
  },
  serverName: {
    type: "string",
    alias: ["n", "name", "server_name"],
    valueHint: "name",
    description: "Name of this server (default: its id)",
    group: "Server Options",
  },
  pidFile: {
    type: "string",
    alias: ["P", "pid"],
    valueHint: "file",
    description: "Write the process id to this file",
    group: "Server Options",
  },
  httpPort: {
    type: "string",
    integer: true,
    alias: ["m", "http_port"],
    valueHint: "port",
    description: "Port for monitoring over HTTP (default: off)",
    group: "Server Options",
  },
  httpsPort: {
    type: "string",
    integer: true,
    alias: ["ms", "https_port"],
    valueHint: "port",
    description: "Port for monitoring over HTTPS (default: off)",
    group: "Server Options",
  },
  config: {
    type: "string",
    alias: ["c", "config"],
    valueHint: "file",
    description: "Read this configuration file; flags win over it",
    group: "Server Options",
  },
  test: {
    type: "boolean",
    alias: ["t"],
    description: "Check the configuration file and exit",
    group: "Server Options",
  },
  signal: {
    type: "string",
    alias: ["sl", "signal"],
    valueHint: "cmd[=pid]",
    description: "Signal a running midge: reload, reopen, ldm, quit, term, stop",
    group: "Server Options",
  },
  healthcheck: {
    type: "string",
    alias: ["healthcheck"],
    bare: "http://127.0.0.1:8222/healthz",
    valueHint: "url",
    description: "Exit 0 if healthy (default: http://127.0.0.1:8222/healthz)",
    group: "Server Options",
  },
  clientAdvertise: {
    type: "string",
    alias: ["client_advertise"],
    valueHint: "addr",
    description: "Address to tell clients instead of the real one",
    group: "Server Options",
    check: "advertised",
  },
  portsFileDir: {
    type: "string",
    alias: ["ports_file_dir"],
    valueHint: "dir",
    description: "Write the opened ports to midge_<pid>.ports in this folder",
    group: "Server Options",
  },
  logFile: {
    type: "string",
    alias: ["l", "log"],
    valueHint: "file",
    description: "Log to this file instead of stderr",
    group: "Logging Options",
  },
  logtime: {
    type: "boolean",
    alias: ["T", "logtime"],
    description: "Put the time on log lines (default: true, off: -T=false)",
    group: "Logging Options",
  },
  logtimeUtc: {
    type: "boolean",
    alias: ["logtime_utc"],
    description: "That time in UTC",
    group: "Logging Options",
  },
  syslog: {
    type: "boolean",
    alias: ["s", "syslog"],
    description: "Log to the syslog of this machine",
    group: "Logging Options",
  },
  remoteSyslog: {
    type: "string",
    alias: ["r", "remote_syslog"],
    valueHint: "addr",
    description: "Log to this syslog, such as udp://localhost:514",
    group: "Logging Options",
    check: "syslog",
  },
  debug: {
    type: "boolean",
    alias: ["D", "debug"],
    description: "Log debugging information",
    group: "Logging Options",
  },
  trace: {
    type: "boolean",
    alias: ["V", "trace"],
    description: "Log every protocol line",
    group: "Logging Options",
  },
  verboseTrace: {
    type: "boolean",
    alias: ["VV"],
    description: "The same, the system account included",
    group: "Logging Options",
    expands: ["trace", "traceVerbose"],
  },
  debugAndTrace: {
    type: "boolean",
    alias: ["DV"],
    description: "Both, -D and -V",
    group: "Logging Options",
    expands: ["debug", "trace"],
  },
  debugAndVerboseTrace: {
    type: "boolean",
    alias: ["DVV"],
    description: "Both, -D and -VV",
    group: "Logging Options",
    expands: ["debug", "trace", "traceVerbose"],
  },
  logSizeLimit: {
    type: "string",
    integer: true,
    alias: ["log_size_limit"],
    valueHint: "bytes",
    description: "Start a new log file at this size (default: never)",
    group: "Logging Options",
  },
  maxTracedMsgLen: {
    type: "string",
    integer: true,
    alias: ["max_traced_msg_len"],
    valueHint: "bytes",
    description: "Payload bytes that -V shows (default: all)",
    group: "Logging Options",
  },
  jetstream: {
    type: "boolean",
    alias: ["js", "jetstream"],
    description: "Keep messages (has no effect yet)",
    group: "JetStream Options",
    later: true,
    switchesOff: ["jetstream"],
  },
  storeDir: {
    type: "string",
    alias: ["sd", "store_dir"],
    valueHint: "dir",
    description: "Keep them in this folder (has no effect yet)",
    group: "JetStream Options",
    later: true,
  },
  user: {
    type: "string",
    alias: ["user"],
    valueHint: "user",
    description: "User that clients must give",
    group: "Authorization Options",
    filled: true,
  },
  pass: {
    type: "string",
    alias: ["pass"],
    valueHint: "password",
    description: "Password that goes with it",
    group: "Authorization Options",
    filled: true,
  },
  auth: {
    type: "string",
    alias: ["auth"],
    valueHint: "token",
    description: "Token that clients must give",
    group: "Authorization Options",
    filled: true,
  },
  tls: {
    type: "boolean",
    alias: ["tls"],
    description: "Encrypt; --tls=false drops the tls block",
    group: "TLS Options",
    switchesOff: ["tls"],
  },
  tlscert: {
    type: "string",
    alias: ["tlscert"],
    valueHint: "file",
    description: "Certificate of the server",
    group: "TLS Options",
    filled: true,
  },
  tlskey: {
    type: "string",
    alias: ["tlskey"],
    valueHint: "file",
    description: "Private key of the certificate",
    group: "TLS Options",
    filled: true,
  },
  tlsverify: {
    type: "boolean",
    alias: ["tlsverify"],
    description: "Encrypt and verify clients",
    group: "TLS Options",
  },
  tlscacert: {
    type: "string",
    alias: ["tlscacert"],
    valueHint: "file",
    description: "Authority of clients' certificates (default: the system's)",
    group: "TLS Options",
    filled: true,
  },
  routes: {
    type: "string",
    alias: ["routes"],
    valueHint: "url, url",
    description: "Servers to connect to",
    group: "Cluster Options",
    check: "routes",
  },
  cluster: {
    type: "string",
    alias: ["cluster", "cluster_listen"],
    valueHint: "url",
    description: "Address for routes",
    group: "Cluster Options",
    check: "cluster url",
    switchesOff: ["cluster"],
  },
  clusterName: {
    type: "string",
    alias: ["cluster_name"],
    valueHint: "name",
    description: "Name of the cluster",
    group: "Cluster Options",
    check: "one word",
  },
  noAdvertise: {
    type: "boolean",
    alias: ["no_advertise"],
    description: "Keep other servers from clients",
    group: "Cluster Options",
  },
  clusterAdvertise: {
    type: "string",
    alias: ["cluster_advertise"],
    valueHint: "addr",
    description: "Address to tell other servers",
    group: "Cluster Options",
    check: "advertised",
  },
  connectRetries: {
    type: "string",
    integer: true,
    alias: ["connect_retries"],
    valueHint: "number",
    description: "Attempts for routes heard of",
    group: "Cluster Options",
  },
  profile: {
    type: "string",
    integer: true,
    alias: ["profile"],
    valueHint: "port",
    description: "Port for profiling (has no effect yet)",
    group: "Profiling Options",
    later: true,
  },
  help: {
    type: "boolean",
    alias: ["h", "help"],
    description: "Show this page",
    group: "Common Options",
  },
  version: {
    type: "boolean",
    alias: ["v", "version"],
    description: "Show the version",
    group: "Common Options",
  },
  helpTls: {
    type: "boolean",
    alias: ["help_tls"],
    description: "Show what TLS can be told",
    group: "Common Options",
  },
} satisfies Readonly<Record<string, Flag>>;

export type FlagKey = keyof typeof FLAGS;

/** From each name to the flag it belongs to. */
export const FLAG_BY_NAME: ReadonlyMap<string, readonly [FlagKey, Flag]> = new Map(
  Object.entries(FLAGS).flatMap(([key, flag]) =>
    flag.alias.map((name) => [name, [key as FlagKey, flag as Flag]] as const),
  ),
);
