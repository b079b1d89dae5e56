// From a configuration file to options: every key and alias to its effect, every mistake to a
// message that names its place.
import { describe, expect, test } from "bun:test";
import { TOP_KEYS } from "../../src/config/keys.ts";
import { parseConfigText } from "../../src/config/language/load.ts";
import { resolveGiven } from "../../src/config/executable.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { readOptions, type ReadOptions } from "../../src/config/read-options.ts";
import { BLOCKS, SAMPLES, type Fate } from "./samples.ts";

function read(text: string): ReadOptions {
  return readOptions(parseConfigText(text, { file: "a.conf", env: {} }).root);
}

const errors = (text: string) => read(text).errors.map(formatProblem);
const warnings = (text: string) => read(text).warnings.map(formatProblem);

describe("every key, by each of its names", () => {
  const rows = SAMPLES.flatMap(([names, value, fate]) =>
    names.split(" ").map((name) => [name, value, fate] as const),
  );
  test.each(rows)("%s: %s", (name, value, fate) => {
    expect(fateOf(`${name}: ${value}`, name)).toEqual(fate);
  });

  test("the list above has every name of every key, and no other", () => {
    const known = TOP_KEYS.map(({ names }) => names.join(" "));
    expect(new Set(SAMPLES.map(([names]) => names))).toEqual(new Set(known));
    expect(new Set(known).size).toBe(known.length);
    expect(rows.length).toBeGreaterThan(120);
  });

  test("a key is known in any case", () => {
    expect(read("PORT: 1\nMax_Payload: 2").options).toEqual({ port: 1, maxPayload: 2 });
    expect(errors("PORT: 1\nHttps: x")).toEqual([expect.stringContaining("a.conf:2:1: Https: ")]);
  });
});

function fateOf(text: string, name: string): Fate {
  const { options, errors: refused, warnings: remarks } = read(text);
  const messages = refused.map(formatProblem);
  if (messages.length > 0) {
    expect(messages).toEqual([
      `a.conf:1:1: ${name}: is not enforced yet, and midge does not start unprotected; remove it to do without`,
    ]);
    expect(options).toEqual({});
    return "not enforced";
  }
  if (Object.keys(options).length > 0) return options;
  const said = remarks.map(formatProblem);
  if (said.length === 0) return "silent";
  expect(said).toEqual([expect.stringContaining(`a.conf:1:1: ${name}: has no effect yet`)]);
  return "no effect yet";
}

describe("what an option of the file becomes", () => {
  const resolve = (text: string) => resolveGiven({ options: {}, spelled: new Map() }, read(text));

  test("the default configuration of the container image", () => {
    const text = `port: 4222
monitor_port: 8222
cluster {
  port: 6222
  authorization { user: ruser, password: T0pS3cr3t, timeout: 0.75 }
  routes = []
}`;
    expect(errors(text)).toEqual([]);
    expect(warnings(text)).toEqual([]);
    expect(resolve(text)).toMatchObject({
      host: "0.0.0.0",
      port: 4222,
      httpPort: 8222,
      cluster: {
        port: 6222,
        authorization: { user: "ruser", password: "T0pS3cr3t", timeout: 750 },
      },
    });
  });

  test("an empty file is all defaults", () => {
    expect(resolve("")).toEqual(resolveGiven({ options: {}, spelled: new Map() }));
  });

  test("of listen, host and port the later one wins", () => {
    expect(resolve("listen: a:1\nport: 2")).toMatchObject({ host: "a", port: 2 });
    expect(resolve("port: 2\nhost: b\nlisten: a:1")).toMatchObject({ host: "a", port: 1 });
    expect(resolve("host: b\nlisten: 1")).toMatchObject({ host: "0.0.0.0", port: 1 });
    expect(resolve("port: 1\nPORT: 2")).toMatchObject({ port: 2 });
  });

  test("the monitor listens where the clients do unless told otherwise", () => {
    expect(resolve("host: a\nhttp: 1")).toMatchObject({ httpHost: "a", httpPort: 1 });
    expect(resolve("host: a\nhttp: 'b:1'")).toMatchObject({ httpHost: "b", httpPort: 1 });
  });

  test("http and https may both be there, on addresses of their own or on the one given", () => {
    const encrypted = (text: string) => resolve(`tls { cert_file: a, key_file: b }\n${text}`);
    expect(encrypted("http: 1\nhttps: 2\nhost: a")).toMatchObject({
      httpHost: "a",
      httpPort: 1,
      httpsHost: "a",
      httpsPort: 2,
    });
    const own = { httpHost: "b", httpsHost: "c" };
    expect(encrypted("http: 'b:1'\nhttps: 'c:2'")).toMatchObject(own);
    const shared = { httpHost: "b", httpsHost: "b" };
    expect(encrypted("http: 'b:1'\nhttps_port: 2")).toMatchObject(shared);
    expect(encrypted("http_port: 1\nhttps: 'b:2'")).toMatchObject(shared);
  });
});

describe("what is wrong, by its place, with what was expected and what was found", () => {
  const aPort = "a port from 1 to 65535, -1 for any free one or 0 for";
  const aSize = "a size in bytes up to 2147483647";
  const aDuration = 'a duration such as "10s"';
  const anAddress = "a port or host:port";
  test.each<[text: string, message: string]>([
    ["port: 70000", `1:1: port: expected ${aPort} the default, found 70000`],
    ["port: -2", `1:1: port: expected ${aPort} the default, found -2`],
    ['port: "4222"', `1:1: port: expected ${aPort} the default, found "4222"`],
    ["port: 1.5", `1:1: port: expected ${aPort} the default, found 1.5`],
    ["port: true", `1:1: port: expected ${aPort} the default, found true`],
    ["port: [1]", `1:1: port: expected ${aPort} the default, found an array`],
    ["port: { a: 1 }", `1:1: port: expected ${aPort} the default, found a block`],
    ["port: 2016-05-04T18:53:41Z", `1:1: port: expected ${aPort} the default, found a date`],
    ["\n\n  port: x", `3:3: port: expected ${aPort} the default, found "x"`],
    ["monitor_port: x", `1:1: monitor_port: expected ${aPort} none, found "x"`],
    ["listen: localhost", `1:1: listen: expected ${anAddress}, found "localhost"`],
    ["listen: true", `1:1: listen: expected ${anAddress}, found true`],
    ["listen: a:70000", `1:1: listen: expected ${anAddress}, found "a:70000"`],
    ["http: a:b", `1:1: http: expected ${anAddress}, found "a:b"`],
    ["https: a:b", `1:1: https: expected ${anAddress}, found "a:b"`],
    ["https_port: x", `1:1: https_port: expected ${aPort} none, found "x"`],
    ["http_base_path: 5", "1:1: http_base_path: expected a path such as /nats, found 5"],
    ["host: 5", "1:1: host: expected a host name or an IP address, found 5"],
    ['server_name: "a b"', '1:1: server_name: expected a name without blanks, found "a b"'],
    [
      'client_advertise: "a:b:c"',
      '1:1: client_advertise: expected an address such as host or host:port, found "a:b:c"',
    ],
    [
      "max_payload: 3GB",
      `1:1: max_payload: expected ${aSize}, or -1 for no limit, found 3221225472`,
    ],
    ['max_payload: "1MB"', `1:1: max_payload: expected ${aSize}, or -1 for no limit, found "1MB"`],
    [
      "max_payload: 9007199254740993",
      `1:1: max_payload: expected ${aSize}, or -1 for no limit, found 9007199254740993`,
    ],
    ["max_control_line: 5GB", `1:1: max_control_line: expected ${aSize}, found 5368709120`],
    ["max_pending: -1", "1:1: max_pending: expected a size in bytes, found -1"],
    [
      "max_conn: many",
      '1:1: max_conn: expected a whole number up to 2147483647, 0 or less to refuse everyone, found "many"',
    ],
    ["max_subs: 1.5", "1:1: max_subs: expected a whole number, 0 for no limit, found 1.5"],
    [
      "max_sub_tokens: 256",
      "1:1: max_sub_tokens: expected a whole number up to 255, 0 for no limit, found 256",
    ],
    [
      "max_sub_tokens: -1",
      "1:1: max_sub_tokens: expected a whole number up to 255, 0 for no limit, found -1",
    ],
    ["ping_interval: soon", `1:1: ping_interval: expected ${aDuration}, found "soon"`],
    ["ping_interval: -5", `1:1: ping_interval: expected ${aDuration}, found -5`],
    ["ping_interval: 1.5", `1:1: ping_interval: expected ${aDuration}, found 1.5`],
    ["write_deadline: true", `1:1: write_deadline: expected ${aDuration}, found true`],
    ["ping_max: -1", "1:1: ping_max: expected a whole number, 1 or more, found -1"],
    ["lame_duck_duration: 60", `1:1: lame_duck_duration: expected ${aDuration}, found 60`],
    [
      'lame_duck_duration: "10s"',
      '1:1: lame_duck_duration: expected a duration of 30 s or more, found "10s"',
    ],
    [
      'lame_duck_grace_period: "-1s"',
      `1:1: lame_duck_grace_period: expected ${aDuration}, found "-1s"`,
    ],
    ["debug: 1", "1:1: debug: expected true or false, found 1"],
    ['debug: "true"', '1:1: debug: expected true or false, found "true"'],
    ["trace_verbose: x", '1:1: trace_verbose: expected true or false, found "x"'],
    ["logtime_utc: 0", "1:1: logtime_utc: expected true or false, found 0"],
    ["log_file: 5", "1:1: log_file: expected a path, found 5"],
    ["pidfile: []", "1:1: pidfile: expected a path, found an array"],
    ["ports_file_dir: 1", "1:1: ports_file_dir: expected a folder, found 1"],
    [
      'log_size_limit: "5"',
      '1:1: log_size_limit: expected a size in bytes, 0 for no limit, found "5"',
    ],
    ["log_max_num: x", '1:1: log_max_num: expected a whole number, 0 for no limit, found "x"'],
    [
      "remote_syslog: foo",
      '1:1: remote_syslog: expected an address such as udp://host:514, tcp://host:514 or unix:///path, found "foo"',
    ],
    [
      "connect_error_reports: -1",
      "1:1: connect_error_reports: expected a whole number, 1 or more, found -1",
    ],
    [
      "max_closed_clients: x",
      '1:1: max_closed_clients: expected a whole number, 1 or more, found "x"',
    ],
    [
      "write_timeout: bogus",
      '1:1: write_timeout: expected one of default, close, retry, found "bogus"',
    ],
    ["server_tags: 5", "1:1: server_tags: expected a string, found 5"],
    ["server_tags: [a, 5]", "1:18: server_tags[1]: expected a string, found 5"],
    ["server_metadata { a: 1 }", "1:19: server_metadata.a: expected a string, found 1"],
    ["feature_flags { a: 1 }", "1:17: feature_flags.a: expected true or false, found 1"],
    [
      "prof_port: x",
      '1:1: prof_port: expected a port from 1 to 65535, -1 for any free one or 0 for none, found "x"',
    ],
    ["cluster: 5", "1:1: cluster: expected a block, found 5"],
    [
      "cluster {\n  port: x\n}",
      '2:3: cluster.port: expected a port from 1 to 65535, -1 for any free one or 0 for none, found "x"',
    ],
    ['cluster { name: "a b" }', '1:11: cluster.name: expected a name without blanks, found "a b"'],
    ["cluster { routes: x }", "1:11: cluster.routes: expected an array of URLs, found a string"],
    [
      'cluster { routes: ["127.0.0.1:6222"] }',
      "1:20: cluster.routes[0]: expected a URL such as nats://host:port, found a string",
    ],
    [
      "cluster { authorization { users: [] } }",
      "1:27: cluster.authorization.users: unknown key; did you mean user?",
    ],
    [
      "cluster { compression: fast }",
      expect.stringMatching(
        /^1:11: cluster\.compression: expected one of off, on, .*, found "fast"$/,
      ),
    ],
    [
      "jetstream: maybe",
      expect.stringMatching(/^1:1: jetstream: expected one of enabled, .*, found "maybe"$/),
    ],
    [
      'jetstream { max_mem: "1X" }',
      expect.stringMatching(/^1:13: jetstream\.max_mem: expected a size .*, found "1X"$/),
    ],
    [
      "jetstream { max_concurrent_io: 2 }",
      "1:13: jetstream.max_concurrent_io: expected a whole number from 4 to 8192, found 2",
    ],
    [
      "mqtt { max_ack_pending: 70000 }",
      "1:8: mqtt.max_ack_pending: expected a whole number up to 65535, found 70000",
    ],
    [
      'leafnodes { min_version: "2.1.0" }',
      '1:13: leafnodes.min_version: expected a version of 2.8.0 or later, found "2.1.0"',
    ],
    ["websocket { no_tls: true, tls {} }", "1:1: websocket: tls and no_tls exclude each other"],
    [
      "ocsp { mode: foo }",
      '1:8: ocsp.mode: expected one of auto, always, must, never, found "foo"',
    ],
    ["ocsp { MODE: auto }", "1:8: ocsp.MODE: unknown key; did you mean mode?"],
    [
      "mappings { a: 5 }",
      "1:12: mappings.a: expected a subject, a block or an array of blocks, found 5",
    ],
    ["max_paylod: 1", "1:1: max_paylod: unknown key; did you mean max_payload?"],
    ["teapot: 1", "1:1: teapot: unknown key"],
    ["cluster { prot: 1 }", "1:11: cluster.prot: unknown key; did you mean port?"],
    ['"a\nb": 1', String.raw`1:2: "a\nb": unknown key`],
    ["accounts { 'a b': { x: 1 } }", '1:21: accounts."a b".x: unknown key'],
    ["__proto__: 1", "1:1: __proto__: unknown key"],
  ])("%j", (text, message) => {
    const expected = typeof message === "string" ? `a.conf:${message}` : message;
    const found = errors(text);
    expect(
      typeof message === "string" ? found : found.map((m) => m.replace("a.conf:", "")),
    ).toEqual([expected]);
  });

  test("all of it is told at once, in the order of the file", () => {
    const text = "port: x\nteapot: 1\ncluster { prot: 1 }\ndebug: 7\nresolver: MEMORY";
    expect(errors(text).map((message) => message.split(": ")[0])).toEqual([
      "a.conf:1:1",
      "a.conf:2:1",
      "a.conf:3:11",
      "a.conf:4:1",
      "a.conf:5:1",
    ]);
  });
});

describe("blocks are checked to their end", () => {
  test.each(BLOCKS.map((text) => [text]))("%j is right", (text) => {
    expect(errors(text)).toEqual([]);
  });
});

describe("secrets", () => {
  test.each([
    ["authorization { user: a, password: { hunter2: 1 } }"],
    ["authorization { token: [hunter2] }"],
    ["authorization: hunter2"],
    ["authorization { users: [{ user: a, password: b, permissions: hunter2 }] }"],
    ["accounts { A: { users: hunter2 } }"],
    ["accounts: [[hunter2]]"],
    ["cluster { authorization: hunter2 }"],
    ["cluster { routes: ['u:hunter2@b:6222//x', '//u:hunter2@b:6222'] }"],
    ["jetstream { key: hunter2, cypher: aes }"],
    ["leafnodes { remotes: [{ url: 'x', nkey: [hunter2], proxy: hunter2 }] }"],
    ["operator: { hunter2: 1 }"],
    ["monitor_authorization: hunter2"],
    ["monitor_authorization { user: a, password: [hunter2] }"],
    ["monitor_authorization { user: a, pasword: hunter2 }"],
    ["monitor_authorization { token: { hunter2: 1 } }"],
    ["monitor_authorization { password: hunter2 }"],
  ])("%j tells none of them", (text) => {
    const said = [...errors(text), ...warnings(text)].join("\n");
    expect(said).not.toBe("");
    expect(said).not.toContain("hunter2");
  });
});

describe("warnings", () => {
  test("a key without effect is warned about once, whatever its block holds", () => {
    expect(warnings("jetstream { domain: a, strict: true }\nleafnodes { port: 7422 }")).toEqual([
      "a.conf:1:1: jetstream: has no effect yet",
      "a.conf:2:1: leafnodes: has no effect yet: its listener stays closed",
    ]);
  });

  test("seconds without a unit are understood and warned about", () => {
    expect(warnings("ping_interval: 30\nwrite_deadline: 2")).toEqual([
      'a.conf:1:1: ping_interval: seconds should have their unit: "30s"',
      'a.conf:2:1: write_deadline: seconds should have their unit: "2s"',
    ]);
  });

  test("a long time to authenticate is likely a forgotten pair of quotes", () => {
    expect(warnings("authorization { timeout: 2m }")).toEqual([
      "a.conf:1:17: authorization.timeout: 2000000 seconds are long; a duration needs quotes",
    ]);
  });
});
