// For many.test.ts, in a process of its own: starts a hundred brokers, has each answer a request, stops them,
// and again, and prints what stayed. It must end by itself: a timer that is left would keep it.

import { gcAndSweep, heapStats } from "bun:jsc";
import { readdirSync } from "node:fs";
import { Midge } from "../../src/index.ts";

const BROKERS = 100;
const ROUNDS = 6;
/** Brokers and connections of all rounds, as long as somebody holds them. */
const known: WeakRef<object>[] = [];

async function serveAndStop(index: number): Promise<void> {
  // Every second one has ports, too.
  const ports = index % 2 === 0 ? { listen: false } : { port: -1, httpPort: -1 };
  await using server = await Midge.start({ ...ports, serverName: `broker-${index}` });
  server.on("connect", () => {});
  const nc = await server.connect();
  known.push(new WeakRef(server), new WeakRef(nc));
  nc.subscribe("who", { callback: (_error, message) => void message.respond(server.serverName) });
  const answer = (await nc.request("who")).string();
  if (answer !== server.serverName) throw new Error(`${server.serverName} answered ${answer}`);
  server.varz();
  if (index % 3 === 0) await nc.close();
}

async function settled() {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    gcAndSweep();
  }
  const handles = process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
  return {
    objects: heapStats().objectCount,
    handles,
    held: known.filter((reference) => reference.deref() !== undefined).length,
  };
}

const after = [];
for (let round = 0; round < ROUNDS; round++) {
  await Promise.all(Array.from({ length: BROKERS }, (_, index) => serveAndStop(index)));
  after.push(await settled());
}
process.stdout.write(JSON.stringify(after));
