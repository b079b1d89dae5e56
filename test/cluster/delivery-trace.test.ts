// A protocol trace (-V) shows what is said on routes in the form of nats-server's: the lines of both
// directions with the route's number, and payloads as far as max_traced_msg_len goes.
import { expect, test } from "bun:test";
import { LogLines } from "../support/peer.ts";
import { connect, join, type WireClient } from "../support/wire.ts";
import { greeting } from "./nodes.ts";
import { heard } from "./delivery-peer.ts";
import { Midge } from "../../src/server.ts";

/** A server that traces, and the lines of its trace: who said what, without times and addresses. */
async function startTraced(options: object = {}) {
  const lines: string[] = [];
  const log = new LogLines();
  const add = (text: string) => log.add(text);
  const trace = (text: string) => void lines.push(text.replace(/^\S+ - /, ""));
  const midge = await Midge.start(
    { serverName: "A", port: -1, ...options, cluster: { port: -1, name: "c1" } },
    {
      debugOn: false,
      traceOn: true,
      notice: add,
      warn: add,
      error: add,
      fatal: add,
      debug: add,
      trace,
    },
  );
  return { midge, lines, [Symbol.asyncDispose]: () => midge.stop() };
}

async function registered(port: number): Promise<WireClient> {
  const peer = await connect(port);
  await peer.says(greeting("D"));
  await heard(peer);
  return peer;
}

/** What the trace says of routes, but for pings. */
const ofRoutes = (lines: readonly string[]) =>
  lines
    .filter((line) => line.startsWith("rid:") && !/\[(PING|PONG)\]/.test(line))
    .map((line) => line.replace(/^rid:\d+ - /, ""));

test("what goes to a server and comes from it is traced, with cut payloads", async () => {
  await using server = await startTraced({ maxTracedMsgLen: 10 });
  await using peer = await registered(server.midge.cluster!.port);
  await using client = await join(server.midge.port, { headers: true });
  await client.says("SUB here 1\r\nSUB here g 2\r\n");
  await heard(client);
  await peer.says("RS+ $G there\r\nRS+ $G there q1 1\r\n");
  await heard(peer);
  server.lines.length = 0;
  await client.says(
    "SUB x 3\r\nUNSUB 3\r\nPUB there 5\r\nhello\r\nPUB there re.ply 12\r\nhello world!\r\n",
  );
  await client.says("HPUB there r 12 15\r\nNATS/1.0\r\n\r\nabc\r\nPUB there 0\r\n\r\n");
  await heard(client);
  await peer.says("RMSG $G here + r g 5\r\nhello\r\nRS- $G there q1\r\n");
  await heard(peer);
  expect(ofRoutes(server.lines)).toEqual([
    "->> [RS+ $G x]",
    "->> [RS- $G x]",
    "->> [RMSG $G there | q1 5]",
    '->> MSG_PAYLOAD: ["hello"]',
    "->> [RMSG $G there + re.ply q1 12]",
    '->> MSG_PAYLOAD: ["hello worl..."]',
    "->> [HMSG $G there + r q1 12 15]",
    '->> MSG_PAYLOAD: ["NATS/1.0\\r\\n..."]',
    "->> [RMSG $G there | q1 0]",
    "<<- [RMSG $G here + r g 5]",
    '<<- MSG_PAYLOAD: ["hello"]',
    "<<- [RS- $G there q1]",
  ]);
  const told = server.lines.filter((line) => /here|PAYLOAD: \["hello"\]/.test(line)).slice(-7, -1);
  expect(told.map((line) => line.replace(/id:\d+/, "id:N").replace(/ - "v.*?"/, ""))).toEqual([
    "rid:N - <<- [RMSG $G here + r g 5]",
    'rid:N - <<- MSG_PAYLOAD: ["hello"]',
    "cid:N - ->> [MSG here 1 r 5]",
    'cid:N - ->> MSG_PAYLOAD: ["hello"]',
    "cid:N - ->> [MSG here 2 r 5]",
    'cid:N - ->> MSG_PAYLOAD: ["hello"]',
  ]);
});

test("a run of messages is traced one by one", async () => {
  await using server = await startTraced();
  await using peer = await registered(server.midge.cluster!.port);
  await using client = await join(server.midge.port);
  await client.says("SUB here 1\r\n");
  await heard(client);
  await peer.says("RMSG $G here 1\r\na\r\nRMSG $G here 1\r\nb\r\nRMSG $G here 1\r\nc\r\n");
  await heard(peer);
  const payloads = server.lines.filter((line) => line.includes("<<- MSG_PAYLOAD"));
  expect(payloads.map((line) => /\["(.*)"\]/.exec(line)![1]!)).toEqual(["a", "b", "c"]);
});

test("a client without headers is traced with what it got", async () => {
  await using server = await startTraced();
  await using peer = await registered(server.midge.cluster!.port);
  await using client = await join(server.midge.port, { headers: false });
  await client.says("SUB here 1\r\n");
  await heard(client);
  await peer.says("HMSG $G here 12 15\r\nNATS/1.0\r\n\r\nabc\r\n");
  await heard(peer);
  const told = server.lines.filter((line) => /->> (\[MSG|MSG_PAYLOAD)/.test(line));
  expect(told.map((line) => line.slice(line.indexOf("->>")))).toEqual([
    "->> [MSG here 1 3]",
    '->> MSG_PAYLOAD: ["abc"]',
  ]);
});
