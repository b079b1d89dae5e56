// A server of a cluster whose monitor is asked: Midge in this process, or a real nats-server.
import {
  type ConfiguredServer,
  startConfiguredMidge,
  startConfiguredPeer,
} from "../support/configured.ts";
import type { PeerLevel } from "../support/peer.ts";
import { askJson } from "./monitor-ask.ts";
import { type Idle, monitorPort } from "./monitor-play.ts";

export type Kind = "midge" | PeerLevel;

/** Where the real ones are. */
export type Paths = Readonly<Partial<Record<PeerLevel, string>>>;

export interface Routez {
  readonly server_id: string;
  readonly num_routes: number;
  readonly routes: readonly {
    readonly remote_id: string;
    readonly account?: string;
    readonly subscriptions_list?: readonly string[];
    readonly in_msgs: number;
    readonly out_msgs: number;
    readonly did_solicit: boolean;
    readonly rtt: string;
  }[];
}

interface Accountz {
  readonly account_detail: { readonly subscriptions: number };
}

/** On a route from there, or on that for this account alone. */
export interface Announced {
  readonly by: string;
  readonly account: string;
  readonly count: number;
}

const PATIENCE_MS = 8_000;

export async function start(kind: Kind, text: string, paths: Paths): Promise<ConfiguredServer> {
  if (kind === "midge") return startConfiguredMidge(text);
  const path = paths[kind];
  if (path === undefined) throw new Error(`no nats-server ${kind} is given`);
  return startConfiguredPeer(path, `listen: "127.0.0.1:-1"\n${text}`);
}

/** What a server of this configuration has of its own, alone. */
export async function idleOf(kind: Kind, text: string, paths: Paths): Promise<Idle> {
  await using server = await start(kind, text, paths);
  const door = { port: await monitorPort(server) };
  const { accounts } = await askJson<{ readonly accounts: readonly string[] }>(door, "/accountz");
  const idle: Record<string, number> = {};
  for (const account of accounts) {
    const { account_detail } = await askJson<Accountz>(door, `/accountz?acc=${account}`);
    idle[account] = account_detail.subscriptions;
  }
  return idle;
}

export class Node {
  readonly name: string;
  readonly id: string;
  readonly port: number;
  readonly door: { readonly port: number };
  readonly clusterPort: number;

  private constructor(name: string, id: string, port: number, http: number, clusterPort: number) {
    this.name = name;
    this.id = id;
    this.port = port;
    this.door = { port: http };
    this.clusterPort = clusterPort;
  }

  static async meet(name: string, server: ConfiguredServer): Promise<Node> {
    const http = await monitorPort(server);
    const line = await server.logged(/Listening for route connections on .*:\d+/);
    const { server_id: id } = await askJson<Routez>({ port: http }, "/routez");
    return new Node(name, id, server.port, http, Number(/:(\d+)$/.exec(line)?.[1]));
  }

  /** How many subjects of the system account other servers want themselves. */
  async announced(named: (id: string) => string): Promise<readonly Announced[]> {
    const { routes } = await askJson<Routez>(this.door, "/routez?subs=1");
    return routes.map(({ remote_id, account = "", subscriptions_list: list = [] }) => ({
      by: named(remote_id),
      account,
      count: list.filter(isOfSystem).length,
    }));
  }

  /** What it says as soon as it is so. */
  async until(isSo: (routez: Routez) => boolean): Promise<Routez> {
    const end = performance.now() + PATIENCE_MS;
    let seen: Routez | null = null;
    while (performance.now() < end) {
      seen = await askJson<Routez>(this.door, "/routez?subs=1");
      if (isSo(seen)) return seen;
    }
    throw new Error(`it never came to that: ${JSON.stringify(seen)}`);
  }
}

/** Subjects that servers want themselves. */
export const isOfSystem = (subject: string) => subject.startsWith("$SYS.");
