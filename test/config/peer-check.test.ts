// The same files through a real nats-server's -t and through ours: both accept or both refuse, but
// for the differences that are named here with their reasons.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions } from "../../src/config/load.ts";
import { describeWithPeer } from "../support/peer.ts";

/** Files that both accept or both refuse. */
const SAME: readonly string[] = [
  "port: 4222",
  "listen: 4222\nhttp: 8222",
  "listen: localhost:-1",
  'listen: ":4222"\nhttp: "[::1]:8222"',
  "listen: localhost",
  "listen: true",
  'port: "4222"',
  "port: 4222\nmonitor_port: 8222\ncluster {\n  port: 6222\n  authorization {\n    user: ruser\n    password: T0pS3cr3t\n    timeout: 0.75\n  }\n  routes = []\n}",
  "PORT: 4222\nMax_Payload: 1MB",
  "host: 5",
  'net: "::1"',
  'max_payload: "1MB"',
  "max_payload: 3GB",
  "max_payload: 9007199254740993",
  "max_control_line: 5GB",
  "max_connections: -1",
  'max_connections: "5"',
  "max_subs: 100\nmax_sub_tokens: 8",
  "max_sub_tokens: 256",
  "max_sub_tokens: -1",
  "max_pending: 64MB\nwrite_deadline: '2s'\nping_interval: '20s'\nping_max: 3",
  "ping_interval: soon",
  "ping_interval: 1.5",
  "lame_duck_duration: 60",
  "lame_duck_duration: '10s'",
  "lame_duck_duration: '1m'\nlame_duck_grace_period: '5s'",
  "lame_duck_grace_period: '-1s'",
  "server_name: east, server_tags: [a, b], server_metadata { a: b }",
  'server_name: "a b"',
  "server_tags: 5",
  "server_metadata { a: 1 }",
  "feature_flags { a: 1 }",
  "debug: true\ntrace: true\nlogtime: false\nlogtime_utc: true",
  "debug: 1",
  'debug: "true"',
  'logfile: "a.log"\nlogfile_size_limit: 10MB\nlogfile_max_num: 3',
  'log_size_limit: "5"',
  'syslog: true\nremote_syslog: "udp://localhost:514"',
  "connect_error_reports: 10\nreconnect_error_reports: 1\nmax_closed_clients: 50",
  "http_base_path: nats\nprof_port: 6060",
  "http: localhost",
  "write_timeout: close",
  "write_timeout: bogus",
  "max_paylod: 1MB",
  "teapot: 1",
  "LIMIT: 1MB\nmax_payload: $LIMIT",
  "max_payload: $LIMIT",
  "cluster { prot: 6222 }",
  'cluster { name: "a b" }',
  'cluster { routes: ["127.0.0.1:6222"] }',
  "cluster { authorization { users: [] } }",
  "cluster { listen: 'a:6222', routes: ['nats://b:6222'], no_advertise: true, connect_retries: 3 }",
  "cluster { compression: { mode: s2_auto, rtt_thresholds: ['10ms', '20ms'] } }",
  "leafnodes { remotes [{ url: 'nats://h', account: A }] }",
  "leafnodes { min_version: '2.1.0' }",
  "gateway { name: A, gateways [{ name: B, urls: ['nats://a:1'] }] }",
  "websocket { port: 8080, no_tls: true, allowed_origin: 'http://a' }",
  "mqtt { port: 1883, max_ack_pending: 70000 }",
  "mqtt { port: 1883, ack_wait: '10s' }",
  "jetstream { store_dir: a, max_mem: '1G', limits { max_ha_assets: 3 } }",
  "jetstream { max_mem: '1X' }",
  "jetstream: enabled",
  "authorization { foo: 1 }",
  "authorization { user: a, token: b }",
  "authorization { user: a, users: [{ user: b, password: c }] }",
  "authorization { users: [{ password: c }] }",
  "authorization { users: [{ user: a }, { user: a }] }",
  "authorization { users: [{ user: a, permissions: { publish: 'foo..bar' } }] }",
  "accounts { '$G': {} }",
  "accounts: [A, B]\nsystem_account: A",
  "mappings { foo: bar }",
  "tls { cert_file: 'x.pem' }",
  "tls { cipher_suites: [] }",
  "ocsp { mode: foo }",
  "proxies { trusted: [{ key: x }] }",
  "port: 4222\nport",
  'listen: "localhost:4242\n',
];

/** Files that we accept and the peer refuses, or the other way round, each with the reason. */
const DIFFERENT: readonly (readonly [text: string, why: string])[] = [
  ["port: 70000", "its -t does not look at the range of ports; its start fails"],
  ["client_advertise: 'a:b:c'", "its -t does not look at addresses; its start fails"],
  ["remote_syslog: localhost", "its -t does not look at the scheme; its start fails"],
  ["max_payload: 100MB", "its -t does not compare with max_pending; its start fails"],
  ["lame_duck_grace_period: '5m'", "its -t does not compare with the duration; its start fails"],
  ["max_pending: -1", "a bound without meaning; 0 is the default"],
  ["ping_max: -1", "a bound without meaning; 0 is the default"],
  ["ping_interval: 30", "a warning fails its -t but not its start; our -t passes what would start"],
  ["authorization { timeout: 2m }", "a warning fails its -t but not its start"],
  ["# nothing", "a warning fails its -t but not its start"],
  ["authorization { user: a, password: b }", "not enforced yet, so not started"],
  ["accounts { A: { users: [{ user: a, password: b }] } }", "not enforced yet, so not started"],
  ["tls { timeout: 3 }", "not enforced yet, so not started"],
  ["http: 8222\nhttps: 8223", "not enforced yet, so not started"],
];

const DIFFERENCES_MAX = 15;

describeWithPeer("the -t of nats-server and ours", "2.15", (peer) => {
  let folder = "";
  const peerAccepts = new Map<string, boolean>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "midge-check-"));
    const texts = [...SAME, ...DIFFERENT.map(([text]) => text)];
    const next = texts.entries();
    // A few at a time: the machine has other things to do.
    const work = async () => {
      for (const [index, text] of next) {
        const file = join(folder, `${index}.conf`);
        writeFileSync(file, text);
        const child = Bun.spawn([peer, "-t", "-c", file], { stdout: "ignore", stderr: "ignore" });
        peerAccepts.set(text, (await child.exited) === 0);
      }
    };
    await Promise.all([work(), work(), work()]);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function weAccept(text: string): boolean {
    const file = join(folder, "ours.conf");
    writeFileSync(file, text);
    try {
      loadOptions(file, parseFlags([]), {});
      return true;
    } catch (error) {
      expect(error).toHaveProperty("problems");
      return false;
    }
  }

  test.each(SAME.map((text) => [text]))("agree on %j", (text) => {
    expect(weAccept(text)).toBe(peerAccepts.get(text)!);
  });

  test.each(DIFFERENT)("differ on %j: %s", (text) => {
    expect(weAccept(text)).toBe(!peerAccepts.get(text)!);
  });

  test("the differences are few", () => {
    expect(DIFFERENT.length).toBeLessThanOrEqual(DIFFERENCES_MAX);
    expect(SAME.length).toBeGreaterThanOrEqual(60);
  });
});
