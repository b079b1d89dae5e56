// The handshake of routes with a peer made of bytes (cluster §4.4–§4.8, §4.14, §4.22): what Midge says, what it
// accepts, and how it ends what it cannot accept.
import { expect, test } from "bun:test";
import { connect, join } from "../support/wire.ts";
import { closing, FakePeer, greeting, startMidge } from "./nodes.ts";

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
  });
  for (const key of ["route_pool_size", "compression", "jetstream", "nonce"]) {
    expect(peer.info).not.toHaveProperty(key);
  }
});

test("who dials says CONNECT first, then INFO, without waiting", async () => {
  await using peer = FakePeer.listen();
  await using midge = await startMidge("M", { routes: [peer.url("u:s%40crt@")] });
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

test("transcript §4.19: interest by first and last, weights, requests, queues, headers", async () => {
  await using midge = await startMidge("A");
  await using client = await join(midge.port, { headers: true });
  await using other = await join(midge.port);
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D") + "PING\r\n");
  // What the test's own client asked for comes first.
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");

  await client.says("SUB foo 1\r\n");
  await peer.hears("RS+ $G foo\r\n");
  await other.says("SUB foo 9\r\n");
  await other.silent();
  await peer.says("RMSG $G foo 5\r\nhello\r\n");
  await client.hears("MSG foo 1 5\r\nhello\r\n");
  await other.hears("MSG foo 9 5\r\nhello\r\n");
  await other.says("UNSUB 9\r\n");
  await other.silent();
  await peer.silent();
  await client.says("UNSUB 1\r\n");
  await peer.hears("RS- $G foo\r\n");

  // A limit counts here: the others may send more.
  await client.says("SUB bar 2\r\nUNSUB 2 1\r\n");
  await peer.hears("RS+ $G bar\r\n");
  await peer.says("RMSG $G bar 1\r\nx\r\nRMSG $G bar 1\r\ny\r\n");
  await peer.hears("RS- $G bar\r\n");
  await client.hears("MSG bar 2 1\r\nx\r\n");
  await client.silent();

  await client.says("SUB svc 3\r\n");
  await peer.hears("RS+ $G svc\r\n");
  await peer.says("RS+ $G _INBOX.1\r\nRMSG $G svc _INBOX.1 2\r\nhi\r\n");
  await client.hears("MSG svc 3 _INBOX.1 2\r\nhi\r\n");
  await client.says("PUB _INBOX.1 2\r\nok\r\n");
  await peer.hears("RMSG $G _INBOX.1 2\r\nok\r\n");

  await client.says("SUB q g 4\r\nSUB q g 5\r\n");
  await other.says("SUB q g 6\r\n");
  await peer.hears("RS+ $G q g 1\r\nRS+ $G q g 2\r\nRS+ $G q g 3\r\n");
  await peer.says(
    "RMSG $G q | g 1\r\n1\r\nRMSG $G q + r.1 g nobody 1\r\n2\r\nRMSG $G q 1\r\n3\r\n",
  );
  await peer.says("PING\r\n");
  await peer.hears("PONG\r\n");
  await client.says("PING\r\n");
  await other.says("PING\r\n");
  const heard: string[] = [];
  for (const each of [client, other]) {
    for (let item = await each.hearsItem(); item !== "PONG\r\n"; item = await each.hearsItem()) {
      heard.push(item!.replace(/ [456] /, " "));
    }
  }
  expect(heard.sort()).toEqual(["MSG q 1\r\n1\r\n", "MSG q r.1 1\r\n2\r\n"]);

  // Who leaves is told of once for each subject.
  client.close();
  await peer.hears("RS- $G svc\r\nRS+ $G q g 1\r\n");
  await other.says("UNSUB 6\r\n");
  await peer.hears("RS- $G q g\r\n");
});

test("messages for groups elsewhere name them, in one line with the plain copy", async () => {
  await using midge = await startMidge("A");
  await using client = await join(midge.port, { headers: true });
  await using peer = await connect(midge.clusterPort);
  await peer.says(
    greeting("D") + "RS+ $G q\r\nRS+ $G q g 1\r\nRS+ $G h | 2\r\nRS+ $G only g2 3\r\nPING\r\n",
  );
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await client.says("PUB q 1\r\n0\r\nPUB q r.1 1\r\n1\r\nPUB only 1\r\n2\r\n");
  await peer.hears(
    "RMSG $G q | g 1\r\n0\r\nRMSG $G q + r.1 g 1\r\n1\r\nRMSG $G only | g2 1\r\n2\r\n",
  );
  const headers = "NATS/1.0\r\nX: 1\r\n\r\n";
  await client.says(`HPUB q rr 18 20\r\n${headers}ok\r\nHPUB q 18 20\r\n${headers}ok\r\n`);
  await peer.hears(
    `HMSG $G q + rr g 18 20\r\n${headers}ok\r\nHMSG $G q | g 18 20\r\n${headers}ok\r\n`,
  );
  await peer.says("RS- $G q g\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await client.says(`HPUB q 18 20\r\n${headers}ok\r\nPUB q 0\r\n\r\n`);
  await peer.hears(`HMSG $G q 18 20\r\n${headers}ok\r\nRMSG $G q 0\r\n\r\n`);
  // Nothing wants it any more.
  await peer.says("RS- $G q\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await client.says("PUB q 0\r\n\r\n");
  await client.silent();
  await peer.silent();
});

test("a peer without headers gets payloads alone", async () => {
  await using midge = await startMidge("A");
  await using client = await join(midge.port, { headers: true });
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D", { headers: false }) + "RS+ $G h\r\nPING\r\n");
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await client.says("HPUB h r 18 20\r\nNATS/1.0\r\nX: 1\r\n\r\nok\r\n");
  await peer.hears("RMSG $G h r 2\r\nok\r\n");
});

test("what leaf nodes of others want and say passes without harm", async () => {
  await using midge = await startMidge("A");
  await using client = await join(midge.port, { headers: true });
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D", { lnocu: true }));
  await peer.says(
    "LS+ L $G onL\r\nLS+ L $G onL g 1\r\nLS+ L $G $LDS.4hPT\r\nA+ $G\r\nA- $G\r\n+OK\r\nPING\r\n",
  );
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await client.says("SUB onB 1\r\nSUB onB g 2\r\n");
  await peer.hears("RS+ $G onB\r\nRS+ $G onB g 1\r\n");
  await peer.says(
    "LMSG L $G onB | g 0 2\r\nhi\r\nLMSG L $G onB rr 18 20\r\nNATS/1.0\r\nX: 1\r\n\r\nok\r\n",
  );
  await client.hears("MSG onB 1 2\r\nhi\r\nMSG onB 2 2\r\nhi\r\n");
  await client.hears("HMSG onB 1 rr 18 20\r\nNATS/1.0\r\nX: 1\r\n\r\nok\r\n");
  await client.says("PUB onL 2\r\nho\r\n");
  await peer.hears("RMSG $G onL | g 2\r\nho\r\n");
  await peer.says("LS- L $G onL\r\nLS- L $G onL g\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await client.says("PUB onL 2\r\nho\r\n");
  await client.silent();
  await peer.silent();
});

test("messages never travel from one route to another", async () => {
  await using midge = await startMidge("A");
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

const HELLO_ERR = [
  ["a client", 'CONNECT {"lang":"go"}\r\n', "attempted to connect to route port", "Incorrect Port"],
  [
    "a gateway",
    'CONNECT {"gateway":"x"}\r\n',
    'Rejecting connection from gateway "x" on the Route port',
    "Incorrect Port",
  ],
  [
    "another cluster",
    'CONNECT {"cluster":"c2"}\r\n',
    'Rejecting connection, cluster name "c2" does not match "c1"',
    "Cluster Name Conflict",
  ],
  [
    "a server before 2.0, which names no cluster",
    'CONNECT {"verbose":false,"name":"x"}\r\n',
    'Rejecting connection, cluster name "" does not match "c1"',
    "Cluster Name Conflict",
  ],
  [
    "who says INFO first",
    'INFO {"server_id":"x"}\r\n',
    "Authorization Violation",
    "Authentication Failure",
  ],
  ["who says PING first", "PING\r\n", "Authorization Violation", "Authentication Failure"],
  ["garbage", "GET / HTTP/1.1\r\n\r\n", "Unknown Protocol Operation", "Protocol Violation"],
  [
    "an endless line",
    `INFO ${"x".repeat(70_000)}`,
    "maximum control line exceeded",
    "Protocol Violation",
  ],
] as const;

test.each(HELLO_ERR)(
  "%s is told why it is refused, and the log says it once",
  async (_, says, error, reason) => {
    await using midge = await startMidge("M");
    await using peer = await connect(midge.clusterPort);
    await peer.says(says);
    expect(await peer.hearsUntilClose()).toBe(`-ERR '${error}'\r\n`);
    await midge.logged(new RegExp(`Router connection closed: ${reason.replace(/[()]/g, "\\$&")}`));
  },
);

const REGISTERED_ERR = [
  ["a client's verb", "SUB x 1\r\n", "Unknown Protocol Operation"],
  ["a payload that is too long", "RMSG $G x 1\r\nab\r\n", "Unknown Protocol Operation"],
  ["a size beyond measure", "RMSG $G x 999999999\r\n", "Maximum Payload Violation"],
  ["a message without a size", "RMSG $G x\r\n", null],
  ["a message with a wrong mark", "RMSG $G x ? q 1\r\nx\r\n", null],
  ["a header block longer than its message", "HMSG $G x 5 2\r\nab\r\n", null],
  ["a queue without a weight", "RS+ $G x q\r\n", null],
  ["a weight for a queue that ends", "RS- $G x q 1\r\n", null],
  ["interest in nothing", "RS+ $G\r\n", null],
  ["INFO that is no JSON", "INFO {\r\n", null],
  ["an error", "-ERR 'whatever'\r\n", null],
] as const;

test.each(REGISTERED_ERR)("%s ends a route, and clients go on", async (_, says, error) => {
  await using midge = await startMidge("A");
  await using client = await join(midge.port);
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D") + "PING\r\n");
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await peer.says(says);
  expect(await peer.hearsUntilClose()).toBe(error === null ? "" : `-ERR '${error}'\r\n`);
  await client.silent();
});

test("an invalid subject is refused, and the route stays", async () => {
  await using midge = await startMidge("A");
  await using peer = await connect(midge.clusterPort);
  await peer.says(
    greeting("D") + "RS+ $G a..b\r\nRS+ NOPE x\r\nRMSG NOPE x 1\r\n1\r\nRS- $G never\r\nPING\r\n",
  );
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\n-ERR 'Invalid Subscription'\r\nPONG\r\n");
});

test("itself, an equal name and a server it knows are closed without a word", async () => {
  await using midge = await startMidge("A");
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

test("a peer of pools keeps one connection: that for an account is refused", async () => {
  await using midge = await startMidge("A");
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D", { route_pool_size: 3, route_account: "$SYS", compression: "off" }));
  expect(await peer.hearsUntilClose()).toBe(
    `-ERR 'Not possible to have a dedicated route for account "$SYS" between those servers'\r\n`,
  );
  await using other = await connect(midge.clusterPort);
  await other.says(greeting("D", { route_pool_size: 3, route_pool_idx: 1 }));
  expect(await other.hearsUntilClose()).toBe(
    "-ERR 'Route pool index should not be set but is set to 1'\r\n",
  );
});

test("with a user for the cluster, only who knows the password comes in", async () => {
  const authorization = { user: "r", password: "T0pS3cr3t", timeout: 300 };
  await using midge = await startMidge("A", { authorization });
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
