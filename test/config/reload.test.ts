// What a running server changes and what it refuses to, option by option, in the words of its log.
import { describe, expect, test } from "bun:test";
import { resolveOptions, type MidgeOptions } from "../../src/config/options.ts";
import { compareOptions, ReloadError } from "../../src/config/reload.ts";
import { optionsSchema } from "../../src/config/schema.ts";
import { NKEY_U } from "./samples.ts";

const PINNED = "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069";

/** Given, because its default follows the host. */
const HTTP_HOST: MidgeOptions = { httpHost: "127.0.0.1", httpsHost: "127.0.0.1" };

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

const TLS = { certFile: "a", keyFile: "b" };
const ANN = { user: "ann", password: "hunter2" };

/** Options that are told part by part. */
const IN_PARTS: readonly (readonly [
  old: MidgeOptions,
  next: MidgeOptions,
  lines: readonly string[],
])[] = [
  [{ serverTags: ["a"] }, { serverTags: ["a", "b"] }, ["Reloaded: tags"]],
  [{ serverMetadata: { a: "b" } }, {}, ["Reloaded: metadata"]],
  [
    { authorization: ANN },
    { authorization: { user: "bob", password: "hunter3" } },
    ["authorization username", "authorization password"],
  ],
  [
    { authorization: ANN },
    { authorization: { token: "hunter2" } },
    ["authorization username", "authorization password", "authorization token"],
  ],
  [{ authorization: { token: "a" } }, {}, ["authorization token"]],
  [{}, { authorization: {} }, []],
  [
    { authorization: { ...ANN, timeout: 3000 } },
    { authorization: { ...ANN, timeout: "500ms" } },
    ["authorization timeout = 0.5"],
  ],
  [{ authorization: { timeout: "2s" } }, {}, []],
  [{}, { authorization: { users: [ANN] } }, ["authorization users"]],
  [
    { authorization: { users: [ANN] } },
    { authorization: { users: [{ user: "ann" }] } },
    ["authorization users"],
  ],
  [
    { authorization: { users: [ANN] } },
    { authorization: { users: [ANN], defaultPermissions: { publish: "a" } } },
    ["authorization users"],
  ],
  [
    { authorization: { users: [ANN] } },
    { authorization: { users: [{ nkey: NKEY_U }] } },
    ["authorization nkey users", "authorization users"],
  ],
  [
    { authorization: { users: [{ nkey: NKEY_U }] } },
    { authorization: { users: [{ nkey: NKEY_U }] } },
    [],
  ],
  [{}, { accounts: ["A"] }, ["accounts"]],
  [{ cluster: { name: "c" } }, { cluster: { name: "c" } }, []],
  [
    { cluster: { routes: ["nats://a:6222"] } },
    { cluster: { routes: ["nats://u:hunter2@b:6222"], noAdvertise: true } },
    ["cluster routes", "cluster"],
  ],
  [{ accounts: ["A"] }, { accounts: { A: { limits: { maxConnections: 3 } } } }, ["accounts"]],
  [{ accounts: ["A"] }, { accounts: { A: {} } }, []],
  [
    { accounts: { A: { users: [ANN] } } },
    { accounts: { A: { users: [{ user: "bob" }] } } },
    ["authorization users", "accounts"],
  ],
  [{}, { monitorAuthorization: ANN }, ["monitor_authorization = enabled"]],
  [
    { monitorAuthorization: ANN },
    { monitorAuthorization: { ...ANN, password: "hunter3" } },
    ["monitor_authorization = enabled"],
  ],
  [
    { monitorAuthorization: ANN },
    { monitorAuthorization: { token: "hunter2" } },
    ["monitor_authorization = enabled"],
  ],
  [{ monitorAuthorization: { token: "hunter2" } }, {}, ["monitor_authorization = disabled"]],
  [{ monitorAuthorization: ANN }, { monitorAuthorization: { ...ANN, token: "" } }, []],
  [{}, { tls: TLS }, ["authorization timeout = 3", "tls = enabled"]],
  [{ tls: TLS }, {}, ["authorization timeout = 2", "tls = disabled"]],
  [{ tls: TLS }, { tls: { ...TLS, certFile: "c" } }, ["tls = enabled"]],
  [{ tls: TLS }, { tls: { ...TLS, minVersion: "1.3" } }, ["tls = enabled"]],
  [
    { tls: TLS },
    { tls: { ...TLS, timeout: "500ms" } },
    ["authorization timeout = 1.5", "tls timeout = 0.5"],
  ],
  [{ tls: TLS }, { tls: { ...TLS, pinnedCerts: PINNED } }, ["1 pinned_certs"]],
  [{ tls: { ...TLS, pinnedCerts: PINNED } }, { tls: TLS }, ["0 pinned_certs"]],
  [{ tls: TLS }, { tls: { ...TLS, handshakeFirst: true } }, ["Client TLS handshake first: true"]],
  [{ tls: { ...TLS, handshakeFirst: true } }, { tls: TLS }, ["Client TLS handshake first: false"]],
  [
    { tls: TLS },
    { tls: { ...TLS, handshakeFirst: "auto" } },
    ["Client TLS handshake first: true", "Client TLS handshake first fallback delay: 50ms"],
  ],
  [
    { tls: { ...TLS, handshakeFirst: "auto" } },
    { tls: { ...TLS, handshakeFirst: "300ms" } },
    ["Client TLS handshake first fallback delay: 300ms"],
  ],
  [
    { tls: { ...TLS, handshakeFirst: "auto" } },
    { tls: { ...TLS, handshakeFirst: true } },
    ["Client TLS handshake first fallback delay: 0s"],
  ],
];

/** What the others of a change need to be right. */
const GIVEN: MidgeOptions = {
  authorization: { users: [ANN] },
  accounts: ["A"],
  tls: TLS,
};

const REFUSED: readonly (readonly [given: MidgeOptions, change: string])[] = [
  [{ host: "10.0.0.1" }, "Host: old=127.0.0.1, new=10.0.0.1"],
  [{ port: 4333 }, "Port: old=4222, new=4333"],
  [{ serverName: "east" }, "ServerName: old=, new=east"],
  [{ httpHost: "10.0.0.1" }, "HTTPHost: old=127.0.0.1, new=10.0.0.1"],
  [{ httpPort: 8222 }, "HTTPPort: old=0, new=8222"],
  [{ httpsHost: "10.0.0.1" }, "HTTPSHost: old=127.0.0.1, new=10.0.0.1"],
  [{ httpsPort: 8223 }, "HTTPSPort: old=0, new=8223"],
  [{ httpBasePath: "/nats" }, "HTTPBasePath: old=, new=/nats"],
  [{ maxSubscriptions: 5 }, "MaxSubs: old=0, new=5"],
  [{ maxSubscriptionTokens: 5 }, "MaxSubTokens: old=0, new=5"],
  [{ maxPending: 33_554_432 }, "MaxPending: old=67108864, new=33554432"],
  [{ lameDuckDuration: "1m" }, "LameDuckDuration: old=2m0s, new=1m0s"],
  [{ lameDuckGracePeriod: "5s" }, "LameDuckGracePeriod: old=10s, new=5s"],
  [{ logSizeLimit: 1000 }, "LogSizeLimit: old=0, new=1000"],
  [{ logMaxNum: 3 }, "LogMaxFiles: old=0, new=3"],
  [{ noHeaderSupport: true }, "NoHeaderSupport: old=false, new=true"],
  [{ maxClosedClients: 50 }, "MaxClosedClients: old=10000, new=50"],
  [{ noAuthUser: "ann" }, "NoAuthUser: old=, new=ann"],
  [{ systemAccount: "A" }, "SystemAccount: old=, new=A"],
  [{ noSystemAccount: true }, "NoSystemAccount: old=false, new=true"],
  [{ allowNonTls: true }, "AllowNonTLS: old=false, new=true"],
  [
    { tls: { ...TLS, verifyAndMap: true, connectionRateLimit: 5 } },
    "TLSMap: old=false, new=true; TLSRateLimit: old=0, new=5",
  ],
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

describe("an option that is told part by part", () => {
  test.each(IN_PARTS)("from %j to %j", (old, next, lines) => {
    const told = changes(next, old);
    expect(told).toEqual(
      lines.map((line) => (line.startsWith("Reload") ? line : `Reloaded: ${line}`)),
    );
    expect(told.join()).not.toContain("hunter");
  });
});

describe("an option that needs a restart", () => {
  test.each(REFUSED)("%j is refused by the name nats-server uses", (given, change) => {
    expect(refusal({ ...GIVEN, ...given }, GIVEN)).toBe(
      `config reload not supported for ${change}`,
    );
  });

  test("no_auth_user and system_account can't be taken back or changed either", () => {
    const users = { authorization: { users: [ANN, { user: "bob" }] } };
    const noAuth = (noAuthUser: string) => ({ ...users, noAuthUser });
    expect(refusal(users, noAuth("ann"))).toEndWith("NoAuthUser: old=ann, new=");
    expect(refusal(noAuth("bob"), noAuth("ann"))).toEndWith("NoAuthUser: old=ann, new=bob");
    const accounts = { accounts: ["A"] };
    expect(refusal(accounts, { ...accounts, systemAccount: "A" })).toEndWith("old=A, new=");
  });

  test("encryption that maps certificates to users can't be taken back either", () => {
    const message = "config reload not supported for TLSMap: old=true, new=false";
    expect(refusal({}, { tls: { ...TLS, verifyAndMap: true } })).toBe(message);
  });
});

test("the lists above have every option", () => {
  const listed = [...RELOADED, ...REFUSED].flatMap(([given]) => Object.keys(given));
  listed.push(...IN_PARTS.flatMap(([old, next]) => [...Object.keys(old), ...Object.keys(next)]));
  const known = Object.keys(optionsSchema.entries);
  expect([...new Set(listed)].toSorted()).toEqual(known.toSorted());
});

test("what stays the same is not mentioned, however it is written", () => {
  expect(changes({})).toEqual([]);
  const all = Object.assign(
    { ...GIVEN },
    ...RELOADED.map(([given]) => given),
    ...REFUSED.map(([given]) => given),
  );
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
