// What a client may not exceed (client protocol §2.3, §15), beyond what the transcripts cover.
import { describe, expect, test } from "bun:test";
import { startServer } from "../support/server.ts";
import { connect, join } from "../support/wire.ts";

const LINE_TOO_LONG = "-ERR 'maximum control line exceeded'\r\n";
const TOO_MANY_CONNECTIONS = "-ERR 'maximum connections exceeded'\r\n";
const PAYLOAD_TOO_LARGE = "-ERR 'Maximum Payload Violation'\r\n";

describe("control line", () => {
  test("4096 bytes of argument pass by default, one more does not", async () => {
    await using server = await startServer();
    await using client = await join(server.port);
    const subject = "x".repeat(4096 - 2);
    await client.says(`SUB ${subject} 1\r\nPUB ${subject} 0\r\n\r\n`);
    await client.hears(`MSG ${subject} 1 0\r\n\r\n`);
    await client.says(`SUB ${subject}x 2\r\n`);
    await client.hears(LINE_TOO_LONG);
    await client.hearsClose();
  });

  test("a line without end is refused as soon as it is too long", async () => {
    await using server = await startServer();
    await using client = await join(server.port);
    await client.says(`SUB ${"x".repeat(4097)}`);
    await client.hears(LINE_TOO_LONG);
    await client.hearsClose();
  });

  test("a line that grows in small pieces is refused when it is too long", async () => {
    await using server = await startServer({ maxControlLine: 64 });
    await using client = await connect(server.port);
    await client.says("PUB foo ");
    for (let piece = 0; piece < 20 && !client.closed; piece++) {
      await client.says("bar ");
      await new Promise(setImmediate);
    }
    await client.hears(LINE_TOO_LONG);
    await client.hearsClose();
  });

  test("PING is no argument: what follows it may be long", async () => {
    await using server = await startServer({ maxControlLine: 64 });
    await using client = await connect(server.port);
    await client.says(`PING ${"x".repeat(200)}\r\n`);
    await client.hears("PONG\r\n");
  });

  test("a payload is no control line", async () => {
    await using server = await startServer({ maxControlLine: 64 });
    await using client = await connect(server.port);
    await client.says(`PUB foo 2000\r\n${"x".repeat(2000)}\r\n`);
    await client.hears("+OK\r\n");
  });
});

describe("payload", () => {
  test("1 MiB passes by default, one byte more does not", async () => {
    await using server = await startServer();
    await using client = await join(server.port);
    const payload = "y".repeat(1_048_576);
    await client.says(`SUB foo 1\r\nPUB foo 1048576\r\n${payload}\r\n`);
    await client.hears(`MSG foo 1 1048576\r\n${payload}\r\n`);
    await client.says("PUB foo 1048577\r\n");
    await client.hears(PAYLOAD_TOO_LARGE);
    await client.hearsClose();
  });

  test("the refusal does not wait for the payload and the payload does not hide it", async () => {
    await using server = await startServer({ maxPayload: 100 });
    await using client = await join(server.port);
    await client.says(`PUB foo 101\r\n${"z".repeat(101)}\r\nPING\r\n`);
    await client.hears(PAYLOAD_TOO_LARGE);
    await client.hearsClose();
  });

  test("a limit of -1 is none and INFO says so", async () => {
    await using server = await startServer({ maxPayload: -1 });
    await using client = await join(server.port);
    expect(client.info["max_payload"]).toBe(-1);
    const payload = "y".repeat(1_500_000);
    await client.says(`SUB foo 1\r\nPUB foo 1500000\r\n${payload}\r\n`);
    await client.hears(`MSG foo 1 1500000\r\n${payload}\r\n`);
  });
});

describe("connections", () => {
  test("one too many hears INFO and the reason, and its leaving makes no room", async () => {
    await using server = await startServer({ maxConnections: 2 });
    await using first = await join(server.port);
    await using second = await join(server.port);
    for (let attempt = 0; attempt < 3; attempt++) {
      await using third = await connect(server.port);
      await third.hears(TOO_MANY_CONNECTIONS);
      await third.hearsClose();
    }
    await first.silent();
    await second.silent();
  });

  test("a connection that closes makes room", async () => {
    await using server = await startServer({ maxConnections: 1, debug: true });
    const first = await join(server.port);
    first.shutdown();
    await first.hearsClose();
    await server.logged(/connection closed: Client Closed/);
    await using second = await connect(server.port);
    await second.silent();
  });

  test("a negative limit refuses everyone", async () => {
    await using server = await startServer({ maxConnections: -1 });
    await using client = await connect(server.port);
    await client.hears(TOO_MANY_CONNECTIONS);
    await client.hearsClose();
  });
});

describe("subscriptions", () => {
  test("the limit is each connection's own", async () => {
    await using server = await startServer({ maxSubscriptions: 1 });
    await using first = await join(server.port);
    await using second = await join(server.port);
    await first.says("SUB foo 1\r\nSUB foo 2\r\n");
    await first.hears("-ERR 'maximum subscriptions exceeded'\r\n");
    await second.says("SUB foo 1\r\n");
    await second.silent();
  });

  test("a subscription that ran out makes room", async () => {
    await using server = await startServer({ maxSubscriptions: 1 });
    await using client = await join(server.port);
    await client.says("SUB foo 1\r\nUNSUB 1 1\r\nPUB foo 0\r\n\r\nSUB bar 2\r\nPUB bar 0\r\n\r\n");
    await client.hears("MSG foo 1 0\r\n\r\nMSG bar 2 0\r\n\r\n");
  });
});
