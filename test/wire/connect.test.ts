// The greeting, the second INFO, and what a connection's beginning and end do (client protocol §1, §3, §4).
import { afterAll, expect, test } from "bun:test";
import { startServer } from "../support/server.ts";
import { connect, connectLine, join, type ServerInfo } from "../support/wire.ts";

const server = await startServer({ serverName: "a<b>&c", maxPayload: 4096 });
afterAll(() => server.stop());

/** The fields of an INFO in their order, without those that only some builds have. */
const fieldNames = (info: ServerInfo) =>
  Object.keys(info).filter((name) => name !== "git_commit" && name !== "midge");

/** The fields of the greeting of a server alone, without access control and encryption. */
const GREETING = [
  "server_id",
  "server_name",
  "version",
  "proto",
  "go",
  "host",
  "port",
  "headers",
  "max_payload",
  "client_id",
  "client_ip",
  "api_lvl",
  "xkey",
];

test("the greeting has the fields of nats-server 2.15 in their order", async () => {
  await using client = await connect(server.port);
  expect(fieldNames(client.info)).toEqual(GREETING);
});

test("the greeting tells the truth", async () => {
  await using client = await connect(server.port);
  expect(client.info).toMatchObject({
    server_name: "a<b>&c",
    proto: 1,
    host: "127.0.0.1",
    port: server.port,
    headers: true,
    max_payload: 4096,
    client_ip: "127.0.0.1",
    api_lvl: 5,
  });
  expect(client.info["server_id"]).toMatch(/^N[A-Z2-7]{55}$/);
  expect(client.info["xkey"]).toMatch(/^X[A-Z2-7]{55}$/);
  expect(client.info["version"]).toMatch(/^2\.15\.\d+$/);
  expect(client.info["go"]).toBeString();
});

test("the greeting's JSON escapes angle brackets and ampersands", async () => {
  await using client = await connect(server.port);
  expect(client.infoLine).toContain('"server_name":"a\\u003cb\\u003e\\u0026c"');
});

test("the greeting ends in a space and CRLF and nothing follows it", async () => {
  await using client = await connect(server.port);
  expect(client.infoLine).toEndWith("} \r\n");
  await client.silent();
});

test("every connection gets a larger client_id", async () => {
  await using first = await connect(server.port);
  await using second = await connect(server.port);
  expect(Number(second.info["client_id"])).toBeGreaterThan(Number(first.info["client_id"]));
});

test("the INFO after the first PONG names the account and repeats the greeting", async () => {
  await using client = await connect(server.port);
  await client.says(connectLine({ protocol: 1 }) + "PING\r\n");
  await client.hears("PONG\r\n");
  const info = await client.hearsInfo();
  const { connect_info, remote_account, ...rest } = info;
  expect({ connect_info, remote_account }).toEqual({ connect_info: true, remote_account: "$G" });
  expect(rest).toEqual(client.info);
  const names = [...GREETING];
  names.splice(GREETING.indexOf("client_ip") + 1, 0, "connect_info", "remote_account");
  expect(fieldNames(info)).toEqual(names);
});

test("a PING before CONNECT and one after it bring one INFO", async () => {
  await using client = await connect(server.port);
  await client.says("PING\r\n" + connectLine({ protocol: 1 }));
  await client.hears("PONG\r\n");
  await client.says("PING\r\n");
  await client.hears("PONG\r\n");
  await client.hearsInfo();
  await client.silent();
});

test("a client that turns to protocol 1 later hears no INFO for it", async () => {
  await using client = await join(server.port);
  await client.says(connectLine({ protocol: 1 }));
  await client.silent();
  await client.silent();
});

test("all that a client said before it ended its side is done and answered", async () => {
  await using listener = await join(server.port);
  await listener.says("SUB half.closed 1\r\n");
  await listener.silent();
  await using client = await connect(server.port);
  await client.says(connectLine() + "PUB half.closed 2\r\nok\r\nPING\r\nPUB half.closed 5\r\ncut");
  client.shutdown();
  await client.hears("PONG\r\n");
  await client.hearsClose();
  await listener.hears("MSG half.closed 1 2\r\nok\r\n");
  await listener.silent();
});

test("the subscriptions of a closed connection are gone", async () => {
  await using requester = await join(server.port, { headers: true, no_responders: true });
  await using responder = await join(server.port);
  await responder.says("SUB gone.away 1\r\n");
  await responder.silent();
  await requester.says("SUB gone.reply 1\r\nPUB gone.away gone.reply 0\r\n\r\n");
  await responder.hears("MSG gone.away 1 gone.reply 0\r\n\r\n");
  responder.shutdown();
  await responder.hearsClose();
  await requester.says("PUB gone.away gone.reply 0\r\n\r\n");
  expect((await requester.hearsMessage()).headers).toStartWith("NATS/1.0 503\r\n");
});

test("a connection that is cut off disturbs no other", async () => {
  await using listener = await join(server.port);
  await listener.says("SUB cut.off 1\r\n");
  await listener.silent();
  const rude = await join(server.port);
  await rude.says("SUB cut.off 1\r\nPUB cut.off 100\r\nhalf");
  await rude[Symbol.asyncDispose]();
  await using publisher = await join(server.port);
  await publisher.says("PUB cut.off 2\r\nok\r\n");
  await listener.hears("MSG cut.off 1 2\r\nok\r\n");
});

test("a server without headers says so and refuses no_responders", async () => {
  await using plain = await startServer({ noHeaderSupport: true });
  await using client = await connect(plain.port);
  expect(client.info["headers"]).toBe(false);
});
