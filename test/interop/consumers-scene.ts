// The state that servers are in while programs watch them: who is there, what they have said, and what any
// program that shows numbers must therefore show.
import { type Peer, startPeer } from "../support/peer.ts";
import { join, type WireClient } from "../support/wire.ts";
import { askJson, type Door } from "./monitor-ask.ts";
import { monitorPort } from "./monitor-play.ts";

const PATIENCE_MS = 3_000;

/** In the order in which they come; no two have the same number of anything. */
export const PRESENT = {
  alice: {
    subs: 2,
    fromMsgs: 0,
    fromBytes: 0,
    toMsgs: 4,
    toBytes: 130,
    subjects: ["bar.*", "foo"],
  },
  bob: { subs: 1, fromMsgs: 3, fromBytes: 30, toMsgs: 1, toBytes: 100, subjects: ["bar.x"] },
  carol: { subs: 0, fromMsgs: 1, fromBytes: 100, toMsgs: 0, toBytes: 0, subjects: [] },
} as const;

/** With what somebody did who is gone: one message of five bytes for nobody. */
export const TOTAL = {
  connections: 4,
  inMsgs: 5,
  inBytes: 135,
  outMsgs: 5,
  outBytes: 230,
} as const;

export interface Scenery {
  readonly config?: string;
  readonly isSecure?: boolean;
  /** The server's http_base_path. */
  readonly base?: string;
}

/** A server in that state. */
export class Scene implements AsyncDisposable {
  readonly monitor: Door;
  readonly #stack: AsyncDisposableStack;

  private constructor(monitor: Door, stack: AsyncDisposableStack) {
    this.monitor = monitor;
    this.#stack = stack;
  }

  /** `path` is the executable of any server that understands nats-server's command line. */
  static async open(path: string, scenery: Scenery = {}): Promise<Scene> {
    const { config = "", isSecure = false, base = "" } = scenery;
    const protocol = isSecure ? "https" : "http";
    await using stack = new AsyncDisposableStack();
    const server: Peer = stack.use(
      await startPeer(path, `${protocol}: "127.0.0.1:-1"\nserver_name: here\n${config}`),
    );
    const monitor = { port: await monitorPort(server), isSecure };
    const enter = async (name: string) =>
      stack.use(await join(server.port, { name, lang: "go", version: "1.2.3" }));
    const gone = await enter("gone");
    const alice = await enter("alice");
    const bob = await enter("bob");
    const carol = await enter("carol");
    await alice.says("SUB foo 1\r\nSUB bar.* 2\r\n");
    await bob.says("SUB bar.x 1\r\n");
    await gone.says("PUB nobody 5\r\nhello\r\n");
    for (const client of [gone, alice, bob]) await roundTrip(client);
    await bob.says("PUB foo 10\r\n0123456789\r\n".repeat(3));
    await carol.says(`PUB bar.x 100\r\n${"x".repeat(100)}\r\n`);
    gone.shutdown();
    await gone.hearsUntilClose();
    // What was sent to somebody is counted before the answer to their second PING.
    for (const client of [bob, carol, alice, bob, carol, alice]) await roundTrip(client);
    await settle(monitor, base);
    return new Scene(monitor, stack.move());
  }

  get url(): string {
    return `${this.monitor.isSecure ? "https" : "http"}://127.0.0.1:${this.monitor.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** All pages that the programs ask for, so that each server has counted requests for the same ones. */
const PAGES = ["connz", "subsz", "routez", "gatewayz", "leafz", "healthz", "jsz"];

/** Waits until the monitor has seen somebody leave. */
async function settle(monitor: Door, base: string): Promise<void> {
  for (const page of PAGES) await askJson(monitor, `${base}/${page}`);
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const varz = await askJson<{ connections: number }>(monitor, `${base}/varz`);
    if (varz.connections === 3) return;
  }
  throw new Error("the monitor has not seen one of four clients leave");
}

async function roundTrip(client: WireClient): Promise<void> {
  await client.says("PING\r\n");
  for (let item = await client.hearsItem(); item !== "PONG\r\n"; item = await client.hearsItem()) {
    if (item === undefined) throw new Error("the server closed");
  }
}
