// What the monitor says of a server that is made of bytes, from before pools and compression: Midge beside a
// real nats-server that has the same one.
import { expect, test } from "bun:test";
import { greeting } from "../cluster/nodes.ts";
import {
  type ConfiguredServer,
  startConfiguredMidge,
  startConfiguredPeer,
} from "../support/configured.ts";
import { describeWithPeer } from "../support/peer.ts";
import { connect } from "../support/wire.ts";
import { type ClusterDifference, settleRun } from "./cluster-monitor-differences.ts";
import type { Kind } from "./cluster-monitor-node.ts";
import { RELEASE_DIFFERENCES } from "./cluster-monitor-releases.ts";
import { ask } from "./monitor-ask.ts";
import { settleChance } from "./monitor-order.ts";
import { monitorPort } from "./monitor-play.ts";
import { lines, takeApart } from "./monitor-told.ts";

const QUESTIONS = ["/routez", "/routez?subs=1", "/routez?subs=detail"];
const WANTS =
  "RS+ $G foo\r\nRS+ $G w q 3\r\nLS+ leafs $G bar\r\nLS+ leafs $G bar q 2\r\nRS- $G foo\r\n";
const CONTEXT = { names: new Map(), measured: new Set<string>() };

const config = (cluster = "") => `server_name: "a"
debug: true
http: "127.0.0.1:-1"
no_system_account: true
cluster { name: c1, listen: "127.0.0.1:-1", ${cluster} }
`;

async function routePort(server: ConfiguredServer): Promise<number> {
  const line = await server.logged(/Listening for route connections on .*:\d+/);
  return Number(/:(\d+)$/.exec(line)![1]);
}

/** What is answered about this peer after it said this, but for these differences. */
async function told(
  server: ConfiguredServer,
  kind: Kind,
  [info, says]: readonly [info: object, says: string],
  differences: readonly ClusterDifference[],
): Promise<string[][]> {
  await using peer = await connect(await routePort(server));
  const door = { port: await monitorPort(server) };
  await peer.says(greeting("PEER", info) + says);
  await peer.says("PING\r\n");
  for (let item = await peer.hearsItem(); item !== "PONG\r\n"; item = await peer.hearsItem()) {
    if (item === undefined) throw new Error("the server closed");
  }
  const all: string[][] = [];
  for (const question of QUESTIONS) {
    const answer = takeApart(await ask(door, question));
    for (const each of differences) {
      each.settle(answer, { question, kind, hasSystemAccount: false, idle: {}, announced: [] });
    }
    settleRun(answer);
    settleChance(answer, question);
    all.push(lines(answer, CONTEXT));
  }
  return all;
}

const CONVERSATIONS: readonly (readonly [name: string, info: object, says: string])[] = [
  ["that wants nothing", {}, ""],
  ["that wants subjects, for groups and for leaf nodes", { lnocu: true }, WANTS],
  ["that wants them, and is too old to tell for whom", {}, WANTS],
  ["that says what may pass", { import: { allow: ["a", "b.>"] }, export: { deny: ["c"] } }, ""],
];

for (const [level, differences] of [
  ["2.15", []],
  ["2.9", RELEASE_DIFFERENCES],
] as const) {
  describeWithPeer(`what monitors say of a peer, beside nats-server ${level}`, level, (path) => {
    for (const [name, ...peer] of CONVERSATIONS) {
      test(name, async () => {
        await using there = await startConfiguredPeer(path, `listen: "127.0.0.1:-1"\n${config()}`);
        await using here = await startConfiguredMidge(config());
        const wanted = await told(there, level, peer, differences);
        expect(await told(here, "midge", peer, differences)).toEqual(wanted);
      });
    }
  });
}
