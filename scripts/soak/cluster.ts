// Three servers at high load, of which one is killed every few seconds and started again. One of them, chosen by
// the seed, is spared, so that somebody lives long enough for its memory to be compared.
import * as transportNode from "@nats-io/transport-node";
import * as nats from "nats";
import { Dice } from "../../test/support/dice.ts";
import { Broker } from "./broker.ts";
import { AT_HOME, Conversation, isFaultless, Talker, type TalkerClient } from "./conversation.ts";
import type { Figures } from "./ledger.ts";

export interface ClusterSoak {
  readonly seconds: number;
  readonly seed: number;
}

const NAMES = ["A", "B", "C"];
/** From kill to kill. */
const ROUND_MS = 5_000;
/** A dead server is left alone so long. */
const DEAD_MS = { min: 20, max: 1500 };
/** After a restart everybody hears everybody, or it is a fault. */
const HEAL_MS = 5_000;
const PAYLOAD_BYTES = 128;
/** Memory may differ so much between equal situations: what a garbage collector leaves lying about. */
const GROWTH_FACTOR = 1.15;
const GROWTH_BYTES = 16 << 20;
/** Fewer rounds say nothing about growth: the first ones warm it up. */
const ROUNDS_FOR_GROWTH = 8;
const MIB = 1 << 20;
/** Ports from here up belong to connections, which may take one while its server is dead. */
const EPHEMERAL_FROM = 32_768;
const SERVERS_FROM = 15_000;

class Member {
  readonly name: string;
  readonly port: number;
  readonly #config: string;
  broker: Broker;

  static async start(place: number, ports: readonly number[], clusterPorts: readonly number[]) {
    const routes = clusterPorts
      .filter((_, i) => i !== place)
      .map((port) => `nats://127.0.0.1:${port}`);
    const config = `server_name: ${NAMES[place]}
cluster { name: soak, listen: "127.0.0.1:${clusterPorts[place]}", routes: ${JSON.stringify(routes)} }
`;
    const port = ports[place]!;
    return new Member(NAMES[place]!, port, config, await Broker.start(config, port));
  }

  private constructor(name: string, port: number, config: string, broker: Broker) {
    this.name = name;
    this.port = port;
    this.#config = config;
    this.broker = broker;
  }

  async kill(): Promise<void> {
    await this.broker[Symbol.asyncDispose]();
  }

  async revive(): Promise<void> {
    this.broker = await Broker.start(this.#config, this.port);
  }
}

/** True when all promises were kept. */
export async function cluster({ seconds, seed }: ClusterSoak): Promise<boolean> {
  console.log(`three servers, ${seconds} s, a kill -9 every ${ROUND_MS / 1000} s, --seed ${seed}`);
  const dice = new Dice(seed);
  const [ports, clusterPorts] = [freePorts(), freePorts()];
  const members = await Promise.all(NAMES.map((_, i) => Member.start(i, ports, clusterPorts)));
  const spared = dice.pick(members);
  const victims = members.filter((each) => each !== spared);
  const talkers = await Promise.all(members.map(introduce));
  const conversation = await Conversation.of(talkers, PAYLOAD_BYTES);
  await conversation.met(HEAL_MS);
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  conversation.start();
  const memory: number[] = [];
  const heals: number[] = [];
  let broken = "";
  try {
    await conversation.flowing(HEAL_MS);
    for (let round = 1; round * ROUND_MS < seconds * 1000; round++) {
      await Bun.sleep(Math.max(0, round * ROUND_MS - elapsed()));
      memory.push(spared.broker.rss);
      const victim = dice.pick(victims);
      await victim.kill();
      await Bun.sleep(DEAD_MS.min + dice.below(DEAD_MS.max - DEAD_MS.min));
      await victim.revive();
      const revivedAt = performance.now();
      await conversation.flowing(HEAL_MS);
      heals.push(performance.now() - revivedAt);
    }
    await Bun.sleep(Math.max(0, seconds * 1000 - elapsed()));
    memory.push(spared.broker.rss);
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error);
  }
  const ranFor = elapsed() / 1000;
  const figures = await conversation.end(HEAL_MS);
  const epochs = talkers[members.indexOf(spared)]!.epoch;
  await Promise.all(talkers.map(({ client }) => client.close()));
  await Promise.all(members.map((each) => each.kill()));
  console.log(`${heals.length} kills; ${spared.name} was spared`);
  report(figures, ranFor);
  if (heals.length > 0) {
    console.log(
      `everybody heard everybody again ${inMs(Math.min(...heals))} to ${inMs(Math.max(...heals))} after a restart`,
    );
  }
  const growth = growthOf(memory);
  if (epochs > 0)
    console.log(`the client of ${spared.name} lost its connection ${epochs} times: FAILED`);
  if (broken !== "") console.log(`${broken}: FAILED`);
  return isFaultless(figures) && growth && epochs === 0 && broken === "";
}

/** Clients of both kinds, each at home at one server. */
async function introduce({ name, broker }: Member, place: number): Promise<Talker> {
  const options = { ...AT_HOME, servers: broker.url, name };
  const client: TalkerClient =
    place % 2 === 0 ? await nats.connect(options) : await transportNode.connect(options);
  return new Talker(name, client);
}

function report(figures: Figures, seconds: number): void {
  const { sent, received, lost, lostAway, doubled, disordered, silent, faults } = figures;
  const rate = Math.round(received / seconds).toLocaleString("en");
  console.log(`${sent} sent (copies owed: one for each of three clients, one for a queue group)
${received} received, ${rate} per second
${lostAway} lost while disconnected: higher than the last number that a client heard on a connection
  before that or the publisher's was lost, lower than the first one heard after it was back;
  a route that fails between two living servers excuses nothing
${lost} lost between connected clients (must be 0)
${doubled} doubled (must be 0)
${disordered} out of order, per connection of a publisher and listener (must be 0)
${silent} pairs of connected clients that do not hear each other (must be 0)`);
  for (const fault of faults) console.log(`  ${fault}`);
}

/**
 * Like with like: the same process under the same load with all three servers up, right before each kill. The
 * lowest value of the second quarter of the run beside the lowest one of the last.
 */
function growthOf(memory: readonly number[]): boolean {
  const shown = memory.map((each) => Math.round(each / MIB)).join(" ");
  console.log(`RSS of the spared server before each kill, in MiB: ${shown}`);
  if (memory.length < ROUNDS_FOR_GROWTH) {
    console.log(`growth: not judged in fewer than ${ROUNDS_FOR_GROWTH} rounds`);
    return true;
  }
  const quarter = Math.floor(memory.length / 4);
  const early = Math.min(...memory.slice(quarter, 2 * quarter));
  const late = Math.min(...memory.slice(-quarter));
  const isSteady = late <= Math.max(early * GROWTH_FACTOR, early + GROWTH_BYTES);
  const change = ((late - early) / MIB).toFixed(1);
  console.log(
    `growth from the second to the last quarter: ${change} MiB${isSteady ? "" : ": FAILED"}`,
  );
  return isSteady;
}

const inMs = (ms: number) => `${Math.round(ms)} ms`;

/** Free ports that no connection is ever given. */
function freePorts(): number[] {
  const ports = new Set<number>();
  while (ports.size < NAMES.length) {
    const port = SERVERS_FROM + Math.floor(Math.random() * (EPHEMERAL_FROM - SERVERS_FROM));
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
      ports.add(port);
    } catch {
      // Taken: another one.
    }
  }
  return [...ports];
}
