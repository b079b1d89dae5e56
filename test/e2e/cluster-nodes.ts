// Servers of a cluster, each an executable of its own that can be killed and started again on the same ports, and
// how to tell that they know of each other: somebody at one of them is answered by somebody at the other.
import { type Connection, type ConnectOptions, flavours } from "./clients.ts";
import { Broker } from "./support.ts";

/** Ports from here up belong to connections, which may take one while its server is dead. */
const EPHEMERAL_FROM = 32_768;
const SERVERS_FROM = 15_000;
/** On a busy machine: a route is dialled again after a second, and seen to be stale after three pings. */
export const PATIENCE_MS = 15_000;
const POLL_MS = 5;

export interface NodeOptions {
  readonly name: string;
  /** Cluster ports of servers to connect with. */
  readonly routes?: readonly number[];
  /** More lines of the cluster block, and of the configuration. */
  readonly cluster?: string;
  readonly config?: string;
  readonly ports?: { readonly client: number; readonly cluster: number };
}

export class Node implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly clusterPort: number;
  readonly #config: string;
  #broker: Broker | undefined;

  static async start(options: NodeOptions): Promise<Node> {
    const ports = options.ports ?? { client: await serverPort(), cluster: await serverPort() };
    const node = new Node(options, ports.client, ports.cluster);
    await node.start();
    return node;
  }

  private constructor(
    { name, routes = [], cluster = "", config = "" }: NodeOptions,
    port: number,
    clusterPort: number,
  ) {
    this.name = name;
    this.port = port;
    this.clusterPort = clusterPort;
    const urls = routes.map((each) => `nats-route://127.0.0.1:${each}`);
    this.#config = `server_name: ${name}
${config}
cluster {
  name: e2e
  listen: "127.0.0.1:${clusterPort}"
  routes: ${JSON.stringify(urls)}
  ${cluster}
}
`;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error(`${this.name} is not running`);
    return this.#broker;
  }

  /** A new process with the ports and the configuration of the one before. */
  async start(): Promise<void> {
    this.#broker = await Broker.start({ port: this.port, config: this.#config, flags: ["-D"] });
  }

  async kill(): Promise<void> {
    await this.broker.stop("SIGKILL");
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker?.[Symbol.asyncDispose]();
    this.#broker = undefined;
  }
}

/** A free port that no connection is ever given. */
export async function serverPort(): Promise<number> {
  for (;;) {
    const port = SERVERS_FROM + Math.floor(Math.random() * (EPHEMERAL_FROM - SERVERS_FROM));
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}

/** So many servers of which each but the first knows only the first, in the order of their starts. */
export async function startCluster(
  count: number,
  extra: Partial<NodeOptions> = {},
): Promise<Nodes> {
  const nodes = new Nodes();
  try {
    for (let i = 0; i < count; i++) {
      const routes = i === 0 ? [] : [nodes.at(0).clusterPort];
      await nodes.add({ name: "ABCDEFG"[i]!, routes, ...extra });
    }
  } catch (error) {
    await nodes[Symbol.asyncDispose]();
    throw error;
  }
  return nodes;
}

/** The servers and clients of a test; all of them end with its block. */
export class Nodes implements AsyncDisposable {
  readonly all: Node[] = [];
  readonly #clients: Connection[] = [];

  at(place: number): Node {
    const node = this.all[place];
    if (node === undefined) throw new Error(`no server ${place}`);
    return node;
  }

  async add(options: NodeOptions): Promise<Node> {
    const node = await Node.start(options);
    this.all.push(node);
    return node;
  }

  /** An official client of this server; both kinds take turns. */
  async client(node: Node, options: Partial<ConnectOptions> = {}): Promise<Connection> {
    const { connect } = flavours[this.#clients.length % flavours.length]!;
    const client = await connect({ servers: node.url, ...options });
    this.#clients.push(client);
    return client;
  }

  async clients(options: Partial<ConnectOptions> = {}): Promise<Connection[]> {
    const clients: Connection[] = [];
    for (const node of this.all) clients.push(await this.client(node, options));
    return clients;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await Promise.all(this.all.map((node) => node[Symbol.asyncDispose]()));
  }
}

let meetings = 0;

/**
 * Resolves when everybody's server knows all that clients of the others have subscribed to before this call, and
 * all that these have published has arrived: an answer comes on the way of everything said before it.
 */
export async function meet(...clients: readonly Connection[]): Promise<void> {
  const meeting = `meet.${++meetings}`;
  const hosts = clients.map((client, i) =>
    client.subscribe(`${meeting}.${i}`, { callback: (_, message) => message.respond() }),
  );
  await Promise.all(clients.map((client) => client.flush()));
  const pairs = clients.flatMap((asker) =>
    clients.map((host, i) => (asker === host ? undefined : reach(asker, `${meeting}.${i}`))),
  );
  await Promise.all(pairs);
  for (const host of hosts) host.unsubscribe();
  await Promise.all(clients.map((client) => client.flush()));
}

/** For what other servers do in their own time. */
export async function eventually(holds: () => boolean, what: () => string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what()}`);
    await Bun.sleep(POLL_MS);
  }
}

/** Asks until somebody answers. */
export async function reach(asker: Connection, subject: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await asker.request(subject, "", { timeout: 1000 });
      return;
    } catch (error) {
      if (performance.now() > end) throw new Error(`nobody answers at ${subject}: ${error}`);
      await Bun.sleep(POLL_MS);
    }
  }
}

/** Where a client is told it could go, in order; its own server among them. */
export function urlsToldTo({ info }: Connection): string[] {
  const urls = info !== undefined && "connect_urls" in info ? info.connect_urls : [];
  return Array.isArray(urls) ? urls.map(String).sort() : [];
}
