// The numbers of subject trees as /subsz and /accountz show them (monitoring §9.1).
import type { TreeStats } from "./source.ts";

export function sumTrees(trees: readonly TreeStats[]) {
  const sum = (key: keyof TreeStats) => trees.reduce((total, tree) => total + tree[key], 0);
  const matches = sum("matches");
  const entries = sum("fanoutEntries");
  const fanout = trees.reduce((total, tree) => total + tree.avgFanout * tree.fanoutEntries, 0);
  return {
    num_subscriptions: sum("subscriptions"),
    num_cache: sum("cached"),
    num_inserts: sum("inserts"),
    num_removes: sum("removes"),
    num_matches: matches,
    cache_hit_rate: matches === 0 ? 0 : sum("cacheHits") / matches,
    max_fanout: trees.reduce((max, { maxFanout }) => Math.max(max, maxFanout), 0),
    avg_fanout: entries === 0 ? 0 : fanout / entries,
  };
}
