// Answers that viewers share: the same question within a period is answered from one computation, and a
// computation that was expensive is not made again before a multiple of its time has passed.

/** Of one core, for one question, as far as it would not be out of date for longer than STALE_MS_MAX. */
const COST_SHARE_MAX = 0.02;
const STALE_MS_MAX = 10_000;
const QUESTIONS_MAX = 64;

/** Milliseconds since some time; tests bring their own. */
export type MonotonicClock = () => number;

export const monotonic: MonotonicClock = () => performance.now();

interface Kept<T> {
  readonly value: Promise<T>;
  /** Not before it has an answer. */
  staleAt: number;
}

export class Shared<T> {
  readonly #periodMs: number;
  readonly #now: MonotonicClock;
  readonly #kept = new Map<string, Kept<T>>();

  constructor(periodMs: number, now: MonotonicClock = monotonic) {
    this.#periodMs = periodMs;
    this.#now = now;
  }

  get(question: string, compute: () => T | Promise<T>): Promise<T> {
    const known = this.#kept.get(question);
    if (known !== undefined && this.#now() < known.staleAt) return known.value;
    this.#makeRoom();
    const startedAt = this.#now();
    const kept: Kept<T> = { value: Promise.try(compute), staleAt: Infinity };
    this.#kept.delete(question);
    this.#kept.set(question, kept);
    kept.value.then(
      () => {
        const now = this.#now();
        const restMs = Math.min((now - startedAt) / COST_SHARE_MAX, STALE_MS_MAX);
        kept.staleAt = Math.max(startedAt + this.#periodMs, now + restMs);
      },
      () => this.#kept.delete(question),
    );
    return kept.value;
  }

  /** Lets go of what is out of date. */
  sweep(): void {
    const now = this.#now();
    for (const [question, { staleAt }] of this.#kept) {
      if (staleAt <= now) this.#kept.delete(question);
    }
  }

  #makeRoom(): void {
    if (this.#kept.size < QUESTIONS_MAX) return;
    this.sweep();
    if (this.#kept.size < QUESTIONS_MAX) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
