// Clusters of two or three servers, each Midge in this process or a real nats-server, brought into a state in
// which their monitors are asked.
import { TestAuthority } from "../support/certificates.ts";
import { startConfiguredMidge, startConfiguredPeer } from "../support/configured.ts";
import { join, type WireClient } from "../support/wire.ts";
import { ask, askJson } from "./monitor-ask.ts";
import { type Idle, monitorPort } from "./monitor-play.ts";
import { takeApart, type Told } from "./monitor-told.ts";

/** In the order in which they start: each knows the address of the first one only. */
export type Cast = readonly ("midge" | "nats-server")[];

export interface ClusterScene {
  readonly name: string;
  readonly servers: 2 | 3;
  /** In all configurations. */
  readonly config?: string;
  /** In the cluster block of all, and of the first one only. */
  readonly cluster?: string;
  readonly firstCluster?: string;
  /** The first one is told of the second one, too. */
  readonly isMutual?: boolean;
  /** Routes are encrypted. */
  readonly isSecure?: boolean;
  /** Connections between each two. */
  readonly routes: number;
  /** Where not everything is asked. */
  readonly questions?: readonly string[];
  /** What a client of each server subscribes to, subject and perhaps queue, in this order. */
  readonly wants?: readonly (readonly string[])[];
  /** What the client of the last server publishes; all of it is for the client of the first one. */
  readonly sends?: readonly (readonly [subject: string, payload: string])[];
}

/** What one server of the cluster answers. */
export interface ToldByNode {
  readonly idle: Idle;
  /** In the order of the questions. */
  readonly told: readonly Told[];
}

const PATIENCE_MS = 8_000;

export async function playCluster(
  path: string,
  cast: Cast,
  scene: ClusterScene,
  questions: readonly string[],
): Promise<ToldByNode[]> {
  await using stack = new AsyncDisposableStack();
  const tls = scene.isSecure === true ? await encryption(stack) : "";
  const second = scene.isMutual === true ? freePort() : null;
  const nodes: Node[] = [];
  for (const [at, kind] of cast.entries()) {
    const isFirst = at === 0;
    const text = configuration(scene, "abc"[at]!, {
      listens: at === 1 ? second : null,
      dials: isFirst ? second : nodes[0]!.clusterPort,
      more: `${isFirst ? (scene.firstCluster ?? "") : ""}\n  ${tls}`,
    });
    const server = stack.use(
      kind === "midge"
        ? await startConfiguredMidge(text)
        : await startConfiguredPeer(path, `listen: "127.0.0.1:-1"\n${text}`),
    );
    nodes.push(await Node.meet(server.port, server));
  }
  const routes = scene.routes * (cast.length - 1);
  for (const node of nodes) {
    await node.until(
      (each) =>
        each.num_routes === routes &&
        (second === null || each.routes.every(({ did_solicit }) => did_solicit)),
    );
  }
  const clients: WireClient[] = [];
  for (const { port } of nodes) clients.push(stack.use(await join(port)));
  await subscribe(nodes, clients, scene);
  await publish(nodes, clients, scene);
  const all: ToldByNode[] = [];
  for (const { door, idle } of nodes) {
    const told: Told[] = [];
    for (const question of questions) told.push(takeApart(await ask(door, question)));
    all.push({ idle, told });
  }
  return all;
}

/** Ports for routes, null for any or none, and more lines of the cluster block. */
interface Place {
  readonly listens: number | null;
  readonly dials: number | null;
  readonly more: string;
}

function configuration(
  { config = "", cluster = "" }: ClusterScene,
  name: string,
  { listens, dials, more }: Place,
): string {
  return `server_name: "${name}"
debug: true
max_connections: 1000
http: "127.0.0.1:-1"
${config}
cluster {
  name: c1
  listen: "127.0.0.1:${listens ?? -1}"
  ${dials === null ? "" : `routes: ["nats-route://u:pw@127.0.0.1:${dials}"]`}
  ${cluster}
  ${more}
}
`;
}

/** A port that is free now: a server must be known before it starts. */
function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** All show the same certificate. */
async function encryption(stack: AsyncDisposableStack): Promise<string> {
  const authority = stack.use(await TestAuthority.create());
  const hosts = ["127.0.0.1", "localhost"];
  const { certFile, keyFile } = await authority.issue({ commonName: "node", hosts, peer: true });
  return `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${authority.caFile}", timeout: 1.5 }`;
}

interface Routez {
  readonly num_routes: number;
  readonly routes: readonly {
    readonly subscriptions_list?: readonly string[];
    readonly in_msgs: number;
    readonly did_solicit: boolean;
  }[];
}

interface Accstatz {
  readonly account_statz: readonly { readonly acc: string; readonly num_subscriptions: number }[];
}

class Node {
  readonly port: number;
  readonly door: { readonly port: number };
  readonly clusterPort: number;
  /** What it had subscribed to itself before anybody came. */
  readonly idle: Idle;

  private constructor(port: number, http: number, clusterPort: number, idle: Idle) {
    this.port = port;
    this.door = { port: http };
    this.clusterPort = clusterPort;
    this.idle = idle;
  }

  static async meet(
    port: number,
    server: { logged(pattern: RegExp): Promise<string> },
  ): Promise<Node> {
    const http = await monitorPort(server);
    const line = await server.logged(/Listening for route connections on .*:\d+/);
    const { account_statz } = await askJson<Accstatz>({ port: http }, "/accstatz?unused=1");
    const idle = account_statz.map((each) => [each.acc, each.num_subscriptions] as const);
    return new Node(port, http, Number(/:(\d+)$/.exec(line)?.[1]), Object.fromEntries(idle));
  }

  async until(isSo: (routez: Routez) => boolean): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    let seen: Routez | null = null;
    while (performance.now() < end) {
      seen = await askJson<Routez>(this.door, "/routez?subs=1");
      if (isSo(seen)) return;
    }
    throw new Error(`it never came to that: ${JSON.stringify(seen)}`);
  }
}

async function subscribe(
  nodes: readonly Node[],
  clients: readonly WireClient[],
  { wants = [] }: ClusterScene,
): Promise<void> {
  for (const [at, all] of wants.entries()) {
    for (const [sid, each] of all.entries()) await clients[at]!.says(`SUB ${each} ${sid + 1}\r\n`);
    await clients[at]!.silent();
    const subjects = all.map((each) => each.split(" ")[0]!);
    for (const node of nodes) {
      if (node === nodes[at]) continue;
      await node.until(({ routes }) => {
        const known = new Set(routes.flatMap((route) => route.subscriptions_list ?? []));
        return subjects.every((subject) => known.has(subject) || isKept(subject));
      });
    }
  }
}

/** Subjects that other servers are not told of. */
export const isKept = (subject: string) => subject.startsWith("secret.");

async function publish(
  nodes: readonly Node[],
  clients: readonly WireClient[],
  { sends = [] }: ClusterScene,
): Promise<void> {
  const [hearer, sender] = [clients[0]!, clients.at(-1)!];
  for (const [subject, payload] of sends) {
    await sender.says(`PUB ${subject} ${payload.length}\r\n${payload}\r\n`);
  }
  await sender.silent();
  for (const [subject] of sends) {
    const message = await hearer.hearsMessage();
    if (message.subject !== subject) throw new Error(`${message.subject} instead of ${subject}`);
  }
  const count = ({ routes }: Routez) => routes.reduce((sum, each) => sum + each.in_msgs, 0);
  await nodes[0]!.until((routez) => count(routez) >= sends.length);
}
