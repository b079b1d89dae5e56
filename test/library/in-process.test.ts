// Connections without a port: clients like all others, as @nats-io/nats-core sees them.

import { expect, test } from "bun:test";
import { connect as connectTcp } from "@nats-io/transport-node";
import { Midge } from "../../src/index.ts";
import { TestAuthority } from "../support/certificates.ts";
import { freePorts, until } from "./support.ts";

test("a request is answered, and headers, empty and large payloads come through whole", async () => {
  await using server = await Midge.start({ listen: false });
  const service = await server.connect({ name: "service" });
  const asker = await server.connect({ name: "asker" });
  service.subscribe("echo", { callback: (_error, message) => void message.respond(message.data) });
  await service.flush();
  for (const size of [0, 1, 4095, 70_000, 1_048_576]) {
    const sent = new Uint8Array(size).map((_byte, index) => index * 7);
    const { data } = await asker.request("echo", sent);
    expect(Buffer.compare(data, sent)).toBe(0);
  }
  expect(server.connections).toBe(2);
  await Promise.all([service.close(), asker.close()]);
  await until(() => server.connections === 0, "both clients gone");
});

test("clients within the process and over TCP hear each other", async () => {
  await using server = await Midge.start({ port: -1 });
  const inside = await server.connect();
  const outside = await connectTcp({ servers: server.clientUrl });
  inside.subscribe("in", { callback: (_error, message) => void message.respond("from inside") });
  outside.subscribe("out", { callback: (_error, message) => void message.respond("from outside") });
  await Promise.all([inside.flush(), outside.flush()]);
  expect((await outside.request("in")).string()).toBe("from inside");
  expect((await inside.request("out")).string()).toBe("from outside");
  await Promise.all([inside.close(), outside.close()]);
});

test("connections to many brokers and over TCP, opened at the same time, each reach their own", async () => {
  const servers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => Midge.start({ port: -1, serverName: `s${index}` })),
  );
  const opened = await Promise.all(
    servers.flatMap((server) => [
      server.connect(),
      connectTcp({ servers: server.clientUrl }),
      server.connect(),
    ]),
  );
  const names = opened.map((each) => each.info?.server_name);
  expect(names).toEqual(servers.flatMap(({ serverName }) => Array(3).fill(serverName)));
  await Promise.all(opened.map((each) => each.close()));
  await Promise.all(servers.map((server) => server.stop()));
});

test("a connection that is told to dial again comes back to its own broker", async () => {
  await using server = await Midge.start({ listen: false, serverName: "mine" });
  await using other = await Midge.start({ port: -1, serverName: "other" });
  const nc = await server.connect({ reconnectTimeWait: 1, reconnectJitter: 0 });
  nc.subscribe("still", { callback: (_error, message) => void message.respond("here") });
  // The last one to connect decides for the process how others would dial.
  const tcp = await connectTcp({ servers: other.clientUrl });
  const events = nc.status();
  await nc.reconnect();
  for await (const { type } of events) if (type === "reconnect") break;
  expect(nc.info?.server_name).toBe("mine");
  const asker = await server.connect();
  expect((await asker.request("still")).string()).toBe("here");
  await Promise.all([nc.close(), tcp.close(), asker.close()]);
});

test("users log in with their password or token, and nobody else does", async () => {
  const users = [{ user: "ann", password: "s3cret" }];
  await using withUsers = await Midge.start({ listen: false, authorization: { users } });
  const nc = await withUsers.connect({ user: "ann", pass: "s3cret" });
  await nc.close();
  await expect(withUsers.connect({ user: "ann", pass: "wrong" })).rejects.toThrow("Authorization");
  await expect(withUsers.connect()).rejects.toThrow("Authorization");
  await using withToken = await Midge.start({ listen: false, authorization: { token: "t0ken" } });
  const guest = await withToken.connect({ token: "t0ken" });
  await guest.close();
  await expect(withToken.connect({ token: "other" })).rejects.toThrow("Authorization");
  await until(() => withUsers.connections + withToken.connections === 0, "all gone");
});

test("permissions hold as for everybody", async () => {
  const permissions = { publish: "open.>", subscribe: ["_INBOX.>", "open.>"] };
  const users = [{ user: "ann", password: "s3cret", permissions }];
  await using server = await Midge.start({ listen: false, authorization: { users } });
  const nc = await server.connect({ user: "ann", pass: "s3cret" });
  const events = nc.status();
  nc.publish("shut.away");
  for await (const event of events) {
    if (event.type !== "error") continue;
    expect(event.error.message).toContain('Permissions Violation for Publish to "shut.away"');
    break;
  }
  await nc.close();
});

test("a message above max_payload ends the connection", async () => {
  await using server = await Midge.start({ listen: false, maxPayload: 100 });
  const reasons: string[] = [];
  server.on("disconnect", ({ reason }) => void reasons.push(reason));
  const nc = await server.connect({ reconnect: false });
  const closed = nc.closed();
  await server.reload({ maxPayload: 10 });
  nc.publish("a", new Uint8Array(11));
  expect(String(await closed)).toContain("Maximum Payload Violation");
  await until(() => reasons.length === 1, "the disconnect event");
  expect(reasons).toEqual(["Maximum Message Payload Exceeded"]);
});

test("a full broker says so instead of leaving the caller to wait", async () => {
  await using server = await Midge.start({ listen: false, maxConnections: 1 });
  const nc = await server.connect();
  await expect(server.connect()).rejects.toThrow("maximum connections exceeded");
  await nc.close();
});

test("a broker that stops closes its connections for good, with nothing left to dial", async () => {
  const server = await Midge.start({ listen: false });
  const nc = await server.connect();
  const closed = nc.closed();
  await server.stop();
  await closed;
  expect(nc.isClosed()).toBe(true);
  await expect(server.connect()).rejects.toThrow("the broker has stopped");
});

test("a drain delivers what was sent before", async () => {
  await using server = await Midge.start({ listen: false });
  const [from, to] = await Promise.all([server.connect(), server.connect()]);
  let heard = 0;
  to.subscribe("n", { callback: () => void heard++ });
  await to.flush();
  for (let n = 0; n < 10_000; n++) from.publish("n", "x");
  await from.drain();
  await to.flush();
  expect(heard).toBe(10_000);
  await to.close();
});

test("a broker that wants TLS lets the process in without, and everybody else not", async () => {
  using authority = await TestAuthority.create();
  const { certFile, keyFile } = await authority.issue({});
  await using server = await Midge.start({ port: -1, tls: { certFile, keyFile } });
  const nc = await server.connect();
  expect(nc.info?.tls_required).toBeUndefined();
  expect((await nc.rtt()) >= 0).toBe(true);
  await nc.close();
  await expect(
    connectTcp({ servers: server.clientUrl, tls: null, reconnect: false, timeout: 2_000 }),
  ).rejects.toThrow();
});

test("answers come at once where a test waits for them within the event loop", async () => {
  await using server = await Midge.start({ listen: false });
  const nc = await server.connect();
  nc.subscribe("echo", { callback: (_error, message) => void message.respond(message.data) });
  await nc.flush();
  // From a timer and from a microtask: `rejects` runs a loop within the loop, and it must not fall asleep.
  const begun = performance.now();
  for (const wait of [1, 0]) {
    if (wait > 0) await new Promise<void>((resolve) => setTimeout(resolve, wait));
    const answered = nc.request("echo", "x", { timeout: 1_500 }).then((answer) => {
      throw new Error(answer.string());
    });
    await expect(answered).rejects.toThrow("x");
  }
  expect(performance.now() - begun).toBeLessThan(1_000);
  await nc.close();
});

test("brokers without ports for clients can still be a cluster", async () => {
  const [port] = freePorts(1);
  const cluster = { name: "inside", host: "127.0.0.1" };
  await using one = await Midge.start({ listen: false, cluster: { ...cluster, port: port! } });
  const routes = [`nats-route://127.0.0.1:${port}`];
  await using other = await Midge.start({
    listen: false,
    cluster: { ...cluster, port: -1, routes },
  });
  const service = await one.connect();
  const asker = await other.connect();
  service.subscribe("far", { callback: (_error, message) => void message.respond("here") });
  await service.flush();
  const facts = () => Object(other.varz());
  await until(() => facts().remotes === 1, "the route");
  // The route is there; the interest follows.
  let answer = "";
  const patience = performance.now() + 5_000;
  while (answer === "" && performance.now() < patience) {
    answer = await asker.request("far").then(
      (message) => message.string(),
      () => "",
    );
  }
  expect(answer).toBe("here");
  await Promise.all([service.close(), asker.close()]);
});
