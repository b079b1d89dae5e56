// What takes too long for the tests, with the official client: messages while the configuration is
// reloaded again and again, a thousand clients that leave a lame duck, and a cluster whose servers are killed.
// Usage: bun scripts/soak.ts reload|lameduck
//        bun scripts/soak.ts cluster [--seconds 120] [--seed N]
import { parseArgs } from "node:util";
import { connect, type NatsConnection } from "nats";
import { Broker } from "./soak/broker.ts";

const RELOAD = { clients: 50, reloads: 100 };
const DUCK = { clients: 1000, graceMs: 2000, durationMs: 30_000 };
const CLUSTER_SECONDS = 120;
/** Start, heal and end of a cluster, on top of its seconds. */
const CLUSTER_MS_BESIDES = 60_000;
const RUN_MS_MAX = 120_000;
const PATIENCE_MS = 10_000;

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

interface Task {
  /** Whatever happens, it ends. */
  readonly msMax: number;
  run(): Promise<boolean>;
}

async function main(): Promise<void> {
  const name = process.argv[2] ?? "";
  const task = taskNamed(name, process.argv.slice(3));
  if (task === undefined) {
    console.error("usage: bun scripts/soak.ts reload|lameduck|cluster [--seconds 120] [--seed N]");
    process.exit(2);
  }
  const deadline = setTimeout(() => {
    console.error(`soak: not done after ${task.msMax / 1000} s`);
    process.exit(1);
  }, task.msMax);
  const passed = await task.run();
  clearTimeout(deadline);
  console.log(`${name}: ${passed ? "passed" : "FAILED"}`);
  process.exit(passed ? 0 : 1);
}

/** Undefined where the words make no sense. */
function taskNamed(name: string, args: string[]): Task | undefined {
  if (name === "cluster") return clusterTask(args);
  if (args.length > 0) return undefined;
  if (name === "reload") return { msMax: RUN_MS_MAX, run: reload };
  if (name === "lameduck") return { msMax: RUN_MS_MAX, run: lameduck };
  return undefined;
}

function clusterTask(args: string[]): Task | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: { seconds: { type: "string" }, seed: { type: "string" } },
    });
    const seconds = Number(values.seconds ?? CLUSTER_SECONDS);
    const seed = Number(values.seed ?? Date.now() % 1_000_000);
    if (!(seconds > 0) || !Number.isInteger(seed)) return undefined;
    const run = async () => (await import("./soak/cluster.ts")).cluster({ seconds, seed });
    return { msMax: seconds * 1000 + CLUSTER_MS_BESIDES, run };
  } catch {
    return undefined;
  }
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

if (import.meta.main) await main();
