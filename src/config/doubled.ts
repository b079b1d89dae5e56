// Keys that are there twice, by the same name or by an alias. As in nats-server the last one wins, but where
// a key guards access that would lose protection without a word, so that there it is a mistake.
import type { ConfigEntry, ConfigMap } from "./value.ts";

/** Tells of an entry whose key another entry has set already. */
export type ReportDoubled = (entry: ConfigEntry, first: ConfigEntry) => void;

/**
 * The entries of a block that count. `keyOf` says what an entry sets, where that may be set only once.
 * Variables may have any name, as they had in files of gnatsd, and give way to the entry that means the key.
 */
export function entriesThatCount(
  map: ConfigMap,
  keyOf: (entry: ConfigEntry) => unknown,
  isVariable: (entry: ConfigEntry) => boolean,
  report: ReportDoubled,
): ConfigEntry[] {
  const { overwritten = [] } = map;
  const all = [...overwritten, ...map.entries.values()];
  const ignored = new Set(overwritten);
  const groups = Map.groupBy(all, keyOf);
  groups.delete(undefined);
  for (const group of groups.values()) {
    if (group.length === 1) continue;
    // Helpers that are texts do no harm. A block may be used elsewhere and be meant here all the same, as
    // it surely was where the very same name is there twice.
    const areTexts = group.every(({ value }) => value.kind === "string");
    const isHelper = (entry: ConfigEntry) =>
      isVariable(entry) &&
      (areTexts || group.every((each) => each === entry || each.key !== entry.key));
    const meant = group.filter((entry) => !isHelper(entry));
    const rivals = meant.length > 0 ? meant : areTexts ? group.slice(-1) : group;
    const [first, ...others] = rivals;
    for (const entry of others) report(entry, first!);
    for (const entry of group) ignored.add(entry);
    ignored.delete(first!);
  }
  return all.filter((entry) => !ignored.has(entry));
}
