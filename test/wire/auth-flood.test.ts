// Many wrong passwords at a time: checking a bcrypt hash is slow on purpose, and must be slow for nobody
// but who asked for it.
import { expect, test } from "bun:test";
import type { Socket } from "bun";
import { bcrypt } from "../support/access-config.ts";
import { expectAdmitted, startConfigured } from "../support/configured.ts";
import { againstPeer } from "../support/server.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";

const FLOOD = 500;
/** A hash of this cost takes a core some 10 ms; a flood of them takes it seconds. */
const COST = 8;
/** So many of the flood hear that they are wrong while a neighbour counts the time. */
const REFUSED_MIN = 20;
/** What a neighbour waits for an answer meanwhile, mostly and at most, on two busy cores. */
const MEDIAN_MS_MAX = 20;
const LONGEST_MS_MAX = 500;
/** Clients of a smaller flood, each of which wants to say much more. */
const PUSHERS = 150;
/** What each of them would send behind its login, if somebody took it. */
const PUSHED_BYTES = 4 << 20;
/** A fifth of that for all of them. */
const GROWTH_BYTES_MAX = (PUSHERS * PUSHED_BYTES) / 5;
const PATIENCE_MS = 30_000;

const hash = bcrypt("right", COST);
const config = `authorization { timeout: 30, users: [
  { user: a, password: "${hash}" }, { user: plain, password: plain }
] }`;

/** Each wrong in its own way: what is asked twice may be answered together. */
const attempt = (at: number) => connectLine({ user: "a", pass: `wrong ${at}` });

// A nats-server checks as many passwords at a time as come, so there a neighbour waits for seconds.
const onlyMidge = againstPeer ? test.skip : test;

onlyMidge(
  "a flood of wrong passwords slows down nobody else, and is forgotten when it leaves",
  async () => {
    await using server = await startConfigured(config);
    await using neighbour = await join(server.port, { user: "plain", pass: "plain" });
    await using flood = await Flood.start(server.port, FLOOD);
    const times: number[] = [];
    while (flood.refused < REFUSED_MIN) times.push(await roundTrip(neighbour));
    times.sort((a, b) => a - b);
    expect(times[times.length >> 1]!).toBeLessThan(MEDIAN_MS_MAX);
    expect(times.at(-1)!).toBeLessThan(LONGEST_MS_MAX);

    // Who has a plain password comes in meanwhile; who has a hash needs not wait for those who left.
    await expectAdmitted(server.port, connectLine({ user: "plain", pass: "plain" }));
    const pending = FLOOD - flood.refused;
    const left = performance.now();
    await flood[Symbol.asyncDispose]();
    await using last = await connect(server.port);
    await last.says(connectLine({ user: "a", pass: "right" }) + "PING\r\n");
    await last.hears("PONG\r\n", PATIENCE_MS / 2);
    expect(pending).toBeGreaterThan(0);
    expect(performance.now() - left).toBeLessThan(PATIENCE_MS / 10);
  },
  PATIENCE_MS,
);

test(
  "who waits to be judged is listened to no further",
  async () => {
    await using server = await startConfigured(config);
    Bun.gc(true);
    const before = process.memoryUsage().rss;
    await using flood = await Flood.start(server.port, PUSHERS, PUSHED_BYTES);
    while (flood.refused < REFUSED_MIN) {
      await expectAdmitted(server.port, connectLine({ user: "plain", pass: "plain" }));
      expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH_BYTES_MAX);
    }
  },
  PATIENCE_MS,
);

onlyMidge(
  "a right password waits for no flood of wrong ones, and these for no longer than a login may take",
  async () => {
    const impatient = config.replace("timeout: 30", "timeout: 2");
    await using server = await startConfigured(impatient);
    await using flood = await Flood.start(server.port, FLOOD);
    const start = performance.now();
    await using client = await connect(server.port);
    await client.says(connectLine({ user: "a", pass: "right" }) + "PING\r\n");
    await client.hears("PONG\r\n", PATIENCE_MS / 2);
    expect(performance.now() - start).toBeLessThan(1_000);
    await using neighbour = await join(server.port, { user: "plain", pass: "plain" });
    while (flood.refused < FLOOD) await roundTrip(neighbour);
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS / 3);
  },
  PATIENCE_MS,
);

test("a right password among many wrong ones gets its turn", async () => {
  await using server = await startConfigured(config);
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect(server.port)));
  for (const [at, client] of clients.entries()) await client.says(attempt(at));
  await expectAdmitted(server.port, connectLine({ user: "a", pass: "right" }));
  for (const client of clients) {
    await client.hears("-ERR 'Authorization Violation'\r\n");
    await client.hearsClose();
  }
});

/** The time of a PING and its PONG, in ms. */
async function roundTrip(client: WireClient): Promise<number> {
  const start = performance.now();
  await client.says("PING\r\n");
  // The server may ask for a sign of life in between.
  while ((await client.hearsItem()) !== "PONG\r\n");
  return performance.now() - start;
}

const JUNK = Buffer.from(`PUB foo 65000\r\n${"x".repeat(65_000)}\r\n`);

/** Clients that log in wrongly and then push as much as they get rid of, without keeping any of it. */
class Flood implements AsyncDisposable {
  /** Clients that heard that they were wrong. */
  refused = 0;
  readonly #sockets: Socket[] = [];

  static async start(port: number, count: number, pushedBytes = 0): Promise<Flood> {
    const flood = new Flood();
    for (let at = 0; at < count; at++)
      flood.#sockets.push(await flood.#connect(port, at, pushedBytes));
    return flood;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
  }

  #connect(port: number, at: number, pushedBytes: number): Promise<Socket> {
    let pushed = 0;
    const push = (socket: Socket) => {
      for (let taken = 1; taken > 0 && pushed < pushedBytes; pushed += taken) {
        taken = socket.write(JUNK);
      }
    };
    return Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open(socket) {
          socket.write(attempt(at));
          push(socket);
        },
        drain: push,
        data: (_socket, chunk) => {
          if (chunk.includes("-ERR")) this.refused++;
        },
        error() {},
      },
    });
  }
}
