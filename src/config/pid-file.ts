// The file that tells supervisors and reload scripts whom to signal.
import { closeSync, constants, openSync, writeSync } from "node:fs";

/**
 * Decimal digits, no newline: scripts use the content as it is. Never removed, as with nats-server.
 */
export function writePidFile(path: string): void {
  const { O_CREAT, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants;
  // Without waiting for a reader, should the path name a pipe.
  const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o600);
  try {
    writeSync(file, String(process.pid));
  } finally {
    closeSync(file);
  }
}
