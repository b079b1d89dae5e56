// Throws damaged protocol at the broker, without sockets, and watches: nothing is thrown, what is said is
// well-formed, how bytes are cut does not change the answer, nothing is left behind, memory stays.
// Usage: bun run fuzz -- [--inputs 10000000] [--seed N] [--seconds S] [--first I]
import { parseArgs } from "node:util";
import { Dice } from "../test/support/dice.ts";
import { quote } from "../test/support/wire.ts";
import { checkOutput, isSame } from "./fuzz/check.ts";
import { makeCuts, makeInput } from "./fuzz/mutate.ts";
import { type Outcome, World } from "./fuzz/session.ts";

/** Inputs between two looks at memory and two turns of the loop's timers. */
const ROUND_INPUTS = 100_000;
const TURN_INPUTS = 1_000;
/** Caches fill and code is compiled until then; from there on memory is compared. */
const WARM_UP_INPUTS = 1_000_000;
/** More than this on top of the warmed-up heap is a leak; the cache of subjects, itself bounded, is apart. */
const HEAP_GROWTH_BYTES_MAX = 8 << 20;
const CACHED_SUBJECT_BYTES = 1024;
/** One input of so many is also told in another way, and must be answered alike. */
const RETOLD_EVERY = 2;

const WORLDS = await Promise.all([
  World.open({}),
  World.open({ maxPayload: 64, maxControlLine: 64, maxSubscriptions: 3, maxSubscriptionTokens: 3 }),
  // Somebody hears all, as itself and as members of groups of their own, and wants headers.
  World.open(
    { maxPayload: 4096, maxControlLine: 512 },
    'CONNECT {"headers":true}\r\nSUB > all\r\nSUB foo bystanders some\r\nSUB foo.* bystanders few\r\n',
  ),
]);
const SUBSCRIPTIONS = WORLDS.map((world) => world.account.subscriptionCount);

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: {
    inputs: { type: "string", default: "10000000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    seconds: { type: "string", default: "0" },
    first: { type: "string", default: "0" },
  },
});
const inputCount = Number(values.inputs);
const seed = Number(values.seed);
const secondsMax = Number(values.seconds) || Infinity;
const first = Number(values.first);

console.log(`fuzz: seed ${seed}, ${inputCount} inputs`);
const startedAt = performance.now();
const elapsed = () => (performance.now() - startedAt) / 1000;
let baseline = { bytes: 0, cached: 0 };
let isWarm = false;
let done = 0;
const reasons = new Map<string, number>();

while (done < inputCount && elapsed() < secondsMax) {
  await fuzzOne(first + done);
  done++;
  if (done % TURN_INPUTS === 0) await endTurn();
  if (done % ROUND_INPUTS === 0) watchMemory();
}
await endTurn();
watchMemory();
for (const world of WORLDS) await world.close();
for (const [reason, count] of [...reasons].sort(([, a], [, b]) => b - a))
  console.log(`  ${count} × ${reason || "stayed open"}`);
console.log(`fuzz: ${done} inputs in ${elapsed().toFixed(1)} s, nothing found`);

/** Plays one input; its number and the seed say all about it. */
async function fuzzOne(number: number): Promise<void> {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ number);
  const text = makeInput(dice);
  const input = Buffer.from(text, "latin1");
  const world = dice.pick(WORLDS);
  let cuts: number[] = [];
  try {
    const outcome = await play(world, input, cuts, null);
    reasons.set(outcome.closeReason, (reasons.get(outcome.closeReason) ?? 0) + 1);
    checkOutput(outcome.heard);
    checkOutput(outcome.overheard);
    if (!dice.once(RETOLD_EVERY) || leavesToChance(text)) return;
    cuts = makeCuts(dice, input.length);
    const retold = await play(world, input, cuts, dice.once(2) ? dice : null);
    if (!isSame(outcome, retold))
      throw new Error(
        `cut at ${cuts}, the answer is another:\n  ${show(outcome)}\n  ${show(retold)}`,
      );
  } catch (error) {
    console.error(`fuzz: seed ${seed}, input ${number}: ${quote(text)}\n  cut at ${cuts}`);
    console.error(`again with: bun run fuzz -- --seed ${seed} --first ${number} --inputs 1`);
    throw error;
  }
}

async function play(
  world: World,
  input: Buffer,
  cuts: readonly number[],
  slowness: Dice | null,
): Promise<Outcome> {
  const outcome = await world.run(input, cuts, slowness);
  const left = world.account.subscriptionCount - SUBSCRIPTIONS[WORLDS.indexOf(world)]!;
  if (left !== 0) throw new Error(`${left} subscriptions are left of a closed client`);
  return outcome;
}

/** With two queue members there may be a group, and a group chooses at random. */
function leavesToChance(text: string): boolean {
  const members = text.match(/sub[ \t\r]+\n?\S+[ \t\r]+\S+[ \t\r]+\S/gi);
  return members !== null && members.length > 1;
}

/** Lets timers and immediates run, and checks that a fresh client is served. */
async function endTurn(): Promise<void> {
  await new Promise(setImmediate);
  for (const world of WORLDS) {
    const { heard } = await world.run(Buffer.from("PING\r\n"), [], null);
    if (!heard.toString("latin1").endsWith("} \r\nPONG\r\n"))
      throw new Error(`a fresh client hears ${quote(heard.toString("latin1"))}`);
  }
}

function watchMemory(): void {
  const bytes = heapBytes();
  const cached = WORLDS.reduce((sum, world) => sum + world.account.cachedSubjects, 0);
  if (!isWarm && done >= Math.min(WARM_UP_INPUTS, inputCount / 2)) {
    isWarm = true;
    baseline = { bytes, cached };
  }
  const rss = process.memoryUsage.rss();
  console.log(
    `${done} inputs, ${elapsed().toFixed(0)} s, heap ${megabytes(bytes)}` +
      ` (${isWarm ? `warm ${megabytes(baseline.bytes)}` : "warming up"}), rss ${megabytes(rss)},` +
      ` ${cached} subjects cached`,
  );
  const allowed = HEAP_GROWTH_BYTES_MAX + (cached - baseline.cached) * CACHED_SUBJECT_BYTES;
  if (isWarm && bytes - baseline.bytes > allowed) {
    const growth = megabytes(bytes - baseline.bytes);
    throw new Error(`seed ${seed}: the heap grew by ${growth}, ${megabytes(allowed)} allowed`);
  }
}

function heapBytes(): number {
  Bun.gc(true);
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function show({ heard, overheard, closeReason }: Outcome): string {
  const [own, others] = [heard, overheard].map((bytes) => quote(bytes.toString("latin1")));
  return `${own} ${closeReason || "stays open"}, others hear ${others}`;
}
