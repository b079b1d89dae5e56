// What a place for log lines has to do: standard error and files (sink.ts), syslogs (syslog.ts). An
// output never throws and never waits: what it can't keep it counts as lost.

import type { Level } from "./line.ts";

export interface Output {
  put(level: Level, text: string): void;
  /** Writes what is still gathered, as far as it goes without waiting. */
  flush(): void;
  /** Writes what still waits, for a bounded time; later lines are ignored. */
  close(): Promise<void>;
}

/** A warning, for the same log once it works again. */
export function lossReport(lines: number, reason: string): string {
  return `${lines} log line${lines === 1 ? "" : "s"} lost: ${reason}`;
}
