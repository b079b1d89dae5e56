// What may change of a cluster in a running server (config-and-cli §7), with its log lines. Names and
// passwords of routes are never among them.
import type { ClusterOptions } from "./cluster.ts";
import type { Options } from "./options.ts";

const FIXED = {
  host: "Cluster.Host",
  port: "Cluster.Port",
  name: "Cluster.Name",
  advertise: "Cluster.Advertise",
} as const satisfies Partial<Record<keyof ClusterOptions, string>>;

/** Changes that need a restart: the listener stays where it is. */
export function refusedClusterChanges({ cluster: old }: Options, { cluster: next }: Options) {
  if (old === undefined || next === undefined) {
    return old === next ? [] : ["Cluster: a cluster begins and ends with its server"];
  }
  return Object.entries(FIXED)
    .filter(([key]) => Reflect.get(old, key) !== Reflect.get(next, key))
    .map(([key, name]) => `${name}: old=${Reflect.get(old, key)}, new=${Reflect.get(next, key)}`);
}

export function clusterLines({ cluster: old }: Options, { cluster: next }: Options): string[] {
  if (old === undefined || next === undefined) return [];
  const lines: string[] = [];
  const { routes: before, ...oldRest } = old;
  const { routes: after, ...nextRest } = next;
  if (!Bun.deepEquals(before, after)) lines.push("Reloaded: cluster routes");
  if (!Bun.deepEquals(oldRest, nextRest)) lines.push("Reloaded: cluster");
  return lines;
}
