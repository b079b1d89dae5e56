// What the executable says on stderr: the lines of the start in their order, and with -D and -V
// what happens on each connection, without secrets.
import { expect, test } from "bun:test";
import { connect as open } from "../support/wire.ts";
import { Broker, isMidge } from "./support.ts";

/** A line's level and text, after a prefix that must have its full form. */
function parts(line: string): [level: string, text: string] {
  const form = /^\[\d+\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} \[([A-Z]{3})\] (.*)$/;
  const match = form.exec(line);
  if (match === null) throw new Error(`Not a line of the log: ${line}`);
  return [match[1] ?? "", match[2] ?? ""];
}

/** Says everything that shows in a trace, over one connection, and waits until it is through. */
async function converse(broker: Broker): Promise<void> {
  await using client = await open(broker.port);
  const login = {
    verbose: false,
    name: "talker",
    user: "joe",
    pass: SECRETS[0],
    auth_token: SECRETS[1],
    sig: SECRETS[2],
    jwt: SECRETS[3],
  };
  await client.says(`CONNECT ${JSON.stringify(login)}\r\nPING\r\n`);
  await client.hears("PONG\r\n");
  await client.says(
    'SUB foo  1\r\nUNSUB 1 2\r\nPUB foo 5\r\nhello\r\nPUB foo re.ply 2\r\n\u0001"\r\n',
  );
  await client.hears('MSG foo 1 5\r\nhello\r\nMSG foo 1 re.ply 2\r\n\u0001"\r\n');
  await client.says("SUB in..valid 2\r\n");
  await client.hears("-ERR 'Invalid Subject'\r\n");
  await client.says("PUB the.end 0\r\n\r\nPING\r\n");
  await client.hears("PONG\r\n");
  client.close();
}

/** Real servers hide these only up to a quote inside; Midge hides all of it. */
const SECRETS = ["pa$$ 'w' \"rd\" tail", "t0ken-t0ken", "s1gnature", "eyJhbGciOi.jwt"];

test("the start is told in nats-server's lines and order, on stderr only", async () => {
  const broker = await Broker.start({ flags: ["-m", "-1"] });
  await broker.stop();
  const patterns = [
    /^Starting \S+$/,
    /^ {2}Version: {2}\S+/,
    /^ {2}Name: {5}\S+$/,
    /^ {2}ID: {7}N[A-Z2-7]{55}$/,
    /^Starting http monitor on 127\.0\.0\.1:\d+$/,
    /^Listening for client connections on 127\.0\.0\.1:\d+$/,
    /^Server is ready$/,
  ];
  const texts = broker.lines.map((line) => parts(line)[1]);
  const found = patterns.map((pattern) => texts.findIndex((text) => pattern.test(text)));
  expect(found).toEqual(found.toSorted((a, b) => a - b));
  expect(found).not.toContain(-1);
  expect(found[0]).toBe(0);
  // The one warning that depends on the machine: its limit of open files.
  const lines = broker.lines.filter((line) => !line.includes("max_connections"));
  expect(new Set(lines.map((line) => parts(line)[0]))).toEqual(new Set(["INF"]));
  expect(broker.lines[0]).toStartWith(`[${broker.child.pid}] `);
  expect(await broker.stdout).toBe("");
});

test("without flags nothing is said about connections that behave", async () => {
  const broker = await Broker.start();
  const before = broker.lines.length;
  await using client = await open(broker.port);
  await client.says("SUB a 1\r\nPUB a 0\r\n\r\nPING\r\n");
  await client.hears("+OK\r\n+OK\r\nMSG a 1 0\r\n\r\nPONG\r\n");
  expect(broker.lines.slice(before)).toEqual([]);
  await broker.stop();
});

test("-D tells of connections and their end with its reason, and no traffic", async () => {
  await using broker = await Broker.start({ flags: ["-D"] });
  await converse(broker);
  const client = String.raw`\[DBG\] 127\.0\.0\.1:\d+ - cid:\d+ - `;
  await broker.line(new RegExp(`${client}Client connection created$`));
  await broker.line(new RegExp(`${client}"talker" - .*Client connection closed: Client Closed$`));
  expect(broker.lines.filter((line) => line.includes("[TRC]"))).toEqual([]);
});

test("-V traces every operation in both directions, and no debug lines", async () => {
  await using broker = await Broker.start({ flags: ["-V"] });
  await converse(broker);
  await broker.line(/<<- \[PUB the\.end 0\]$/);
  const texts = broker.lines.map(parts).filter(([level]) => level === "TRC");
  for (const [, text] of texts) expect(text).toMatch(/^127\.0\.0\.1:\d+ - cid:\d+ - /);
  const operations = texts.map(([, text]) => text.replace(/^.* - /, ""));
  expect(operations[0]).toStartWith('<<- [CONNECT {"verbose":false,"name":"talker","user":"joe"');
  const begin = operations.indexOf("<<- [SUB foo  1]");
  const talk = operations.slice(begin, operations.indexOf("<<- [PUB the.end 0]"));
  expect(talk).toEqual([
    "<<- [SUB foo  1]",
    "<<- [UNSUB 1 2]",
    "<<- [PUB foo 5]",
    '<<- MSG_PAYLOAD: ["hello"]',
    "->> [MSG foo 1 5]",
    '->> MSG_PAYLOAD: ["hello"]',
    "<<- [PUB foo re.ply 2]",
    String.raw`<<- MSG_PAYLOAD: ["\x01\""]`,
    "->> [MSG foo 1 re.ply 2]",
    String.raw`->> MSG_PAYLOAD: ["\x01\""]`,
    "<-> [DELSUB 1]",
    "<<- [SUB in..valid 2]",
    "->> [-ERR Invalid Subject]",
  ]);
  expect(operations.slice(1, 3)).toEqual(["<<- [PING]", "->> [PONG]"]);
  expect(broker.lines.filter((line) => line.includes("[DBG]"))).toEqual([]);
});

test("-DV does both and shows no secret", async () => {
  await using broker = await Broker.start({ flags: ["-DV"] });
  await converse(broker);
  await broker.line(/\[DBG\].*Client connection closed: Client Closed$/);
  await broker.line(/\[TRC\].*<<- \[CONNECT .*"pass":"\[REDACTED\]"/);
  const log = broker.lines.join("\n");
  const leaked = SECRETS.flatMap((secret) => secret.split(/[ "]+/)).filter((word) =>
    log.includes(word),
  );
  expect(leaked).toEqual(isMidge ? [] : leaked);
});

test("an error of a client is told with its address and reason", async () => {
  await using broker = await Broker.start({ flags: ["-D"] });
  await using big = await open(broker.port);
  await big.says("PUB big 1048577\r\n");
  await broker.line(
    /\[ERR\] 127\.0\.0\.1:\d+ - cid:\d+ - maximum payload exceeded: 1048577 vs 1048576$/i,
  );
  await broker.line(/Client connection closed: Maximum Message Payload Exceeded$/);
  await using odd = await open(broker.port);
  await odd.says("BOGUS\r\n");
  // The bytes alone would be no message: a word says what is wrong with them.
  await broker.line(/\[ERR\] 127\.0\.0\.1:\d+ - cid:\d+ - [A-Za-z]{3,}.*"BOGUS/);
  await broker.line(/Client connection closed: Protocol Violation$/);
});
