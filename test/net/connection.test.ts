// The out-buffer of one connection, over a socket that takes as much as the test lets it.

import { describe, expect, test } from "bun:test";
import type { Socket } from "bun";
import { Connection, type ConnectionOwner } from "../../src/net/connection.ts";
import { Outbox } from "../../src/net/outbox.ts";
import { SlabPool } from "../../src/net/slab.ts";

/** A socket that keeps what it takes. */
class FakeSocket {
  readonly remoteAddress = "::ffff:10.0.0.1";
  readonly remotePort = 5;
  /** Bytes it takes before it is full; -1 answers that the peer is gone. */
  room = Infinity;
  taken = "";
  writes = 0;
  ended = false;
  write(bytes: Buffer, at: number, size: number): number {
    this.writes++;
    if (this.room < 0) return -1;
    const count = Math.min(this.room, size);
    this.room -= count;
    this.taken += bytes.latin1Slice(at, at + count);
    return count;
  }
  pause(): void {}
  resume(): void {}
  shutdown(): void {}
  end(): void {
    this.ended = true;
  }
}

class FakeOwner implements ConnectionOwner {
  readonly events: string[] = [];
  connection: Connection | null = null;
  onData(): void {}
  onEnd(): void {}
  onGone(): void {
    this.events.push("gone");
  }
  onPendingExceeded(): void {
    this.events.push("pending exceeded");
    this.connection?.close(false);
  }
  onDeadlineExceeded(): void {
    this.events.push("deadline");
    this.connection?.close(false);
  }
  onRelieved(): void {
    this.events.push("relieved");
  }
  onSecured(): void {
    this.events.push("secured");
  }
  onInsecure(reason: string): void {
    this.events.push(`insecure: ${reason}`);
  }
}

function scene(maxPending = 1 << 20, writeDeadline = 10_000) {
  const socket = new FakeSocket();
  const connection = new Connection(
    socket as unknown as Socket<Connection>,
    new Outbox(reportError),
    () => ({
      maxPending,
      writeDeadline,
    }),
  );
  const owner = new FakeOwner();
  owner.connection = connection;
  connection.owner = owner;
  return { socket, connection, owner };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function words(text: string): Int32Array {
  const padded = Buffer.alloc((text.length + 3) & ~3);
  padded.latin1Write(text);
  return new Int32Array(new Uint8Array(padded).buffer);
}

function append(connection: Connection, head: string, body: string): boolean {
  const source = Buffer.from(`..${body}..`, "latin1");
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  return connection.appendMessage(words(head), head.length, source, view, 2, 2 + body.length);
}

describe("what is appended", () => {
  test("goes out in one write at the end of the turn", async () => {
    const { socket, connection } = scene();
    append(connection, "MSG a 1 ", "2\r\nhi\r\n");
    connection.appendText("PONG\r\n");
    expect(socket.taken).toBe("");
    await turn();
    expect(socket.taken).toBe("MSG a 1 2\r\nhi\r\nPONG\r\n");
    expect(socket.writes).toBe(1);
  });

  test("arrives unchanged for every length of head and body", async () => {
    const { socket, connection } = scene();
    let wanted = "";
    for (let size = 0; size < 200; size++) {
      const head = `MSG ${"s".repeat(size % 23)} `;
      const body = Array.from({ length: size }, (_, i) => String.fromCharCode(i & 0xff)).join("");
      append(connection, head, body);
      wanted += head + body;
    }
    await turn();
    expect(socket.taken).toBe(wanted);
  });

  test("a large body is written from where it lies, in order with what was before", async () => {
    const { socket, connection } = scene();
    connection.appendText("before ");
    append(connection, "MSG a 1 ", "x".repeat(100_000));
    connection.appendText(" after");
    await turn();
    expect(socket.taken).toBe(`before MSG a 1 ${"x".repeat(100_000)} after`);
  });

  test("a run is appended message by message, and copied to others as it is", async () => {
    const { socket, connection } = scene();
    const stride = "PUB a 2\r\nhi\r\n".length;
    const source = Buffer.from("PUB a 2\r\nhi\r\nPUB a 2\r\nho\r\nPUB a 2\r\nhu\r\n");
    const view = new DataView(source.buffer, source.byteOffset, source.length);
    connection.appendText("first ");
    connection.appendRun(words("MSG a 7 "), 8, source, view, 6, stride, stride, 3);
    const wanted = "MSG a 7 2\r\nhi\r\nMSG a 7 2\r\nho\r\nMSG a 7 2\r\nhu\r\n";
    const other = scene();
    other.connection.appendCopy(connection, wanted.length);
    await turn();
    expect(socket.taken).toBe(`first ${wanted}`);
    expect(other.socket.taken).toBe(wanted);
  });
});

describe("a peer that reads slowly", () => {
  test("gets everything in order, however little the kernel takes at a time", async () => {
    const { socket, connection } = scene(64 << 20);
    socket.room = 0;
    let wanted = "";
    for (let i = 0; i < 400; i++) {
      const text = `${i}:${"y".repeat(i * 7)} `;
      wanted += text;
      append(connection, text, "");
    }
    await turn();
    expect(connection.blocked).toBe(true);
    for (let round = 0; socket.taken.length < wanted.length; round++) {
      expect(round).toBeLessThan(5000);
      socket.room = 997;
      connection.drained();
    }
    expect(socket.taken).toBe(wanted);
    expect(connection.pendingBytes).toBe(0);
    expect(connection.blocked).toBe(false);
  });

  test("is congested above three quarters of its limit, and relieved below", async () => {
    const { socket, connection, owner } = scene(1 << 20);
    socket.room = 0;
    const piece = "z".repeat(60_000);
    append(connection, piece, "");
    await turn();
    for (let i = 0; i < 14; i++) append(connection, piece, "");
    expect(connection.congested).toBe(true);
    socket.room = 500_000;
    connection.drained();
    expect(connection.congested).toBe(false);
    expect(owner.events).toEqual(["relieved"]);
  });

  test("is reported when more waits than its limit, and takes nothing more", async () => {
    const { socket, connection, owner } = scene(1 << 20);
    socket.room = 0;
    connection.appendText("x");
    await turn();
    let taken = true;
    for (let i = 0; i < 100 && taken; i++) taken = append(connection, "z".repeat(60_000), "");
    expect(taken).toBe(false);
    expect(owner.events).toEqual(["pending exceeded", "gone"]);
    expect(connection.pendingBytes).toBe(0);
    expect(append(connection, "more", "")).toBe(false);
  });

  test("is reported when nothing moves for the write deadline", async () => {
    const { socket, connection, owner } = scene(1 << 20, 20);
    socket.room = 0;
    connection.appendText("x");
    await turn();
    expect(connection.blocked).toBe(true);
    await Bun.sleep(40);
    expect(owner.events).toEqual(["deadline", "gone"]);
  });
});

test("a peer that is found gone while writing is let go at once, and nothing more is kept for it", async () => {
  const { socket, connection, owner } = scene();
  append(connection, "MSG a 1 ", "x");
  socket.room = -1;
  await turn();
  expect(owner.events).toEqual(["gone"]);
  expect(append(connection, "MSG a 1 ", "x".repeat(100_000))).toBe(false);
  expect(connection.pendingBytes).toBe(0);
});

test("closing sends what waits, first", async () => {
  const { socket, connection } = scene();
  connection.appendText("-ERR 'bye'\r\n");
  connection.close(true);
  expect(socket.taken).toBe("-ERR 'bye'\r\n");
  expect(socket.ended).toBe(false);
  connection.destroy();
});

test("an IPv4 peer of a dual-stack listener is shown as IPv4", () => {
  expect(scene().connection.remoteAddress).toBe("10.0.0.1");
});

test("slabs go round, and the pool keeps no more than its bound", () => {
  const pool = new SlabPool();
  const slab = pool.take(100);
  pool.giveBack(slab);
  expect(pool.take(100)).toBe(slab);
  const many = Array.from({ length: 200 }, () => pool.take(100_000));
  for (const each of many) pool.giveBack(each);
  const fresh = new Set(many);
  let kept = 0;
  for (let i = 0; i < 200; i++) if (fresh.has(pool.take(100_000))) kept++;
  expect(kept).toBe((8 << 20) / (128 << 10));
});
