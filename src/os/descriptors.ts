// How many sockets this process may open. At the limit accepting fails without a word, so the server
// stays below it and refuses clients in words instead.

import { readFileSync } from "node:fs";

/** Kept free for files, listeners, the monitor, and clients on their way out. */
const RESERVED = 48;
/** Refused and closing connections that may linger at a time, at the most. */
const LINGERING_MAX = 1024;

export interface DescriptorBudget {
  /** Clients that fit; Infinity where the limit is not known. */
  readonly clients: number;
  /** Closing connections that may wait for their peer. */
  readonly lingering: number;
}

/** The soft limit on open files, or null where it cannot be read. */
export function readDescriptorLimit(): number | null {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
    return line === null ? null : Number(line[1]);
  } catch {
    return null;
  }
}

/** Shares the descriptors out: a reserve, some for those who leave, the rest for clients. */
export function shareDescriptors(limit: number | null): DescriptorBudget {
  if (limit === null) return { clients: Infinity, lingering: LINGERING_MAX };
  const lingering = Math.max(4, Math.min(LINGERING_MAX, limit >> 4));
  return { clients: Math.max(1, limit - RESERVED - lingering), lingering };
}
