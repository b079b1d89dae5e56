// Clusters of two or three servers, each Midge in this process or a real nats-server, brought into a state in
// which their monitors are asked.
import { TestAuthority } from "../support/certificates.ts";
import { join, type WireClient } from "../support/wire.ts";
import {
  type Announced,
  idleOf,
  type Kind,
  Node,
  type Paths,
  type Routez,
  start,
} from "./cluster-monitor-node.ts";
import { ask } from "./monitor-ask.ts";
import type { Idle } from "./monitor-play.ts";
import { takeApart, type Told } from "./monitor-told.ts";

/** In the order in which they start: each knows the address of the first one only. */
export type Cast = readonly Kind[];

export interface ClusterScene {
  readonly name: string;
  readonly servers: 2 | 3;
  /** In all configurations. */
  readonly config?: string;
  /** In the cluster block of all, of the first one only, and of those that know of pools. */
  readonly cluster?: string;
  readonly firstCluster?: string;
  readonly pools?: string;
  /** The first one is told of the second one, too. */
  readonly isMutual?: boolean;
  /** Both ends of each route know how long a round trip takes. */
  readonly isTimed?: boolean;
  /** Routes are encrypted. */
  readonly isSecure?: boolean;
  /** Connections between each two that know of pools. */
  readonly routes: number;
  /** Where not everything is asked. */
  readonly questions?: readonly string[];
  /** What a client of each server subscribes to, subject and perhaps queue, in this order. */
  readonly wants?: readonly (readonly string[])[];
  /** What the client of the last server publishes; all of it is for the client of the first one. */
  readonly sends?: readonly (readonly [subject: string, payload: string])[];
}

/** What one server of the cluster answers. Ids of servers are replaced, see idOf(). */
export interface ToldByNode {
  readonly kind: Kind;
  readonly idle: Idle;
  readonly announced: readonly Announced[];
  /** In the order of the questions. */
  readonly told: readonly Told[];
}

/** What stands for the id of the server of this name. */
export const idOf = (name: string) => `(id of ${name})`;

/** Has one connection to each other server. */
const WITHOUT_POOLS: Kind = "2.9";
const NAMES = "abc";
const SERVER_IDS = /N[A-Z2-7]{55}/g;

export async function playCluster(
  paths: Paths,
  cast: Cast,
  scene: ClusterScene,
  questions: readonly string[],
): Promise<ToldByNode[]> {
  const idles = new Map<Kind, Idle>();
  const alone = configuration(scene, NAMES[0]!, { listens: null, dials: null, more: "" });
  for (const kind of new Set(cast)) idles.set(kind, await idleOf(kind, alone, paths));
  await using stack = new AsyncDisposableStack();
  const tls = scene.isSecure === true ? await encryption(stack) : "";
  const second = scene.isMutual === true ? freePort() : null;
  const nodes: Node[] = [];
  for (const [at, kind] of cast.entries()) {
    const isFirst = at === 0;
    const place = {
      listens: at === 1 ? second : null,
      dials: isFirst ? second : nodes[0]!.clusterPort,
      more: [
        isFirst ? scene.firstCluster : "",
        kind === WITHOUT_POOLS ? "" : scene.pools,
        tls,
      ].join("\n  "),
    };
    const text = configuration(scene, NAMES[at]!, place);
    const server = stack.use(await start(kind, text, paths));
    nodes.push(await Node.meet(NAMES[at]!, server));
    // Who comes last is dialled by who is there: that must not depend on chance.
    await allThere(nodes, cast.slice(0, at + 1), scene);
  }
  const clients: WireClient[] = [];
  for (const { port } of nodes) clients.push(stack.use(await join(port)));
  await subscribe(nodes, clients, scene);
  await publish(nodes, clients, scene);
  const names = new Map(nodes.map(({ id, name }) => [id, idOf(name)]));
  const named = (text: string) => text.replace(SERVER_IDS, (id) => names.get(id) ?? id);
  const all: ToldByNode[] = [];
  for (const [at, node] of nodes.entries()) {
    const announced = await node.announced(named);
    const told: Told[] = [];
    for (const question of questions) {
      const answer = await ask(node.door, question);
      told.push(takeApart({ ...answer, body: named(answer.body) }));
    }
    const kind = cast[at]!;
    all.push({ kind, idle: idles.get(kind)!, announced, told });
  }
  return all;
}

/** Waits until all of these have found each other, as the scene wants it. */
async function allThere(nodes: readonly Node[], cast: Cast, scene: ClusterScene): Promise<void> {
  const { isMutual = false, isTimed = false } = scene;
  for (const [at, node] of nodes.entries()) {
    const count = routesOf(cast, at, scene);
    await node.until(
      ({ num_routes, routes }) =>
        num_routes === count &&
        (!isMutual || routes.every(({ did_solicit }) => did_solicit)) &&
        (!isTimed || routes.every(({ rtt }) => rtt !== "0s")),
    );
  }
}

/** How many connections this one of the cast has to all others. */
function routesOf(cast: Cast, at: number, { routes }: ClusterScene): number {
  const isSingle = (other: Kind) => [cast[at], other].includes(WITHOUT_POOLS);
  return cast.reduce((sum, other, to) => sum + (to === at ? 0 : isSingle(other) ? 1 : routes), 0);
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
  // Others may want them, too.
  const sent = await nodes.at(-1)!.until(() => true);
  for (const node of nodes.slice(1, -1)) {
    const due = sent.routes.filter(({ remote_id }) => remote_id === node.id);
    const wanted = due.reduce((sum, each) => sum + each.out_msgs, 0);
    await node.until((routez) => count(routez) >= wanted);
  }
}
