// A socket that is to end while its peer does not read: it gets a little time, and not more.

import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import type { Socket } from "bun";
import type { Connection } from "../../src/net/connection.ts";
import { TlsSocket } from "../../src/net/tls-socket.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A raw socket and the encrypted one above it, which closes at once unless bytes are stuck. */
class FakeSockets {
  readyState = 1;
  readonly calls: string[] = [];
  readonly #stuck: boolean;

  constructor(stuck: boolean) {
    this.#stuck = stuck;
  }

  shutdown(): void {
    this.calls.push("shutdown");
  }
  close(): void {
    this.calls.push("close");
    if (!this.#stuck) this.readyState = -1;
  }
  terminate(): void {
    this.calls.push("terminate");
    this.readyState = -1;
  }
  end(): void {
    const both = this as unknown as Socket<Connection>;
    new TlsSocket(both, both).end();
  }
}

test("says that it ends, and ends", () => {
  const sockets = new FakeSockets(false);
  sockets.end();
  jest.advanceTimersByTime(10_000);
  expect(sockets.calls).toEqual(["shutdown", "close"]);
});

test("with bytes that nobody takes, it is cut off after two seconds", () => {
  const sockets = new FakeSockets(true);
  sockets.end();
  jest.advanceTimersByTime(1_900);
  expect(sockets.calls).toEqual(["shutdown", "close"]);
  jest.advanceTimersByTime(200);
  expect(sockets.calls).toEqual(["shutdown", "close", "terminate"]);
});

test("when many are stuck, the oldest gives way", () => {
  const all = Array.from({ length: 20 }, () => new FakeSockets(true));
  for (const sockets of all) sockets.end();
  const cut = all.map(({ calls }) => calls.includes("terminate"));
  expect(cut).toEqual(all.map((_, index) => index < 4));
  jest.advanceTimersByTime(2_100);
  expect(all.every(({ calls }) => calls.filter((c) => c === "terminate").length === 1)).toBe(true);
});
