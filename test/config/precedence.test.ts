// Flags win over the file, whatever either says; what no flag says stays as the file has it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions, type LoadedConfig } from "../../src/config/load.ts";

let folder = "";
let file = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "midge-precedence-"));
  file = join(folder, "a.conf");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string, ...argv: string[]): LoadedConfig {
  writeFileSync(file, text);
  return loadOptions(file, parseFlags(argv), {});
}

function refusal(text: string, ...argv: string[]): string {
  try {
    load(text, ...argv);
  } catch (error) {
    if (error instanceof Error) return error.message.replaceAll(file, "a.conf");
  }
  throw new Error(`${text} was accepted`);
}

const ONE_USER = "authorization { user: a, pass: x }";
const MANY_USERS = "authorization { users: [{ user: a }] }";
const ENCRYPTED = "tls { cert_file: a, key_file: b, ca_file: c, verify: true, timeout: 3 }";

const PAIRED = "tls { cert_file: a, key_file: b }";

describe("a flag and the file", () => {
  test.each<[flags: string, text: string, expected: object]>([
    ["-p 4333", "port: 4222", { port: 4333 }],
    ["-p 4333", "listen: 'a:4222'", { port: 4333, host: "a" }],
    ["-p -1", "port: 4222", { port: -1 }],
    ["-a b", "host: a", { host: "b" }],
    ["--net b", "listen: 'a:4222'", { host: "b", port: 4222 }],
    ["--addr b", "net: a\nhttp: 1", { host: "b", httpHost: "b" }],
    ["-a b", "http: 'a:1'", { host: "b", httpHost: "a" }],
    ["-m 8333", "http_port: 8222", { httpPort: 8333 }],
    ["-m 8333", "http: 'a:8222'", { httpHost: "a", httpPort: 8333 }],
    ["-m 0", "monitor_port: 8222", { httpPort: 0 }],
    ["-ms 8333", `https_port: 8223, ${PAIRED}`, { httpsPort: 8333 }],
    ["-ms 8333", `https: 'a:8223', ${PAIRED}`, { httpsHost: "a", httpsPort: 8333 }],
    ["-m 8333", `https: 'a:8223', ${PAIRED}`, { httpHost: "a", httpPort: 8333, httpsPort: 8223 }],
    ["-ms 0", "https: 8223", { httpsPort: 0 }],
    ["-n b", "server_name: a", { serverName: "b" }],
    ["-P b", "pid_file: a", { pidFile: "b" }],
    ["-l b", "log_file: a", { logFile: "b" }],
    ["-D", "debug: false", { debug: true }],
    ["-D=false", "debug: true", { debug: false }],
    ["-V", "trace: false", { trace: true }],
    ["-V=false", "trace: true", { trace: false }],
    ["-V=false", "trace_verbose: true", { trace: false, traceVerbose: false }],
    ["-V=false", "trace_headers: true", { trace: false, traceHeaders: false }],
    ["-VV", "trace: false", { trace: true, traceVerbose: true }],
    ["-VV=false", "trace_verbose: true", { trace: false, traceVerbose: false }],
    ["-DV=false", "debug: true, trace: true", { debug: false, trace: false }],
    ["-DVV", "debug: false", { debug: true, trace: true, traceVerbose: true }],
    ["-T", "logtime: false", { logtime: true }],
    ["-T=false", "logtime: true", { logtime: false }],
    ["--logtime_utc=false", "logtime_utc: true", { logtimeUtc: false }],
    ["-s", "syslog: false", { syslog: true }],
    ["-s=false", "syslog: true", { syslog: false }],
    ["-r udp://b:1", "remote_syslog: 'udp://a:1'", { remoteSyslog: "udp://b:1" }],
    ["--log_size_limit 0", "log_size_limit: 1MB", { logSizeLimit: 0 }],
    ["--max_traced_msg_len 5", "max_traced_msg_len: 9", { maxTracedMsgLen: 5 }],
    ["--client_advertise b", "client_advertise: a", { clientAdvertise: "b" }],
    ["--ports_file_dir b", "ports_file_dir: a", { portsFileDir: "b" }],
    [
      "--user b --pass c",
      "authorization { user: a, pass: x, timeout: 3 }",
      { authorization: { user: "b", password: "c", timeout: 3000 } },
    ],
    ["--user b", ONE_USER, { authorization: { user: "b", password: "x" } }],
    ["--pass c", ONE_USER, { authorization: { user: "a", password: "c" } }],
    ["--auth t", ONE_USER, { authorization: { token: "t" } }],
    ["--auth t", "authorization { token: x }", { authorization: { token: "t" } }],
    ["--user b", "authorization { token: x }", { authorization: { token: "x" } }],
    ["--user b", "authorization { users: [] }", { authorization: { user: "b" } }],
    ["--user b", 'authorization { token: "" }', { authorization: { user: "b" } }],
    ["--user b --pass c", MANY_USERS, { authorization: { users: [{ user: "a" }] } }],
    ["--auth t", MANY_USERS, { authorization: { users: [{ user: "a" }], token: "t" } }],
    [
      "--tlscert c --tlskey k",
      ENCRYPTED,
      { tls: { certFile: "c", keyFile: "k", caFile: "c", verify: true, timeout: 3000 } },
    ],
    [
      "--tls --tlscert c --tlskey k --tlsverify=false",
      ENCRYPTED,
      { tls: { certFile: "c", keyFile: "k", caFile: "c", timeout: 3000 } },
    ],
    [
      "--tlscert c --tlskey k --tlscacert d",
      ENCRYPTED,
      { tls: { certFile: "c", keyFile: "k", caFile: "d", verify: true, timeout: 3000 } },
    ],
    ["--tls --tlscert c --tlskey k", "port: 1", { tls: { certFile: "c", keyFile: "k" } }],
    [
      "--tlsverify --tlscert c --tlskey k --tlscacert d",
      "tls { certs: [{ cert_file: a, key_file: b }], min_version: '1.3' }",
      { tls: { certFile: "c", keyFile: "k", caFile: "d", verify: true, minVersion: "1.3" } },
    ],
  ])("%s with %j", (flags, text, expected) => {
    const { options } = load(text, ...flags.split(" "));
    expect(options).toMatchObject(expected);
    // Of blocks, nothing is left that the flags did not leave.
    for (const [key, value] of Object.entries(expected)) {
      expect(Object.entries(options)).toContainEqual([key, value]);
    }
  });

  test.each<[flag: string, text: string, option: string]>([
    ["-l=", "log_file: a", "logFile"],
    ["-P=", "pid_file: a", "pidFile"],
    ["-r=", "remote_syslog: 'udp://a:1'", "remoteSyslog"],
    ["-n=", "server_name: a", "serverName"],
    ["--ports_file_dir=", "ports_file_dir: a", "portsFileDir"],
  ])("%s empties what %j says", (flag, text, option) => {
    expect(load(text, flag).options).not.toHaveProperty(option);
  });

  test("without a flag the file's word stands", () => {
    const text = "host: a\nport: 1\ndebug: true\nlogtime: false\nmax_payload: 1KB\nserver_name: n";
    expect(load(text).options).toMatchObject({
      host: "a",
      port: 1,
      debug: true,
      logtime: false,
      maxPayload: 1024,
      serverName: "n",
    });
  });

  test("without either it serves the network", () => {
    expect(load("debug: true").options.host).toBe("0.0.0.0");
  });
});

describe("a flag that switches a block of the file off", () => {
  test.each([
    ["--tls=false", "tls { timeout: 2 }"],
    ["--cluster=", "cluster { port: 6222 }"],
    ["-js=false", "jetstream: true"],
  ])("%s with %j", (flag, text) => {
    expect(load(`${text}\nport: 5`, flag)).toMatchObject({
      options: { port: 5 },
      warnings: [],
    });
  });

  test("the block is checked all the same", () => {
    expect(refusal("tls { verfy: true }", "--tls=false")).toBe(
      "a.conf:1:7: tls.verfy: unknown key; did you mean verify?",
    );
  });
});

describe("what is refused", () => {
  test("rules between two options name the places of both", () => {
    expect(refusal("max_payload: 2KB\nmax_pending: 1KB")).toBe(
      "a.conf:1:1: max_payload must not be higher than a.conf:2:1: max_pending (1024), not 2048",
    );
    expect(refusal("max_payload: 100MB")).toBe(
      "a.conf:1:1: max_payload must not be higher than max_pending (67108864), not 104857600",
    );
  });

  test("mistakes of the file and of the flags are told together", () => {
    expect(refusal("debug: 1\nteapot: 2", "-p", "70000").split("\n")).toEqual([
      "a.conf:1:1: debug: expected true or false, found 1",
      "a.conf:2:1: teapot: unknown key",
      expect.stringMatching(/^-p must be a port .*, not 70000$/),
    ]);
  });

  test("HTTPS without a certificate, by where it was asked for", () => {
    const needs = "needs tls, with a certificate and its key";
    expect(refusal("port: 1\nhttps: 8223")).toBe(`a.conf:2:1: https: ${needs}`);
    expect(refusal("https_port: -1")).toBe(`a.conf:1:1: https_port: ${needs}`);
    expect(refusal("port: 1", "-ms", "8223")).toBe(`-ms: ${needs}`);
    expect(refusal(`https: 8223, ${PAIRED}`, "--tls=false")).toBe(`a.conf:1:1: https: ${needs}`);
  });

  test("a key that guards access and is not followed yet, with its place and what to do", () => {
    const message = refusal("resolver_preload { A: hunter2 }");
    expect(message).toMatch(/^a\.conf:1:1: resolver_preload: is not enforced yet, .*remove it/);
    expect(message).not.toContain("hunter2");
  });

  test("flags and accounts that contradict each other, by the name of the flag", () => {
    const text = "accounts { A { users: [{ user: a }] } }";
    const exclude = "and accounts with users exclude each other";
    expect(refusal(text, "--user", "b")).toBe(`-user: a single user ${exclude}`);
    expect(refusal(text, "--auth", "hunter2")).toBe(`-auth: a token ${exclude}`);
  });

  test("a file that is not there", () => {
    const missing = join(folder, "missing.conf");
    const failed = () => loadOptions(missing, parseFlags([]), {});
    expect(failed).toThrow(missing);
    expect(failed).toThrow(/no such file or directory/);
  });
});

describe("a flag that does nothing is warned about", () => {
  const mistaken = (text: string, ...argv: string[]) =>
    load(text, ...argv).warnings.map((each) => each.replaceAll(file, "a.conf"));

  test("beside users or a token of the file", () => {
    expect(mistaken(MANY_USERS, "--user", "b", "--pass", "c")).toEqual([
      "-user has no effect beside a.conf:1:17: authorization.users",
      "-pass has no effect beside a.conf:1:17: authorization.users",
      "a.conf:1:25: authorization.users[0]: has no password, and whoever knows the name gets in",
    ]);
    expect(mistaken("authorization { token: hunter2 }", "--user", "b")).toEqual([
      "-user has no effect beside a.conf:1:17: authorization.token",
    ]);
    expect(mistaken(ONE_USER, "--user", "b")).toEqual([]);
    expect(mistaken(ONE_USER, "--auth", "t")).toEqual([]);
  });
});

test("a name that is there to be used by others is no mistake", () => {
  const text = "LIMIT: 1KB\nmax_payload: $LIMIT\ncluster { P: 6222, port: $P }";
  expect(load(text).options.maxPayload).toBe(1024);
});

test("the digest is the same for files that mean the same", () => {
  const { digest } = load("port: 5\ndebug: on");
  expect(digest).toMatch(/^sha256:[\da-f]{64}$/);
  expect(load("debug = true # yes\nport 5").digest).toBe(digest);
});
