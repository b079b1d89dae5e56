// Plays a scene on one server: starts it, brings it into its state, and asks its monitor.
import { connect as connectSecurely } from "@nats-io/transport-node";
import { type Peer, startPeer } from "../support/peer.ts";
import { connect, type WireClient } from "../support/wire.ts";
import { ask, askJson, type Door } from "./monitor-ask.ts";
import type { Loss, Scene, SecureArrival, Speech } from "./monitor-scenes.ts";
import { type Names, takeApart, type Told } from "./monitor-told.ts";

export type Idle = Readonly<Record<string, number>>;

export interface Played {
  readonly names: Names;
  /** In the order of the questions. */
  readonly told: readonly Told[];
}

/** How long it may take until a monitor has seen everybody leave. */
const PATIENCE_MS = 3_000;

/** `path` is the executable of any server that understands nats-server's command line. */
export async function play(path: string, scene: Scene): Promise<Played> {
  const { config = "", isSecure = false } = scene;
  const protocol = isSecure ? "https" : "http";
  await using server = await startPeer(path, `${protocol}: "127.0.0.1:-1"\n${config}`);
  const monitor = { port: await monitorPort(server), isSecure };
  await using stage = new Stage(server.port, monitor);
  for (const step of scene.steps ?? []) {
    if ("leaves" in step) await stage.leave(step.leaves);
    else if ("lost" in step) await stage.lose(step);
    else if ("secure" in step) await stage.enterSecurely(step);
    else await stage.speak(step);
  }
  await stage.settle();
  const told: Told[] = [];
  for (const question of scene.questions) {
    told.push(takeApart(await ask(monitor, stage.addressed(question))));
  }
  return { told, names: stage.names };
}

export async function monitorPort(server: Pick<Peer, "logged">): Promise<number> {
  const line = await server.logged(/Starting https? monitor on /);
  return Number(/:(\d+)$/.exec(line)?.[1]);
}

/** Everybody who is connected to one server. */
class Stage implements AsyncDisposable {
  readonly #port: number;
  readonly #monitor: Door;
  readonly #stack = new AsyncDisposableStack();
  readonly #present = new Map<string, WireClient>();
  readonly #lazy = new Map<string, WireClient>();
  readonly #cids = new Map<string, number>();
  #gone = 0;

  constructor(port: number, monitor: Door) {
    this.#port = port;
    this.#monitor = monitor;
  }

  get names(): Names {
    return new Map([...this.#cids].map(([name, cid]) => [cid, name]));
  }

  addressed(question: string): string {
    return question.replace(/\{(\w+)\}/g, (_, name: string) => String(this.#cids.get(name)));
  }

  async speak({ by, says, isLazy = false, isLast }: Speech): Promise<void> {
    const client = this.#present.get(by) ?? (await this.#enter(by));
    await client.says(typeof says === "string" ? says : says(String(client.info["nonce"])));
    if (isLazy) {
      await roundTrip(client);
      client.pause();
      this.#present.delete(by);
      this.#lazy.set(by, client);
    } else if (isLast === "until closed") {
      await client.hearsUntilClose();
      this.#present.delete(by);
      this.#gone++;
    } else if (isLast === "not waited for") {
      this.#present.delete(by);
    } else {
      await roundTrip(client);
    }
  }

  async leave(name: string): Promise<void> {
    const client = this.#present.get(name)!;
    client.shutdown();
    await client.hearsUntilClose();
    this.#present.delete(name);
    this.#gone++;
  }

  async lose({ lost, isStill = false }: Loss): Promise<void> {
    this.#gone++;
    if (isStill) return;
    const client = this.#lazy.get(lost)!;
    client.resume();
    await client.hearsUntilClose();
  }

  async enterSecurely({ secure, subjects, tls }: SecureArrival): Promise<void> {
    const connection = await connectSecurely({
      port: this.#port,
      name: secure,
      tls,
      reconnect: false,
    });
    this.#stack.defer(() => connection.close());
    this.#cids.set(secure, connection.info!.client_id);
    for (const subject of subjects) connection.subscribe(subject);
    await connection.flush();
  }

  /** Waits until the server has counted everything: a second answer proves that the first was given. */
  async settle(): Promise<void> {
    for (const client of this.#present.values()) await roundTrip(client);
    if (this.#gone === 0) return;
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end) {
      if ((await this.#count("open")) === this.#cids.size - this.#gone) {
        if ((await this.#count("closed")) === this.#gone) return;
      }
    }
    throw new Error(`the monitor has not seen ${this.#gone} connections closed`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #count(state: "open" | "closed"): Promise<number> {
    const path = `/connz?limit=1&state=${state}`;
    return (await askJson<{ total: number }>(this.#monitor, path)).total;
  }

  async #enter(name: string): Promise<WireClient> {
    const client = this.#stack.use(await connect(this.#port));
    this.#present.set(name, client);
    this.#cids.set(name, Number(client.info["client_id"]));
    return client;
  }
}

/** All that was said before has been heard then. */
async function roundTrip(client: WireClient): Promise<void> {
  await client.says("PING\r\n");
  for (let item = await client.hearsItem(); item !== "PONG\r\n"; item = await client.hearsItem()) {
    if (item === undefined) throw new Error("the server closed");
  }
}
