// Every row of the catalogue of errors on routes (cluster §4.22): what a peer is told that Midge cannot accept,
// how often Midge asks one that does not accept it, and that the log names each cause once.
import { expect, test } from "bun:test";
import { connect, join } from "../support/wire.ts";
import { closing, FakePeer, greeting, startQuiet } from "./nodes.ts";

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
    await using midge = await startQuiet("M");
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
  await using midge = await startQuiet("A");
  await using client = await join(midge.port);
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D") + "PING\r\n");
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await peer.says(says);
  expect(await peer.hearsUntilClose()).toBe(error === null ? "" : `-ERR '${error}'\r\n`);
  await client.silent();
});

test("one cause is one line of the log, beside that of the end", async () => {
  await using midge = await startQuiet("M");
  for (const [says, line] of [
    ['CONNECT {"lang":"go"}\r\n', /a client connected to the route port/],
    ['CONNECT {"gateway":"x"}\r\n', /Rejecting connection from gateway "x"/],
    ['CONNECT {"cluster":"c2"}\r\n', /cluster name "c2" does not match "c1"/],
    ['INFO {"server_id":"x"}\r\n', /CONNECT must come first/],
    ["GET / HTTP/1.1\r\n\r\n", /unknown protocol operation/],
    [`INFO {"a":"${"x".repeat(70_000)}"}\r\n`, /line of more than 65536 bytes/],
    ["CONNECT {\r\n", /CONNECT: not valid JSON/],
    [`${greeting("D")}INFO {\r\n`, /INFO: not valid JSON/],
    [`${greeting("D", { proto: 1 })}`, /before 2\.0 is not supported/],
    [`${greeting("D", { server_name: "M" })}`, /duplicate name: "M"/],
  ] as const) {
    await using peer = await connect(midge.clusterPort);
    await peer.says(says);
    await peer.hearsUntilClose();
    await midge.logged(line);
  }
  expect(midge.problems.join("\n").split("\n")).toHaveLength(10);
  expect(midge.count(/Router connection closed/)).toBe(10);
});

test("who comes again and again with the same mistake is one line of the log", async () => {
  const authorization = { user: "r", password: "T0pS3cr3t" };
  await using guarded = await startQuiet("G", { authorization });
  await using midge = await startQuiet("M");
  for (let attempt = 0; attempt < 5; attempt++) {
    for (const [node, says] of [
      [guarded, greeting("D", {}, { user: "r", pass: "wr0ng5ecret" })],
      [midge, 'CONNECT {"cluster":"c2"}\r\n'],
      [midge, "GET / HTTP/1.1\r\n\r\n"],
      [midge, greeting("D", { server_name: "M" })],
      [midge, greeting("D", { proto: 0 })],
    ] as const) {
      await using peer = await connect(node.clusterPort);
      await peer.says(says);
      await peer.hearsUntilClose();
    }
  }
  await guarded.logged(/authentication error/);
  expect(guarded.problems).toHaveLength(1);
  expect(guarded.count(/T0pS3cr3t|wr0ng5ecret/)).toBe(0);
  expect(midge.problems.join("\n").split("\n")).toHaveLength(4);
});

/** What a peer that is dialled answers, each time, and what the log says of it, once. */
const NEVER = [
  ["the refusal of our secret", "-ERR 'Authorization Violation'\r\n", /Authorization Violation/],
  [
    "the refusal of our cluster name",
    '-ERR \'Rejecting connection, cluster name "c1" does not match "c2"\'\r\n',
    /"c1" does not match "c2"/,
  ],
  ["a complaint that we are late", "-ERR 'Authentication Timeout'\r\n", /Authentication Timeout/],
  [
    "the INFO of a foreign cluster",
    `INFO ${JSON.stringify({ server_id: "D", proto: 2, cluster: "c2" })} \r\n`,
    /"c2" does not match "c1"/,
  ],
  [
    "the 0.9.6 dialect",
    `INFO ${JSON.stringify({ server_id: "D", version: "0.9.6", host: "127.0.0.1", port: 1 })} \r\n`,
    /before 2\.0 is not supported/,
  ],
  ["garbage", "HTTP/1.1 400 Bad Request\r\n\r\n", /unknown protocol operation/],
  ["an oversized INFO", `INFO {"a":"${"x".repeat(70_000)}"}\r\n`, /line of more than 65536 bytes/],
  ["INFO that is no JSON", "INFO {\r\n", /INFO: not valid JSON/],
] as const;

const ATTEMPTS = 3;

test.concurrent.each(NEVER)(
  "%s at the other end: asked once in a second, said once",
  async (_, answer, line) => {
    await using peer = FakePeer.listen();
    await using midge = await startQuiet("M", { routes: [peer.url("u:T0pS3cr3t@")] });
    const startedAt = Date.now();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      while (!(await peer.hearsLine()).startsWith("CONNECT "));
      await peer.sendsAway(answer);
    }
    const tookMs = Date.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual((ATTEMPTS - 1) * 1000);
    expect(peer.accepted).toBe(ATTEMPTS);
    await midge.logged(line);
    expect(midge.problems).toEqual([expect.stringMatching(line)]);
    expect(midge.count(/T0pS3cr3t/)).toBe(0);
  },
  10_000,
);

test("a peer that refuses for ever is asked less and less often where that is wished", async () => {
  await using peer = FakePeer.listen();
  await using midge = await startQuiet("M", { routes: [peer.url()], connectBackoff: true });
  const times: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    while (!(await peer.hearsLine()).startsWith("CONNECT "));
    times.push(Date.now());
    await peer.says("-ERR 'Authorization Violation'\r\n");
  }
  expect(times[2]! - times[1]!).toBeGreaterThan((times[1]! - times[0]!) * 1.5);
  await midge.logged(/Authorization Violation/);
}, 10_000);

test("itself at the other end is asked once", async () => {
  await using peer = FakePeer.listen();
  await using midge = await startQuiet("M", { routes: [peer.url()] });
  await peer.hearsLine();
  await peer.says(greeting(midge.midge!.serverId).replace(/^.*\r\n/, ""));
  await midge.logged(/Detected route to self/);
  await midge.logged(/Router connection closed: Duplicate Route/);
  expect(midge.count(/Trying to connect/)).toBe(1);
});

/** A line of §4.5 each, as it has to be; words are taken from it and put into it. */
const LINES = [
  "RS+ $G x",
  "RS+ $G x q 1",
  "RS- $G x",
  "RS- $G x q",
  "LS+ L $G x",
  "LS+ L $G x q 1",
  "LS- $G x",
  "LS- $G x q",
  "RMSG $G x 1",
  "RMSG $G x r 1",
  "RMSG $G x | q 1",
  "RMSG $G x + r q 1",
  "HMSG $G x 0 1",
  "HMSG $G x r 0 1",
  "HMSG $G x | q 0 1",
  "HMSG $G x + r q 0 1",
  "LMSG L $G x 0 1",
  "LMSG L $G x r 0 1",
  "LMSG L $G x | q 0 1",
  "LMSG L $G x + r q 0 1",
  "A+ $G",
  "A- $G",
  "PING",
  "PONG",
  "+OK",
  "-ERR 'whatever'",
  "INFO {}",
  "CONNECT {}",
] as const;

test("a line with one word missing or too many ends the route at most, never the server", async () => {
  await using midge = await startQuiet("A");
  await using client = await join(midge.port);
  let number = 0;
  for (const line of LINES) {
    const words = line.split(" ");
    const spoiled = new Set<string>();
    for (let at = 0; at <= words.length; at++) {
      if (at < words.length) spoiled.add(words.toSpliced(at, 1).join(" "));
      for (const extra of ["x", "1", "|", "+", "-1", "", "99999999999999999999"]) {
        spoiled.add(words.toSpliced(at, 0, extra).join(" "));
      }
    }
    for (const each of spoiled) {
      await using peer = await connect(midge.clusterPort);
      // What is missing of a payload comes with the next bytes; then the peer is gone.
      await peer.says(`${greeting(`D${number++}`)}${each}\r\nx\r\nPING\r\n`);
      peer.shutdown();
      const said = await peer.hearsUntilClose();
      expect(errorsIn(said)).toEqual([]);
    }
  }
  await client.silent();
  expect(midge.midge!.cluster!.remotes).toBe(0);
}, 20_000);

/** What Midge says that is in no row of the catalogue. */
const errorsIn = (said: string) =>
  [...said.matchAll(/-ERR '(.*)'/g)]
    .map(([, text]) => text)
    .filter(
      (text) =>
        !/^(Unknown Protocol Operation|Invalid Subscription|Maximum Payload Violation|maximum control line exceeded)$/.test(
          text!,
        ),
    );

test("one peer's end is nobody else's: others go on", async () => {
  await using midge = await startQuiet("A");
  await using good = await connect(midge.clusterPort);
  await good.says(greeting("G") + "PING\r\n");
  await good.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await using bad = await connect(midge.clusterPort);
  await bad.says(greeting("B", { server_name: "G2" }));
  await good.hearsLine();
  await bad.says("-ERR 'whatever'\r\n");
  await closing(bad);
  await good.silent();
});
