// Plays a scene on a server or a cluster of two: several actors, each with a connection of its own, say and ask
// something in turn, and everything that each of them hears after each step is kept.
import { type Peer, startPeer } from "../support/peer.ts";
import { collect } from "../support/secrets.ts";
import type { Heard } from "./system-heard.ts";
import { describeStep, type Scene, type Step } from "./system-scenes.ts";
import { Stage } from "./system-stage.ts";

/** A step, and what everybody heard then. */
export interface Exchange {
  readonly step: Step;
  readonly heard: readonly Heard[];
}

export interface Played {
  readonly exchanges: readonly Exchange[];
  /** By connection id. */
  readonly names: ReadonlyMap<number, string>;
  /** By server id. */
  readonly serverNames: ReadonlyMap<string, string>;
  /** Those who ask. */
  readonly ears: ReadonlySet<string>;
  /** How much members of ordinary accounts send and hear is the same in every run. */
  readonly isCounted: boolean;
}

/** `path` is the executable of any server that understands nats-server's command line; a second one may be another. */
export async function play(path: string, scene: Scene, secondPath = path): Promise<Played> {
  await using servers = new AsyncDisposableStack();
  const first = servers.use(await startPeer(path, scene.config));
  const second =
    scene.second === undefined
      ? []
      : [await startPeer(secondPath, await joining(first, scene.second))];
  for (const each of second) servers.use(each);
  await using stage = await Stage.open([first, ...second], scene);
  const exchanges: Exchange[] = [];
  for (const step of scene.steps) {
    const heard = await stage.plays(step).catch((error: unknown) => {
      throw new Error(`${describeStep(step)}: ${String(error)}`);
    });
    for (const { payload } of heard) collect("monitor", payload);
    exchanges.push({ step, heard });
  }
  const ears = new Set(["watcher", "somebody", ...scene.steps.flatMap(earOf)]);
  const isCounted =
    scene.isUncounted !== true && ears.isSubsetOf(new Set(["watcher", "sys", "somebody"]));
  return { exchanges, names: stage.names, serverNames: stage.serverNames, ears, isCounted };
}

/** The configuration of a server that finds the first one. */
async function joining(first: Peer, config: string): Promise<string> {
  const line = await first.logged(/Listening for route connections on .*:\d+/);
  return config.replace("{port}", /:(\d+)$/.exec(line)![1]!);
}

/** The one who asks in this step. */
const earOf = (step: Step) => ("asks" in step ? [step.by ?? "sys"] : []);
