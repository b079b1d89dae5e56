// What a server can be told: the typed options, their defaults and their check. The configuration
// file, the flags and an embedding program all end here. Names are the configuration keys in
// camelCase. As in NATS, zero means "not set" wherever zero makes no sense, and takes the default.
import { safeParse } from "valibot";
import {
  accessProblems,
  certificateProblem,
  monitorProblem,
  type AccessOptions,
} from "./access-rules.ts";
import type {
  AccountOptions,
  AuthorizationOptions,
  GivenAccounts,
  GivenAuthorization,
  MonitorAuthorization,
} from "./access.ts";
import type { ClusterOptions, GivenCluster } from "./cluster.ts";
import { formatDuration } from "./duration.ts";
import { nearest } from "./nearest.ts";
import {
  describe,
  OptionsError,
  problemOf,
  type OptionNamer,
  type OptionProblem,
} from "./options-error.ts";
import { freeze, present } from "./present.ts";
import { DEFAULT_LIBRARY_HOST, optionsSchema } from "./schema.ts";
import type { GivenTls, TlsOptions } from "./tls.ts";

export { OptionsError } from "./options-error.ts";

/**
 * Durations are milliseconds, sizes are bytes. -1 stands for "no limit" or, as a port, for "any
 * free one".
 */
export interface Options {
  /**
   * Address to listen on, a name or an IP; 127.0.0.1 unless given (the executable gives 0.0.0.0).
   */
  readonly host: string;
  /** Port for clients, default 4222; -1 picks a free one. */
  readonly port: number;
  /** The name others see; the server's id unless given. No blanks. */
  readonly serverName?: string;
  /** Words that the monitor and requests of the system account find this server by; lower case. */
  readonly serverTags?: readonly string[];
  /** What else they tell of it, by name. */
  readonly serverMetadata?: Readonly<Record<string, string>>;
  /** Address of the monitor; `httpsHost` unless given, or else `host`. */
  readonly httpHost: string;
  /** Port of the monitor; 0 is off, -1 picks a free one. */
  readonly httpPort: number;
  /** Address of the monitor over HTTPS; `httpHost` unless given. */
  readonly httpsHost: string;
  /** Port of the monitor over HTTPS, which shows the certificate of `tls`; 0 and -1 as above. */
  readonly httpsPort: number;
  /** Where the monitor's paths begin, such as /nats; at the root unless given. */
  readonly httpBasePath?: string;
  /** Who may ask the monitor for more than its health; everybody unless given. */
  readonly monitorAuthorization?: MonitorAuthorization;
  /** Clients at a time, default 65536; with 0 or less every client is refused. */
  readonly maxConnections: number;
  /** Largest message, headers included, default 1 MiB; -1 for no limit. */
  readonly maxPayload: number;
  /** Longest protocol line, default 4096. */
  readonly maxControlLine: number;
  /** Subscriptions per connection; 0 for no limit. */
  readonly maxSubscriptions: number;
  /** Tokens in the subject of a subscription, up to 255; 0 for no limit. */
  readonly maxSubscriptionTokens: number;
  /**
   * Bytes that may wait for one connection before it is closed as a slow consumer, default 64 MiB.
   */
  readonly maxPending: number;
  /** How long a connection may take none of the bytes waiting for it, default 10 s. */
  readonly writeDeadline: number;
  /** Time between pings, default 2 min. */
  readonly pingInterval: number;
  /** Unanswered pings before a connection is closed as stale, default 2. */
  readonly pingMax: number;
  /** Refuse message headers, as servers before 2.2 did. */
  readonly noHeaderSupport: boolean;
  /** Do not slow down publishers whose receivers can't keep up. */
  readonly noFastProducerStall: boolean;
  /** How long lame duck mode takes to send all clients away, default 2 min, at least 30 s. */
  readonly lameDuckDuration: number;
  /** How long it waits before the first one has to go, default 10 s, less than the duration. */
  readonly lameDuckGracePeriod: number;
  /** Bytes of a payload that trace lines show; 0 for all. */
  readonly maxTracedMsgLen: number;
  /** Log debug lines. */
  readonly debug: boolean;
  /** Log every protocol line. */
  readonly trace: boolean;
  /** Trace the system account as well; goes with `trace`. */
  readonly traceVerbose: boolean;
  /** Trace the headers of messages without their payload; goes with `trace`. */
  readonly traceHeaders: boolean;
  /** Put the time on log lines, default true. */
  readonly logtime: boolean;
  /** That time in UTC. */
  readonly logtimeUtc: boolean;
  /** Log to this file; standard error unless given. */
  readonly logFile?: string;
  /** Size in bytes at which the log file is set aside for a new one; 0 for never. */
  readonly logSizeLimit: number;
  /** Log files to keep, the current one included; 0 for all. */
  readonly logMaxNum: number;
  /** Log to the syslog of this machine. */
  readonly syslog: boolean;
  /** Log to this syslog instead, such as udp://logs.example.com:514. */
  readonly remoteSyslog?: string;
  /** How often a first connection that fails is an error in the log: each so many attempts. */
  readonly connectErrorReports: number;
  /** The same for a connection that was lost. */
  readonly reconnectErrorReports: number;
  /** Connections that the monitor remembers after their end, default 10000. */
  readonly maxClosedClients: number;
  /** The address clients are told to connect to, host or host:port, instead of the real one. */
  readonly clientAdvertise?: string;
  /** Write the process id to this file. */
  readonly pidFile?: string;
  /** Write the ports that were opened to a file in this folder (the executable does). */
  readonly portsFileDir?: string;
  /** Who may log in and what they may do; everybody and everything unless given. */
  readonly authorization?: AuthorizationOptions;
  /** Accounts beside $G, each with subjects and users of its own. */
  readonly accounts?: Readonly<Record<string, AccountOptions>>;
  /** The user, or the nkey, that a client is when it gives no credentials. */
  readonly noAuthUser?: string;
  /** The account of the server's own messages; $SYS unless given. */
  readonly systemAccount?: string;
  /** There is none of them. */
  readonly noSystemAccount: boolean;
  /** Encrypt what clients and the server say to each other. */
  readonly tls?: TlsOptions;
  /** With `tls`, also let clients in that do not encrypt. */
  readonly allowNonTls: boolean;
  /** Be one of several servers that act as one. */
  readonly cluster?: ClusterOptions;
}

type DurationKey = "writeDeadline" | "pingInterval" | "lameDuckDuration" | "lameDuckGracePeriod";

/** Options that take more forms than they come out with. */
interface GivenForms extends Record<DurationKey, string> {
  readonly authorization: GivenAuthorization;
  readonly accounts: GivenAccounts;
  readonly tls: GivenTls;
  readonly cluster: GivenCluster;
}

/**
 * Options as they may be given: all of them optional, durations also as text such as "2m" or
 * "250ms".
 */
export type MidgeOptions = {
  readonly [K in keyof Options]?:
    Options[K] | (K extends keyof GivenForms ? GivenForms[K] : never) | undefined;
};

export type OptionKey = keyof Options;

const resolved = new WeakSet<object>();

/** Checks what was given, fills in the defaults and freezes the result. Throws an OptionsError. */
export function resolveOptions(given: MidgeOptions = {}, nameOf: OptionNamer = String): Options {
  // What came out of here once needs no second check.
  if (resolved.has(given)) return given as Options;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const message = `options must be an object, not ${describe(given)}`;
    throw new OptionsError([{ key: "options", message }]);
  }
  const problems = unknownKeys(given, nameOf);
  const checked = safeParse(optionsSchema, given);
  for (const issue of checked.issues ?? []) problems.push(problemOf(issue, nameOf));
  if (!checked.success) throw new OptionsError(problems);
  const values = present(checked.output);
  problems.push(...conflicts(values, given, nameOf));
  if (problems.length > 0) throw new OptionsError(problems);

  const host = values.host ?? DEFAULT_LIBRARY_HOST;
  // Of the monitor's two addresses, one alone stands for both, as in NATS, which has only one.
  const httpHost = values.httpHost ?? values.httpsHost ?? host;
  const httpsHost = values.httpsHost ?? httpHost;
  const options = freeze(present({ ...values, host, httpHost, httpsHost }));
  resolved.add(options);
  return options;
}

/** Keys nobody knows: a misspelt limit that is silently ignored is worse than no start. */
function unknownKeys(given: object, nameOf: OptionNamer): OptionProblem[] {
  const known = Object.keys(optionsSchema.entries);
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const guess = nearest(key, known);
      const hint = guess === undefined ? "" : `; did you mean ${guess}?`;
      return { key, message: `${nameOf(key)} is not an option${hint}` };
    });
}

type Checked = AccessOptions &
  Pick<Options, "maxPayload" | "maxPending" | "lameDuckDuration" | "lameDuckGracePeriod"> &
  Pick<Options, "tls" | "httpsPort" | "monitorAuthorization">;

/** Rules between two options; each of them is fine alone. */
function conflicts(options: Checked, given: MidgeOptions, nameOf: OptionNamer): OptionProblem[] {
  const problems: OptionProblem[] = [];
  const { maxPayload, maxPending, lameDuckDuration, lameDuckGracePeriod, tls } = options;
  if (maxPayload > maxPending) {
    const limit = `${nameOf("maxPending")} (${maxPending})`;
    const message = `${nameOf("maxPayload")} must not be higher than ${limit}, not ${maxPayload}`;
    problems.push({ key: "maxPayload", message });
  }
  if (lameDuckGracePeriod >= lameDuckDuration) {
    const limit = `${nameOf("lameDuckDuration")} (${formatDuration(lameDuckDuration)})`;
    const found = formatDuration(lameDuckGracePeriod);
    const message = `${nameOf("lameDuckGracePeriod")} must be less than ${limit}, not ${found}`;
    problems.push({ key: "lameDuckGracePeriod", message });
  }
  const access = accessProblems(options, given, nameOf);
  const certificate = tls && certificateProblem(tls);
  if (certificate !== undefined) access.push({ path: "tls", message: certificate });
  if (options.httpsPort !== 0 && tls === undefined) {
    access.push({ path: "httpsPort", message: "needs tls, with a certificate and its key" });
  }
  const monitor = options.monitorAuthorization && monitorProblem(options.monitorAuthorization);
  if (monitor !== undefined) access.push({ path: "monitorAuthorization", message: monitor });
  for (const { path, message } of access) {
    problems.push({ key: path, message: `${nameOf(path)}: ${message}` });
  }
  return problems;
}
