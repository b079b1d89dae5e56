// The pipe itself, byte by byte: what a socket of the kernel would do, it does too.

import { expect, test } from "bun:test";
import { resolveOptions } from "../../src/config/options.ts";
import { type PipeEnd, type PipeReader } from "../../src/embedded/pipe.ts";
import { EmbeddedServer } from "../../src/embedded/server.ts";
import { silentLogger } from "../../src/log/logger.ts";
import { until } from "./support.ts";

/** The application's end, which reads only when it is asked to. */
class Wire implements PipeReader {
  isClosed = false;
  readonly #pipe: PipeEnd;
  #heard = "";

  constructor(server: EmbeddedServer) {
    this.#pipe = server.openPipe(this)!;
  }

  onReadable(): void {}

  onClosed(): void {
    this.isClosed = true;
  }

  says(text: string): void {
    this.#pipe.send(Buffer.from(text, "latin1"));
  }

  /** Reads until the text was heard, and forgets it with all that came before. */
  async hears(text: string): Promise<void> {
    await until(() => this.#read().includes(text), text);
    this.#heard = this.#heard.slice(this.#heard.indexOf(text) + text.length);
  }

  get heard(): string {
    return this.#heard;
  }

  #read(): string {
    for (;;) {
      const chunk = this.#pipe.read();
      if (chunk === undefined) return this.#heard;
      this.#heard += Buffer.from(chunk).toString("latin1");
    }
  }

  async readsToTheEnd(): Promise<void> {
    await until(() => (this.#read(), this.isClosed), "the end");
  }

  end(): void {
    this.#pipe.end();
  }

  destroy(): void {
    this.#pipe.destroy();
  }
}

const start = (options: object = {}) =>
  EmbeddedServer.open(resolveOptions(options), false, silentLogger);

const CONNECT = 'CONNECT {"verbose":false}\r\n';

test("lines may be cut anywhere on their way to the broker", async () => {
  await using server = await start();
  const wire = new Wire(server);
  for (const byte of `${CONNECT}SUB a 1\r\nPUB a 2\r\nhi\r\nPING\r\n`) wire.says(byte);
  await wire.hears("MSG a 1 2\r\nhi\r\nPONG\r\n");
  wire.end();
  await until(() => wire.isClosed && server.connections === 0, "the end");
});

test("what was sent before the end still counts", async () => {
  await using server = await start();
  const hearer = new Wire(server);
  hearer.says(`${CONNECT}SUB a 1\r\nPING\r\n`);
  await hearer.hears("PONG\r\n");
  const wire = new Wire(server);
  wire.says(`${CONNECT}PUB a 4\r\nlast\r\n`);
  wire.end();
  await hearer.hears("MSG a 1 4\r\nlast\r\n");
  await until(() => wire.isClosed && server.connections === 1, "the end of the one who spoke");
});

test("the last words of the broker arrive before the end does", async () => {
  await using server = await start();
  const wire = new Wire(server);
  wire.says("NONSENSE\r\n");
  await wire.readsToTheEnd();
  expect(wire.heard).toContain("-ERR 'Unknown Protocol Operation'\r\n");
  expect(server.connections).toBe(0);
});

test("who lets go at once is gone at once", async () => {
  await using server = await start();
  const wire = new Wire(server);
  wire.destroy();
  expect(wire.isClosed).toBe(true);
  await until(() => server.connections === 0, "the broker to notice");
  wire.says("PING\r\n");
  wire.end();
});

test("who does not read costs the broker max_pending and no more, and is closed", async () => {
  await using server = await start({ maxPending: 200_000, maxPayload: 100_000 });
  const reasons: string[] = [];
  server.events.on("slowConsumer", ({ reason }) => void reasons.push(reason));
  const sleeper = new Wire(server);
  sleeper.says(`${CONNECT}SUB a 1\r\n`);
  const talker = new Wire(server);
  talker.says(`${CONNECT}PING\r\n`);
  await talker.hears("PONG\r\n");
  const payload = "x".repeat(100_000);
  let sent = 0;
  for (; reasons.length === 0 && sent < 100; sent++) {
    talker.says(`PUB a 100000\r\n${payload}\r\nPING\r\n`);
    await talker.hears("PONG\r\n");
  }
  // A megabyte in the pipe, max_pending behind it.
  expect(sent).toBeLessThan(16);
  expect(reasons).toEqual(["Slow Consumer (Pending Bytes)"]);
});

test("who reads late gets everything, in order", async () => {
  await using server = await start();
  const reader = new Wire(server);
  reader.says(`${CONNECT}SUB a 1\r\n`);
  const talker = new Wire(server);
  const payload = "y".repeat(50_000);
  talker.says(CONNECT);
  for (let n = 0; n < 100; n++) talker.says(`PUB a 50004\r\n${payload}${1000 + n}\r\n`);
  talker.says("PING\r\n");
  await talker.hears("PONG\r\n");
  for (let n = 0; n < 100; n++) await reader.hears(`${payload}${1000 + n}\r\n`);
  expect(reader.heard).toBe("");
});

test("what waits to be read is not touched by what the broker does meanwhile", async () => {
  await using server = await start();
  const reader = new Wire(server);
  reader.says(`${CONNECT}SUB a 1\r\n`);
  const talker = new Wire(server);
  talker.says(CONNECT);
  for (let n = 100; n < 200; n++) {
    talker.says(`PUB a 3\r\n${n}\r\nPING\r\n`);
    await talker.hears("PONG\r\n");
  }
  await reader.hears("INFO ");
  for (let n = 100; n < 200; n++) await reader.hears(`MSG a 1 3\r\n${n}\r\n`);
});

test("who does not take its bytes within the write deadline is closed", async () => {
  await using server = await start({ writeDeadline: "20ms" });
  const reasons: string[] = [];
  server.events.on("slowConsumer", ({ reason }) => void reasons.push(reason));
  const sleeper = new Wire(server);
  sleeper.says(`${CONNECT}SUB a 1\r\n`);
  const talker = new Wire(server);
  talker.says(CONNECT);
  const payload = "z".repeat(600_000);
  for (let n = 0; n < 3; n++) talker.says(`PUB a 600000\r\n${payload}\r\n`);
  await until(() => reasons.length === 1, "the deadline");
  expect(reasons).toEqual(["Slow Consumer (Write Deadline)"]);
});

test("a broker that stops tells everybody the end, also those who never read", async () => {
  const server = await start();
  const reader = new Wire(server);
  const sleeper = new Wire(server);
  const reading = reader.readsToTheEnd();
  await server.stop();
  await reading;
  await sleeper.readsToTheEnd();
  expect(server.connections).toBe(0);
  expect(server.openPipe(sleeper)).toBeNull();
});
