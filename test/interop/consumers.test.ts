// Programs that people watch nats-servers with, watching dist/midge: not only do they run, what they show is
// right.
import { afterAll, expect, test } from "bun:test";
import { executable } from "../e2e/support.ts";
import { TestAuthority } from "../support/certificates.ts";
import { newNkey } from "../support/nkeys.ts";
import { describeWithPeer, startPeer } from "../support/peer.ts";
import { secret } from "../support/secrets.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";
import {
  buildReader,
  describeWith,
  findNatsCommand,
  Folder,
  Reader,
  runNats,
} from "./consumers.ts";
import { monitorPort } from "./monitor-play.ts";

const folder = new Folder();
const trusted = await TestAuthority.create();
const certificate = await trusted.issue({});
afterAll(() => {
  folder[Symbol.dispose]();
  trusted[Symbol.dispose]();
});

const HTTP = 'http: "127.0.0.1:-1"\n';
const password = secret();
const token = secret();
const nkey = newNkey();
const seedFile = `${folder.path}/user.nk`;
await Bun.write(seedFile, nkey.seed);
const wrong = secret();

/** What a server is told, and how somebody logs in there. */
const LOGINS: Readonly<Record<string, readonly [config: string, ...flags: string[]]>> = {
  "nothing at all": [""],
  "a password": [
    `authorization { user: u, password: ${password} }`,
    ...["--user", "u", "--password", password],
  ],
  "a token": [`authorization { token: ${token} }`, "--token", token],
  "an nkey": [`authorization { users: [ { nkey: ${nkey.nkey} } ] }`, "--nkey", seedFile],
  TLS: [
    `tls { cert_file: "${certificate.certFile}", key_file: "${certificate.keyFile}" }`,
    ...["--tlsca", trusted.caFile],
  ],
  "TLS first": [
    `tls { cert_file: "${certificate.certFile}", key_file: "${certificate.keyFile}"
      handshake_first: true }`,
    ...["--tlsca", trusted.caFile, "--tlsfirst"],
  ],
};

/** What needs the system account fails in the same words. */
const SAID_ALIKE = [
  "server check connection",
  "server check connection --format=json",
  "server check connection --format=prometheus",
  "server check connection --format=text",
  "server check jetstream",
  "server check server --name x",
  "server check request --subject=nobody",
  "server request variables",
  "server request subscriptions",
  "server request routes",
  "server ping",
  "server info",
  "server list",
  "rtt",
  "stream ls",
];

describeWith("nats", findNatsCommand(), (path) => {
  const nats = (port: number, ...words: string[]) =>
    runNats(path, folder, "-s", `nats://127.0.0.1:${port}`, "--timeout=2s", ...words);
  const check = (port: number, ...words: string[]) =>
    nats(port, "server", "check", "connection", ...words);

  test.each(Object.entries(LOGINS))(
    "server check connection with %s",
    async (_, [config, ...flags]) => {
      await using server = await startPeer(executable, config);
      const { code, stdout } = await check(server.port, ...flags);
      expect(stdout).toMatch(
        /^OK Connection OK:connected to nats:\/\/127\.0\.0\.1:\d+ in \S+ OK:rtt time \S+ OK:round trip took \S+s \|/,
      );
      expect(code).toBe(0);
    },
  );

  test("server check connection as JSON has plausible times", async () => {
    await using server = await startPeer(executable);
    const { code, stdout } = await check(server.port, "--format=json");
    expect(code).toBe(0);
    const said = JSON.parse(stdout) as {
      status: string;
      ok: string[];
      perf_data: { name: string; value: number; unit: string }[];
    };
    expect(said.status).toBe("OK");
    expect(said.ok).toHaveLength(3);
    expect(said.perf_data.map(({ name }) => name)).toEqual(["connect_time", "rtt", "request_time"]);
    for (const { value, unit } of said.perf_data) {
      expect(value).toBeWithin(0.000_001, 0.5);
      expect(unit).toBe("s");
    }
  });

  test("server check connection for Prometheus has status 0", async () => {
    await using server = await startPeer(executable);
    const { stdout } = await check(server.port, "--format=prometheus");
    expect(stdout).toContain(
      'nats_server_check_connections_status_code{item="Connection",status="OK"} 0\n',
    );
    expect(stdout).toMatch(/nats_server_check_connections_rtt\{item="Connection"\} [\d.e-]+\n/);
  });

  test("server check connection warns and alarms at its thresholds", async () => {
    await using server = await startPeer(executable);
    const warned = await check(server.port, "--rtt-warn=1ns", "--rtt-critical=1m");
    expect([warned.code, warned.stdout.split(" ")[0]]).toEqual([1, "WARNING"]);
    const alarmed = await check(server.port, "--rtt-warn=1ns", "--rtt-critical=2ns");
    expect([alarmed.code, alarmed.stdout.split(" ")[0]]).toEqual([2, "CRITICAL"]);
  });

  test("server check connection tells a wrong password from no server", async () => {
    const server = await startPeer(executable, LOGINS["a password"]![0]);
    const refused = await check(server.port, "--user", "u", "--password", wrong);
    expect(refused.stdout).toContain(
      "CRITICAL Connection Crit:connection failed: nats: Authorization",
    );
    expect(refused.code).toBe(2);
    await server.stop();
    const gone = await check(server.port, "--user", "u", "--password", password);
    expect(gone.stdout).toContain("CRITICAL Connection Crit:connection failed: nats: no servers");
    expect(gone.code).toBe(2);
  });

  test("server check request sees the answer, another one, and none", async () => {
    await using server = await startPeer(executable);
    await using responder = await connect(server.port);
    await responder.says(`${connectLine({ headers: true })}SUB service 1\r\n`);
    await responder.silent();
    const request = (...words: string[]) =>
      nats(server.port, "server", "check", "request", ...words);
    const words = ["--subject=service", "--payload=how are you", "--match-payload=^well$"];
    const [good] = await Promise.all([request(...words), answer(responder, "well")]);
    expect([good.code, good.stdout.split(" ")[0]]).toEqual([0, "OK"]);
    const [bad] = await Promise.all([request(...words), answer(responder, "ill")]);
    expect([bad.code, bad.stdout.split(" ")[0]]).toEqual([2, "CRITICAL"]);
    const none = await request("--subject=nobody", "--payload=hi");
    expect(none.stdout).toContain("no responders");
    expect(none.code).toBe(2);
  });

  test("account info shows who is connected, and to what", async () => {
    await using server = await startPeer(executable, "server_name: here\nmax_payload: 2MB\n");
    await using observer = await connect(server.port);
    const { stdout, code } = await nats(server.port, "account", "info");
    const shown = (title: string) => new RegExp(`^ *${title}: (.*)$`, "m").exec(stdout)?.[1];
    expect(code).toBe(0);
    expect(shown("Client ID")).toBe(String(Number(observer.info["client_id"]) + 1));
    expect(shown("Client IP")).toBe("127.0.0.1");
    expect(shown("Headers Supported")).toBe("true");
    expect(shown("Maximum Payload")).toBe("2.0 MiB");
    expect(shown("Connected Server ID")).toBe(String(observer.info["server_id"]));
    expect(shown("Connected Server Version")).toBe(String(observer.info["version"]));
    expect(shown("RTT")).toMatch(/^[\d.]+(µs|ms)$/);
  });

  describeWithPeer("nats, which says the same of nats-server 2.15", "2.15", (peer) => {
    test.each(SAID_ALIKE)("%s", async (words) => {
      const [there, here] = await Promise.all(
        [peer, executable].map(async (each) => {
          await using server = await startPeer(each);
          const { code, stdout, stderr } = await nats(server.port, ...words.split(" "));
          return { code, stdout: unmeasured(stdout), stderr: unmeasured(stderr) };
        }),
      );
      expect(here).toEqual(there!);
    });
  });
});

/** The pages that have a type, and what is asked of them. */
const PAGES = [
  "/varz",
  "/connz",
  "/connz?subs=1&auth=1&state=any",
  "/connz?subs=detail&auth=1",
  "/connz?state=closed&subs=detail",
  "/connz?acc=nope",
  "/routez",
  "/routez?subs=detail",
  "/subsz",
  "/subsz?subs=1",
  "/subscriptionsz?subs=1&test=foo",
  "/gatewayz",
  "/leafz",
  "/accountz",
  "/accountz?acc=$G",
  "/accstatz",
  "/accstatz?unused=1",
  "/jsz",
  "/jsz?accounts=1&streams=1&consumers=1&config=1",
  "/healthz",
  "/ipqueuesz",
];

describeWith("a reader with nats-server's own types", await buildReader(folder), (path) => {
  test("reads every page, knows every field, and writes them again as they were", async () => {
    await using server = await startPeer(executable, `${HTTP}server_name: here\n`);
    const base = `http://127.0.0.1:${await monitorPort(server)}`;
    await using busy = await join(server.port, { name: "<busy>", lang: "x", version: "1" });
    await busy.says("SUB foo 1\r\nSUB > q 2\r\nUNSUB 2 1000\r\nPUB foo 2\r\nhi\r\n");
    const gone = await join(server.port, { name: "gone" });
    await gone.says("SUB foo 1\r\n");
    await gone.silent();
    gone.shutdown();
    await gone.hearsUntilClose();
    await using reader = new Reader(path);
    for (const page of PAGES) {
      const told: unknown = JSON.parse(await (await fetch(base + page)).text());
      const reread: unknown = JSON.parse(await reader.page(base, page));
      expect(timeless(reread)).toBe(timeless(told));
    }
  });

  test("sees rates, names and subjects as they are", async () => {
    await using server = await startPeer(executable, `${HTTP}server_name: here\n`);
    const base = `http://127.0.0.1:${await monitorPort(server)}`;
    await using alice = await join(server.port, { name: "alice", lang: "go", version: "1.50.0" });
    await alice.says("SUB foo 1\r\nSUB foo.> q 2\r\n");
    await alice.silent();
    await using bob = await join(server.port, { name: "bob" });
    await using reader = new Reader(path);
    const before = await reader.look(base);
    expect(before).toMatchObject({ server: "here", uptime: "0s", slow: 0 });
    expect(before.mem).toBeGreaterThan(1 << 20);
    expect(before.cpu).toBeGreaterThanOrEqual(0);

    await bob.says("PUB foo 10\r\n0123456789\r\n".repeat(500));
    await bob.silent();
    const after = await reader.look(base);
    expect(after).toMatchObject({ in_msgs: 500, out_msgs: 500, in_bytes: 5000, out_bytes: 5000 });
    expect(after.seconds).toBeWithin(0.000_1, 30);
    expect(after.connections).toMatchObject([
      {
        cid: alice.info["client_id"],
        name: "alice",
        lang: "go",
        version: "1.50.0",
        subs: 2,
        subjects: ["foo", "foo.>"],
        in_msgs: 0,
        out_msgs: 500,
      },
      { cid: bob.info["client_id"], name: "bob", subs: 0, in_msgs: 500, out_msgs: 0 },
    ]);
    for (const { host, idle_ms } of after.connections ?? []) {
      expect(host).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(idle_ms).toBeWithin(0, 30_000);
    }

    const idle = await reader.look(base);
    expect(idle).toMatchObject({ in_msgs: 0, out_msgs: 0, in_bytes: 0, out_bytes: 0 });
  });
});

/** Answers the next request. */
async function answer(responder: WireClient, payload: string): Promise<void> {
  const { reply } = await responder.hearsMessage();
  await responder.says(`PUB ${reply} ${payload.length}\r\n${payload}\r\n`);
}

/** Texts with numbers, addresses and the widths of tables left out. */
function unmeasured(text: string): string {
  return text
    .replace(/[─ ]+/g, " ")
    .replace(/\d\d:\d\d:\d\d/g, "<time>")
    .replace(/\d+(\.\d+)?(e-\d+)?(ns|µs|ms|s)?/g, "<number>");
}

/** JSON in its order, without the version of Midge and without what changes from one moment to the next. */
function timeless(page: unknown): string {
  return JSON.stringify(page, (key, value: unknown) =>
    ["midge", "now", "uptime", "idle", "mem", "cpu", "http_req_stats"].includes(key)
      ? undefined
      : value,
  );
}
