// What a hostile peer can do to others: nothing that lasts.
import { expect, test } from "bun:test";
import { Midge } from "../../src/index.ts";
import { connect, join } from "../support/wire.ts";

test("peers that connect and reset at once cost nothing", async () => {
  await using server = await Midge.start({ port: -1 });
  for (let i = 0; i < 300; i++) {
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: server.port,
      socket: { data() {} },
    });
    socket.terminate();
  }
  await using client = await connect(server.port);
  await client.says("PING\r\n");
  await client.hears("PONG\r\n");
});

test("what a client sent after the command that closed it is not run", async () => {
  await using server = await Midge.start({ port: -1, maxPending: 65_536, maxPayload: 60_000 });
  await using client = await join(server.port);
  client.pause();
  const flood = `PUB a 60000\r\n${"x".repeat(60_000)}\r\n`.repeat(200);
  await client.says("SUB a 1\r\n");
  for (let i = 0; i < 3; i++) await client.says(flood);
  await client.says("SUB left.behind 2\r\nSUB left.behind.too 3\r\n");
  await using other = await join(server.port);
  while (server.connections > 1) await other.silent();
  expect(server.subscriptions).toBe(0);
});

test("a notice of no responders goes to the first subscription in the order of delivery", async () => {
  await using server = await Midge.start({ port: -1 });
  await using client = await join(server.port, { headers: true, no_responders: true });
  await client.says("SUB r.x L\r\nSUB r.* S\r\nSUB r.> G\r\nPUB nobody r.x 0\r\n\r\n");
  const notice = await client.hearsMessage();
  expect(notice.sid).toBe("G");
});

test("a client that keeps the server busy does not keep its neighbours waiting", async () => {
  await using server = await Midge.start({ port: -1 });
  await using busy = await join(server.port);
  await busy.says("PING\r\n".repeat(200_000));
  await using neighbour = await join(server.port);
  const begin = performance.now();
  await neighbour.silent();
  expect(performance.now() - begin).toBeLessThan(500);
});
