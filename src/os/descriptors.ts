// How many sockets this process may open. At the limit accepting fails without a word, so the server
// stays below it and refuses clients in words instead.

import { closeSync, openSync, readFileSync, statSync } from "node:fs";

/** Kept free for files, listeners, the monitor, and clients on their way out. */
const RESERVED = 64;
/** Of these, so many are for what the server opens itself, such as a log or the configuration. */
const OWN = 16;
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

/** Tells when descriptors run out. Cheap enough to be asked many times a second. */
export class DescriptorGauge {
  readonly #limit: number | null;
  readonly #own: number;

  /** Where the limit is not known, nothing is ever scarce. */
  constructor(limit = readDescriptorLimit()) {
    this.#limit = limit;
    this.#own = limit === null ? 0 : Math.min(OWN, limit >> 3);
  }

  /** What is left is needed by the server itself. */
  get isScarce(): boolean {
    return this.#limit !== null && countDescriptors() > this.#limit - this.#own;
  }
}

/** Descriptors in use, at the least; Infinity when no more can be opened, 0 when that cannot be known. */
function countDescriptors(): number {
  try {
    // Linux tells since 6.2, and to be told takes no descriptor.
    const told = statSync("/proc/self/fd", { throwIfNoEntry: false })?.size ?? 0;
    if (told > 0) return told;
    // The kernel gives the lowest number that is free: all below are taken.
    const lowest = openSync("/dev/null", "r");
    closeSync(lowest);
    return lowest;
  } catch (error) {
    return EXHAUSTED.has(codeOf(error)) ? Infinity : 0;
  }
}

const EXHAUSTED: ReadonlySet<string> = new Set(["EMFILE", "ENFILE"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
