// Metrics of routes to real nats-servers, in the states in which the monitors of clusters are compared: they
// say what /routez says, and the other end of each route has sent what came, and heard what was sent.
import { expect, test } from "bun:test";
import { formatRoundTrip } from "../../src/http/round-trip.ts";
import { formatTime } from "../../src/proto/format.ts";
import { describeWithPeer } from "../support/peer.ts";
import { CLUSTER_SCENES } from "./cluster-monitor-scenes.ts";
import {
  type Cast,
  type ClusterScene,
  idOf,
  playCluster,
  type ToldByNode,
} from "./cluster-monitor-stage.ts";
import { isObject, type JsonObject } from "./monitor-told.ts";

/** Whatever changes meanwhile, one of the metrics is as it was before or as it is after. */
const QUESTIONS = ["/routez", "/metrics", "/routez", "/metrics", "/routez", "/metrics", "/routez"];
const METRICS = QUESTIONS.flatMap((each, at) => (each === "/metrics" ? [at] : []));
const LAST = QUESTIONS.length - 1;
const LETTERS = "abc";
const SCENE_MS = 60_000;
const TRAFFIC = ["in_msgs", "in_bytes", "out_msgs", "out_bytes"];
const OF_ROUTE = {
  midge_route_start_time_seconds: "start",
  midge_route_round_trip_seconds: "rtt",
  midge_route_pending_bytes: "pending_size",
  midge_route_subscriptions: "subscriptions",
  midge_route_received_messages_total: "in_msgs",
  midge_route_received_bytes_total: "in_bytes",
  midge_route_sent_messages_total: "out_msgs",
  midge_route_sent_bytes_total: "out_bytes",
} as const;

/** What is told of a route. */
type Row = string;

for (const level of ["2.15", "2.9"] as const) {
  describeWithPeer(`metrics of routes to nats-server ${level}`, level, (path) => {
    const casts: Readonly<Record<2 | 3, readonly Cast[]>> = {
      2: [
        ["midge", level],
        [level, "midge"],
      ],
      3: [
        [level, "midge", level],
        ["midge", level, "midge"],
      ],
    };
    for (const scene of CLUSTER_SCENES) {
      test(
        scene.name,
        async () => {
          for (const cast of casts[scene.servers]) {
            const told = await playCluster({ [level]: path }, cast, scene, QUESTIONS);
            check(cast, scene, told);
          }
        },
        SCENE_MS,
      );
    }
  });
}

function check(cast: Cast, scene: ClusterScene, told: readonly ToldByNode[]): void {
  for (const [at, kind] of cast.entries()) {
    if (kind !== "midge") continue;
    const all = METRICS.map((asked) => read(String(told[at]!.told[asked]!.body)));
    const series = all.map((samples) => rowsOf(seriesOf(samples)));
    const isSame = series.some((each, index) =>
      [-1, 1].some((aside) =>
        Bun.deepEquals(each, rowsOf(routes(told[at]!, METRICS[index]! + aside))),
      ),
    );
    if (!isSame) expect(series.at(-1)!).toEqual(rowsOf(routes(told[at]!, LAST)));
    const known = routes(told[at]!, LAST);
    const total = (name: string) =>
      all.at(-1)!.find((each) => each.name === `midge_cluster_${name}`);
    expect(total("servers")?.value).toBe(cast.length);
    expect(total("routes")?.value).toBe(known.length);
    expect(total("subscriptions")?.value).toBe(sum(known, "subscriptions"));
    // Servers that have a system account talk to each other whenever it is time.
    if (told.every(({ idle }) => idle["$SYS"] === undefined)) checkOtherEnds(at, scene, told);
  }
}

/** What one end has sent the other one has heard, over all connections between them. */
function checkOtherEnds(at: number, { sends }: ClusterScene, told: readonly ToldByNode[]): void {
  const between = (one: number, other: number) =>
    routes(told[one]!, LAST).filter((each) => each["remote_id"] === idOf(LETTERS[other]!));
  let moved = 0;
  for (const other of told.keys()) {
    if (other === at) continue;
    const [here, there] = [between(at, other), between(other, at)];
    const [received, receivedBytes, sent, sentBytes] = TRAFFIC.map((key) => sum(here, key));
    expect(TRAFFIC.map((key) => sum(there, key))).toEqual([
      sent!,
      sentBytes!,
      received!,
      receivedBytes!,
    ]);
    moved += received! + sent!;
  }
  // Whoever stands between those two may have nothing to do with it.
  if (told.length === 2) expect(moved).toBe(sends?.length ?? 0);
}

function routes({ told }: ToldByNode, at: number): JsonObject[] {
  const { body } = told[at]!;
  const list = isObject(body) ? body["routes"] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

const sum = (all: readonly JsonObject[], key: string): number =>
  all.reduce((total, each) => total + Number(each[key]), 0);

function rowsOf(all: readonly JsonObject[]): Row[] {
  const keys = ["account", "remote_id", "remote_name", ...Object.values(OF_ROUTE)];
  return all.map((each) => keys.map((key) => `${key}=${String(each[key])}`).join(" ")).sort();
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function read(text: string): Sample[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels, value]) => ({
    name: name!,
    labels: Object.fromEntries(
      [...(labels ?? "").matchAll(/(\w+)="([^"]*)"/g)].map(([, key, word]) => [key!, word!]),
    ),
    value: Number(value),
  }));
}

/** The series of each route, as /routez would tell of it. */
function seriesOf(samples: readonly Sample[]): JsonObject[] {
  const all = new Map<string, JsonObject>();
  for (const { name, labels, value } of samples) {
    const key = Object.entries(OF_ROUTE).find(([metric]) => metric === name)?.[1];
    if (key === undefined) continue;
    const place = JSON.stringify(labels);
    const route = all.get(place) ?? { ...labels };
    all.set(place, route);
    if (key === "start") route[key] = formatTime(value * 1000);
    else route[key] = key === "rtt" ? formatRoundTrip(value * 1000) : value;
  }
  return [...all.values()];
}
