// A connection over TLS behaves as one in the clear: nothing is lost, nothing waits without a bound, and the
// last line arrives.

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { Connection } from "../../src/net/connection.ts";
import { TestAuthority } from "../support/certificates.ts";
import { type Owner, type Peer, Scene } from "./tls-scene.ts";

const authority = await TestAuthority.create();
afterAll(() => authority[Symbol.dispose]());
const { certFile, keyFile } = await authority.issue({ days: 365 });
const { ca } = authority;

let scene: Scene;
let peer: Peer;
let owner: Owner;
let connection: Connection;

beforeEach(async () => {
  scene?.[Symbol.dispose]();
  scene = await Scene.open({ certFile, keyFile });
  ({ peer, owner } = await scene.call({ ca }));
  ({ connection } = owner);
  await owner.told("secured 1.3");
});
afterAll(() => scene[Symbol.dispose]());

/** `bytes` bytes of text that is nowhere the same. */
function text(bytes: number): string {
  let all = "";
  for (let i = 0; all.length < bytes; i++) all += `${i} `;
  return all.slice(0, bytes);
}

function append(body: string): boolean {
  const source = Buffer.from(body, "latin1");
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  return connection.appendMessage(new Int32Array([0x2047534d]), 4, source, view, 0, body.length);
}

/** More than the kernel takes for a peer that does not read, and a little less than all that may wait. */
async function fill(): Promise<string> {
  peer.pause();
  const piece = text(100_000);
  let sent = "";
  while (!connection.blocked) {
    append(piece);
    sent += `MSG ${piece}`;
  }
  return sent;
}

describe("bytes arrive in order and whole", () => {
  for (const bytes of [1, 100, 16_383, 16_384, 16_385, 100_000, 3_000_000]) {
    test(`${bytes} of them, either way`, async () => {
      const sent = text(bytes);
      append(sent);
      append("end");
      await peer.receives(`MSG ${sent}MSG end`);
      await peer.says(sent);
      await owner.receives(sent);
    });
  }

  test("with many small ones gathered before and after large ones", async () => {
    let wanted = "";
    for (let i = 0; i < 300; i++) {
      const body = text((i * 977) % 40_000);
      append(body);
      wanted += `MSG ${body}`;
    }
    await peer.receives(wanted);
  });

  test("for a peer that stops reading and goes on later", async () => {
    let sent = await fill();
    expect(connection.pendingBytes).toBeGreaterThan(0);
    for (let i = 0; i < 20; i++) {
      append(`${i}`);
      sent += `MSG ${i}`;
    }
    peer.resume();
    await peer.receives(sent);
    expect(connection.blocked).toBe(false);
    expect(connection.pendingBytes).toBe(0);
  });

  test("once a paused connection goes on reading", async () => {
    connection.pause();
    const sent = text(200_000);
    const said = peer.says(sent);
    append("are you there");
    await peer.receives("MSG are you there");
    expect(owner.received.length).toBeLessThan(sent.length);
    connection.resume();
    await said;
    await owner.receives(sent);
  });
});

describe("the last line arrives", () => {
  test("after nothing else", async () => {
    connection.appendText("-ERR 'bye'\r\n");
    connection.close(true);
    expect(await peer.receivesEnd()).toBe("-ERR 'bye'\r\n");
    peer.shutdown();
    await owner.told("gone");
  });

  test("though the peer sends what nobody reads any more", async () => {
    connection.pause();
    const said = peer.says(text(2_000_000));
    connection.appendText("-ERR 'bye'\r\n");
    connection.close(true);
    expect(await peer.receivesEnd()).toBe("-ERR 'bye'\r\n");
    await said;
  });

  test("behind all that waits for a peer that reads late", async () => {
    const sent = await fill();
    connection.appendText("-ERR 'bye'\r\n");
    connection.close(true);
    peer.resume();
    expect(await peer.receivesEnd()).toBe(`${sent}-ERR 'bye'\r\n`);
  });

  test("when the peer has ended its side", async () => {
    peer.shutdown();
    await owner.told("end");
    const { peer: other, owner: another } = await scene.call({ ca });
    await another.told("secured 1.3");
    another.connection.appendText("goodbye");
    other.shutdown();
    expect(await other.receivesEnd()).toBe("goodbye");
    await another.told("gone");
  });
});

describe("a peer that is trouble", () => {
  test("is let go when it resets, and takes nothing more", async () => {
    peer.reset();
    await owner.told("gone by error");
    expect(append("more")).toBe(false);
    expect(connection.pendingBytes).toBe(0);
  });

  test("is let go when it resets while much waits for it", async () => {
    await fill();
    peer.reset();
    await owner.told("gone by error");
    expect(connection.pendingBytes).toBe(0);
  });

  test("is a slow consumer when more waits than may, and is cut off", async () => {
    scene.limits = { maxPending: 1 << 20, writeDeadline: 10_000 };
    await fill();
    for (let i = 0; i < 200 && append(text(10_000)); i++);
    expect(owner.events.slice(1)).toEqual(["pending exceeded", "gone"]);
  });

  test("is cut off when it takes nothing for the write deadline", async () => {
    scene.limits = { maxPending: 64 << 20, writeDeadline: 20 };
    await fill();
    await owner.told("deadline");
    await owner.told("gone");
  });

  test("ends with what is no TLS, which is not a bug", async () => {
    peer.saysRaw("PING\r\nPING\r\nPING\r\n");
    await owner.told("gone by error");
    expect(scene.bugs).toEqual([]);
  });

  test("does not stop others when its owner has a bug", async () => {
    owner.onData = () => {
      throw new TypeError("a bug of ours");
    };
    await peer.says("PING");
    await owner.told("gone");
    expect(scene.bugs.map(({ message }) => message)).toEqual(["a bug of ours"]);
  });
});

test("the facts outlive the connection", async () => {
  connection.destroy();
  expect(connection.tls?.version).toBe("1.3");
});
