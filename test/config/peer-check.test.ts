// The same files through a real nats-server and through ours, its -t or, for what only that looks at, its
// start: both accept or both refuse, but for the differences that are named here with their reasons.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions } from "../../src/config/load.ts";
import { TestAuthority } from "../support/certificates.ts";
import { describeWithPeer } from "../support/peer.ts";
import { NKEY_A, NKEY_U } from "./samples.ts";

/** In the files below: a certificate and its key. */
const PAIR = 'cert_file: "CERT.pem", key_file: "KEY.pem"';

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
  "http_base_path: 'a b?c'",
  "http_base_path: 5",
  "https: localhost",
  `https: "[::1]:8223", tls { ${PAIR} }`,
  `http: 8222, https_port: 8223, tls { ${PAIR} }`,
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
  "authorization { user: a, password: b }",
  "authorization { password: b, token: c }",
  "authorization { user: a, token: '' }",
  "authorization { user: a, users: [] }",
  "authorization { token: a, users: [] }",
  "authorization { password: a, users: [{ user: b }] }",
  "authorization { token: '', users: [{ user: a }] }",
  "authorization { users: [] }",
  "authorization { users: [{ user: a, account: B }] }",
  "authorization { users: [{ user: a, authorization: { publish: a } }] }",
  "authorization { default_permissions: { subscribe: 'a q' }, users: [{ user: a }] }",
  "authorization { timeout: 0.5, user: a }",
  "authorization { timeout: x, user: a }",
  `authorization { users: [{ nkey: ${NKEY_U} }] }`,
  `authorization { users: [{ nkey: ${NKEY_U.slice(0, -1)}C }] }`,
  `authorization { users: [{ nkey: ${NKEY_A} }] }`,
  `authorization { users: [{ nkey: ${NKEY_U}, password: a }] }`,
  `authorization { users: [{ nkey: ${NKEY_U} }, { nkey: ${NKEY_U} }] }`,
  "authorization { users: [{ user: a, permissions: { publish: [], subscribe: {} } }] }",
  "authorization { users: [{ user: a, permissions: { publish: 'a b' } }] }",
  "authorization { users: [{ user: a, permissions: { publish: 'a*' } }] }",
  "authorization { users: [{ user: a, permissions: { publish: { allow: a, deny: [b] } } }] }",
  "authorization { users: [{ user: a, permissions: { publish: { alow: a } } }] }",
  "authorization { users: [{ user: a, permissions: { subscribe: ' a  b.* ' } }] }",
  "authorization { users: [{ user: a, permissions: { subscribe: 'a b c' } }] }",
  "authorization { users: [{ user: a, permissions: { subscribe: 'a >.b' } }] }",
  "authorization { users: [{ user: a, permissions: { allow_responses: { max: -1, ttl: '-1s' } } }] }",
  "authorization { users: [{ user: a, permissions: { allow_responses: { ttl: 5 } } }] }",
  "authorization { users: [{ user: a, connection_types: [standard, IN_PROCESS] }] }",
  "authorization { users: [{ user: a, clients: mqtt }] }",
  "authorization { users: [{ user: a, clients: [bogus] }] }",
  "authorization { users: [{ user: a }] }, accounts { A { users: [{ user: a }] } }",
  "authorization { user: a }, accounts { A { users: [{ user: b }] } }",
  "authorization { token: a }, accounts { A { users: [{ user: b }] } }",
  "authorization { user: a }, accounts { A {} }",
  "accounts { A { users: [{ user: a }] }, B { users: [{ user: a }] } }",
  "accounts { A { users: [{ user: a }], limits { max_conn: 5, max_payload: 1KB } } }",
  "accounts { A { limits { foo: 5 } } }",
  "accounts { A { nkey: x } }",
  "accounts { A { exports: [{ stream: a }] }, B { imports: [{ stream: { account: A, subject: a } }] } }",
  "accounts { A { imports: [{ stream: { account: B, subject: a } }] } }",
  "accounts { A { exports: [{ stream: a, accounts: [B] }] } }",
  "accounts { A { exports: [{ stream: a, service: b }] } }",
  "accounts { A { mappings { 'a..b': c } } }",
  "accounts { A { msg_trace: 'a.*' } }",
  "accounts [A, A]",
  "accounts { '$G': {} }",
  "accounts: [A, B]\nsystem_account: A",
  "mappings { foo: bar }",
  `tls { ${PAIR} }`,
  `tls { ${PAIR}, verify: true, timeout: "500ms", handshake_first: auto }`,
  `tls { ${PAIR}, verify_and_map: true, connection_rate_limit: 5, min_version: "1.3" }`,
  `tls { ${PAIR}, cipher_suites: [TLS_AES_128_GCM_SHA256], curve_preferences: [X25519] }`,
  `tls { ${PAIR}, cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA] }`,
  `tls { ${PAIR}, min_version: "1.1" }`,
  `tls { ${PAIR}, handshake_first: 5 }`,
  `tls { ${PAIR}, pinned_certs: ["7f"] }`,
  `tls { ${PAIR}, verify_cert_and_check_known_urls: true }`,
  `tls { ${PAIR}, certs: [{ ${PAIR} }] }`,
  `tls { certs: [{ ${PAIR} }, { ${PAIR} }] }`,
  `tls { certs: [{ ${PAIR}, key_password: a }] }`,
  `tls { ${PAIR}, cert_store: WindowsCurrentUser }`,
  `tls { ${PAIR} }, allow_non_tls: true`,
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
  ["authorization { token: '' }", "a token that is empty is a mistake, and no open server"],
  ["authorization { users: [{ user: a, authroization: {} }] }", "gnatsd 0.9.6 takes it"],
  ["accounts { '': {} }", "its system services fail for an account without a name"],
  ["tls { timeout: 3 }", "a listener without a certificate that nobody can talk to"],
  [`tls { ${PAIR}, cipher_suites: [tls_aes_128_gcm_sha256] }`, "any letter case will do"],
  ["resolver: MEMORY", "not enforced yet, so not started"],
  ["https: 8223", "its -t does not look for a certificate; its start fails"],
  ["monitor_authorization { token: a }", "a key of ours: its monitor is open to everybody"],
  // What asks for protection and would not get it does not start.
  ["authorization { password: b }", "it lets everybody in"],
  ["authorization { token: a, permissions: { publish: b } }", "it enforces no such permissions"],
  [
    "accounts { A { users: [{ user: a }] }, A {} }",
    "the last one wins there, and its user is lost",
  ],
];

const DIFFERENCES_MAX = 21;

/** Files that both start with or both do not, for reasons that its -t does not look for. */
const STARTED: readonly string[] = [
  "no_auth_user: a",
  "no_auth_user: ''",
  "no_auth_user: a, authorization { user: a, password: b }",
  "no_auth_user: a, authorization { users: [] }",
  "no_auth_user: b, authorization { users: [{ user: a }] }",
  "no_auth_user: a, authorization { users: [{ user: a }] }",
  "no_auth_user: a, accounts { A { users: [{ user: a }] } }",
  `no_auth_user: ${NKEY_U}, authorization { users: [{ nkey: ${NKEY_U} }] }`,
  "system_account: A",
  "system_account: A, accounts { A {} }",
  "system_account: A, accounts { B {} }",
  "system_account: '$G'",
  "no_system_account: true, system_account: A",
  "default_sentinel: 'eyJ.a.b'",
  "https_port: -1",
  `https: "127.0.0.1:-1", http_base_path: nats, tls { ${PAIR} }`,
];

describeWithPeer("the -t of nats-server and ours", "2.15", (peer) => {
  let folder = "";
  let authority: TestAuthority;
  let pair: { readonly certFile: string; readonly keyFile: string };
  const peerAccepts = new Map<string, boolean>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "midge-check-"));
    authority = await TestAuthority.create();
    pair = await authority.issue({ hosts: ["localhost"] });
    const texts = [...SAME, ...DIFFERENT.map(([text]) => text)].map(
      (text) => [text, check] as const,
    );
    const next = [...texts, ...STARTED.map((text) => [text, start] as const)].entries();
    // A few at a time: the machine has other things to do.
    const work = async () => {
      for (const [index, [text, accepts]] of next) {
        peerAccepts.set(text, await accepts(write(`${index}.conf`, text)));
      }
    };
    await Promise.all([work(), work(), work()]);
  });

  afterAll(() => {
    authority[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, text: string): string {
    const file = join(folder, name);
    writeFileSync(
      file,
      text.replaceAll("CERT.pem", pair.certFile).replaceAll("KEY.pem", pair.keyFile),
    );
    return file;
  }

  async function check(file: string): Promise<boolean> {
    const child = Bun.spawn([peer, "-t", "-c", file], { stdout: "ignore", stderr: "ignore" });
    return (await child.exited) === 0;
  }

  /** Whether it gets so far as to say that it is ready. */
  async function start(file: string): Promise<boolean> {
    const command = [peer, "-a", "127.0.0.1", "-p", "-1", "-c", file];
    const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
    const decoder = new TextDecoder();
    let log = "";
    for await (const chunk of child.stderr) {
      log += decoder.decode(chunk, { stream: true });
      if (log.includes("Server is ready")) child.kill("SIGKILL");
    }
    await child.exited;
    return log.includes("Server is ready");
  }

  function weAccept(text: string): boolean {
    const file = write("ours.conf", text);
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

  test.each(STARTED.map((text) => [text]))("agree on the start with %j", (text) => {
    expect(weAccept(text)).toBe(peerAccepts.get(text)!);
  });

  test("the differences are few", () => {
    expect(DIFFERENT.length).toBeLessThanOrEqual(DIFFERENCES_MAX);
    expect(SAME.length).toBeGreaterThanOrEqual(120);
  });
});
