// From the tree of a configuration file to options: every key looked up in the table of keys.ts, its
// value checked, all problems collected. What Midge does not do yet is warned about; what guards
// access and would not be enforced is an error, because a broker that was meant to be closed must
// never be open.
import { TOP_KEYS, type TopKey } from "./keys.ts";
import type { MidgeOptions, OptionKey } from "./options.ts";
import { formatPosition } from "./problem.ts";
import {
  fault,
  NOT_ENFORCED,
  Reading,
  remark,
  tableOf,
  walk,
  type Place,
  type ReadSettings,
} from "./rules.ts";
import type { ConfigMap, ConfigProblem } from "./value.ts";

export interface ReadOptions {
  readonly options: MidgeOptions;
  /** What flags switched off, as it would have been. */
  readonly unused: MidgeOptions;
  /** Where an option, or what is in it, was set, for messages: `nats.conf:3:1: max_payload`. */
  readonly placeOf: (option: string) => string | undefined;
  readonly errors: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

const TABLE = tableOf(TOP_KEYS);

export function readOptions(root: ConfigMap, settings: ReadSettings = {}): ReadOptions {
  const reading = new Reading(settings);
  const options: Partial<Record<OptionKey, unknown>> = {};
  const unused: typeof options = {};
  const places = new Map<string, Place>();
  const whole: Place = { reading, path: "", id: "", at: root.at, secret: false };
  walk(TABLE, root, whole, false, (key, _entry, value, place) => {
    if (value === undefined) return;
    if (reading.switchedOff.has(key.names[0])) {
      if (key.effect.kind === "sets") Object.assign(unused, key.effect.apply(value as never));
      return;
    }
    for (const [name, given] of Object.entries(effectOf(key, value, place))) {
      // In the order of the file, so that of `listen` and `port` the later one wins.
      options[name as OptionKey] = given;
      places.set(name, place);
    }
  });
  return {
    options: options as MidgeOptions,
    unused: unused as MidgeOptions,
    placeOf(option) {
      const place = places.get(option) ?? reading.places.get(option);
      return place && `${formatPosition(place.at)}: ${place.path}`;
    },
    errors: reading.errors,
    warnings: reading.warnings,
  };
}

function effectOf(key: TopKey, value: unknown, place: Place): MidgeOptions {
  const { effect } = key;
  switch (effect.kind) {
    case "sets":
      return effect.apply(value as never);
    case "silent":
      return {};
    case "later":
      remark(place, effect.why === "" ? "has no effect yet" : `has no effect yet: ${effect.why}`);
      return {};
    case "guard":
      if (effect.asks(value)) fault(place, NOT_ENFORCED);
      else remark(place, "has no effect yet");
      return {};
  }
}
