// What a review of routes found: each promise here was broken once.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { OptionsError, resolveOptions } from "../../src/config/options.ts";
import { dial } from "../../src/net/dial.ts";
import { Outbox } from "../../src/net/outbox.ts";
import { TestAuthority } from "../support/certificates.ts";
import { secret } from "../support/secrets.ts";
import { connect, join } from "../support/wire.ts";
import { FakePeer, greeting, routeTo, startMidge, startQuiet } from "./nodes.ts";

let authority: TestAuthority;
beforeAll(async () => void (authority = await TestAuthority.create()));
afterAll(() => authority[Symbol.dispose]());

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

test("what follows a login that takes a while to judge is heard", async () => {
  const password = secret();
  const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 8 });
  const authorization = { user: "u", password: hash };
  await using node = await startQuiet("A", { authorization, poolSize: -1 });
  await using peer = await connect(node.clusterPort);
  await using client = await join(node.port);
  const hello = greeting("P", {}, { user: "u", pass: password });
  await peer.says(`${hello}RS+ $G early\r\nRMSG $G mine 2\r\nhi\r\nRS+ $G later\r\nPING\r\n`);
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await client.says("PUB early 1\r\n1\r\nPUB later 1\r\n2\r\n");
  await peer.hears("RMSG $G early 1\r\n1\r\nRMSG $G later 1\r\n2\r\n");
});

test("nobody makes a server wait for a large message before it knows who that is", async () => {
  const authorization = { user: "u", password: secret() };
  await using locked = await startMidge("A", { authorization });
  await using stranger = await connect(locked.clusterPort);
  await stranger.says("RMSG $G a 67108864\r\n");
  expect(await stranger.hearsUntilClose()).toContain("-ERR 'Authorization Violation'");
  await using open = await startMidge("B");
  await using nameless = await connect(open.clusterPort);
  const [connectLine] = greeting("P").split("\r\n");
  await nameless.says(`${connectLine}\r\nRMSG $G a 67108864\r\n`);
  await nameless.hearsUntilClose();
});

test("an error of another kind does not take an account off its own connection", async () => {
  const users = { users: [{ user: "loud", password: "loud" }] };
  const quiet = { users: [{ user: "quiet", password: "quiet" }] };
  const options = { accounts: { LOUD: users, QUIET: quiet }, noAuthUser: "quiet" };
  const cluster = { accounts: ["LOUD"] };
  await using a = await startMidge("A", cluster, options);
  await using b = await startMidge("B", { ...cluster, routes: [routeTo(a)] }, options);
  const own = () =>
    [...b.midge!.cluster!.routes].find(({ account, isRegistered }) => {
      return account === "LOUD" && isRegistered;
    });
  await until(() => own() !== undefined);
  const first = own()!;
  first.onPeerError("'Stale Connection'");
  await until(() => own() !== undefined && own() !== first);
});

test("a server that accepts and never encrypts costs no descriptor", async () => {
  const { certFile, keyFile } = await authority.issue({});
  const { loadDialSecrets } = await import("../../src/net/tls-dialer.ts");
  let open = 0;
  using silent = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: () => void open++, close: () => void open--, data() {} },
  });
  const outbox = new Outbox((error) => {
    throw error;
  });
  const dialled = dial({
    host: "127.0.0.1",
    port: silent.port,
    timeoutMs: 50,
    tls: loadDialSecrets({ certFile, keyFile }),
    outbox,
    limits: () => ({ maxPending: 1000, writeDeadline: 1000 }),
    onConnection() {},
  });
  const error = await dialled.then(
    () => null,
    (reason: Error) => reason,
  );
  expect(error?.message).toBe("i/o timeout");
  await until(() => open === 0);
});

test("a server that is only spoken of, and says nothing, is given up", async () => {
  await using ghost = FakePeer.listen();
  const authorization = { user: "u", password: secret(), timeout: 50 };
  await using node = await startQuiet("A", { authorization, poolSize: -1 });
  await using peer = await connect(node.clusterPort);
  const login = { user: "u", pass: authorization.password };
  await peer.says(`${greeting("P", {}, login)}PING\r\n`);
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  const [, info] = greeting("GHOST", { ip: `nats-route://127.0.0.1:${ghost.port}/` }).split("\r\n");
  await peer.says(`${info}\r\n`);
  await node.logged(/no INFO in time/);
  await peer.says(`${info}\r\n`);
  // It was forgotten, and so it is dialled again now that it is spoken of again: twice, not on and on.
  await until(() => node.count(/no INFO in time/) === 2);
  expect(ghost.accepted).toBe(2);
});

test("a wrong route does not show the password in it", () => {
  const password = `${secret()}#`;
  const routes = [`nats-route://u:${password}@127.0.0.1:1`];
  let message = "";
  try {
    resolveOptions({ cluster: { routes } });
  } catch (error) {
    if (error instanceof OptionsError) message = error.message;
  }
  expect(message).toStartWith("cluster.routes[0] must be a URL such as nats://host:6222");
  expect(message).not.toContain(password);
});

test("a server that stops in the middle of a reload dials nobody afterwards", async () => {
  await using peer = FakePeer.listen();
  await using node = await startMidge("A");
  const cluster = { port: -1, name: "c1", routes: [peer.url()] };
  const reload = node.midge!.reload({ serverName: "A", port: -1, cluster }, async () => {
    await node.midge!.stop();
  });
  await reload;
  expect(node.count(/Trying to connect/)).toBe(0);
});

test("a reload that advertises this server no longer is told to the others", async () => {
  await using node = await startQuiet("A", { poolSize: -1 });
  await using peer = await connect(node.clusterPort);
  await peer.says(`${greeting("P")}PING\r\n`);
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  const cluster = { port: -1, name: "c1", poolSize: -1, noAdvertise: true };
  await node.midge!.reload({ serverName: "A", port: -1, noSystemAccount: true, cluster });
  const info = JSON.parse((await peer.hearsLine()).slice("INFO ".length));
  expect(info).not.toHaveProperty("connect_urls");
});

test("one peer does not make a server open more connections than anybody needs", async () => {
  await using peer = FakePeer.listen();
  await using node = await startMidge("A", { routes: [peer.url()] });
  const [, info] = greeting("P", { route_pool_size: 1_000_000_000 }).split("\r\n");
  await peer.says(`${info}\r\n`);
  while ((await peer.hearsLine()) !== "PING");
  await peer.says("PONG\r\n");
  await until(() => peer.accepted === 2);
  expect([...node.midge!.cluster!.routes].length).toBe(2);
});
