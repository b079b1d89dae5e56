// What takes too long for the tests, with the official client: messages while the configuration is
// reloaded again and again, and a thousand clients that leave a lame duck.
// Usage: bun scripts/soak.ts reload|lameduck
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect, type NatsConnection } from "nats";

const RELOAD = { clients: 50, reloads: 100 };
const DUCK = { clients: 1000, graceMs: 2000, durationMs: 30_000 };
/** Whatever happens, it ends. */
const RUN_MS_MAX = 120_000;
const PATIENCE_MS = 10_000;
const EXECUTABLE = process.env["MIDGE_BIN"] ?? join(dirname(import.meta.dir), "dist/midge");

export interface ReloadLoad {
  readonly url: string;
  readonly clients: number;
  readonly reloads: number;
  /** Changes the configuration and resolves when the server has taken it. */
  reload(round: number): Promise<void>;
}

export interface ReloadFigures {
  readonly sent: number;
  readonly received: number;
  /** Messages that came out of order, twice or with a gap before them. */
  readonly astray: number;
  readonly dropped: number;
  readonly seconds: number;
}

/** Messages of one turn of a client, before it waits until the server has them. */
const BATCH = 20;

/**
 * A ring of clients, each publishing numbers to the next one until all reloads are done. Every
 * number has to arrive, in order, and nobody may lose the connection.
 */
export async function reloadUnderLoad(load: ReloadLoad): Promise<ReloadFigures> {
  const startedAt = performance.now();
  const figures = { sent: 0, received: 0, astray: 0, dropped: 0 };
  const clients: NatsConnection[] = [];
  let isLeaving = false;
  let isOver = false;
  try {
    for (let i = 0; i < load.clients; i++) {
      const client = await connect({ servers: load.url, reconnect: false });
      clients.push(client);
      void client.closed().then(() => {
        if (!isLeaving) figures.dropped++;
      });
      let next = 0;
      client.subscribe(`ring.${i}`, {
        callback: (_, message) => {
          figures.received++;
          if (Number(message.string()) !== next) figures.astray++;
          next++;
        },
      });
      await client.flush();
    }
    const talk = async (client: NatsConnection, neighbour: number) => {
      for (let number = 0; !isOver && !client.isClosed();) {
        for (let i = 0; i < BATCH; i++) client.publish(`ring.${neighbour}`, String(number++));
        figures.sent += BATCH;
        await settled(client);
      }
    };
    const talking = Promise.all(clients.map((each, i) => talk(each, (i + 1) % clients.length)));
    for (let round = 1; round <= load.reloads; round++) await load.reload(round);
    isOver = true;
    await talking;
    await Promise.all(clients.map(settled));
  } finally {
    isLeaving = true;
    isOver = true;
    await Promise.all(clients.map((client) => client.close()));
  }
  return { ...figures, seconds: (performance.now() - startedAt) / 1000 };
}

/** Resolves when the server has handled all of it, or the connection is lost. */
const settled = (client: NatsConnection): Promise<unknown> =>
  Promise.race([client.flush().catch(() => undefined), client.closed()]);

/** Two configurations that take turns, so that every reload changes something. */
export function configOfRound(round: number): string {
  return round % 2 === 0
    ? 'max_payload: 1MB\nping_interval: "1m"\nmax_connections: 5000\n'
    : 'max_payload: 2MB\nping_interval: "50s"\nmax_connections: 4000\nmax_control_line: 8KB\n';
}

async function main(task: string | undefined): Promise<void> {
  const tasks: Readonly<Record<string, () => Promise<boolean>>> = { reload, lameduck };
  const run = tasks[task ?? ""];
  if (run === undefined) {
    console.error("usage: bun scripts/soak.ts reload|lameduck");
    process.exit(2);
  }
  const deadline = setTimeout(() => {
    console.error(`soak: not done after ${RUN_MS_MAX / 1000} s`);
    process.exit(1);
  }, RUN_MS_MAX);
  const passed = await run();
  clearTimeout(deadline);
  console.log(`${task}: ${passed ? "passed" : "FAILED"}`);
  process.exit(passed ? 0 : 1);
}

async function reload(): Promise<boolean> {
  await using broker = await Broker.start(configOfRound(0));
  const figures = await reloadUnderLoad({
    url: broker.url,
    ...RELOAD,
    reload: (round) => broker.reload(configOfRound(round)),
  });
  const { sent, received, astray, dropped, seconds } = figures;
  console.log(
    `${RELOAD.clients} clients, ${RELOAD.reloads} reloads in ${seconds.toFixed(1)} s: ` +
      `${sent} sent, ${received} received, ${astray} astray, ${dropped} connections dropped`,
  );
  return received === sent && astray === 0 && dropped === 0;
}

/** What happened to one client, in milliseconds since the signal; NaN for what did not happen. */
interface Story {
  toldMs: number;
  lostMs: number;
  backMs: number;
  heard: boolean;
}

async function lameduck(): Promise<boolean> {
  const settings =
    `lame_duck_grace_period: "${DUCK.graceMs}ms"\n` +
    `lame_duck_duration: "${DUCK.durationMs}ms"\n`;
  await using duck = await Broker.start(settings);
  await using refuge = await Broker.start("");
  const clients: NatsConnection[] = [];
  const stories: Story[] = [];
  let signalledAt = Number.NaN;
  const elapsed = () => performance.now() - signalledAt;
  const everyoneBack = Promise.withResolvers<void>();
  for (let i = 0; i < DUCK.clients; i++) {
    const client = await connect({
      servers: [duck.url, refuge.url],
      noRandomize: true,
      reconnectTimeWait: 100,
      reconnectJitter: 100,
      maxReconnectAttempts: -1,
    });
    const story = { toldMs: Number.NaN, lostMs: Number.NaN, backMs: Number.NaN, heard: false };
    clients.push(client);
    stories.push(story);
    client.subscribe("all", { callback: () => (story.heard = true) });
    void follow(client, story, elapsed, () => {
      if (stories.every(({ backMs }) => backMs > 0)) everyoneBack.resolve();
    });
    await client.flush();
  }
  signalledAt = performance.now();
  duck.child.kill("SIGUSR2");
  const patience = setTimeout(everyoneBack.resolve, DUCK.durationMs + PATIENCE_MS);
  const exitCode = await duck.child.exited;
  const goneMs = elapsed();
  await everyoneBack.promise;
  clearTimeout(patience);

  // Their subscriptions came along.
  const speaker = await connect({ servers: refuge.url });
  speaker.publish("all");
  await speaker.flush();
  await Promise.all(clients.map((client) => client.flush()));
  const there = clients.filter((client) => client.getServer() === new URL(refuge.url).host);
  const count = (holds: (story: Story) => boolean) => stories.filter(holds).length;
  const told = count(({ toldMs }) => toldMs < DUCK.graceMs);
  const early = count(({ lostMs }) => lostMs < DUCK.graceMs);
  const back = count(({ backMs }) => backMs > 0);
  const heard = count((story) => story.heard);
  const all = (pick: (story: Story) => number) => range(stories.map(pick));
  console.log(
    `${DUCK.clients} clients: ${told} told before the grace period ended (${all((s) => s.toldMs)}), ` +
      `${early} closed too early (${all((s) => s.lostMs)}), ${back} reconnected (${all((s) => s.backMs)}), ` +
      `${there.length} on the second server, ${heard} heard a message there; ` +
      `the lame duck ended with ${exitCode} after ${seconds(goneMs)}`,
  );
  await Promise.all([speaker, ...clients].map((client) => client.close()));
  const everyone = [told, back, there.length, heard].every((each) => each === DUCK.clients);
  return everyone && early === 0 && exitCode === 0 && goneMs <= DUCK.durationMs + PATIENCE_MS;
}

/** Keeps the times of what the client tells of its connection. */
async function follow(
  client: NatsConnection,
  story: Story,
  elapsed: () => number,
  onBack: () => void,
): Promise<void> {
  for await (const { type } of client.status()) {
    if (type === "ldm") story.toldMs = elapsed();
    else if (type === "disconnect" && Number.isNaN(story.lostMs)) story.lostMs = elapsed();
    else if (type === "reconnect") {
      story.backMs = elapsed();
      onBack();
    }
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

function range(times: readonly number[]): string {
  const known = times.filter((time) => !Number.isNaN(time));
  return known.length === 0
    ? "never"
    : `${seconds(Math.min(...known))} to ${seconds(Math.max(...known))}`;
}

/** The executable with a configuration file of its own; all it logs can be waited for. */
class Broker implements AsyncDisposable {
  readonly child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  readonly #folder = mkdtempSync(join(tmpdir(), "midge-soak-"));
  readonly #file = join(this.#folder, "midge.conf");
  url = "";
  #log = "";
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  static async start(config: string): Promise<Broker> {
    const broker = new Broker(config);
    const line = await broker.#line(/Listening for client connections on .*:(\d+)\n/, 0);
    await broker.#line(/Server is ready\n/, 0);
    broker.url = `nats://127.0.0.1:${line[1]}`;
    return broker;
  }

  private constructor(config: string) {
    writeFileSync(this.#file, config);
    this.child = Bun.spawn([EXECUTABLE, "-a", "127.0.0.1", "-p", "-1", "-c", this.#file], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    process.on("exit", () => this.child.kill("SIGKILL"));
    void this.#read();
  }

  async reload(config: string): Promise<void> {
    writeFileSync(this.#file, config);
    const from = this.#log.length;
    this.child.kill("SIGHUP");
    const [line] = await this.#line(/.*(Reloaded server configuration|Failed to reload).*\n/, from);
    if (line.includes("Failed")) throw new Error(line);
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.child.stderr) {
      this.#log += decoder.decode(chunk, { stream: true });
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }

  async #line(pattern: RegExp, from: number): Promise<RegExpExecArray> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const match = pattern.exec(this.#log.slice(from));
      if (match !== null) return match;
      const left = end - performance.now();
      if (left <= 0) throw new Error(`no line like ${pattern} in the log:\n${this.#log}`);
      await Promise.race([this.#changed.promise, Bun.sleep(left)]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await main(process.argv[2]);
