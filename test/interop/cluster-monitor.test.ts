// The monitors of clustered servers, field by field: in every state each server of the cluster must answer as
// it does, or one that stands in its place, where a real nats-server stands for each Midge, but for the named
// differences.
import { expect, test } from "bun:test";
import { describeWithPeer, type PeerLevel } from "../support/peer.ts";
import { difference } from "./access-play.ts";
import {
  CLUSTER_DIFFERENCES,
  type ClusterDifference,
  settleRun,
} from "./cluster-monitor-differences.ts";
import type { Paths } from "./cluster-monitor-node.ts";
import { RELEASE_DIFFERENCES } from "./cluster-monitor-releases.ts";
import { CLUSTER_SCENES } from "./cluster-monitor-scenes.ts";
import {
  type Cast,
  type ClusterScene,
  idOf,
  playCluster,
  type ToldByNode,
} from "./cluster-monitor-stage.ts";
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

/** Casts with Midge, and what stands in its place in those that they are compared with. */
interface Comparison {
  /** Each of the real servers that it takes, and the name of what is done with it. */
  readonly peers: readonly (readonly [level: PeerLevel, name: string])[];
  readonly casts: Readonly<Record<2 | 3, readonly Cast[]>>;
  readonly instead: PeerLevel;
  /** Those that must show in it. */
  readonly differences: readonly ClusterDifference[];
}

const AMONG_OLD: Comparison["casts"] = {
  2: [
    ["midge", "2.9"],
    ["2.9", "midge"],
  ],
  3: [
    ["midge", "2.9", "2.9"],
    ["2.9", "midge", "2.9"],
    ["2.9", "2.9", "midge"],
    ["midge", "2.9", "midge"],
    ["2.9", "midge", "midge"],
  ],
};

const COMPARISONS: readonly Comparison[] = [
  {
    peers: [["2.15", "monitors in a cluster compared with nats-server 2.15"]],
    casts: {
      2: [
        ["midge", "midge"],
        ["midge", "2.15"],
        ["2.15", "midge"],
      ],
      3: [
        ["midge", "midge", "midge"],
        ["2.15", "midge", "2.15"],
        ["midge", "2.15", "midge"],
      ],
    },
    instead: "2.15",
    differences: CLUSTER_DIFFERENCES,
  },
  {
    peers: [
      ["2.9", "monitors in a cluster with nats-server 2.9"],
      ["2.15", "compared with 2.15 there"],
    ],
    casts: AMONG_OLD,
    instead: "2.15",
    differences: CLUSTER_DIFFERENCES,
  },
  {
    peers: [["2.9", "monitors in a cluster with nats-server 2.9, compared with 2.9 there"]],
    casts: AMONG_OLD,
    instead: "2.9",
    differences: RELEASE_DIFFERENCES,
  },
];

const CONTEXT: Context = { names: new Map(), measured: new Set(["cid"]) };
const LETTERS = "abc";
const SHOWN_MAX = 5;
const SCENE_MS = 60_000;

for (const comparison of COMPARISONS) {
  withPeers(comparison.peers, (paths) => {
    const seen = new Set<ClusterDifference>();
    for (const scene of CLUSTER_SCENES) {
      test(
        scene.name,
        async () => {
          const found = await compare(paths, comparison, scene, seen);
          if (found.length === 0) return;
          const shown = found.slice(0, SHOWN_MAX).join("\n");
          throw new Error(`${found.length} questions are answered otherwise:\n${shown}`);
        },
        SCENE_MS,
      );
    }

    test("every named difference is one", () => {
      const idle = comparison.differences.filter((each) => !seen.has(each));
      expect(idle.map(({ name }) => name)).toEqual([]);
    });
  });
}

/** A group of tests against real nats-servers of all these levels. */
function withPeers([first, ...others]: Comparison["peers"], body: (paths: Paths) => void): void {
  if (first === undefined) return body({});
  const [level, name] = first;
  describeWithPeer(name, level, (path) => {
    withPeers(others, (paths) => body({ ...paths, [level]: path }));
  });
}

async function compare(
  paths: Paths,
  { casts, instead, differences }: Comparison,
  scene: ClusterScene,
  seen: Set<ClusterDifference>,
): Promise<string[]> {
  const questions = scene.questions ?? QUESTIONS;
  const references = new Map<string, readonly ToldByNode[]>();
  const found: string[] = [];
  for (const cast of casts[scene.servers]) {
    // Pools between Midges have no equal where nobody knows of pools.
    const hasPools = scene.routes > 1 && cast.filter((kind) => kind === "midge").length > 1;
    if (instead === "2.9" && hasPools) continue;
    const reference = cast.map((kind) => (kind === "midge" ? instead : kind));
    const key = reference.join();
    const there = references.get(key) ?? (await playCluster(paths, reference, scene, questions));
    references.set(key, there);
    const here = await playCluster(paths, cast, scene, questions);
    const replaced = cast.flatMap((kind, at) => (kind === "midge" ? [idOf(LETTERS[at]!)] : []));
    for (const node of cast.keys()) {
      for (const [at, question] of questions.entries()) {
        const [wanted, got] = [there, here].map((all) =>
          settled(all[node]!, at, question, replaced, differences, seen),
        );
        const note = difference(wanted!, got!);
        const where = `${LETTERS[node]} of ${cast.join(", ")} beside ${key}: ${question}`;
        if (note !== undefined) found.push(`${where}\n${note}`);
      }
    }
  }
  return found;
}

/** What this answer says besides chance and named differences; those that it shows are noted in `seen`. */
function settled(
  { told, kind, idle, announced }: ToldByNode,
  at: number,
  question: string,
  replaced: readonly string[],
  differences: readonly ClusterDifference[],
  seen: Set<ClusterDifference>,
): readonly string[] {
  const answer = structuredClone(told[at]!);
  for (const each of MONITOR_DIFFERENCES) each.settle(answer, { question, base: "" });
  const circumstances = {
    question,
    kind,
    hasSystemAccount: idle["$SYS"] !== undefined,
    idle,
    announced: announced.filter(({ by }) => replaced.includes(by)),
  };
  let before = lines(answer, CONTEXT);
  for (const each of new Set([...differences, ...CLUSTER_DIFFERENCES])) {
    each.settle(answer, circumstances);
    const after = lines(answer, CONTEXT);
    if (difference(before, after) !== undefined) seen.add(each);
    before = after;
  }
  settleRun(answer);
  settleChance(answer, question);
  return lines(answer, CONTEXT);
}
