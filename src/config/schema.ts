// The rules for each option alone: type, range, default. Every rule is followed by the words that
// finish the sentence "<key> must be …", so that no message has to be written twice.
// As in NATS, zero means "not set" wherever zero makes no sense, and takes the default.
import * as v from "valibot";
import {
  accountsSchema,
  authorizationSchema,
  monitorAuthorizationSchema,
} from "./access-schema.ts";
import { parseAddress } from "./address.ts";
import { clusterSchema } from "./cluster-schema.ts";
import { parseDuration } from "./duration.ts";
import { tlsSchema } from "./tls-schema.ts";

export const DEFAULT_PORT = 4222;
export const DEFAULT_LIBRARY_HOST = "127.0.0.1";
const INT32_MAX = 2_147_483_647;

/** A flag that is off unless set. */
const off = v.optional(v.boolean("true or false"), false);

/** Text, where nothing is as good as not given. */
const text = (expected: string) =>
  v.optional(
    v.pipe(
      v.string(expected),
      v.transform((given) => (given === "" ? undefined : given)),
    ),
  );

/** A name or an address; an IPv6 address may come in the brackets that a port would need. */
const address = v.pipe(
  text("a host name or an IP address"),
  v.transform((given) => given?.replace(/^\[(.*)\]$/, "$1")),
  v.check((given) => !/[\s[\]]/.test(given ?? ""), "a host name or an IP address"),
);

/** A whole number within bounds; `initial` replaces 0 as well as nothing. */
function whole(initial: number, min: number, max: number, expected: string) {
  return v.optional(
    v.pipe(
      v.number(expected),
      v.safeInteger(expected),
      v.minValue(min, expected),
      v.maxValue(max, expected),
      v.transform((given) => (given === 0 ? initial : given)),
    ),
    initial,
  );
}

/** A count where 0 is no limit; NATS takes -1 for the same. */
function countOrUnlimited(max: number, expected: string) {
  return v.pipe(
    whole(0, -1, max, expected),
    v.transform((given) => Math.max(given, 0)),
  );
}

/**
 * Milliseconds or Go's text form. What a timer can't count (24 days) is capped there instead of
 * refused: files with such values are about, and nobody can tell the difference.
 */
function duration(initial: string, min: string, expected: string) {
  const initialMs = parseDuration(initial)!;
  const minMs = parseDuration(min)!;
  return v.optional(
    v.pipe(
      v.union([v.number(), v.string()], expected),
      v.transform((given) => (typeof given === "string" ? (parseDuration(given) ?? NaN) : given)),
      v.check((ms) => ms === 0 || (ms >= minMs && ms > 0), expected),
      v.transform((ms) => (ms === 0 ? initialMs : Math.min(ms, INT32_MAX))),
    ),
    initialMs,
  );
}

const port = (initial: number, zero: string) =>
  whole(initial, -1, 65_535, `a port from 1 to 65535, -1 for any free one or 0 for ${zero}`);

const nameRule = "a name without blanks";
const someDuration = 'a duration such as "10s" or a number of milliseconds, more than 0';

const syslogRule = "an address such as udp://host:514, tcp://host:514 or unix:///path";
const SYSLOG_ADDRESS =
  /^(?:(?:udp|tcp):\/\/(?:\[[\da-f:.%]+\]|[^\s:/?#@[\]]*):\d{1,5}\/?|unix:\/\/\/.+)$/i;

const advertiseRule = "an address such as host or host:port";

const someCount = "a whole number up to 2147483647, 0 or less to refuse everyone";

const sizeOrUnlimited = "a size in bytes up to 2147483647, or -1 for no limit";

export const optionsSchema = v.object({
  host: address,
  port: port(DEFAULT_PORT, "the default"),
  serverName: v.pipe(
    text(nameRule),
    v.check((name) => !/\s/.test(name ?? ""), nameRule),
  ),
  serverTags: v.optional(
    v.pipe(
      v.array(v.string("a text"), "a list of texts"),
      // As nats-server keeps them, which compares them in any case.
      v.transform((tags) => [...new Set(tags.map((tag) => tag.trim().toLowerCase()))]),
      v.transform((tags) => (tags.length === 0 ? undefined : tags)),
    ),
  ),
  serverMetadata: v.optional(
    v.pipe(
      v.record(v.string(), v.string("a text"), "texts by name"),
      v.transform((given) => (Object.keys(given).length === 0 ? undefined : given)),
    ),
  ),
  httpHost: address,
  httpPort: port(0, "none"),
  httpsHost: address,
  httpsPort: port(0, "none"),
  httpBasePath: text("a path such as /nats"),
  monitorAuthorization: v.optional(v.lazy(monitorAuthorizationSchema)),
  // Here 0 is meant: since 2.12.5 nobody gets in when nobody may.
  maxConnections: v.optional(
    v.pipe(v.number(someCount), v.safeInteger(someCount), v.maxValue(INT32_MAX, someCount)),
    65_536,
  ),
  maxPayload: whole(1_048_576, -1, INT32_MAX, sizeOrUnlimited),
  maxControlLine: whole(4096, 0, INT32_MAX, "a size in bytes up to 2147483647"),
  maxSubscriptions: countOrUnlimited(INT32_MAX, "a whole number, 0 for no limit"),
  maxSubscriptionTokens: whole(0, 0, 255, "a whole number up to 255, 0 for no limit"),
  maxPending: whole(67_108_864, 0, Number.MAX_SAFE_INTEGER, "a size in bytes"),
  writeDeadline: duration("10s", "0", someDuration),
  pingInterval: duration("2m", "0", someDuration),
  pingMax: whole(2, 0, INT32_MAX, "a whole number, 1 or more"),
  noHeaderSupport: off,
  noFastProducerStall: off,
  lameDuckDuration: duration("2m", "30s", "a duration of 30 s or more"),
  lameDuckGracePeriod: duration("10s", "0", someDuration),
  maxTracedMsgLen: countOrUnlimited(INT32_MAX, "a size in bytes, 0 for no limit"),
  debug: off,
  trace: off,
  traceVerbose: off,
  traceHeaders: off,
  logtime: v.optional(v.boolean("true or false"), true),
  logtimeUtc: off,
  logFile: text("a path"),
  logSizeLimit: countOrUnlimited(Number.MAX_SAFE_INTEGER, "a size in bytes, 0 for no limit"),
  logMaxNum: countOrUnlimited(INT32_MAX, "a whole number, 0 for no limit"),
  syslog: off,
  remoteSyslog: v.pipe(
    text(syslogRule),
    v.check((address) => address === undefined || SYSLOG_ADDRESS.test(address), syslogRule),
  ),
  connectErrorReports: whole(3600, 0, INT32_MAX, "a whole number, 1 or more"),
  reconnectErrorReports: whole(1, 0, INT32_MAX, "a whole number, 1 or more"),
  maxClosedClients: whole(10_000, 0, INT32_MAX, "a whole number, 1 or more"),
  clientAdvertise: v.pipe(
    text(advertiseRule),
    v.check((given) => parseAddress(given ?? "any", "port optional") !== undefined, advertiseRule),
  ),
  pidFile: text("a path"),
  portsFileDir: text("a folder"),
  authorization: v.optional(v.lazy(authorizationSchema)),
  accounts: v.optional(v.lazy(accountsSchema)),
  noAuthUser: text("the name of a user"),
  systemAccount: text("the name of an account"),
  noSystemAccount: off,
  tls: v.optional(v.lazy(tlsSchema)),
  allowNonTls: off,
  cluster: v.optional(v.lazy(clusterSchema)),
});
