// GET /stacksz: what the process is doing (monitoring §10). There is one thread, and it is answering this;
// what else goes on shows in the handles that keep the process busy. No paths, no code.
import { formatUptime } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";
import { Reply } from "./reply.ts";

export const stacksz: Endpoint = {
  path: "/stacksz",
  countsAs: null,
  answer: ({}, { source, now }) => {
    const counts = new Map<string, number>();
    for (const kind of process.getActiveResourcesInfo()) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const lines = [
      `bun ${Bun.version}, 1 thread of JavaScript [answering /stacksz]`,
      `up ${formatUptime(now() - source.startedAt)}, ${source.connections} connections`,
      ...[...counts].sort().map(([kind, count]) => `${kind}: ${count}`),
    ];
    // Called JSON although it is none: tools expect it so.
    return Reply.data(`${lines.join("\n")}\n`);
  },
};
