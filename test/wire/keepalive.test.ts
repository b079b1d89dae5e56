// The server's PINGs and what happens to those who do not answer (client protocol §5).
import { afterAll, describe, expect, test } from "bun:test";
import { startServer } from "../support/server.ts";
import { connect, connectLine, join } from "../support/wire.ts";

const INTERVAL_MS = 60;
/** Long enough that a busy machine does not make a busy client look idle. */
const CALM_INTERVAL_MS = 200;
const STALE = "-ERR 'Stale Connection'\r\n";

const server = await startServer({ pingInterval: INTERVAL_MS, pingMax: 2 });
afterAll(() => server.stop());

describe("a silent client", () => {
  test("hears two PINGs, then that it is stale, and is closed", async () => {
    await using client = await join(server.port);
    const start = performance.now();
    await client.hears("PING\r\n");
    await client.hears("PING\r\n");
    await client.hears(STALE);
    await client.hearsClose();
    // Three intervals; the first may be up to a fifth longer. Only the lower bound is a promise here.
    expect(performance.now() - start).toBeGreaterThan(2.8 * INTERVAL_MS);
  });

  test("is pinged and found stale before its CONNECT too", async () => {
    await using client = await connect(server.port);
    await client.hears("PING\r\n");
    await client.hears("PING\r\n");
    await client.hears(STALE);
    await client.hearsClose();
  });

  test("that answers each PING stays", async () => {
    await using client = await join(server.port);
    for (let round = 0; round < 5; round++) {
      await client.hears("PING\r\n");
      await client.says("PONG\r\n");
    }
    await client.silent();
  });

  test("that answers one of two PINGs stays", async () => {
    await using client = await join(server.port);
    for (let round = 0; round < 3; round++) {
      await client.hears("PING\r\n");
      await client.hears("PING\r\n");
      await client.says("PONG\r\n");
    }
    await client.silent();
  });
});

describe("a busy client", () => {
  // What a client may do to show that it is alive, and what it hears for it.
  const signs: [says: string, hears: string][] = [
    ["PING\r\n", "PONG\r\n"],
    ["PUB keep.alive 0\r\n\r\n", "+OK\r\n"],
    ["SUB keep.calm 1\r\nUNSUB 1\r\n", "+OK\r\n+OK\r\n"],
  ];

  test("is pinged once and then no more, whatever it is busy with", async () => {
    await using calm = await startServer({ pingInterval: CALM_INTERVAL_MS });
    await Promise.all(
      signs.map(async ([says, hears]) => {
        await using client = await connect(calm.port);
        await client.says(connectLine({ verbose: true }));
        await client.hears("+OK\r\n");
        await client.hears("PING\r\n");
        await client.says("PONG\r\n");
        const end = performance.now() + 4 * CALM_INTERVAL_MS;
        while (performance.now() < end) {
          await client.says(says);
          await client.hears(hears);
        }
      }),
    );
  });

  test("is pinged the first time even though it is busy", async () => {
    await using client = await connect(server.port);
    await client.says(connectLine());
    let heard = "";
    while (heard !== "PING") {
      await client.says("PING\r\n");
      heard = await client.hearsLine();
      expect(heard).toBeOneOf(["PONG", "PING"]);
    }
  });

  test("that only receives is pinged", async () => {
    await using client = await join(server.port);
    await using publisher = await join(server.port);
    await client.says("SUB only.hears 1\r\n");
    await client.hears("PING\r\n");
    await client.says("PONG\r\n");
    let heard = "";
    const end = performance.now() + 20 * INTERVAL_MS;
    while (heard !== "PING" && performance.now() < end) {
      await publisher.says("PUB only.hears 0\r\n\r\nPONG\r\n");
      heard = await client.hearsLine();
    }
    expect(heard).toBe("PING");
  });
});

test("an unsolicited PONG counts as an answer to no PING", async () => {
  await using client = await join(server.port);
  await client.says("PONG\r\nPONG\r\nPONG\r\n");
  await client.hears("PING\r\n");
  await client.hears("PING\r\n");
  await client.hears(STALE);
  await client.hearsClose();
});
