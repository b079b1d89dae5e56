// How a server leaves: at once, or as a lame duck (client protocol §18).
import { expect, test } from "bun:test";
import { startServer } from "../support/server.ts";
import { connect, connectLine, join } from "../support/wire.ts";

const LAME_DUCK = { lameDuckDuration: 30_000, lameDuckGracePeriod: 10_000 };

test("a stop closes every connection without a word and frees the port", async () => {
  const server = await startServer();
  await using joined = await join(server.port);
  await using fresh = await connect(server.port);
  await server.stop();
  await joined.hearsClose();
  await fresh.hearsClose();
  await expect(connect(server.port)).rejects.toThrow();
});

test("a lame duck tells those who can hear it and takes no one new", async () => {
  await using server = await startServer(LAME_DUCK);
  await using modern = await connect(server.port);
  await modern.says(connectLine({ protocol: 1 }) + "PING\r\n");
  await modern.hears("PONG\r\n");
  await modern.hearsInfo();
  await using old = await join(server.port, { protocol: 0 });

  server.lameDuck();
  const notice = await modern.hearsInfo();
  expect(notice["ldm"]).toBe(true);
  expect(notice["connect_urls"]).toBeUndefined();
  await expect(connect(server.port)).rejects.toThrow();
  await old.silent();

  // Those who are there are served until their turn comes.
  await modern.says("SUB foo 1\r\nPUB foo 2\r\nok\r\n");
  await modern.hears("MSG foo 1 2\r\nok\r\n");
  await server.stop();
  await modern.hearsClose();
  await old.hearsClose();
});

test("the INFO after the first PONG of a lame duck does not repeat the notice", async () => {
  await using server = await startServer(LAME_DUCK);
  await using witness = await connect(server.port);
  await witness.says(connectLine({ protocol: 1 }) + "PING\r\n");
  await witness.hears("PONG\r\n");
  await witness.hearsInfo();
  await using late = await connect(server.port);
  server.lameDuck();
  await witness.hearsInfo();
  await late.says(connectLine({ protocol: 1 }) + "PING\r\n");
  await late.hears("PONG\r\n");
  expect((await late.hearsInfo())["ldm"]).toBeUndefined();
});
