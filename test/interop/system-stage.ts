// The stage of a scene about the system account: a server, or a cluster of two, and everybody who is connected.
// Silence is proven, not waited for: a watcher asks something that is answered in the same order, and hears it.
import type { Peer } from "../support/peer.ts";
import { connect, connectLine, type WireClient } from "../support/wire.ts";
import { type Heard, isStatistics, read } from "./system-heard.ts";
import type { Asking, Scene, Speech, Step } from "./system-scenes.ts";

/** How long servers may need to find each other. */
const PATIENCE_MS = 8_000;
const CLUSTER_FENCES = ["$SYS.REQ.SERVER.PING.IDZ", "$SYS.REQ.SERVER.PING.STATSZ"];
const FENCES = ["$SYS.REQ.SERVER.{id}.IDZ", "$SYS.REQ.SERVER.{id}.STATSZ"];

export class Stage implements AsyncDisposable {
  readonly names = new Map<number, string>();
  /** Of the one that the watcher is connected to. */
  readonly serverId: string;
  /** Of all servers, by id. */
  readonly serverNames = new Map<string, string>();
  readonly #servers: readonly Peer[];
  readonly #fences: readonly string[];
  readonly #watcher: WireClient;
  readonly #stack = new AsyncDisposableStack();
  readonly #present = new Map<string, WireClient>();
  readonly #cids = new Map<string, number>();
  #asked = 0;
  #fenced = 0;

  private constructor(
    servers: readonly Peer[],
    watcher: WireClient,
    { fences = servers.length > 1 ? CLUSTER_FENCES : FENCES }: Scene,
  ) {
    this.#servers = servers;
    this.#watcher = this.#stack.use(watcher);
    this.#fences = fences;
    this.serverId = String(watcher.info["server_id"]);
    this.serverNames.set(this.serverId, "<id>");
    this.#names("watcher", watcher);
  }

  static async open(servers: readonly Peer[], scene: Scene): Promise<Stage> {
    const watcher = await connect(servers[0]!.port);
    const options = { headers: true, no_responders: true, name: "watcher", ...scene.watcher };
    await watcher.says(`${connectLine(options)}SUB fence.* fence\r\nPING\r\n`);
    await watcher.hears("PONG\r\n");
    const stage = new Stage(servers, watcher, scene);
    await stage.#meet();
    return stage;
  }

  async plays(step: Step): Promise<Heard[]> {
    const heard: Heard[] = [];
    if ("asks" in step) await this.#ask(step, heard);
    else if ("leaves" in step) await this.#leave(step.leaves);
    else if ("says" in step) await this.#speak(step, heard);
    else this.#servers.at(-1)!.signal(step.signal);
    const isEnd = "isEnd" in step && step.isEnd === true;
    // A server that is about to end may not answer any more.
    const isFenced = !("signal" in step);
    if (isFenced) await this.#fence();
    await this.#listenToAll(heard, isEnd);
    if (!isEnd && (await this.#waited(step, heard))) {
      if (isFenced) await this.#fence();
      await this.#listenToAll(heard, false);
    }
    return heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  /** Until each server of a cluster has been heard of. */
  async #meet(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (this.#servers.length > this.serverNames.size) {
      if (performance.now() > end) throw new Error("the servers do not find each other");
      await this.#watcher.says("PUB $SYS.REQ.SERVER.PING.IDZ fence.greeting 0\r\n\r\n");
      await roundTrip(this.#watcher, (item) => {
        const id = /"id":"(\w+)"/.exec(item)?.[1] ?? "";
        if (id !== "" && id !== this.serverId) this.serverNames.set(id, "<other id>");
      });
    }
    if (this.#servers.length === 1) return;
    // They greet each other when they hear of each other's figures first: not in the middle of the scene.
    await this.#watcher.says("PUB $SYS.REQ.SERVER.PING.STATSZ 0\r\n\r\n");
    await this.#fence();
  }

  async #speak({ by, at, says, isLast, isLazy }: Speech, heard: Heard[]): Promise<void> {
    const client = this.#present.get(by) ?? (await this.#enter(by, at));
    const words = typeof says === "string" ? says : says(String(client.info["nonce"]));
    await client.says(this.#addressed(words));
    if (isLast === true) {
      for (let item = await client.hearsItem(); item !== undefined; item = await client.hearsItem())
        heard.push(read(by, item));
      this.#present.delete(by);
    } else if (isLazy === true) {
      client.pause();
      this.#present.delete(by);
    } else {
      await this.#listen(by, client, heard, false);
    }
  }

  async #ask(asking: Asking, heard: Heard[]): Promise<void> {
    const { asks, by = "sys", body = "", headers, isMute = false } = asking;
    const client = this.#present.get(by)!;
    const subject = this.#addressed(asks);
    const reply = isMute ? "" : ` answer.${this.#asked++}`;
    const payload = Buffer.from(this.#addressed(body)).toString("latin1");
    if (headers === undefined) {
      await client.says(`PUB ${subject}${reply} ${payload.length}\r\n${payload}\r\n`);
    } else {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const block = `NATS/1.0\r\n${lines.join("")}\r\n`;
      const sizes = `${block.length} ${block.length + payload.length}`;
      await client.says(`HPUB ${subject}${reply} ${sizes}\r\n${block}${payload}\r\n`);
    }
    await this.#listen(by, client, heard, false);
  }

  async #leave(name: string): Promise<void> {
    const client = this.#present.get(name)!;
    client.shutdown();
    await client.hearsUntilClose();
    this.#present.delete(name);
  }

  /** All that was asked before has been answered then. */
  async #fence(): Promise<void> {
    const watcher = this.#watcher;
    const reply = `fence.${this.#fenced++}`;
    const asked = this.#fences.map(
      (subject) => `PUB ${this.#addressed(subject)} ${reply} 0\r\n\r\n`,
    );
    await watcher.says(asked.join(""));
    for (let due = asked.length * this.#servers.length; due > 0;) {
      const item = await watcher.hearsItem();
      if (item === undefined) return;
      if (item === "PING\r\n") await watcher.says("PONG\r\n");
      else if (item.includes(`MSG ${reply} `)) due--;
    }
  }

  /** Whether "sys" had to wait for what a step brings. */
  async #waited(step: Step, heard: Heard[]): Promise<boolean> {
    const wanted = step.brings ?? 0;
    const sys = this.#present.get("sys");
    if (sys === undefined || awaited(step, heard) >= wanted) return false;
    while (awaited(step, heard) < wanted) {
      // What does not come is told by what was heard.
      const item = await sys.hearsItem().catch(() => undefined);
      if (item === undefined) break;
      if (item !== "PING\r\n") heard.push(read("sys", item));
      else {
        await sys.says("PONG\r\n");
        // The watcher has been asked for a sign of life, too.
        await this.#fence();
      }
    }
    return true;
  }

  async #listenToAll(heard: Heard[], isEnd: boolean): Promise<void> {
    for (const [who, client] of this.#present) await this.#listen(who, client, heard, isEnd);
  }

  /** What came to this one since the last look. */
  async #listen(who: string, client: WireClient, heard: Heard[], isEnd: boolean): Promise<void> {
    const take = (item: string) => void heard.push(read(who, item));
    if (!isEnd) {
      const isThere = await roundTrip(client, take);
      if (!isThere) this.#present.delete(who);
      return;
    }
    for (let item = await client.hearsItem(); item !== undefined; item = await client.hearsItem())
      take(item);
  }

  async #enter(name: string, at = 0): Promise<WireClient> {
    const client = this.#stack.use(await connect(this.#servers[at]!.port));
    this.#present.set(name, client);
    this.#names(name, client);
    return client;
  }

  #names(name: string, client: WireClient): void {
    const cid = Number(client.info["client_id"]);
    this.#cids.set(name, cid);
    // Servers of a cluster give the same numbers.
    this.names.set(cid, this.#servers.length > 1 ? "somebody" : name);
  }

  #addressed(text: string): string {
    return text.replace(/\{(\w+)\}/g, (braces, name: string) => {
      if (name === "id") return this.serverId;
      if (name === "other") return [...this.serverNames.keys()][1] ?? braces;
      const cid = this.#cids.get(name);
      return cid === undefined ? braces : String(cid);
    });
  }
}

/** How many of the messages have come for which "sys" waits. */
const awaited = ({ isAboutStatistics = false }: Step, heard: readonly Heard[]) =>
  heard.filter(
    ({ who, subject }) =>
      who === "sys" && subject !== "" && isStatistics(subject) === isAboutStatistics,
  ).length;

/** Takes all that was said before; false when the server has closed. */
async function roundTrip(client: WireClient, take: (item: string) => void): Promise<boolean> {
  await client.says("PING\r\n");
  for (;;) {
    const item = await client.hearsItem();
    if (item === "PONG\r\n") return true;
    if (item === undefined) return false;
    if (item === "PING\r\n") await client.says("PONG\r\n");
    else take(item);
  }
}
