// What a program hears of its broker's clients.

import { expect, test } from "bun:test";
import { type ClientEvent, type DisconnectEvent, Midge } from "../../src/index.ts";
import { connect, connectLine, join } from "../support/wire.ts";
import { errorLog, until } from "./support.ts";

test("connect tells who logged in, disconnect tells who left and why", async () => {
  const authorization = { users: [{ user: "ann", password: "s3cret" }] };
  await using server = await Midge.start({ port: -1, authorization });
  const came: ClientEvent[] = [];
  const left: DisconnectEvent[] = [];
  server.on("connect", (event) => void came.push(event));
  server.on("disconnect", (event) => void left.push(event));
  const client = await join(server.port, { user: "ann", pass: "s3cret", name: "app" });
  await until(() => came.length === 1, "connect");
  const [event] = came;
  expect(event).toEqual({
    cid: 1,
    name: "app",
    user: "ann",
    account: "$G",
    ip: "127.0.0.1",
    port: expect.any(Number),
  });
  expect(JSON.stringify(event)).not.toContain("s3cret");
  await client[Symbol.asyncDispose]();
  await until(() => left.length === 1, "disconnect");
  expect(left).toEqual([
    { ...event!, reason: expect.stringMatching(/^(Client Closed|Read Error)$/) },
  ]);
});

test("who is not let in is never announced, and a token is not shown", async () => {
  const authorization = { token: "t0ken" };
  await using server = await Midge.start({ port: -1, authorization });
  const events: object[] = [];
  server.on("connect", (event) => void events.push(event));
  server.on("disconnect", (event) => void events.push(event));
  await using stranger = await connect(server.port);
  await stranger.says(connectLine({ auth_token: "wrong" }));
  await stranger.hears("-ERR 'Authorization Violation'\r\n");
  await until(() => stranger.closed, "the end");
  await using friend = await join(server.port, { auth_token: "t0ken" });
  await until(() => events.length > 0, "connect of the friend");
  expect(events).toMatchObject([{ user: "[REDACTED]" }]);
  await friend.silent();
});

test("a second CONNECT is no second connect", async () => {
  await using server = await Midge.start({ port: -1 });
  let count = 0;
  server.on("connect", () => void count++);
  await using client = await join(server.port);
  await client.says(`${connectLine({ name: "again" })}PING\r\n`);
  await client.hears("PONG\r\n");
  expect(count).toBe(1);
});

test("a slow consumer is told of before it is gone", async () => {
  await using server = await Midge.start({ port: -1, maxPending: 200_000, maxPayload: 100_000 });
  const events: string[] = [];
  server.on("slowConsumer", ({ name, reason }) => void events.push(`slow ${name}: ${reason}`));
  server.on("disconnect", ({ name }) => void events.push(`gone ${name}`));
  const sleeper = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: { open: (socket) => void socket.pause(), data() {} },
  });
  sleeper.write(`${connectLine({ name: "sleeper" })}SUB a 1\r\n`);
  await until(() => server.subscriptions === 1, "the subscription");
  await using talker = await join(server.port, { name: "talker" });
  const payload = "x".repeat(100_000);
  while (events.length === 0) {
    await talker.says(`PUB a 100000\r\n${payload}\r\nPING\r\n`);
    await talker.hears("PONG\r\n");
  }
  expect(events).toEqual(["slow sleeper: Slow Consumer (Pending Bytes)", "gone sleeper"]);
  sleeper.terminate();
});

test("a listener stops listening when told to, and the same function may listen twice", async () => {
  await using server = await Midge.start({ listen: false });
  let heard = 0;
  const listener = () => void heard++;
  const stopFirst = server.on("connect", listener);
  const stopSecond = server.on("connect", listener);
  await server.connect();
  expect(heard).toBe(2);
  stopFirst();
  stopFirst();
  await server.connect();
  expect(heard).toBe(3);
  stopSecond();
  await server.connect();
  expect(heard).toBe(3);
});

test("a listener that throws or rejects is logged, and neither the broker nor the others notice", async () => {
  const log = errorLog();
  await using server = await Midge.start({ listen: false }, log);
  const heard: number[] = [];
  server.on("connect", () => {
    throw new Error("thrown by a listener");
  });
  server.on("connect", async () => {
    throw new Error("rejected by a listener");
  });
  server.on("connect", ({ cid }) => void heard.push(cid));
  const nc = await server.connect();
  expect((await nc.rtt()) >= 0).toBe(true);
  expect(heard).toEqual([1]);
  await until(() => log.errors.length === 2, "both errors in the log");
  expect(log.errors.join()).toContain("thrown by a listener");
  expect(log.errors.join()).toContain("rejected by a listener");
  await nc.close();
});

test("a listener may stop the broker it listens to", async () => {
  const server = await Midge.start({ port: -1 });
  const stopped = new Promise<void>((resolve) => {
    server.on("connect", async () => {
      await server.stop();
      resolve();
    });
  });
  await using client = await connect(server.port);
  await client.says(connectLine());
  await stopped;
  await until(() => client.closed, "the end");
});

test("an event that there is not is refused with the names of those there are", async () => {
  await using server = await Midge.start({ listen: false });
  expect(() => server.on("conect" as "connect", () => {})).toThrow(
    'there is no event "conect"; there are connect, disconnect, slowConsumer',
  );
});
