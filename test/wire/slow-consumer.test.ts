// What happens to a connection that does not take its messages (client protocol §16).
import { expect, test } from "bun:test";
import { startServer, type TestServer } from "../support/server.ts";
import { join, type WireClient } from "../support/wire.ts";

const PAYLOAD_BYTES = 65_536;
/** More than the kernel keeps for a connection that does not read. */
const FLOOD_BYTES_MAX = 64 * 1_048_576;
const PATIENCE_MS = 10_000;

/** Publishes to `flood` until nobody listens there any more; gives the bytes that took. */
async function floodUntilAlone(server: TestServer): Promise<number> {
  await using publisher = await join(server.port, { headers: true, no_responders: true });
  await publisher.says("SUB nobody 1\r\n");
  const message = `PUB flood nobody ${PAYLOAD_BYTES}\r\n${"x".repeat(PAYLOAD_BYTES)}\r\nPING\r\n`;
  for (let sent = 0; sent < FLOOD_BYTES_MAX; sent += PAYLOAD_BYTES) {
    await publisher.says(message);
    const line = await publisher.hearsLine();
    if (line.startsWith("HMSG nobody 1 ")) return sent;
    expect(line).toBe("PONG");
  }
  throw new Error(`still a listener after ${FLOOD_BYTES_MAX} bytes`);
}

async function joinAndPause(server: TestServer): Promise<WireClient> {
  const client = await join(server.port);
  await client.says("SUB flood 1\r\n");
  await client.silent();
  client.pause();
  return client;
}

/** The rest that a slow consumer hears: whole messages, the last one perhaps cut, and no word more. */
async function expectCutStream(client: WireClient): Promise<void> {
  client.resume();
  const rest = await client.hearsUntilClose(PATIENCE_MS);
  const whole = `MSG flood 1 nobody ${PAYLOAD_BYTES}\r\n${"x".repeat(PAYLOAD_BYTES)}\r\n`;
  const count = Math.floor(rest.length / whole.length);
  expect(rest === whole.repeat(count) + whole.slice(0, rest.length % whole.length)).toBe(true);
}

test(
  "a client with more than max_pending bytes waiting is closed without a word",
  async () => {
    await using server = await startServer({ maxPending: 1_048_576, debug: true });
    await using slow = await joinAndPause(server);
    await floodUntilAlone(server);
    await server.logged(/Slow Consumer Detected: MaxPending of 1048576 Exceeded/);
    await server.logged(/connection closed: Slow Consumer \(Pending Bytes\)/);
    await expectCutStream(slow);
  },
  PATIENCE_MS,
);

test(
  "a client that takes nothing for write_deadline is closed without a word",
  async () => {
    await using server = await startServer({ writeDeadline: 150, debug: true });
    await using slow = await joinAndPause(server);
    await using publisher = await join(server.port);
    // More than the kernel keeps, far less than max_pending.
    const message = `PUB flood nobody ${PAYLOAD_BYTES}\r\n${"x".repeat(PAYLOAD_BYTES)}\r\n`;
    await publisher.says(message.repeat(400));
    await publisher.silent();
    await server.logged(/Slow Consumer Detected: WriteDeadline of 150ms exceeded/);
    await server.logged(/connection closed: Slow Consumer \(Write Deadline\)/);
    await expectCutStream(slow);
  },
  PATIENCE_MS,
);

test(
  "a slow client costs the others nothing",
  async () => {
    await using server = await startServer({ maxPending: 1_048_576 });
    await using slow = await joinAndPause(server);
    await using quick = await join(server.port);
    await quick.says("SUB flood 2\r\n");
    await quick.silent();
    await using publisher = await join(server.port);
    const count = 200;
    const body = `${PAYLOAD_BYTES}\r\n${"x".repeat(PAYLOAD_BYTES)}\r\n`;
    for (let at = 0; at < count; at++) {
      await publisher.says(`PUB flood ${body}`);
      await quick.hears(`MSG flood 2 ${body}`);
    }
    await quick.silent();
    expect(slow.closed).toBe(false);
  },
  PATIENCE_MS,
);

test(
  "a client that reads late but in time hears everything",
  async () => {
    await using server = await startServer();
    await using late = await joinAndPause(server);
    await using publisher = await join(server.port);
    const count = 200;
    const body = `${PAYLOAD_BYTES}\r\n${"x".repeat(PAYLOAD_BYTES)}\r\n`;
    await publisher.says(`PUB flood ${body}`.repeat(count));
    await publisher.silent();
    late.resume();
    for (let at = 0; at < count; at++) await late.hears(`MSG flood 1 ${body}`);
    await late.silent();
  },
  PATIENCE_MS,
);

test(
  "with no_fast_producer_stall a slow client misses messages and stays",
  async () => {
    await using server = await startServer({ maxPending: 1_048_576, noFastProducerStall: true });
    await using slow = await joinAndPause(server);
    await using publisher = await join(server.port);
    const count = 400;
    const body = `${PAYLOAD_BYTES}\r\n${"x".repeat(PAYLOAD_BYTES)}\r\n`;
    for (let at = 0; at < count; at++) {
      await publisher.says(`PUB flood ${body}`);
      await publisher.silent();
    }
    slow.resume();
    await slow.says("PING\r\n");
    let heard = 0;
    for (let item = await slow.hearsItem(); item !== "PONG\r\n"; item = await slow.hearsItem()) {
      expect(item === `MSG flood 1 ${body}`).toBe(true);
      heard++;
    }
    expect(heard).toBeWithin(1, count);
    // Once it reads again, it hears again.
    await publisher.says("PUB flood 4\r\nback\r\n");
    await slow.hears("MSG flood 1 4\r\nback\r\n");
  },
  PATIENCE_MS,
);
