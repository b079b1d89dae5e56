// A listener whose peers begin to encrypt, or stop to, while others are connected.

import { afterAll, expect, test } from "bun:test";
import { TlsServer } from "../../src/net/tls-server.ts";
import { TestAuthority } from "../support/certificates.ts";
import { type Owner, Peer, Scene } from "./tls-scene.ts";

const authority = await TestAuthority.create();
afterAll(() => authority[Symbol.dispose]());
const { certFile, keyFile } = await authority.issue({ days: 365 });
const { ca } = authority;

test("nobody is lost when the expectation changes, again and again", async () => {
  const server = await TlsServer.load({ certFile, keyFile });
  let encrypts = true;
  using scene = new Scene(server, ({ connection }) => {
    if (encrypts) connection.encrypt(server);
  });
  const { port } = scene;
  const calls: { peer: Peer; owner: Owner }[] = [];
  for (let round = 0; round < 4; round++) {
    const secured = await scene.call({ ca });
    await secured.owner.told("secured 1.3");
    await scene.listener.expect("mixed");
    encrypts = false;
    const plain = await scene.call();
    encrypts = true;
    await scene.listener.expect("tls");
    expect(scene.listener.port).toBe(port);
    calls.push(secured, plain);
  }
  for (const { peer, owner } of calls) {
    await peer.says("there");
    await owner.receives("there");
    owner.connection.appendText("and back");
    await peer.receives("and back");
  }
  expect(scene.bugs).toEqual([]);
});

test("a connection of a listener for both gets its bytes from one place only", async () => {
  const server = await TlsServer.load({ certFile, keyFile });
  using scene = new Scene(server);
  await scene.listener.expect("mixed");
  const { peer, owner } = await scene.call({ ca });
  await owner.told("secured 1.3");
  await peer.says("once");
  await owner.receives("once");
  peer.shutdown();
  await owner.told("gone");
  expect(owner.events).toEqual(["secured 1.3", "end", "gone"]);
});

test("a listener that was stopped stays so, whatever it is to expect", async () => {
  using scene = new Scene(await TlsServer.load({ certFile, keyFile }));
  const changing = scene.listener.expect("mixed");
  scene.listener.stop();
  await changing;
  const call = Peer.call(scene.port).then(
    () => "answered",
    () => "refused",
  );
  expect(await call).toBe("refused");
});
