// Whole servers at their doors: TLS where there is none, a crowd that never finishes its handshake, and
// certificates that change while clients are connected.

import { afterAll, expect, test } from "bun:test";
import type { MidgeOptions } from "../../src/config/options.ts";
import { silentLogger } from "../../src/log/logger.ts";
import { Midge } from "../../src/server.ts";
import { Peer } from "../net/tls-scene.ts";
import { TestAuthority } from "../support/certificates.ts";
import { LogLines } from "../support/peer.ts";

const authority = await TestAuthority.create();
const successor = await TestAuthority.create("The next authority");
afterAll(() => {
  authority[Symbol.dispose]();
  successor[Symbol.dispose]();
});
const { certFile, keyFile } = await authority.issue({ days: 365 });
const next = await successor.issue({ days: 365 });
const { ca } = authority;

async function start(options: MidgeOptions) {
  const log = new LogLines();
  const add = (text: string) => log.add(text);
  const logger = { ...silentLogger, debugOn: true, debug: add, error: add, warn: add };
  const midge = await Midge.start({ port: -1, ...options }, logger);
  return { midge, log, [Symbol.asyncDispose]: () => midge.stop() };
}

/** Answered to what nobody understands. */
const UNKNOWN = "-ERR 'Unknown Protocol Operation'\r\n";

async function enters(port: number, ca: string): Promise<Peer> {
  const peer = await Peer.call(port);
  await peer.receivesLine();
  peer.encrypt({ ca });
  await peer.says('CONNECT {"verbose":false}\r\nPING\r\n');
  await peer.receivesLine("PONG");
  return peer;
}

test("a client that begins to encrypt where nobody does is refused in words", async () => {
  await using server = await start({});
  using peer = await Peer.call(server.midge.port);
  await peer.receivesLine();
  await peer.says(Buffer.from("160301020001", "hex"));
  expect(await peer.receivesEnd()).toEndWith(UNKNOWN);
});

test("the protocol goes on inside the encryption, down to its last error", async () => {
  await using server = await start({ tls: { certFile, keyFile } });
  using peer = await enters(server.midge.port, ca);
  await peer.says("SUB foo 1\r\nPUB foo 5\r\nhello\r\n");
  await peer.receivesLine("hello");
  await peer.says("NONSENSE\r\n");
  expect(await peer.receivesEnd()).toEndWith(UNKNOWN);
  await server.log.line(/Client connection closed: Protocol Violation/);
});

test("a thousand that never finish their handshake are gone when its time is over", async () => {
  await using server = await start({ tls: { certFile, keyFile, timeout: 300 } });
  const { port } = server.midge;
  const crowd = await Promise.all(Array.from({ length: 1000 }, () => Peer.call(port)));
  await Promise.all(crowd.map((peer) => peer.says("\x16\x03\x01")));
  await Promise.all(crowd.map((peer) => peer.receivesEnd()));
  expect(server.log.text().match(/TLS handshake timeout/g)?.length).toBe(1000);
  expect(server.midge.roster.size).toBe(0);
  using peer = await enters(port, ca);
  expect(peer.failure).toBeNull();
});

test("after a reload new clients see the new certificate, and old ones stay", async () => {
  await using server = await start({ tls: { certFile, keyFile } });
  const { midge } = server;
  using before = await enters(midge.port, ca);
  const { certFile: nextCert, keyFile: nextKey } = next;
  await midge.reload({ port: -1, tls: { certFile: nextCert, keyFile: nextKey } });
  using after = await enters(midge.port, successor.ca);
  expect(after.failure).toBeNull();
  await before.says("PING\r\n");
  await before.receivesLine("PONG", 2);
});

test("a reload with files that are wrong leaves everything as it was", async () => {
  await using server = await start({ tls: { certFile, keyFile } });
  const { midge } = server;
  const reload = midge.reload({ port: -1, tls: { certFile, keyFile: next.keyFile } }).then(
    () => "done",
    (error: Error) => error.message,
  );
  expect(await reload).toContain("does not belong to the certificate");
  using peer = await enters(midge.port, ca);
  expect(peer.failure).toBeNull();
});

test("encryption may begin and end with a reload", async () => {
  await using server = await start({});
  const { midge } = server;
  using plain = await Peer.call(midge.port);
  await plain.receivesLine();
  await midge.reload({ port: -1, tls: { certFile, keyFile } });
  using secured = await enters(midge.port, ca);
  await midge.reload({ port: -1 });
  using again = await Peer.call(midge.port);
  await again.receivesLine();
  for (const peer of [plain, secured, again]) {
    await peer.says("PING\r\n");
    await peer.receivesLine("PONG", peer === secured ? 2 : 1);
  }
});
