// What the process costs: memory now, CPU since the last time somebody asked.
import { availableParallelism } from "node:os";

/** Less than the second after which the live page asks again. */
const SAMPLE_MS_MIN = 900;

let lastBytes = 0;

/** Resident bytes; those of the last time while no file can be opened, which it takes to know. */
export function residentBytes(): number {
  try {
    lastBytes = process.memoryUsage.rss();
  } catch {
    // The monitor goes on, and has something to say about exactly this.
  }
  return lastBytes;
}

export interface Usage {
  /** Resident bytes. */
  readonly mem: number;
  /** Percent of one core, one decimal; more than 100 where several are busy. */
  readonly cpu: number;
  readonly cores: number;
}

/**
 * Questions that follow each other closely get the same CPU value: too short a time says nothing.
 */
export class UsageMeter {
  readonly #cores = availableParallelism();
  /** The first sample covers the life of the process. */
  #sampledAt = 0;
  #usedMs = 0;
  #cpu = 0;

  read(): Usage {
    const now = performance.now();
    const elapsed = now - this.#sampledAt;
    if (elapsed >= SAMPLE_MS_MIN || this.#sampledAt === 0) {
      const { user, system } = process.cpuUsage();
      const usedMs = (user + system) / 1000;
      this.#cpu = Math.round(((usedMs - this.#usedMs) / elapsed) * 1000) / 10;
      this.#sampledAt = now;
      this.#usedMs = usedMs;
    }
    return { mem: residentBytes(), cpu: this.#cpu, cores: this.#cores };
  }
}
