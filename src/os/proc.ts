// Where Linux tells a process about itself.
import { existsSync } from "node:fs";

/**
 * Throws where Linux runs without /proc: the limit on open files could not be seen, which the server stays
 * below. The image has a file in its place that lets the runtime come as far as this; see scripts/image/tree.ts.
 */
export function requireProc(): void {
  if (process.platform !== "linux" || existsSync("/proc/self/limits")) return;
  throw new Error(
    "/proc is not mounted, and limits on this process cannot be seen without it: mount it",
  );
}
