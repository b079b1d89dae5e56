// The handshake of routes with a peer made of bytes (cluster §4.4–§4.8, §4.14, §4.22): what Midge says, what it
// accepts, and how it ends what it cannot accept.
import { expect, test } from "bun:test";
import { connect, join } from "../support/wire.ts";
import { closing, FakePeer, greeting, startMidge, startQuiet } from "./nodes.ts";

test("who connects is greeted with an INFO that real servers understand", async () => {
  await using midge = await startMidge("M");
  await using peer = await connect(midge.clusterPort);
  expect(peer.info).toMatchObject({
    server_id: midge.midge!.serverId,
    server_name: "M",
    proto: 2,
    host: "127.0.0.1",
    port: midge.clusterPort,
    headers: true,
    cluster: "c1",
    lnoc: true,
    lnocu: true,
    connect_urls: [`127.0.0.1:${midge.port}`],
    compression: "off",
  });
  for (const key of ["route_pool_idx", "route_account", "jetstream", "nonce"]) {
    expect(peer.info).not.toHaveProperty(key);
  }
});

test("who dials without a pool says CONNECT first, then INFO, without waiting", async () => {
  await using peer = FakePeer.listen();
  await using midge = await startMidge("M", { routes: [peer.url("u:s%40crt@")], poolSize: -1 });
  const [connectLine, infoLine] = [await peer.hearsLine(), await peer.hearsLine()];
  expect(JSON.parse(connectLine.slice("CONNECT ".length))).toEqual({
    echo: true,
    verbose: false,
    pedantic: false,
    user: "u",
    pass: "s@crt",
    tls_required: false,
    headers: true,
    name: midge.midge!.serverId,
    cluster: "c1",
    lnoc: true,
    lnocu: true,
  });
  expect(infoLine).toMatch(/^INFO \{.*\} $/);
});

test("the log says how a route came about, each line with its rid", async () => {
  await using peer = FakePeer.listen();
  await using midge = await startMidge("M", { routes: [peer.url()] });
  await peer.says(greeting("N1").slice(greeting("N1").indexOf("INFO ")));
  await midge.logged(new RegExp(`^Trying to connect to route on 127\\.0\\.0\\.1:${peer.port}$`));
  for (const words of [
    "Route connection created",
    "Route connect msg sent",
    'Registering remote route "N1"',
    "Sent local subscriptions to route",
  ]) {
    await midge.logged(new RegExp(`^127\\.0\\.0\\.1:${peer.port} - rid:\\d+ - ${words}$`));
  }
  peer.close();
  await midge.logged(/ - rid:\d+ - Router connection closed: Client Closed - Remote: N1$/);
});

test("messages never travel from one route to another", async () => {
  await using midge = await startQuiet("A");
  await using one = await connect(midge.clusterPort);
  await using two = await connect(midge.clusterPort);
  const hello = "RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n";
  await one.says(greeting("D") + "RS+ $G x\r\nPING\r\n");
  await one.hears(hello);
  await two.says(greeting("E") + "RS+ $G x\r\nPING\r\n");
  // Each is told of the other one first.
  await two.hears(hello);
  expect(await one.hearsLine()).toContain('"server_id":"E"');
  await one.says("RMSG $G x 1\r\n1\r\nPING\r\n");
  await one.hears("PONG\r\n");
  await two.silent();
});

test("an invalid subject is refused, and the route stays", async () => {
  await using midge = await startQuiet("A");
  await using peer = await connect(midge.clusterPort);
  await peer.says(
    greeting("D") + "RS+ $G a..b\r\nRS+ NOPE x\r\nRMSG NOPE x 1\r\n1\r\nRS- $G never\r\nPING\r\n",
  );
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\n-ERR 'Invalid Subscription'\r\nPONG\r\n");
});

test("itself, an equal name and a server it knows are closed without a word", async () => {
  await using midge = await startQuiet("A");
  for (const [id, name, reason] of [
    [midge.midge!.serverId, "X", "Duplicate Route"],
    ["D", "A", "Duplicate Server Name"],
  ] as const) {
    await using peer = await connect(midge.clusterPort);
    await peer.says(greeting(id, { server_name: name }));
    await closing(peer);
    await midge.logged(new RegExp(`Router connection closed: ${reason}`));
  }
  await using first = await connect(midge.clusterPort);
  await first.says(greeting("E") + "PING\r\n");
  await first.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await using second = await connect(midge.clusterPort);
  await second.says(greeting("E"));
  await closing(second);
  await first.silent();
});

test("with a user for the cluster, only who knows the password comes in", async () => {
  const authorization = { user: "r", password: "T0pS3cr3t", timeout: 300 };
  await using midge = await startQuiet("A", { authorization });
  for (const login of [
    {},
    { user: "r" },
    { user: "r", pass: "wrong" },
    { user: "x", pass: "T0pS3cr3t" },
  ]) {
    await using peer = await connect(midge.clusterPort);
    await peer.says(greeting("D", {}, login));
    expect(await peer.hearsUntilClose()).toBe("-ERR 'Authorization Violation'\r\n");
  }
  await using silent = await connect(midge.clusterPort);
  expect(silent.info).toMatchObject({ auth_required: true });
  expect(await silent.hearsUntilClose()).toBe("-ERR 'Authentication Timeout'\r\n");
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D", {}, { user: "r", pass: "T0pS3cr3t" }) + "PING\r\n");
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  expect(midge.count(/T0pS3cr3t|wrong/)).toBe(0);
});

test("a bcrypt hash serves as the password, and what comes meanwhile waits", async () => {
  const password = await Bun.password.hash("s3cret", { algorithm: "bcrypt", cost: 4 });
  await using midge = await startMidge("A", { authorization: { user: "r", password } });
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D", {}, { user: "r", pass: "s3cret" }));
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\n");
  await using wrong = await connect(midge.clusterPort);
  await wrong.says(greeting("E", {}, { user: "r", pass: "other" }));
  expect(await wrong.hearsUntilClose()).toBe("-ERR 'Authorization Violation'\r\n");
});

test("a peer that answers no ping is stale", async () => {
  await using midge = await startMidge("A", { pingInterval: 20, pingMax: 2 });
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D"));
  const said = await peer.hearsUntilClose();
  expect(said).toEndWith("PING\r\nPING\r\n-ERR 'Stale Connection'\r\n");
});

test("every command survives any cut of its bytes", async () => {
  await using midge = await startMidge("A");
  await using client = await join(midge.port, { headers: true });
  await client.says("SUB s.> 1\r\nSUB s.> g 2\r\n");
  await client.silent();
  await using peer = await connect(midge.clusterPort);
  const talk =
    greeting("D") +
    "RMSG $G s.a 2\r\nhi\r\nrmsg\t$G  s.b  r.1 2\nho\r\nRMSG $G s.c | g 3\r\n\r\nx\r\n" +
    "HMSG $G s.d rr 12 14\r\nNATS/1.0\r\n\r\nok\r\nLMSG L $G s.e + r g 0 1\r\nz\r\nPING\r\n";
  for (const byte of talk) await peer.says(byte);
  await client.hears(
    "MSG s.a 1 2\r\nhi\r\nMSG s.b 1 r.1 2\r\nho\r\nMSG s.c 1 3\r\n\r\nx\r\nMSG s.c 2 3\r\n\r\nx\r\n" +
      "HMSG s.d 1 rr 12 14\r\nNATS/1.0\r\n\r\nok\r\nMSG s.e 1 r 1\r\nz\r\nMSG s.e 2 r 1\r\nz\r\n",
  );
});

test("a second connection of a server that has answered on the first is sent away", async () => {
  for (const id of ["AA", "zz"]) {
    await using peer = FakePeer.listen();
    await using midge = await startMidge("A", { routes: [peer.url()], poolSize: -1 });
    await peer.says(greeting(id).replace(/^.*\r\n/, ""));
    while ((await peer.hearsLine()) !== "PING");
    await peer.says("PONG\r\nPING\r\n");
    while ((await peer.hearsLine()) !== "PONG");
    await using second = await connect(midge.clusterPort);
    await second.says(greeting(id));
    await closing(second);
    await peer.says("PING\r\n");
    while ((await peer.hearsLine()) !== "PONG");
    expect(peer.accepted).toBe(1);
  }
}, 10_000);
