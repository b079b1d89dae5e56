// The server as a program embeds it: one line to start, nothing left behind.

import { expect, test } from "bun:test";
import { Midge, OptionsError } from "../src/index.ts";
import { connect } from "./support/wire.ts";

test("starts on a free port of this machine alone, and says how to reach it", async () => {
  await using server = await Midge.start({ port: -1 });
  expect(server.clientUrl).toBe(`nats://127.0.0.1:${server.port}`);
  expect(server.monitorUrl).toBeUndefined();
  await using client = await connect(server.port);
  await client.says("PING\r\n");
  await client.hears("PONG\r\n");
});

test("many servers run side by side in one process and know nothing of each other", async () => {
  const servers = await Promise.all(Array.from({ length: 20 }, () => Midge.start({ port: -1 })));
  expect(new Set(servers.map((each) => each.port)).size).toBe(20);
  expect(new Set(servers.map((each) => each.serverId)).size).toBe(20);
  const clients = await Promise.all(servers.map((each) => connect(each.port)));
  for (const client of clients)
    await client.says('CONNECT {"verbose":false}\r\nSUB a 1\r\nPING\r\n');
  for (const client of clients) await client.hears("PONG\r\n");
  await clients[3]!.says("PUB a 2\r\nhi\r\n");
  await clients[3]!.hears("MSG a 1 2\r\nhi\r\n");
  for (const client of clients) await client.silent();
  for (const client of clients) await client[Symbol.asyncDispose]();
  await Promise.all(servers.map((each) => each.stop()));
});

test("a port that is taken rejects with the address and the cause, and leaves nothing open", async () => {
  await using server = await Midge.start({ port: -1 });
  const { port } = server;
  expect(Midge.start({ port, httpPort: -1 })).rejects.toThrow(
    `Error listening on port: 127.0.0.1:${port}, "listen tcp 127.0.0.1:${port}: bind: address already in use"`,
  );
});

test("a wrong option rejects with its name, before anything is opened", async () => {
  expect(Midge.start({ port: 70_000 })).rejects.toThrow(OptionsError);
  expect(Midge.start({ prot: 4222 } as object)).rejects.toThrow(/prot.*did you mean port/);
});

test("stopping twice is stopping once; afterwards the port is free", async () => {
  const server = await Midge.start({ port: -1 });
  const { port } = server;
  await Promise.all([server.stop(), server.stop()]);
  await using again = await Midge.start({ port });
  expect(again.port).toBe(port);
});

test("listens on IPv6, and tells a client its address there", async () => {
  await using server = await Midge.start({ host: "::1", port: -1 });
  expect(server.clientUrl).toBe(`nats://[::1]:${server.port}`);
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = await Bun.connect({
    hostname: "::1",
    port: server.port,
    socket: { data: (_socket, chunk) => resolve(chunk.toString()) },
  });
  expect(await promise).toContain('"client_ip":"::1"');
  socket.end();
});

test("options change while clients stay connected, and a change that needs a restart changes nothing", async () => {
  await using server = await Midge.start({ port: -1 });
  await using client = await connect(server.port);
  await server.reload({ port: -1, maxPayload: 10 });
  expect(server.options.maxPayload).toBe(10);
  await expect(server.reload({ port: -1, maxPayload: 20, maxPending: 1 << 20 })).rejects.toThrow(
    "config reload not supported for MaxPending: old=67108864, new=1048576",
  );
  expect(server.options.maxPayload).toBe(10);
  await client.says("PUB a 11\r\n");
  await client.hears("-ERR 'Maximum Payload Violation'\r\n");
});
