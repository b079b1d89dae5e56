// The monitors of clustered servers, field by field: in every state each Midge of the cluster must answer as
// a nats-server does that stands in its place among nats-servers, but for the named differences.
import { expect, test } from "bun:test";
import { describeWithPeer } from "../support/peer.ts";
import { difference } from "./access-play.ts";
import {
  CLUSTER_DIFFERENCES,
  type ClusterDifference,
  settleRun,
} from "./cluster-monitor-differences.ts";
import { type Cast, playCluster, type ToldByNode } from "./cluster-monitor-stage.ts";
import { CLUSTER_SCENES } from "./cluster-monitor-scenes.ts";
import { MONITOR_DIFFERENCES } from "./monitor-differences.ts";
import { settleChance } from "./monitor-order.ts";
import { type Context, lines } from "./monitor-told.ts";

const QUESTIONS = [
  "/routez",
  "/routez?subs=1",
  "/routez?subs=detail",
  "/routez?subs=x",
  "/varz",
  "/subsz",
  "/subsz?subs=1",
  "/accstatz",
  "/accstatz?unused=1",
  "/accountz",
  "/accountz?acc=$G",
  "/connz?subs=1",
  "/healthz",
];
const CASTS: Readonly<Record<2 | 3, readonly Cast[]>> = {
  2: [
    ["midge", "midge"],
    ["midge", "nats-server"],
    ["nats-server", "midge"],
  ],
  3: [
    ["midge", "midge", "midge"],
    ["nats-server", "midge", "nats-server"],
    ["midge", "nats-server", "midge"],
  ],
};
const LETTERS = "abc";
const CONTEXT: Context = { names: new Map(), measured: new Set(["cid"]) };
const SHOWN_MAX = 5;
const SCENE_MS = 60_000;

describeWithPeer("monitors in a cluster compared with nats-server 2.15", "2.15", (path) => {
  const seen = new Set<ClusterDifference>();

  for (const scene of CLUSTER_SCENES) {
    const questions = scene.questions ?? QUESTIONS;
    const reference = Array.from({ length: scene.servers }, () => "nats-server" as const);
    test(
      scene.name,
      async () => {
        const there = await playCluster(path, reference, scene, questions);
        const found: string[] = [];
        for (const cast of CASTS[scene.servers]) {
          const here = await playCluster(path, cast, scene, questions);
          for (const [node, kind] of cast.entries()) {
            if (kind !== "midge") continue;
            for (const [at, question] of questions.entries()) {
              const wanted = settled(there[node]!, at, question, seen);
              const got = settled(here[node]!, at, question, seen);
              const note = difference(wanted, got);
              const where = `${LETTERS[node]} of ${cast.join(", ")}: ${question}`;
              if (note !== undefined) found.push(`${where}\n${note}`);
            }
          }
        }
        if (found.length > 0) {
          const shown = found.slice(0, SHOWN_MAX).join("\n");
          throw new Error(`${found.length} questions are answered otherwise:\n${shown}`);
        }
      },
      SCENE_MS,
    );
  }

  test("every named difference is one", () => {
    const idle = CLUSTER_DIFFERENCES.filter((each) => !seen.has(each)).map(({ name }) => name);
    expect(idle).toEqual([]);
  });
});

/** What this answer says besides chance and named differences; those that it shows are noted in `seen`. */
function settled(
  { told, idle }: ToldByNode,
  at: number,
  question: string,
  seen: Set<ClusterDifference>,
): readonly string[] {
  const answer = structuredClone(told[at]!);
  for (const each of MONITOR_DIFFERENCES) each.settle(answer, { question, base: "", idle });
  let before = lines(answer, CONTEXT);
  for (const each of CLUSTER_DIFFERENCES) {
    each.settle(answer, question);
    const after = lines(answer, CONTEXT);
    if (difference(before, after) !== undefined) seen.add(each);
    before = after;
  }
  settleRun(answer);
  settleChance(answer, question);
  return lines(answer, CONTEXT);
}
