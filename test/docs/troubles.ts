// The troubles that docs/troubleshooting.md tells of, brought about with servers in this process, so that the
// log lines that it shows are those that people see.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions } from "../../src/config/load.ts";
import { Midge, type MidgeOptions } from "../../src/index.ts";
import { TestAuthority } from "../support/certificates.ts";
import type { LogLines } from "../support/peer.ts";
import { secret } from "../support/secrets.ts";
import { connect, connectLine, join as joinServer } from "../support/wire.ts";

const PASSWORD = secret("troubled-password");
const MAX_PENDING = 2 << 20;

export class Troubles implements AsyncDisposable {
  readonly #log: LogLines;
  readonly #folder: string;
  readonly #stack = new AsyncDisposableStack();

  constructor(log: LogLines, folder: string) {
    this.#log = log;
    this.#folder = folder;
  }

  async all(): Promise<void> {
    this.files();
    await Promise.all([
      this.logins(),
      this.ports(),
      this.encryption(),
      this.cluster(),
      this.reload(),
    ]);
    await this.slowConsumer();
  }

  /** Logins, permissions and payloads that are not right. */
  async logins(): Promise<void> {
    const { port } = await this.#start({
      maxPayload: 1024,
      maxConnections: 1_000_000_000,
      authorization: {
        users: [{ user: "ann", password: PASSWORD, permissions: { publish: ["pub.>"] } }],
      },
    });
    await using stranger = await connect(port);
    await stranger.says(connectLine({ user: "ann", pass: "wrong" }));
    await using ann = await joinServer(port, { user: "ann", pass: PASSWORD });
    await ann.says("PUB other 1\r\nx\r\nPUB pub.a 2000\r\n");
    await this.#log.line(/maximum payload exceeded/);
  }

  async ports(): Promise<void> {
    const { port, monitorUrl = "" } = await this.#start({ httpPort: -1 });
    await this.#refused({ port });
    await this.#refused({ httpPort: Number(new URL(monitorUrl).port) });
  }

  async encryption(): Promise<void> {
    using authority = await TestAuthority.create("troubles");
    const { certFile, keyFile } = await authority.issue({});
    const { port } = await this.#start({ tls: { certFile, keyFile } });
    await using plain = await connect(port);
    await plain.says("CONNECT {}\r\n");
    await this.#log.line(/first record does not look like/);
    const tls = { certFile, keyFile, handshakeFirst: true, timeout: 100 };
    const first = await this.#start({ tls });
    const waiting = await Bun.connect({
      hostname: "127.0.0.1",
      port: first.port,
      socket: { data: () => {} },
    });
    await this.#log.line(/TLS handshake timeout/);
    waiting.end();
  }

  /** Servers that do not fit together. */
  async cluster(): Promise<void> {
    const authorization = { user: "route", password: PASSWORD };
    const own = { port: -1, host: "127.0.0.1", authorization };
    const port = await this.#clusterPort("n1", { ...own, name: "east" });
    const to = (password: string) => [`nats://route:${password}@127.0.0.1:${port}`];
    await this.#clusterPort("n2", { ...own, name: "west", routes: to(PASSWORD) });
    await this.#clusterPort("n1", { ...own, name: "east", routes: to(PASSWORD) });
    await this.#clusterPort("n3", { ...own, name: "east", routes: to("wrong") });
    // Nothing listens on port 1.
    await this.#clusterPort("n4", { ...own, name: "east", routes: ["nats://127.0.0.1:1"] });
  }

  /** What `midge -t` and a start say of files and flags. */
  files(): void {
    this.#load('port: 4222\noperator: "op.jwt"\n');
    this.#load("port: 4222\njetstream: enabled\n");
    this.#load(
      'port: 4222\n\nleafnodes { port: 7422 }\naccounts { A { exports: [{stream: "a.>"}] } }\n',
    );
    this.#load("port: 4222\n\n\nmax_conn: 5 x\n", "[ERR] Failed to reload server configuration: ");
    for (const warning of parseFlags(["-js"]).warnings) this.#log.add(`[WRN] ${warning}`);
  }

  async reload(): Promise<void> {
    const midge = await this.#start({});
    try {
      await midge.reload({ ...midge.options, port: midge.port + 1 });
    } catch (error) {
      this.#log.add(`[ERR] Failed to reload server configuration: ${messageOf(error)}`);
    }
  }

  async slowConsumer(): Promise<void> {
    const { port } = await this.#start({ maxPending: MAX_PENDING });
    await using publisher = await joinServer(port);
    await using sleeper = await joinServer(port, { name: "dashboard", lang: "x", version: "1" });
    await sleeper.says("SUB > 1\r\nPING\r\n");
    await sleeper.hears("PONG\r\n");
    sleeper.pause();
    const message = `PUB a 65536\r\n${"x".repeat(65_536)}\r\n`.repeat(16);
    let isOver = false;
    const told = this.#log.line(/MaxPending of/).finally(() => (isOver = true));
    while (!isOver) {
      await publisher.says(message);
      // The server is in this process and needs its turn.
      await new Promise(setImmediate);
    }
    await told;
  }

  async #start(options: MidgeOptions): Promise<Midge> {
    const add = (level: string) => (text: string) => this.#log.add(`[${level}] ${text}`);
    const logger = {
      debugOn: true,
      traceOn: false,
      notice: add("INF"),
      warn: add("WRN"),
      error: add("ERR"),
      fatal: add("FTL"),
      debug: add("DBG"),
      trace: add("TRC"),
    };
    return this.#stack.use(await Midge.start({ port: -1, ...options }, logger));
  }

  async #refused(options: MidgeOptions): Promise<void> {
    try {
      await this.#start(options);
    } catch (error) {
      this.#log.add(`[FTL] ${messageOf(error)}`);
    }
  }

  async #clusterPort(serverName: string, cluster: MidgeOptions["cluster"]): Promise<number> {
    const midge = await this.#start({ serverName, cluster });
    const { cluster: facts } = midge.varz() as { cluster?: { cluster_port?: number } };
    return facts?.cluster_port ?? 0;
  }

  #load(text: string, prefix = "midge: "): void {
    const file = join(this.#folder, "midge.conf");
    writeFileSync(file, text);
    const tell = (line: string) => this.#log.add(line.replaceAll(`${this.#folder}/`, ""));
    try {
      const { warnings } = loadOptions(file, parseFlags([]), {});
      for (const warning of warnings) tell(`${prefix}warning: ${warning}`);
    } catch (error) {
      for (const line of messageOf(error).split("\n")) tell(`${prefix}${line}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
