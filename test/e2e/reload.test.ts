// A running server whose configuration file changes: SIGHUP takes what can change while clients stay
// connected, and leaves everything as it was when something cannot.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join as path } from "node:path";
import { configOfRound, reloadUnderLoad } from "../../scripts/soak.ts";
import { LogLines } from "../support/peer.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";
import {
  Broker,
  executable,
  freePort,
  isMidge,
  midgeTest,
  temporaryFolder,
  until,
  within,
} from "./support.ts";

const STALE = "-ERR 'Stale Connection'";
const TOO_MANY = "-ERR 'maximum connections exceeded'\r\n";

/** A running executable and its configuration file. */
class Stage implements AsyncDisposable {
  readonly broker: Broker;
  readonly #folder: ReturnType<typeof temporaryFolder>;

  static async open(config: string, ...flags: string[]): Promise<Stage> {
    const folder = temporaryFolder();
    const file = path(folder.path, "midge.conf");
    writeFileSync(file, config);
    return new Stage(folder, await Broker.start({ flags: ["-c", file, ...flags] }));
  }

  private constructor(folder: ReturnType<typeof temporaryFolder>, broker: Broker) {
    this.#folder = folder;
    this.broker = broker;
  }

  get port(): number {
    return this.broker.port;
  }

  /** A file beside the configuration. */
  at(name: string): string {
    return path(this.#folder.path, name);
  }

  /** Reloads this configuration and gives the texts of what was logged on the way. */
  async reload(config: string): Promise<string[]> {
    writeFileSync(this.at("midge.conf"), config);
    return reload(this.broker);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

const LAST = /\[INF\] Reloaded server configuration|\[ERR\] Failed to reload server configuration/;

/** Asks for a reload and gives `INF text` for each line from the signal on to the verdict. */
async function reload(broker: Broker): Promise<string[]> {
  const from = broker.lines.length;
  const since = () => broker.lines.slice(from);
  broker.child.kill("SIGHUP");
  await until(() => since().some((line) => LAST.test(line)), "a verdict on the reload is logged");
  return since().map((line) => line.replace(/^.*? \[([A-Z]{3})\] /, "$1 "));
}

const TRAPPED = 'INF Trapped "hangup" signal';
const RELOADED = expect.stringMatching(
  /^INF Reloaded server configuration \(sha256:[\da-f]{64}\)$/,
);

const saying = (...lines: string[]) => [TRAPPED, ...lines.map((line) => `INF ${line}`), RELOADED];

/** The one message of a refused reload, without its beginning. */
async function refusal(stage: Stage, config: string): Promise<string> {
  const [first, error = "", ...rest] = await stage.reload(config);
  expect({ first, rest }).toEqual({ first: TRAPPED, rest: [] });
  expect(error).toStartWith("ERR Failed to reload server configuration: ");
  return error.slice("ERR Failed to reload server configuration: ".length);
}

async function infoOf(stage: Stage): Promise<Readonly<Record<string, unknown>>> {
  await using client = await connect(stage.port);
  return client.info;
}

/** The words of the log are ours. */
function midgeSuite(name: string, body: () => void): void {
  if (isMidge) describe(name, body);
  else describe.skip(`${name} (Midge only: nats-server says it in other words)`, body);
}

midgeSuite("a reload changes at once", () => {
  test("max_payload for those who are there and for those who come", async () => {
    await using stage = await Stage.open("");
    await using bold = await join(stage.port);
    await using modest = await join(stage.port);
    const said = await stage.reload("max_payload: 1KB");
    expect(said).toEqual(saying("Reloaded: max_payload = 1024"));
    await modest.says(`SUB a 1\r\nPUB a 1024\r\n${"x".repeat(1024)}\r\n`);
    await modest.hears(`MSG a 1 1024\r\n${"x".repeat(1024)}\r\n`);
    await bold.says("PUB a 1025\r\n");
    await bold.hears("-ERR 'Maximum Payload Violation'\r\n");
    await bold.hearsClose();
    expect((await infoOf(stage))["max_payload"]).toBe(1024);

    await stage.reload("max_payload: 2MB");
    const large = "x".repeat(1_500_000);
    await modest.says(`PUB a 1500000\r\n${large}\r\n`);
    await modest.hears(`MSG a 1 1500000\r\n${large}\r\n`);
  });

  test("max_control_line for those who are there", async () => {
    await using stage = await Stage.open("");
    await using client = await join(stage.port);
    const long = `SUB ${"a".repeat(200)} 1\r\n`;
    await client.says(long);
    await client.silent();
    const said = await stage.reload("max_control_line: 100");
    expect(said).toEqual(saying("Reloaded: max_control_line = 100"));
    await client.silent();
    await client.says(long);
    await client.hears("-ERR 'maximum control line exceeded'\r\n");
    await client.hearsClose();
  });

  test("ping_interval and ping_max from the next ping on", async () => {
    await using stage = await Stage.open('ping_interval: "100ms", ping_max: 100');
    await using client = await join(stage.port);
    await client.hears("PING\r\n");
    const said = await stage.reload('ping_interval: "20ms", ping_max: 1');
    expect(said).toEqual(saying("Reloaded: ping_interval = 20ms", "Reloaded: ping_max = 1"));
    let heard = "PING";
    while (heard === "PING") heard = await client.hearsLine();
    expect(heard).toBe(STALE);
    await client.hearsClose();
  });

  test("max_connections, and sends away those who are too many", async () => {
    await using stage = await Stage.open("");
    const clients = await Promise.all([1, 2, 3].map(() => join(stage.port)));
    const said = await stage.reload("max_connections: 1");
    expect(said).toEqual(
      saying(
        "Reloaded: max_connections = 1",
        "Closed 2 connections to fall within max_connections",
      ),
    );
    const endings = await Promise.all(clients.map(firstItem));
    expect(endings.toSorted()).toEqual([TOO_MANY, TOO_MANY, "PONG\r\n"]);
    await using late = await connect(stage.port);
    await late.hears(TOO_MANY);
    await late.hearsClose();

    await stage.reload("max_connections: 2");
    await using welcome = await join(stage.port);
    await welcome.silent();
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  test("debug and trace, on and off again", async () => {
    await using stage = await Stage.open("");
    const { broker } = stage;
    await using client = await join(stage.port);
    expect(await stage.reload("debug: true, trace: true")).toEqual(
      saying("Reloaded: debug = true", "Reloaded: trace = true"),
    );
    await client.says("PUB seen 0\r\n\r\n");
    await broker.line(/\[TRC\] .*<<- \[PUB seen 0\]$/);
    await using _watched = await connect(stage.port);
    await broker.line(/\[DBG\] .*Client connection created$/);

    await stage.reload("debug: false");
    const from = broker.lines.length;
    await client.says("PUB unseen 0\r\n\r\n");
    await client.silent();
    await using _unwatched = await connect(stage.port);
    // Lines come in order: what was traced before this one would be there.
    await stage.reload("debug: true");
    const levels = broker.lines.slice(from).map((line) => /\[([A-Z]{3})\]/.exec(line)?.[1]);
    expect(new Set(levels)).toEqual(new Set(["INF"]));
  });

  test("logtime", async () => {
    await using stage = await Stage.open("");
    await stage.reload("logtime: false");
    await stage.broker.line(/^\[\d+\] \[INF\] Reloaded server configuration/);
  });

  test("log_file: from standard error to a file, to another, and back", async () => {
    await using stage = await Stage.open("");
    const { broker } = stage;
    const logs = [stage.at("a.log"), stage.at("b.log")];
    const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
    for (const file of logs) {
      const from = broker.lines.length;
      writeFileSync(stage.at("midge.conf"), `log_file: "${file}"`);
      broker.child.kill("SIGHUP");
      await until(() => /Reloaded server conf/.test(read(file)), `${basename(file)} is written`);
      const said = broker.lines.slice(from).join("\n");
      expect(said).not.toContain("Reloaded server configuration");
    }
    expect(read(logs[0]!).match(/Reloaded server configuration/g)?.length).toBe(1);
    await stage.reload("");
    expect(read(logs[1]!).match(/Reloaded server configuration/g)?.length).toBe(1);
  });

  test("client_advertise for those who come", async () => {
    await using stage = await Stage.open("");
    expect(await infoOf(stage)).toMatchObject({ host: "127.0.0.1", port: stage.port });
    const said = await stage.reload('client_advertise: "nats.example.com:4333"');
    expect(said).toEqual(saying("Reload: client_advertise = nats.example.com:4333"));
    expect(await infoOf(stage)).toMatchObject({ host: "nats.example.com", port: 4333 });
    await stage.reload("");
    expect(await infoOf(stage)).toMatchObject({ host: "127.0.0.1", port: stage.port });
  });

  test("pid_file: the new one is written, the old one stays", async () => {
    await using stage = await Stage.open("");
    const [first, second] = [stage.at("a.pid"), stage.at("b.pid")];
    const pid = String(stage.broker.child.pid);
    expect(await stage.reload(`pid_file: "${first}"`)).toContain(
      `INF Reloaded: pid_file = ${first}`,
    );
    expect(readFileSync(first, "utf8")).toBe(pid);
    await stage.reload(`pid_file: "${second}"`);
    expect([first, second].map((file) => readFileSync(file, "utf8"))).toEqual([pid, pid]);
  });

  test("a pid file that cannot be written refuses the whole reload", async () => {
    await using stage = await Stage.open("");
    const file = stage.at("nowhere/a.pid");
    const said = await stage.reload(`pid_file: "${file}", max_payload: 1KB`);
    const reason = `Could not write pidfile: ${file}: no such file or directory`;
    expect(said).toContain(`ERR Failed to reload server configuration: ${reason}`);
    expect((await infoOf(stage))["max_payload"]).toBe(1_048_576);
  });

  test("ports_file_dir: the file is written, and gone after the end", async () => {
    await using stage = await Stage.open("");
    const folder = stage.at("");
    await stage.reload(`ports_file_dir: "${folder}"`);
    const file = stage.at(`${basename(executable)}_${stage.broker.child.pid}.ports`);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ nats: [stage.broker.url] });
    expect(await stage.broker.stop()).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  test("nothing, when nothing has changed", async () => {
    await using stage = await Stage.open("max_payload: 1KB");
    expect(await stage.reload("max_payload: 1KB # still")).toEqual(saying());
  });

  test("what an included file and a variable say", async () => {
    await using stage = await Stage.open("");
    writeFileSync(stage.at("limits.conf"), "LIMIT: 2KB\nmax_payload: $LIMIT\n");
    await stage.reload("include limits.conf");
    expect((await infoOf(stage))["max_payload"]).toBe(2048);
    writeFileSync(stage.at("limits.conf"), "LIMIT: 4KB\nmax_payload: $LIMIT\n");
    await reload(stage.broker);
    expect((await infoOf(stage))["max_payload"]).toBe(4096);
  });
});

/** The first thing that a client hears now; an answer to its PING, unless it was sent away. */
async function firstItem(client: WireClient): Promise<string | undefined> {
  await client.says("PING\r\n");
  const item = await client.hearsItem();
  if (item === TOO_MANY) await client.hearsClose();
  return item;
}

midgeSuite("a reload changes nothing", () => {
  test("when a part of it needs a restart, which it names", async () => {
    await using stage = await Stage.open("max_payload: 1KB\nmax_subs: 5\nserver_name: west");
    await using client = await join(stage.port);
    const wanted = "max_payload: 2KB, max_subs: 6, server_name: east, trace: true";
    expect(await refusal(stage, wanted)).toBe(
      "config reload not supported for ServerName: old=west, new=east; MaxSubs: old=5, new=6",
    );
    expect((await infoOf(stage))["max_payload"]).toBe(1024);
    await client.silent();
    // The right file is taken afterwards, and compared with what is still in force.
    const said = await stage.reload("max_payload: 2KB, max_subs: 5, server_name: west");
    expect(said).toEqual(saying("Reloaded: max_payload = 2048"));
    expect(stage.broker.lines.filter((line) => line.includes("[TRC]"))).toEqual([]);
  });

  test("when the port is another one", async () => {
    using folder = temporaryFolder();
    const file = path(folder.path, "midge.conf");
    const port = await freePort();
    writeFileSync(file, `listen: "127.0.0.1:${port}"`);
    // Without the flags of a Broker, which would win over the file.
    const child = Bun.spawn([executable, "-c", file], { stdout: "ignore", stderr: "pipe" });
    try {
      const log = new LogLines();
      void log.read(child.stderr);
      await log.line(/Server is ready$/);
      await using client = await join(port);
      writeFileSync(file, 'listen: "127.0.0.1:4222"\ndebug: true');
      child.kill("SIGHUP");
      await log.line(
        new RegExp(
          `\\[ERR\\] Failed to reload server configuration: ` +
            `config reload not supported for Port: old=${port}, new=4222$`,
        ),
      );
      await client.silent();
      await using _another = await join(port);
      expect(log.text()).not.toContain("[DBG]");
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
  });

  test("when the file is broken, or wrong, or gone; all that is wrong is named", async () => {
    await using stage = await Stage.open("max_payload: 1KB");
    await using client = await join(stage.port);
    const file = stage.at("midge.conf");
    expect(await refusal(stage, 'max_payload: "2KB')).toStartWith(`${file}:1:`);
    expect(await refusal(stage, "max_paylod: 2KB")).toBe(
      `${file}:1:1: max_paylod: unknown key; did you mean max_payload?`,
    );
    expect(await refusal(stage, "max_payload: 100MB")).toContain("max_pending");
    const several = await stage.reload("max_payload: big\nmax_subs: few");
    expect(several.slice(1)).toEqual([
      expect.stringContaining(`Failed to reload server configuration: ${file}:1:1: max_payload`),
      expect.stringContaining(`Failed to reload server configuration: ${file}:2:1: max_subs`),
    ]);
    rmSync(file);
    const said = await reload(stage.broker);
    expect(said.at(-1)).toBe(
      `ERR Failed to reload server configuration: open ${file}: no such file or directory`,
    );
    expect((await infoOf(stage))["max_payload"]).toBe(1024);
    await client.silent();
  });

  test("when it asks for a protection that is not enforced; secrets stay secret", async () => {
    await using stage = await Stage.open("");
    await using client = await join(stage.port);
    const file = stage.at("midge.conf");
    const said = await refusal(
      stage,
      "resolver: MEMORY\nauthorization { token: hunter2 }\nmax_payload: 1KB",
    );
    expect(said).toStartWith(`${file}:1:1: resolver: is not enforced yet`);
    await client.silent();
    expect((await infoOf(stage))["max_payload"]).toBe(1_048_576);
    expect(stage.broker.lines.join("\n")).not.toContain("hunter2");
  });

  test("when the new log file cannot be opened", async () => {
    await using stage = await Stage.open("max_payload: 1KB");
    const file = stage.at("nowhere/a.log");
    expect(await refusal(stage, `log_file: "${file}", max_payload: 2KB`)).toBe(
      `can't open the log file ${file}: no such file or directory`,
    );
    expect((await infoOf(stage))["max_payload"]).toBe(1024);
  });

  test("when there is no configuration file", async () => {
    await using broker = await Broker.start();
    await using client = await join(broker.port);
    expect(await reload(broker)).toEqual([
      TRAPPED,
      "ERR Failed to reload server configuration: " +
        "can only reload config when a file is provided using -c or --config",
    ]);
    await client.silent();
  });
});

midgeTest("flags given at the start win after a reload, too", async () => {
  const flags = ["-n", "fixed", "-D", "-T=false", "--client_advertise", "here:1"];
  await using stage = await Stage.open("server_name: a, debug: false, max_payload: 1KB", ...flags);
  const next = "server_name: b, debug: false, logtime: true, port: 4222, max_payload: 2KB";
  const said = await stage.reload(`${next}, client_advertise: there`);
  expect(said).toEqual(saying("Reloaded: max_payload = 2048"));
  expect(await infoOf(stage)).toMatchObject({ server_name: "fixed", host: "here", port: 1 });
  await stage.broker.line(/^\[\d+\] \[DBG\] .*Client connection created$/);
});

midgeTest("of reloads in a row the last file counts", async () => {
  await using stage = await Stage.open("");
  const file = stage.at("midge.conf");
  for (let round = 1; round <= 10; round++) {
    writeFileSync(file, `max_payload: ${round}KB`);
    stage.broker.child.kill("SIGHUP");
  }
  await stage.broker.line(/Reloaded: max_payload = 10240$/);
  expect((await infoOf(stage))["max_payload"]).toBe(10_240);
});

midgeTest("messages in flight are not lost and nobody is dropped while it reloads", async () => {
  await using stage = await Stage.open(configOfRound(0));
  const figures = await within(
    reloadUnderLoad({
      url: stage.broker.url,
      clients: 10,
      reloads: 20,
      reload: async (round) => {
        expect((await stage.reload(configOfRound(round))).at(-1)).toEqual(RELOADED);
      },
    }),
    () => "20 reloads under load",
  );
  expect(figures).toMatchObject({ received: figures.sent, astray: 0, dropped: 0 });
  expect(figures.sent).toBeGreaterThan(1000);
});

midgeTest("a client that connects in the middle of a reload is served", async () => {
  await using stage = await Stage.open(configOfRound(0));
  for (let round = 1; round <= 10; round++) {
    const reloading = stage.reload(configOfRound(round));
    await using client = await connect(stage.port);
    await client.says(connectLine() + "SUB a 1\r\nPUB a 2\r\nhi\r\n");
    await client.hears("MSG a 1 2\r\nhi\r\n");
    await reloading;
  }
});
