// All scenes in which the services of the system account are compared.
import { accounts, interest, ordinary, others } from "./system-accounts.ts";
import { clusterOfTwo } from "./system-cluster.ts";
import { EVENTS } from "./system-events.ts";
import { clustered, filters, options } from "./system-options.ts";
import { encodings, everything, garbage } from "./system-questions.ts";
import type { Scene } from "./system-scenes.ts";

export const SCENES: readonly Scene[] = [
  everything,
  garbage,
  filters,
  clustered,
  options,
  encodings,
  accounts,
  interest,
  ordinary,
  ...others,
  ...EVENTS,
  clusterOfTwo,
];
