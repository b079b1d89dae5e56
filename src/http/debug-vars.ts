// GET /debug/vars: the memory of the runtime, in the layout and under the names that Go's expvar has
// (monitoring §19). Arguments of the command line may be secrets, so only its first word is shown.
import { toJson } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";
import { Reply } from "./reply.ts";

export const debugVars: Endpoint = {
  path: "/debug/vars",
  countsAs: null,
  answer() {
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    // The runtime does not tell how often it collected.
    const memory = { Alloc: heapUsed, HeapAlloc: heapUsed, HeapSys: heapTotal, Sys: rss, NumGC: 0 };
    const variables = { cmdline: [process.argv0], memstats: memory };
    const lines = Object.entries(variables).map(([name, value]) => `"${name}": ${toJson(value)}`);
    return new Reply(`{\n${lines.join(",\n")}\n}\n`, { type: "application/json; charset=utf-8" });
  },
};
