// The file that tells supervisors and reload scripts whom to signal.
import { writeFileSync } from "node:fs";

/**
 * Decimal digits, no newline: scripts use the content as it is. Never removed, as with nats-server.
 */
export function writePidFile(path: string): void {
  writeFileSync(path, String(process.pid), { mode: 0o600 });
}
