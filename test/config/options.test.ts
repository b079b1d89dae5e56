// Options: defaults, ranges, and messages that people can act on.
import { describe, expect, test } from "bun:test";
import { resolveOptions, OptionsError, type MidgeOptions } from "../../src/config/options.ts";

/**
 * The messages for options that may be of any shape, as an untyped program or a file would give
 * them.
 */
function complaints(given: unknown, nameOf?: (key: string) => string): string[] {
  try {
    resolveOptions(given as MidgeOptions, nameOf);
  } catch (error) {
    if (error instanceof OptionsError) return error.problems.map((problem) => problem.message);
    throw error;
  }
  return [];
}

describe("defaults", () => {
  test("are NATS' own, on the local address", () => {
    expect(resolveOptions()).toEqual({
      host: "127.0.0.1",
      port: 4222,
      httpHost: "127.0.0.1",
      httpPort: 0,
      httpsHost: "127.0.0.1",
      httpsPort: 0,
      maxConnections: 65_536,
      maxPayload: 1_048_576,
      maxControlLine: 4096,
      maxSubscriptions: 0,
      maxSubscriptionTokens: 0,
      maxPending: 67_108_864,
      writeDeadline: 10_000,
      pingInterval: 120_000,
      pingMax: 2,
      noHeaderSupport: false,
      noFastProducerStall: false,
      lameDuckDuration: 120_000,
      lameDuckGracePeriod: 10_000,
      maxTracedMsgLen: 0,
      debug: false,
      trace: false,
      traceVerbose: false,
      traceHeaders: false,
      logtime: true,
      logtimeUtc: false,
      logSizeLimit: 0,
      logMaxNum: 0,
      syslog: false,
      connectErrorReports: 3600,
      reconnectErrorReports: 1,
      maxClosedClients: 10_000,
      noSystemAccount: false,
      allowNonTls: false,
    });
  });

  test("stand for undefined and for zero where zero makes no sense", () => {
    const zeros = { port: 0, maxPayload: 0, maxControlLine: 0, maxPending: 0 };
    const times = { pingInterval: 0, pingMax: 0, writeDeadline: "0s", lameDuckGracePeriod: 0 };
    const empty = {
      host: "",
      httpHost: "",
      httpsHost: "",
      httpBasePath: "",
      logFile: "",
      pidFile: "",
      portsFileDir: "",
      clientAdvertise: "",
      remoteSyslog: "",
      noAuthUser: "",
      systemAccount: "",
      accounts: {},
      serverName: undefined,
      authorization: undefined,
      monitorAuthorization: undefined,
      tls: undefined,
    };
    expect(resolveOptions({ ...zeros, ...times, ...empty })).toEqual(resolveOptions());
  });

  test("the monitor listens where the clients do unless told otherwise", () => {
    expect(resolveOptions({ host: "0.0.0.0" }).httpHost).toBe("0.0.0.0");
    expect(resolveOptions({ host: "0.0.0.0" }).httpsHost).toBe("0.0.0.0");
    expect(resolveOptions({ host: "0.0.0.0", httpHost: "::1" }).httpHost).toBe("::1");
  });

  test("of the monitor's two addresses one alone stands for both", () => {
    const hosts = (given: MidgeOptions) => {
      const { httpHost, httpsHost } = resolveOptions(given);
      return [httpHost, httpsHost];
    };
    expect(hosts({ httpHost: "::1" })).toEqual(["::1", "::1"]);
    expect(hosts({ httpsHost: "::1" })).toEqual(["::1", "::1"]);
    expect(hosts({ httpHost: "[::1]", httpsHost: "a" })).toEqual(["::1", "a"]);
  });

  test("what was resolved resolves to itself", () => {
    const options = resolveOptions({
      port: -1,
      serverName: "a",
      pingInterval: "7s",
      maxPayload: -1,
    });
    expect(resolveOptions(options)).toEqual(options);
  });

  test("nobody can change them afterwards", () => {
    expect(Object.isFrozen(resolveOptions({}))).toBe(true);
  });
});

describe("values that are accepted", () => {
  test.each<[MidgeOptions, object]>([
    [{ port: -1 }, { port: -1 }],
    [{ port: 65_535 }, { port: 65_535 }],
    [{ httpPort: -1 }, { httpPort: -1 }],
    [{ maxPayload: -1 }, { maxPayload: -1 }],
    [{ maxConnections: -1 }, { maxConnections: -1 }],
    [{ maxSubscriptions: -1 }, { maxSubscriptions: 0 }],
    [{ maxSubscriptionTokens: 255 }, { maxSubscriptionTokens: 255 }],
    [{ maxPayload: 2 ** 31 - 1, maxPending: 2 ** 31 }, { maxPayload: 2 ** 31 - 1 }],
    [{ maxPayload: 1024, maxPending: 1024 }, { maxPending: 1024 }],
    [{ pingInterval: "1h30m" }, { pingInterval: 5_400_000 }],
    [{ pingInterval: 50 }, { pingInterval: 50 }],
    [{ writeDeadline: "250ms" }, { writeDeadline: 250 }],
    [{ lameDuckDuration: "30s" }, { lameDuckDuration: 30_000 }],
    [{ serverName: "east-1" }, { serverName: "east-1" }],
    [{ host: "[::1]" }, { host: "::1", httpHost: "::1" }],
    [{ clientAdvertise: "a.example.com:4333" }, { clientAdvertise: "a.example.com:4333" }],
    [{ clientAdvertise: "[::1]" }, { clientAdvertise: "[::1]" }],
    [{ remoteSyslog: "tcp://h:514" }, { remoteSyslog: "tcp://h:514" }],
    [
      { logSizeLimit: -1, logMaxNum: 3 },
      { logSizeLimit: 0, logMaxNum: 3 },
    ],
    [{ connectErrorReports: 0 }, { connectErrorReports: 3600 }],
  ])("%j", (given, expected) => {
    expect(resolveOptions(given)).toMatchObject(expected);
  });

  test("a duration no timer can count is capped at one it can", () => {
    expect(resolveOptions({ pingInterval: "10000h" }).pingInterval).toBe(2 ** 31 - 1);
  });
});

describe("values that are refused, with key, expectation and finding", () => {
  const aPort = "a port from 1 to 65535, -1 for any free one or 0 for";
  const aSize = "a size in bytes up to 2147483647";
  const aDuration = 'a duration such as "10s" or a number of milliseconds, more than 0';
  test.each<[unknown, string]>([
    [{ port: 65_536 }, `port must be ${aPort} the default, not 65536`],
    [{ port: -2 }, `port must be ${aPort} the default, not -2`],
    [{ port: 1.5 }, `port must be ${aPort} the default, not 1.5`],
    [{ port: "4222" }, `port must be ${aPort} the default, not "4222"`],
    [{ port: NaN }, `port must be ${aPort} the default, not NaN`],
    [{ port: null }, `port must be ${aPort} the default, not null`],
    [{ httpPort: 65_536 }, `httpPort must be ${aPort} none, not 65536`],
    [{ httpsPort: -2 }, `httpsPort must be ${aPort} none, not -2`],
    [{ httpsPort: -1 }, "httpsPort: needs tls, with a certificate and its key"],
    [{ httpsHost: "a b" }, 'httpsHost must be a host name or an IP address, not "a b"'],
    [{ httpBasePath: 5 }, "httpBasePath must be a path such as /nats, not 5"],
    [{ host: 7 }, "host must be a host name or an IP address, not 7"],
    [{ maxPayload: 2 ** 31 }, `maxPayload must be ${aSize}, or -1 for no limit, not 2147483648`],
    [{ maxPayload: -2 }, `maxPayload must be ${aSize}, or -1 for no limit, not -2`],
    [{ maxControlLine: -1 }, `maxControlLine must be ${aSize}, not -1`],
    [
      { maxSubscriptionTokens: 256 },
      "maxSubscriptionTokens must be a whole number up to 255, 0 for no limit, not 256",
    ],
    [{ pingMax: -1 }, "pingMax must be a whole number, 1 or more, not -1"],
    [{ pingInterval: "2 minutes" }, `pingInterval must be ${aDuration}, not "2 minutes"`],
    [{ pingInterval: -1 }, `pingInterval must be ${aDuration}, not -1`],
    [{ writeDeadline: {} }, `writeDeadline must be ${aDuration}, not an object`],
    [
      { lameDuckDuration: 29_999 },
      "lameDuckDuration must be a duration of 30 s or more, not 29999",
    ],
    [{ serverName: "a b" }, 'serverName must be a name without blanks, not "a b"'],
    [{ debug: "yes" }, 'debug must be true or false, not "yes"'],
    [{ logtime: 0 }, "logtime must be true or false, not 0"],
    [
      { clientAdvertise: "a:b" },
      'clientAdvertise must be an address such as host or host:port, not "a:b"',
    ],
    [
      { remoteSyslog: "localhost" },
      'remoteSyslog must be an address such as udp://host:514, tcp://host:514 or unix:///path, not "localhost"',
    ],
    [{ syslog: 1 }, "syslog must be true or false, not 1"],
    [{ logSizeLimit: 1.5 }, "logSizeLimit must be a size in bytes, 0 for no limit, not 1.5"],
    [{ logFile: [] }, "logFile must be a path, not an empty list"],
    [{ maxPending: 1000 }, "maxPayload must not be higher than maxPending (1000), not 1048576"],
    [
      { lameDuckDuration: "1m", lameDuckGracePeriod: "1m" },
      "lameDuckGracePeriod must be less than lameDuckDuration (1m0s), not 1m0s",
    ],
    [{ maxPayloads: 1 }, "maxPayloads is not an option; did you mean maxPayload?"],
    [{ max_payload: 1 }, "max_payload is not an option; did you mean maxPayload?"],
    [{ teapot: 1 }, "teapot is not an option"],
    [[], "options must be an object, not an empty list"],
    [null, "options must be an object, not null"],
    ["port: 1", 'options must be an object, not "port: 1"'],
  ])("%j", (given, message) => {
    expect(complaints(given)).toEqual([message]);
  });

  test("all of them are told at once", () => {
    const given = { prot: 1, port: "x", debug: 1, lameDuckDuration: "1s" };
    expect(complaints(given)).toHaveLength(4);
    expect(() => resolveOptions(given as object)).toThrow(/prot.*\n.*port[^]*\n.*debug/);
  });

  test("a long text is cut", () => {
    expect(complaints({ debug: "x".repeat(1000) })[0]!.length).toBeLessThan(120);
  });

  test("are called the way they were given", () => {
    const nameOf = (key: string) => (key === "port" ? "-p" : key);
    expect(complaints({ port: 70_000 }, nameOf)[0]).toStartWith("-p must be a port");
  });
});
