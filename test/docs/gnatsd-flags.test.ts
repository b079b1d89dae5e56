// The flags of gnatsd 0.9.6 in each of their spellings, from the command line to what somebody notices.
import { afterAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { parseFlags } from "../../src/config/flags.ts";
import { Broker, freePort, midgeTest, run, until } from "../e2e/support.ts";
import { connect, join } from "../support/wire.ts";
import { Setting, Syslog } from "./gnatsd-proofs.ts";

const setting = await Setting.create();
afterAll(() => setting[Symbol.dispose]());

/** Spellings parted by blanks, what is noticed, and the proof for one of them. */
type Row = readonly [names: string, promise: string, prove: (flag: string) => Promise<void>];

const LOCAL = ["-a", "127.0.0.1", "-p", "-1"];

/** A server in this process; a file that says otherwise gives way. */
const open = (flags: readonly string[], file = "") => setting.open(file, [...LOCAL, ...flags]);

const CERTIFIED = ["--tlscert", setting.own.certFile, "--tlskey", setting.own.keyFile];
/** Of a cluster with a name, which otherwise would be agreed on first. */
const MEMBER = ["--cluster", "nats://127.0.0.1:-1", "--cluster_name", "c1"];

async function monitored(broker: Broker, scheme: string): Promise<unknown> {
  const line = await broker.line(new RegExp(`Starting ${scheme} monitor on .*:\\d+$`));
  const url = `${scheme}://127.0.0.1:${line.split(":").at(-1)}/healthz`;
  return (await fetch(url, { tls: { ca: setting.ca } })).json();
}

const SERVER: readonly Row[] = [
  [
    "-a --addr --net",
    "that address is where it listens, whatever the file says",
    async (flag) => {
      await using server = await setting.open('host: "0.0.0.0"', ["-p", "-1", flag, "127.0.0.1"]);
      expect(await server.info()).toMatchObject({ host: "127.0.0.1" });
    },
  ],
  [
    "-p --port",
    "that port is where it listens, whatever the file says",
    async (flag) => {
      const port = await freePort();
      await using _server = await setting.open("port: 1", ["-a", "127.0.0.1", flag, String(port)]);
      await using client = await join(port);
      expect(client.info).toMatchObject({ port });
    },
  ],
  [
    "-P --pid",
    "the process id is in that file",
    async (flag) => {
      const file = setting.at(`${flag}.pid`);
      await using broker = await Broker.start({ flags: [flag, file] });
      expect(readFileSync(file, "utf8")).toBe(String(broker.child.pid));
    },
  ],
  [
    "-m --http_port",
    "the monitor answers on that port",
    async (flag) => {
      await using broker = await Broker.start({ flags: [flag, "-1"] });
      expect(await monitored(broker, "http")).toEqual({ status: "ok" });
    },
  ],
  [
    "-ms --https_port",
    "the monitor answers on that port, encrypted",
    async (flag) => {
      await using broker = await Broker.start({ flags: [flag, "-1", "--tls", ...CERTIFIED] });
      expect(await monitored(broker, "https")).toEqual({ status: "ok" });
    },
  ],
  [
    "-c --config",
    "that file is read",
    async (flag) => {
      const file = setting.at(`${flag}.conf`);
      writeFileSync(file, "max_payload: 77");
      await using broker = await Broker.start({ flags: [flag, file] });
      await using client = await join(broker.port);
      expect(client.info).toMatchObject({ max_payload: 77 });
    },
  ],
];

const LOGGING: readonly Row[] = [
  [
    "-l --log",
    "the log is in that file and not on standard error",
    async (flag) => {
      const file = setting.at(`${flag}.log`);
      const port = await freePort();
      const broker = new Broker({ port, flags: [flag, file, "-P", `${file}.pid`] });
      await using _broker = broker;
      await waitFor(() => readIfThere(file).includes("Server is ready"));
      expect(broker.lines).toEqual([]);
    },
  ],
  [
    "-T --logtime",
    "lines carry the time, and none with =false",
    async (flag) => {
      await using timed = await open([flag], "logtime: false");
      expect(timed.log()).toMatch(/^\[\d+\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} \[INF\] /);
      await using bare = await open([`${flag}=false`]);
      expect(bare.log()).toMatch(/^\[\d+\] \[INF\] /);
    },
  ],
  [
    "-s --syslog",
    "lines go to the syslog of this machine",
    async (flag) => {
      using syslog = new Syslog(setting.at(`${flag}.sock`));
      const paths = [syslog.address];
      await using _server = await setting.open("syslog: false", [...LOCAL, flag], paths);
      await syslog.hears(/^<29>.*Server is ready\n/m);
    },
  ],
  [
    "-r --remote_syslog",
    "lines go to that syslog",
    async (flag) => {
      using syslog = new Syslog();
      const elsewhere = 'remote_syslog: "tcp://127.0.0.1:1"';
      const flags = [...LOCAL, flag, syslog.address];
      await using _server = await setting.open(elsewhere, flags, ["/nowhere"]);
      await syslog.hears(/^<5>.*Server is ready\n/m);
    },
  ],
  ["-D --debug", "connections are in the log", (flag) => logged(flag, ["DBG"])],
  ["-V --trace", "operations are in the log", (flag) => logged(flag, ["TRC"])],
  ["-DV", "connections and operations are in the log", (flag) => logged(flag, ["DBG", "TRC"])],
];

/** After a client came, these kinds of lines are in the log, and of the two no others. */
async function logged(flag: string, kinds: readonly string[]): Promise<void> {
  await using server = await open([flag]);
  await using _client = await server.join();
  const found = [...server.log().matchAll(/\[(DBG|TRC)\] .*cid:/g)].map(([, kind]) => kind!);
  expect([...new Set(found)].toSorted()).toEqual([...kinds]);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const ACCESS: readonly Row[] = [
  [
    "--user",
    "that user gets in and nobody else",
    async (flag) => {
      await using server = await open([flag, "ann", "--pass", "hunter2"]);
      await using _ann = await server.join({ user: "ann", pass: "hunter2" });
      await server.refuses({ user: "bob", pass: "hunter2" });
      await server.refuses({});
    },
  ],
  [
    "--pass",
    "only with that password",
    async (flag) => {
      await using server = await open(["--user", "ann", flag, "hunter2"]);
      await using _ann = await server.join({ user: "ann", pass: "hunter2" });
      await server.refuses({ user: "ann", pass: "hunter3" });
    },
  ],
  [
    "--auth",
    "who has that token gets in and nobody else",
    async (flag) => {
      await using server = await open([flag, "hunter2"]);
      await using _client = await server.join({ auth_token: "hunter2" });
      await server.refuses({ auth_token: "hunter3" });
    },
  ],
  [
    "--tls",
    "clients have to encrypt",
    async (flag) => {
      await using server = await open([flag, ...CERTIFIED]);
      expect(await server.info()).toMatchObject({ tls_required: true });
      expect(await setting.greet(server.port)).toBeString();
      await using plain = await connect(server.port);
      await plain.says("CONNECT {}\r\nPING\r\n");
      await plain.hearsClose();
    },
  ],
  [
    "--tlscert --tlskey",
    "that certificate is shown, whatever the file says",
    async (flag) => {
      const file = 'tls { cert_file: "none.pem", key_file: "none.pem" }';
      await using server = await open(CERTIFIED, file);
      expect(await setting.greet(server.port)).toBeString();
      // Half of a pair is refused in words.
      const other = flag === "--tlscert" ? "--tlskey" : "--tlscert";
      expect(() => parseFlags([other, "x.pem"])).toThrow("needs a certificate and its key");
    },
  ],
  [
    "--tlsverify",
    "clients need a certificate",
    async (flag) => {
      await using server = await open([flag, ...CERTIFIED, "--tlscacert", setting.caFile]);
      expect(await setting.greet(server.port, setting.asAnn)).toBeString();
      expect(await setting.greet(server.port)).toBeUndefined();
    },
  ],
  [
    "--tlscacert",
    "client certificates are those of that authority",
    async (flag) => {
      await using known = await open(["--tlsverify", ...CERTIFIED, flag, setting.caFile]);
      expect(await setting.greet(known.port, setting.asAnn)).toBeString();
      await using stranger = await open(["--tlsverify", ...CERTIFIED, flag, setting.own.certFile]);
      expect(await setting.greet(stranger.port, setting.asAnn)).toBeUndefined();
    },
  ],
];

const CLUSTER: readonly Row[] = [
  [
    "--cluster --cluster_listen",
    "other servers connect there, as the user that it names",
    async (flag) => {
      await using one = await open(["--cluster_name", "c1", flag, "nats://r:hunter2@127.0.0.1:-1"]);
      const port = one.clusterPort;
      const knows = [...MEMBER, "--routes", `nats://r:hunter2@127.0.0.1:${port}`];
      await using two = await open(knows);
      await waitFor(() => two.others === 1);
      const guesses = [...MEMBER, "--routes", `nats://r:hunter3@127.0.0.1:${port}`];
      await using three = await open(guesses);
      await one.logs(/\[ERR\] .* authentication error/);
      expect(one.others).toBe(1);
      // It may have taken the other for one of its own until it was told.
      await waitFor(() => three.others === 0);
    },
  ],
  [
    "--routes",
    "it connects to those servers, instead of the file's",
    async (flag) => {
      await using one = await open([...MEMBER]);
      const url = `nats-route://127.0.0.1:${one.clusterPort}`;
      const file = 'cluster { name: c1, port: -1, routes: ["nats://127.0.0.1:1"] }';
      await using two = await open([flag, url], file);
      await waitFor(() => two.others === 1);
      expect(one.others).toBe(1);
    },
  ],
  [
    "--no_advertise",
    "clients hear of no other server",
    async (flag) => {
      await using one = await open([...MEMBER]);
      const routes = ["--routes", `nats://127.0.0.1:${one.clusterPort}`];
      await using two = await open([flag, ...MEMBER, ...routes]);
      await waitFor(() => two.others === 1);
      expect(await one.info()).toHaveProperty("connect_urls");
      expect(await two.info()).not.toHaveProperty("connect_urls");
    },
  ],
];

const PAGES: readonly Row[] = [
  [
    "--profile",
    "it is taken, with a warning that it has no effect",
    async (flag) => {
      const { warnings } = parseFlags([flag, "6060"]);
      expect(warnings).toEqual([`${flag.slice(1)} has no effect yet`]);
    },
  ],
];

const waitFor = (holds: () => boolean) => until(holds, String(holds));

const ALL = [...SERVER, ...LOGGING, ...ACCESS, ...CLUSTER, ...PAGES];

for (const [names, promise, prove] of ALL) {
  for (const name of names.split(" ")) test(`${name}: ${promise}`, () => prove(name));
}

for (const word of ["-v", "--version", "version"]) {
  midgeTest(`${word}: one line with the version`, async () => {
    expect((await run(word)).stdout).toMatch(/^midge: v\d+\.\d+\.\d+ \(NATS [\d.]+\)\n$/);
  });
}

for (const word of ["-h", "--help", "help"]) {
  midgeTest(`${word}: the page with all flags`, async () => {
    expect((await run(word)).stdout).toMatch(/^\s*Usage: /);
  });
}

midgeTest("--help_tls: the page with suites and curves", async () => {
  expect((await run("--help_tls")).stdout).toContain("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
});
