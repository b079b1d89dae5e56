// From a line of the configuration file to what a client, a browser or a log reader notices of it: every
// key and alias that takes effect by now, through the file, the options and a running server.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join as path } from "node:path";
import { TOP_KEYS } from "../../src/config/keys.ts";
import { Broker, freePort, until } from "../e2e/support.ts";
import { connect, join, type WireClient } from "../support/wire.ts";
import { ACCESS } from "./effects-access.ts";
import { MONITORING } from "./effects-monitor.ts";
import { root, Served, served, type Row } from "./served.ts";

const PAYLOAD_BYTES = 65_536;
const LARGE_MESSAGE = `PUB flood ${PAYLOAD_BYTES}\r\n${"x".repeat(PAYLOAD_BYTES)}\r\n`;
/** More of them than the kernel keeps for a connection that does not read. */
const FLOOD = 400;

/** A proof that INFO says these things. */
const informed = (fields: object) =>
  served(async (server) => expect(await server.info()).toMatchObject(fields));

const described = (fields: object) =>
  served(async ({ midge }) => expect(midge.describeForEvent()).toMatchObject(fields));

/** Keys that choose an address: nothing but the file may say where to listen. */
const listening =
  (prove: (server: Served) => Promise<void>, others = "") =>
  async (line: string): Promise<void> => {
    await using server = await Served.open(`${line}\n${others}`, []);
    await prove(server);
  };

const ADDRESSES: readonly Row[] = [
  [
    "cluster",
    "{ listen: '127.0.0.1:-1', name: east }",
    "it is one of many",
    informed({ cluster: "east" }),
  ],
  [
    "listen",
    '"127.0.0.1:-1"',
    "a free port of that address",
    listening(async (server) => {
      expect(server.port).toBeGreaterThan(0);
      expect(await server.info()).toMatchObject({ host: "127.0.0.1", port: server.port });
    }),
  ],
  [
    "listen",
    "-1",
    "a free port of every address",
    listening(async (server) => {
      expect(await server.info()).toMatchObject({ host: "0.0.0.0", port: server.port });
    }),
  ],
  [
    "host net",
    '"127.0.0.1"',
    "that address alone",
    listening(async (server) => {
      expect(await server.info()).toMatchObject({ host: "127.0.0.1" });
    }, "port: -1"),
  ],
  [
    "port",
    "PORT",
    "that port",
    async (line) => {
      const port = await freePort();
      const text = `host: "127.0.0.1"\n${line.replace("PORT", String(port))}`;
      await using server = await Served.open(text, []);
      await using client = await join(port);
      expect(client.info).toMatchObject({ port, server_id: server.midge.serverId });
    },
  ],
  [
    "client_advertise",
    '"nats.example.com:4333"',
    "INFO gives it as the address",
    informed({ host: "nats.example.com", port: 4333 }),
  ],
  [
    "client_advertise",
    '"nats.example.com"',
    "INFO gives it with the real port",
    served(async (server) => {
      const expected = { host: "nats.example.com", port: server.port };
      expect(await server.info()).toMatchObject(expected);
    }),
  ],
  ["server_name", "east", "INFO gives it as the name", informed({ server_name: "east" })],
  ["server_tags", "[East, ssd]", "events name them", described({ tags: ["east", "ssd"] })],
  [
    "server_metadata",
    '{ owner: "ops" }',
    "events tell of it",
    described({ metadata: { owner: "ops" } }),
  ],
];

const LIMITS: readonly Row[] = [
  [
    "max_connections max_conn",
    "1",
    "a second client is turned away",
    served(async (server) => {
      await using first = await server.join();
      await using second = await connect(server.port);
      await second.hears("-ERR 'maximum connections exceeded'\r\n");
      await second.hearsClose();
      await first.silent();
    }),
  ],
  [
    "max_connections max_conn",
    "0",
    "nobody gets in",
    served(async (server) => {
      await using client = await connect(server.port);
      await client.hears("-ERR 'maximum connections exceeded'\r\n");
      await client.hearsClose();
    }),
  ],
  [
    "max_subscriptions max_subs",
    "2",
    "a third subscription is refused",
    served(async (server) => {
      await using client = await server.join();
      await client.says("SUB a 1\r\nSUB b 2\r\nSUB c 3\r\n");
      await client.hears("-ERR 'maximum subscriptions exceeded'\r\n");
      await client.silent();
    }),
  ],
  [
    "max_sub_tokens max_subscription_tokens",
    "2",
    "a subject of three tokens is refused",
    served(async (server) => {
      await using client = await server.join();
      await client.says("SUB a.b 1\r\nSUB a.b.c 2\r\n");
      const subject = 'Subscription to "a.b.c", too many tokens';
      await client.hears(`-ERR 'Permissions Violation for ${subject}'\r\n`);
      await client.silent();
    }),
  ],
  [
    "max_control_line",
    "64",
    "a longer line ends the connection",
    served(async (server) => {
      await using client = await server.join();
      await client.says(`SUB ${"a".repeat(58)} 1\r\n`);
      await client.silent();
      await client.says(`SUB ${"a".repeat(70)} 2\r\n`);
      await client.hears("-ERR 'maximum control line exceeded'\r\n");
      await client.hearsClose();
    }, "server_name: long"),
  ],
  [
    "max_payload",
    "16",
    "INFO says so, and a larger message ends the connection",
    served(async (server) => {
      await using client = await server.join();
      expect(client.info).toMatchObject({ max_payload: 16 });
      await client.says(`SUB a 1\r\nPUB a 16\r\n${"x".repeat(16)}\r\nPUB a 17\r\n`);
      await client.hears(`MSG a 1 16\r\n${"x".repeat(16)}\r\n`);
      await client.hears("-ERR 'Maximum Payload Violation'\r\n");
      await client.hearsClose();
    }),
  ],
  [
    "max_pending",
    "1MB",
    "a client for whom more waits is closed",
    served(async (server) => {
      await using _slow = await pausedReader(server);
      await using publisher = await server.join();
      // Behind a slow reader the publisher waits, too.
      void publisher.says(LARGE_MESSAGE.repeat(FLOOD));
      await server.logs(/Slow Consumer Detected: MaxPending of 1048576 Exceeded/);
    }),
  ],
  [
    "write_deadline",
    '"150ms"',
    "a client that takes nothing for so long is closed",
    served(async (server) => {
      await using _slow = await pausedReader(server);
      await using publisher = await server.join();
      await publisher.says(LARGE_MESSAGE.repeat(FLOOD));
      await server.logs(/Slow Consumer Detected: WriteDeadline of 150ms exceeded/);
    }),
  ],
  [
    "no_fast_producer_stall",
    "true",
    "a slow client misses messages and stays",
    served(async (server) => {
      await using slow = await pausedReader(server);
      await using publisher = await server.join();
      for (let i = 0; i < FLOOD; i++) {
        await publisher.says(LARGE_MESSAGE);
        await publisher.silent();
      }
      expect(server.log()).not.toContain("Slow Consumer");
      slow.resume();
      await slow.says("PING\r\n");
      let heard = 0;
      while ((await slow.hearsItem()) !== "PONG\r\n") heard++;
      expect(heard).toBeWithin(1, FLOOD);
    }, "max_pending: 1MB"),
  ],
  [
    "ping_interval",
    '"40ms"',
    "a silent client is asked whether it is there",
    served(async (server) => {
      await using client = await server.join();
      await client.hears("PING\r\n");
      await client.says("PONG\r\n");
      await client.hears("PING\r\n");
    }),
  ],
  [
    "ping_max",
    "1",
    "after one PING without an answer a client is stale",
    served(async (server) => {
      await using client = await server.join();
      await client.hears("PING\r\n-ERR 'Stale Connection'\r\n");
      await client.hearsClose();
    }, 'ping_interval: "40ms"'),
  ],
  [
    "ping_max",
    "3",
    "after three PINGs without an answer a client is stale",
    served(async (server) => {
      await using client = await server.join();
      await client.hears("PING\r\nPING\r\nPING\r\n-ERR 'Stale Connection'\r\n");
      await client.hearsClose();
    }, 'ping_interval: "40ms"'),
  ],
  [
    "no_header_support",
    "true",
    "INFO says so, and who publishes headers is closed",
    served(async (server) => {
      await using client = await server.join({ headers: true });
      expect(client.info).toMatchObject({ headers: false });
      await client.says("HPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n");
      await client.hearsClose();
    }),
  ],
];

async function pausedReader(server: Served): Promise<WireClient> {
  const client = await server.join();
  await client.says("SUB flood 1\r\n");
  await client.silent();
  client.pause();
  return client;
}

const LAME_DUCKS: readonly Row[] = [
  [
    "lame_duck_grace_period",
    '"60ms"',
    "nobody is closed before it is over, and the first one right after",
    served(async (server) => {
      await using client = await server.join();
      const start = performance.now();
      const leaving = server.midge.lameDuck();
      await client.hearsClose();
      expect(performance.now() - start).toBeWithin(55, 5000);
      await leaving;
    }),
  ],
  [
    "lame_duck_duration",
    '"30s"',
    "the clients go one by one, in that time together",
    served(async (server) => {
      // Of 300 clients one goes every 50 to 100 ms; with the default it would be 200 to 400 ms.
      const clients = await Promise.all(Array.from({ length: 300 }, () => connect(server.port)));
      const gone = () => clients.filter((client) => client.closed).length;
      const start = performance.now();
      void server.midge.lameDuck();
      await until(() => gone() >= 5, "five clients are gone");
      expect(performance.now() - start).toBeWithin(190, 790);
      expect(gone()).toBeLessThan(20);
      await server.midge.stop();
      for (const client of clients) await client[Symbol.asyncDispose]();
    }, 'lame_duck_grace_period: "1ms"'),
  ],
];

/** One client that is seen in a debug log and whose message is seen in a trace. */
async function talk(server: Served): Promise<void> {
  await using client = await server.join();
  await client.says("SUB a 1\r\nPUB a 5\r\nhello\r\n");
  await client.hears("MSG a 1 5\r\nhello\r\n");
}

/** What the log says after that. */
async function logOfTalk(server: Served): Promise<string> {
  await talk(server);
  return server.log();
}

const traced = served(async (server) => {
  expect(await logOfTalk(server)).toMatch(/\[TRC\] .*<<- \[PUB a 5\]$/m);
});

const LOGGING: readonly Row[] = [
  [
    "debug",
    "true",
    "connections are logged",
    served(async (server) => {
      const log = await logOfTalk(server);
      expect(log).toMatch(/\[DBG\] .*Client connection created$/m);
      expect(log).not.toContain("[TRC]");
    }),
  ],
  [
    "trace",
    "true",
    "operations are logged",
    served(async (server) => {
      const log = await logOfTalk(server);
      expect(log).toMatch(/\[TRC\] .*<<- \[PUB a 5\]$/m);
      expect(log).not.toContain("[DBG]");
    }),
  ],
  ["trace_verbose", "true", "operations are logged", traced],
  [
    "trace_headers",
    "true",
    "operations and the headers of messages are logged, payloads are not",
    served(async (server) => {
      await using client = await server.join({ headers: true });
      const message = "22 27\r\nNATS/1.0\r\nFoo: Bar\r\n\r\nhello\r\n";
      await client.says(`SUB a 1\r\nHPUB a ${message}`);
      await client.hears(`HMSG a 1 ${message}`);
      const log = server.log();
      expect(log).toMatch(/\[TRC\] .*<<- \[HPUB a 22 27\]$/m);
      expect(log).toContain(String.raw`<<- MSG_PAYLOAD: ["NATS/1.0\r\nFoo: Bar"]`);
      expect(log).not.toContain("hello");
    }),
  ],
  [
    "max_traced_msg_len",
    "3",
    "payloads are cut in the trace",
    served(async (server) => {
      expect(await logOfTalk(server)).toContain('<<- MSG_PAYLOAD: ["hel..."]');
    }, "trace: true"),
  ],
  [
    "logtime",
    "false",
    "lines carry no time",
    served(async (server) => {
      for (const line of server.log().trimEnd().split("\n")) {
        expect(line).toMatch(/^\[\d+\] \[[A-Z]{3}\] /);
      }
    }),
  ],
  [
    "logtime_utc",
    "true",
    "the time is that of Greenwich",
    async (line) => {
      const zone = process.env.TZ;
      process.env.TZ = "Asia/Tokyo";
      try {
        await using server = await Served.open(line);
        const [, day, time] = /^\[\d+\] (\S+) (\S+)\.\d{6} /.exec(server.log()) ?? [];
        const shown = Date.parse(`${day?.replaceAll("/", "-")}T${time}Z`);
        expect(Math.abs(Date.now() - shown)).toBeLessThan(60_000);
      } finally {
        if (zone === undefined) delete process.env.TZ;
        else process.env.TZ = zone;
      }
    },
  ],
  [
    "logfile log_file",
    '"$DIR/a.log"',
    "lines go there",
    served(async (server) => expect(server.log("a.log")).toContain("Server is ready")),
  ],
  [
    "logfile_size_limit log_size_limit",
    "600",
    "a file that is full is set aside",
    served(async (server) => {
      for (let i = 0; i < 10; i++) await talk(server);
      expect(readdirSync(server.folder).length).toBeGreaterThan(3);
    }, 'debug: true\nlog_file: "$DIR/a.log"'),
  ],
  [
    "logfile_max_num log_max_num",
    "2",
    "no more files are kept",
    served(async (server) => {
      for (let i = 0; i < 10; i++) await talk(server);
      const logs = readdirSync(server.folder).filter((name) => name.startsWith("a.log"));
      expect(logs.length).toBe(2);
    }, 'debug: true\nlog_file: "$DIR/a.log"\nlog_size_limit: 600'),
  ],
  [
    "syslog",
    "true",
    "lines go to the syslog of this machine",
    async (line) => {
      using syslog = new FakeSyslog({ unix: path(root, "dev-log") });
      await using _server = await Served.open(line, undefined, [syslog.address]);
      await syslog.hears(/<29>[A-Z][a-z]{2} .*Server is ready\n/);
    },
  ],
  [
    "remote_syslog",
    '"tcp://127.0.0.1:PORT"',
    "lines go to that syslog",
    async (line) => {
      using syslog = new FakeSyslog({ hostname: "127.0.0.1", port: 0 });
      await using _server = await Served.open(line.replace("PORT", syslog.address));
      await syslog.hears(/<5>\d{4}-.*Server is ready\n/);
    },
  ],
];

/** A syslog for streams that keeps what it hears. */
class FakeSyslog implements Disposable {
  /** Its path or its port. */
  readonly address: string;
  readonly #listener: { stop(force: boolean): void };
  #heard = "";

  constructor(place: { unix: string } | { hostname: string; port: number }) {
    const socket = {
      data: (_: unknown, chunk: Buffer) => void (this.#heard += chunk.toString()),
    };
    if ("unix" in place) {
      this.address = place.unix;
      this.#listener = Bun.listen({ ...place, socket });
    } else {
      const listener = Bun.listen({ ...place, socket });
      this.address = String(listener.port);
      this.#listener = listener;
    }
  }

  async hears(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.#heard), `the syslog hears ${pattern}`);
  }

  [Symbol.dispose](): void {
    this.#listener.stop(true);
  }
}

/** What the executable alone does: a proof about one that was told this line. */
const executed =
  (prove: (broker: Broker, folder: string) => Promise<void>) =>
  async (line: string): Promise<void> => {
    const folder = mkdtempSync(path(root, "executed-"));
    const file = path(folder, "midge.conf");
    writeFileSync(file, line.replaceAll("$DIR", folder));
    await using broker = await Broker.start({ flags: ["-c", file] });
    await prove(broker, folder);
  };

const FILES: readonly Row[] = [
  [
    "pidfile pid_file",
    '"$DIR/a.pid"',
    "the pid is written there",
    executed(async (broker, folder) => {
      expect(readFileSync(path(folder, "a.pid"), "utf8")).toBe(String(broker.child.pid));
    }),
  ],
  [
    "ports_file_dir",
    '"$DIR"',
    "the ports are written there",
    executed(async (broker, folder) => {
      const written = () => readdirSync(folder).find((name) => name.endsWith(".ports"));
      await until(() => written() !== undefined, "the file is there");
      const text = readFileSync(path(folder, written()!), "utf8");
      expect(text).toContain(broker.url);
    }),
  ],
];

/** Set options that nothing follows before routes exist. */
const LATER: readonly string[] = [
  "connect_error_reports",
  "reconnect_error_reports",
  // The server has no messages of its own yet.
  "no_system_account no_system no_sys_acc",
];

const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  "where it listens and who it is": ADDRESSES,
  "its limits": LIMITS,
  "how it leaves": LAME_DUCKS,
  "its log": LOGGING,
  "its files": FILES,
  "who gets in": ACCESS,
  "its monitor": MONITORING,
};

for (const [title, group] of Object.entries(GROUPS)) {
  describe(title, () => {
    for (const [names, value, promise, prove] of group) {
      for (const name of names.split(" ")) {
        test(`${name}: ${value}: ${promise}`, () => prove(`${name}: ${value}`));
      }
    }
  });
}

test("every name of every key that sets an option is proved above", () => {
  const setting = TOP_KEYS.filter(({ effect }) => effect.kind === "sets");
  const known = setting.map(({ names }) => names.join(" "));
  const proved = Object.values(GROUPS).flatMap((group) => group.map(([names]) => names));
  expect([...new Set([...proved, ...LATER])].toSorted()).toEqual(known.toSorted());
});
