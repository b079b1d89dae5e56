// Every flag of the executable, once: parsing, the help page and later shell completions read this
// table. It is a citty definition keyed by the option that a flag sets. The flags' names are
// gnatsd's and nats-server's, because operators' scripts use them; the words beside them are ours.
import type { BooleanArgDef, StringArgDef } from "citty";

export const FLAG_GROUPS = ["Server Options", "Logging Options", "Common Options"] as const;

interface FlagExtras {
  /** The names without dashes, in the order of the help page. */
  readonly alias: string[];
  readonly description: string;
  readonly group: (typeof FLAG_GROUPS)[number];
  /** A number in any of Go's spellings; citty hands it on as text. */
  readonly integer?: boolean;
  /** Given this flag means given all of those. */
  readonly expands?: readonly string[];
}

/** Booleans never take the next argument, all others always do. */
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
  debugAndTrace: {
    type: "boolean",
    alias: ["DV"],
    description: "Both, -D and -V",
    group: "Logging Options",
    expands: ["debug", "trace"],
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
} satisfies Readonly<Record<string, Flag>>;

export type FlagKey = keyof typeof FLAGS;

/** From each name to the flag it belongs to. */
export const FLAG_BY_NAME: ReadonlyMap<string, readonly [FlagKey, Flag]> = new Map(
  Object.entries(FLAGS).flatMap(([key, flag]) =>
    flag.alias.map((name) => [name, [key as FlagKey, flag as Flag]] as const),
  ),
);
