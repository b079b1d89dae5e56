// Starting with what is wrong: a sentence that names the key, and no port left open.

import { expect, test } from "bun:test";
import { Midge, OptionsError, ReloadError } from "../../src/index.ts";
import { join } from "../support/wire.ts";
import { freePorts, occupy } from "./support.ts";

test("every wrong option is named in the words of the configuration file, all of them at once", async () => {
  const wrong = { port: 70_000, maxPayload: "much", pingInterval: "soon", maxPaylod: 3 };
  const error = await Midge.start(wrong as object).catch((reason: unknown) => reason);
  if (!(error instanceof OptionsError)) throw new Error(`not an OptionsError: ${error}`);
  expect(error.problems.map(({ key }) => key).sort()).toEqual([
    "maxPayload",
    "maxPaylod",
    "pingInterval",
    "port",
  ]);
  expect(error.message.split("\n").sort()).toEqual([
    'maxPayload must be a size in bytes up to 2147483647, or -1 for no limit, not "much"',
    "maxPaylod is not an option; did you mean maxPayload?",
    'pingInterval must be a duration such as "10s" or a number of milliseconds, more than 0, not "soon"',
    "port must be a port from 1 to 65535, -1 for any free one or 0 for the default, not 70000",
  ]);
});

test("what is no object at all is refused like any other mistake", async () => {
  for (const wrong of [null, 4222, "nats.conf", []]) {
    await expect(Midge.start(wrong as object)).rejects.toThrow("options must be an object");
  }
});

test("a password never shows in the message about it", async () => {
  const authorization = { user: "ann", password: 12345 };
  const error = await Midge.start({ authorization } as object).catch(String);
  expect(error).toContain("authorization.password");
  expect(error).not.toContain("12345");
});

test("an option that is wrong leaves the ports of clients, monitor and cluster alone", async () => {
  const [port, httpPort, clusterPort] = freePorts(3);
  const ports = { port, httpPort, cluster: { port: clusterPort } };
  await expect(Midge.start({ ...ports, maxPayload: -7 } as object)).rejects.toThrow("maxPayload");
  for (const each of [port!, httpPort!, clusterPort!]) occupy(each).stop(true);
});

test("a client port that is taken closes the monitor that was open already", async () => {
  const [httpPort] = freePorts(1);
  using taken = occupy(0);
  const started = Midge.start({ port: taken.port, httpPort: httpPort! });
  await expect(started).rejects.toThrow("bind: address already in use");
  occupy(httpPort!).stop(true);
});

test("a cluster port that is taken closes the monitor and the client port", async () => {
  const [port, httpPort] = freePorts(2);
  using taken = occupy(0);
  const cluster = { name: "c", host: "127.0.0.1", port: taken.port };
  const started = Midge.start({ port: port!, httpPort: httpPort!, cluster });
  await expect(started).rejects.toThrow(String(taken.port));
  occupy(port!).stop(true);
  occupy(httpPort!).stop(true);
});

test("a monitor port that is taken leaves nothing open", async () => {
  const [port] = freePorts(1);
  using taken = occupy(0);
  const started = Midge.start({ port: port!, httpPort: taken.port });
  await expect(started).rejects.toThrow(String(taken.port));
  occupy(port!).stop(true);
});

test("a certificate that can't be read is named, and nothing is open", async () => {
  const [port, httpPort] = freePorts(2);
  const tls = { certFile: "no/such/cert.pem", keyFile: "no/such/key.pem" };
  await expect(Midge.start({ port: port!, httpPort: httpPort!, tls })).rejects.toThrow(
    "no/such/cert.pem",
  );
  occupy(port!).stop(true);
  occupy(httpPort!).stop(true);
});

test("with listen: false there is no port for clients, and everything else works", async () => {
  await using server = await Midge.start({ listen: false, httpPort: -1 });
  expect(server.port).toBe(0);
  expect(server.clientUrl).toBe("nats://127.0.0.1:0");
  const nc = await server.connect();
  const answer = await fetch(`${server.monitorUrl}/connz`);
  expect(await answer.json()).toMatchObject({
    num_connections: 1,
    connections: [{ kind: "Client", type: "nats", ip: "pipe", port: 0, lang: "in-process" }],
  });
  const health = await fetch(`${server.monitorUrl}/healthz`);
  expect(await health.json()).toEqual({ status: "ok" });
  await nc.close();
});

test("two brokers that do not listen may be set to the same port", async () => {
  await using one = await Midge.start({ listen: false, port: 4999 });
  await using other = await Midge.start({ listen: false, port: 4999 });
  expect([one.port, other.port]).toEqual([0, 0]);
});

test("listen is true or false; an address belongs elsewhere", async () => {
  const wrong = { listen: "127.0.0.1:4333" } as object;
  await expect(Midge.start(wrong)).rejects.toThrow(
    'listen must be true or false, not "127.0.0.1:4333"; an address goes to host and port',
  );
});

test("varz answers what the monitor answers, without one", async () => {
  await using server = await Midge.start({ port: -1, httpPort: -1, serverName: "seen" });
  await using client = await join(server.port);
  const monitor = await fetch(`${server.monitorUrl}/varz`).then((answer) => answer.json());
  const own: Record<string, unknown> = { ...server.varz() };
  expect(Object.keys(own)).toEqual(Object.keys(monitor as object));
  const passing = ["now", "uptime", "mem", "cpu", "http_req_stats"];
  for (const [key, value] of Object.entries(monitor as object)) {
    if (!passing.includes(key)) expect({ [key]: own[key] }).toEqual({ [key]: value });
  }
  expect(own).toMatchObject({ server_name: "seen", connections: 1 });
  await client.silent();
});

test("a reload changes what it names and leaves the rest", async () => {
  await using server = await Midge.start({ port: -1, maxPayload: 100, serverName: "steady" });
  await server.reload({ maxConnections: 7 });
  expect(server.options).toMatchObject({ maxConnections: 7, maxPayload: 100, port: -1 });
  await Promise.all([server.reload({ maxPayload: 50 }), server.reload({ pingMax: 9 })]);
  expect(server.options).toMatchObject({ maxConnections: 7, maxPayload: 50, pingMax: 9 });
  await server.reload({ maxPayload: undefined });
  expect(server.options).toMatchObject({ maxPayload: 1_048_576, maxConnections: 7 });
});

test("a reload that is refused changes nothing, and the next one starts from what there was", async () => {
  await using server = await Midge.start({ port: -1, maxPayload: 100 });
  await expect(server.reload({ maxPayload: -9, pingMax: 5 })).rejects.toThrow(OptionsError);
  await expect(server.reload({ serverName: "other", pingMax: 5 })).rejects.toThrow(ReloadError);
  await expect(server.reload({ listen: false })).rejects.toThrow("listen");
  await server.reload({ maxConnections: 3 });
  expect(server.options).toMatchObject({ maxPayload: 100, pingMax: 2, maxConnections: 3 });
});

test("a lame duck lets nobody in any more, and is gone when nobody is left", async () => {
  const server = await Midge.start({ port: -1 });
  const { port } = server;
  await server.lameDuck();
  await expect(server.connect()).rejects.toThrow("the broker has stopped");
  occupy(port).stop(true);
});
