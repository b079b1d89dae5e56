// What a running server changes and what it refuses to, option by option, in the words of its log.
import { describe, expect, test } from "bun:test";
import { resolveOptions, type MidgeOptions } from "../../src/config/options.ts";
import { compareOptions, ReloadError } from "../../src/config/reload.ts";
import { optionsSchema } from "../../src/config/schema.ts";

/** Given, because its default follows the host. */
const HTTP_HOST: MidgeOptions = { httpHost: "127.0.0.1" };

/** The log lines of the change from one set of options to another. */
function changes(next: MidgeOptions, old: MidgeOptions = {}): string[] {
  const resolve = (given: MidgeOptions) => resolveOptions({ ...HTTP_HOST, ...given });
  return compareOptions(resolve(old), resolve(next)).map(({ line }) => line);
}

function refusal(next: MidgeOptions, old: MidgeOptions = {}): string {
  try {
    changes(next, old);
  } catch (error) {
    if (error instanceof ReloadError) return error.message;
    throw error;
  }
  throw new Error(`${JSON.stringify(next)} was not refused`);
}

const RELOADED: readonly (readonly [given: MidgeOptions, line: string])[] = [
  [{ debug: true }, "Reloaded: debug = true"],
  [{ trace: true }, "Reloaded: trace = true"],
  [{ traceVerbose: true }, "Reloaded: trace_verbose = true"],
  [{ traceHeaders: true }, "Reloaded: trace_headers = true"],
  [{ logtime: false }, "Reloaded: logtime = false"],
  [{ logtimeUtc: true }, "Reloaded: logtime_utc = true"],
  [{ logFile: "a.log" }, "Reloaded: log_file = a.log"],
  [{ syslog: true }, "Reloaded: syslog = true"],
  [{ remoteSyslog: "udp://a:514" }, "Reloaded: remote_syslog = udp://a:514"],
  [{ maxTracedMsgLen: 64 }, "Reloaded: max_traced_msg_len = 64"],
  [{ connectErrorReports: 5 }, "Reloaded: connect_error_reports = 5"],
  [{ reconnectErrorReports: 5 }, "Reloaded: reconnect_error_reports = 5"],
  [{ pingInterval: "20s" }, "Reloaded: ping_interval = 20s"],
  [{ pingMax: 3 }, "Reloaded: ping_max = 3"],
  [{ writeDeadline: "90s" }, "Reloaded: write_deadline = 1m30s"],
  [{ maxControlLine: 512 }, "Reloaded: max_control_line = 512"],
  [{ maxPayload: 2_097_152 }, "Reloaded: max_payload = 2097152"],
  [{ maxConnections: 100 }, "Reloaded: max_connections = 100"],
  [{ noFastProducerStall: true }, "Reloaded: no_fast_producer_stall = true"],
  [{ pidFile: "a.pid" }, "Reloaded: pid_file = a.pid"],
  [{ portsFileDir: "a" }, "Reloaded: ports_file_dir = a"],
  // Without the d, as nats-server writes it.
  [{ clientAdvertise: "h:1" }, "Reload: client_advertise = h:1"],
];

const REFUSED: readonly (readonly [given: MidgeOptions, change: string])[] = [
  [{ host: "10.0.0.1" }, "Host: old=127.0.0.1, new=10.0.0.1"],
  [{ port: 4333 }, "Port: old=4222, new=4333"],
  [{ serverName: "east" }, "ServerName: old=, new=east"],
  [{ httpHost: "10.0.0.1" }, "HTTPHost: old=127.0.0.1, new=10.0.0.1"],
  [{ httpPort: 8222 }, "HTTPPort: old=0, new=8222"],
  [{ maxSubscriptions: 5 }, "MaxSubs: old=0, new=5"],
  [{ maxSubscriptionTokens: 5 }, "MaxSubTokens: old=0, new=5"],
  [{ maxPending: 33_554_432 }, "MaxPending: old=67108864, new=33554432"],
  [{ lameDuckDuration: "1m" }, "LameDuckDuration: old=2m0s, new=1m0s"],
  [{ lameDuckGracePeriod: "5s" }, "LameDuckGracePeriod: old=10s, new=5s"],
  [{ logSizeLimit: 1000 }, "LogSizeLimit: old=0, new=1000"],
  [{ logMaxNum: 3 }, "LogMaxFiles: old=0, new=3"],
  [{ noHeaderSupport: true }, "NoHeaderSupport: old=false, new=true"],
  [{ maxClosedClients: 50 }, "MaxClosedClients: old=10000, new=50"],
];

describe("an option that can be reloaded", () => {
  test.each(RELOADED)("%j changes and says so", (given, line) => {
    expect(changes(given)).toEqual([line]);
  });

  test.each(RELOADED)("%j goes back to its default", (given) => {
    const lines = changes({}, given);
    expect(lines.length).toBe(1);
    expect(lines[0]!.split(" = ")[0]).toBe(changes(given)[0]!.split(" = ")[0]!);
  });
});

describe("an option that needs a restart", () => {
  test.each(REFUSED)("%j is refused by the name nats-server uses", (given, change) => {
    expect(refusal(given)).toBe(`config reload not supported for ${change}`);
  });
});

test("the lists above have every option once", () => {
  const listed = [...RELOADED, ...REFUSED].flatMap(([given]) => Object.keys(given));
  expect(listed.toSorted()).toEqual(Object.keys(optionsSchema.entries).toSorted());
});

test("what stays the same is not mentioned, however it is written", () => {
  expect(changes({})).toEqual([]);
  const all = Object.assign({}, ...RELOADED.map(([given]) => given), ...REFUSED.map(([g]) => g));
  expect(changes(all, all)).toEqual([]);
  expect(changes({ pingInterval: "2m", maxPayload: 0, logFile: "" })).toEqual([]);
  expect(changes({ pingInterval: 60_000 }, { pingInterval: "1m" })).toEqual([]);
});

test("several changes are told in the order of the options", () => {
  const given = { pidFile: "a.pid", maxPayload: 100, debug: true, pingMax: 5 };
  expect(changes(given)).toEqual([
    "Reloaded: max_payload = 100",
    "Reloaded: ping_max = 5",
    "Reloaded: debug = true",
    "Reloaded: pid_file = a.pid",
  ]);
});

test("several refusals are named at once, whatever else could change", () => {
  const given = { port: 4333, debug: true, maxSubscriptions: 5, lameDuckDuration: "1m" };
  expect(refusal(given)).toBe(
    "config reload not supported for " +
      "Port: old=4222, new=4333; MaxSubs: old=0, new=5; " +
      "LameDuckDuration: old=2m0s, new=1m0s",
  );
});

test("a refused value is shown as it was before and as it would be", () => {
  const change = "LameDuckDuration: old=1h0m0s, new=30s";
  expect(refusal({ lameDuckDuration: "30s" }, { lameDuckDuration: "1h" })).toEndWith(change);
  expect(refusal({}, { serverName: "east" })).toEndWith("ServerName: old=east, new=");
});
