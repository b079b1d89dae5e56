// Servers of a cluster for tests, Midge in this process or real nats-servers, each with a client that can tell
// when another one knows all of its subscriptions: what a server says on a route comes in order, so whoever
// hears a message has heard of the interest that was announced before it.
import type { Socket, TCPSocketListener } from "bun";
import { LogLines, startPeer } from "../support/peer.ts";
import { join, type WireClient } from "../support/wire.ts";
import type { MidgeOptions } from "../../src/config/options.ts";
import { Midge } from "../../src/server.ts";

export interface Node extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly clusterPort: number;
  /** Only Midge. */
  readonly midge: Midge | null;
  readonly probe: WireClient;
  logged(pattern: RegExp): Promise<string>;
  /** How many log lines match so far. */
  count(pattern: RegExp): number;
  /** The warnings and errors so far. */
  readonly problems: readonly string[];
  stop(): Promise<void>;
}

export const routeTo = (node: { readonly clusterPort: number }, login = "") =>
  `nats-route://${login}127.0.0.1:${node.clusterPort}`;

type Cluster = NonNullable<MidgeOptions["cluster"]>;

/** Midge without a system account: what it wants there itself would fill the transcripts. */
export function startQuiet(
  name: string,
  cluster: Partial<Cluster> = {},
  options: MidgeOptions = {},
): Promise<Node> {
  return startMidge(name, cluster, { noSystemAccount: true, ...options });
}

/** Midge, in the cluster "c1" unless told otherwise. */
export async function startMidge(
  name: string,
  cluster: Partial<Cluster> = {},
  options: MidgeOptions = {},
): Promise<Node> {
  const log = new LogLines();
  const problems: string[] = [];
  const add = (text: string) => log.add(text);
  const addProblem = (text: string) => {
    problems.push(text);
    log.add(text);
  };
  const logger = {
    debugOn: true,
    traceOn: false,
    notice: add,
    warn: addProblem,
    error: addProblem,
    fatal: addProblem,
    debug: add,
    trace: add,
  };
  const midge = await Midge.start(
    {
      serverName: name,
      port: -1,
      maxConnections: 1000,
      ...options,
      cluster: { port: -1, name: "c1", ...cluster },
    },
    logger,
  );
  const stop = () => midge.stop();
  const probe = await probeOf(name, midge.port);
  return {
    name,
    port: midge.port,
    clusterPort: midge.cluster!.port,
    midge,
    probe,
    problems,
    logged: (pattern) => log.line(pattern),
    count: (pattern) =>
      log
        .text()
        .split("\n")
        .filter((line) => pattern.test(line)).length,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A nats-server in the same cluster. `extra` are more lines of its cluster block, `top` of those around it. */
export async function startOriginal(
  path: string,
  name: string,
  routes: readonly string[] = [],
  extra = "",
  top = "",
): Promise<Node> {
  const config = `server_name: ${name}
debug: true
${top}
cluster {
  name: c1
  listen: "127.0.0.1:-1"
  routes: ${JSON.stringify(routes)}
  ${extra}
}
`;
  const peer = await startPeer(path, config);
  const line = await peer.logged(/Listening for route connections on .*:\d+/);
  const clusterPort = Number(/:(\d+)$/.exec(line)![1]);
  const probe = await probeOf(name, peer.port);
  return {
    name,
    port: peer.port,
    clusterPort,
    midge: null,
    probe,
    logged: (pattern) => peer.logged(pattern),
    count: () => 0,
    problems: [],
    stop: () => peer.stop("SIGKILL"),
    [Symbol.asyncDispose]: () => peer.stop("SIGKILL"),
  };
}

/** Hears what is told to its server, and what nobody wants. */
async function probeOf(name: string, port: number): Promise<WireClient> {
  const probe = await join(port, { headers: true, no_responders: true });
  await probe.says(`SUB probe.${name} here\r\nSUB nobody.${name} none\r\n`);
  await probe.silent();
  return probe;
}

/** Waits until every node knows what clients of every other one subscribed to before this call. */
export async function meet(...nodes: readonly Node[]): Promise<void> {
  for (const from of nodes) {
    for (const to of nodes) if (to !== from) await reach(from, to);
  }
}

const DEADLINE_MS = 8_000;

async function reach(from: Node, to: Node): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (Date.now() < end) {
    await from.probe.says(`PUB probe.${to.name} nobody.${from.name} 0\r\n\r\nPING\r\n`);
    let item = await from.probe.hearsItem();
    // The server may want to know whether this client is still there.
    if (item === "PING\r\n") item = await from.probe.hearsItem();
    if (item === "PONG\r\n") {
      const { subject } = await to.probe.hearsMessage();
      if (subject === `probe.${to.name}`) return;
    }
    await from.probe.hears("PONG\r\n");
    // Nobody there yet: let the servers work, and ask again.
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${from.name} never reached ${to.name}`);
}

/** What a peer says first when it dials: CONNECT and INFO, of the cluster "c1". */
export function greeting(id: string, info: object = {}, login: object = {}): string {
  const connect = { verbose: false, headers: true, name: id, cluster: "c1", lnoc: true, ...login };
  const about = {
    server_id: id,
    server_name: id,
    proto: 2,
    host: "127.0.0.1",
    port: 1,
    headers: true,
    cluster: "c1",
    max_payload: 1048576,
    lnoc: true,
    ...info,
  };
  return `CONNECT ${JSON.stringify(connect)}\r\nINFO ${JSON.stringify(about)} \r\n`;
}

/** The peer is closed without an error. */
export async function closing(peer: WireClient): Promise<void> {
  const said = await peer.hearsUntilClose();
  if (said.includes("-ERR")) throw new Error(`closed with a word: ${said}`);
}

/** A peer that is dialled: takes one connection after the other and reads the newest by lines. */
export class FakePeer implements AsyncDisposable {
  readonly port: number;
  readonly #listener: TCPSocketListener<unknown>;
  #socket = Promise.withResolvers<Socket<unknown>>();
  #text = "";
  #lines: string[] = [];
  #waiting: ((line: string) => void)[] = [];
  #ended = Promise.withResolvers<void>();
  /** Connections so far. */
  accepted = 0;

  static listen(): FakePeer {
    return new FakePeer();
  }

  private constructor() {
    this.#listener = Bun.listen<unknown>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          this.accepted++;
          this.#text = "";
          this.#socket.resolve(socket);
        },
        data: (_, chunk) => {
          const lines = (this.#text + chunk.toString("latin1")).split("\r\n");
          this.#text = lines.pop()!;
          for (const line of lines) this.#heard(line);
        },
        close: () => {
          this.#socket = Promise.withResolvers();
          this.#ended.resolve();
          this.#ended = Promise.withResolvers();
        },
      },
    });
    this.port = this.#listener.port;
  }

  url(login = ""): string {
    return `nats://${login}127.0.0.1:${this.port}`;
  }

  #heard(line: string): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#lines.push(line);
    else next(line);
  }

  async hearsLine(): Promise<string> {
    const line = this.#lines.shift();
    return line ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  async says(text: string): Promise<void> {
    (await this.#socket.promise).write(text);
  }

  /** Says this, and waits until the connection is closed. */
  async sendsAway(text: string): Promise<void> {
    const { promise } = this.#ended;
    await this.says(text);
    await promise;
  }

  close(): void {
    void this.#socket.promise.then((socket) => socket.end());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.stop(true);
  }
}
