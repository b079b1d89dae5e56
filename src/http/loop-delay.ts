// How late the event loop is: a timer that should come every 100 ms notes how much later it came. That is a
// sample of how long a message waits; a standstill that is shorter may fall between two of them. More of
// them would cost more: 0.015 % of a core for each one in a second, and the runtime's own monitor the same.

/** Milliseconds from one look to the next. */
export const LOOP_DELAY_TICK_MS = 100;
/** Answers are about this long a time. */
const WINDOW_MS = 1000;
const TICKS = WINDOW_MS / LOOP_DELAY_TICK_MS;

/** Milliseconds. */
export interface Delays {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Delays since the start, for a histogram: `counts[i]` of them were at most `LOOP_DELAY_BOUNDS_MS[i]`. */
export interface DelayTotals {
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumMs: number;
}

export const LOOP_DELAY_BOUNDS_MS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000,
];

export class LoopDelay {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #lateMs = new Float64Array(TICKS);
  readonly #cameAt = new Float64Array(TICKS).fill(-Infinity);
  readonly #counts: number[] = LOOP_DELAY_BOUNDS_MS.map(() => 0);
  #at = 0;
  #count = 0;
  #sumMs = 0;
  #dueAt = performance.now() + LOOP_DELAY_TICK_MS;

  constructor() {
    this.#timer = setInterval(() => this.#tick(), LOOP_DELAY_TICK_MS);
    this.#timer.unref();
  }

  /** Of the last second; after a standstill that was longer, of the standstill. */
  sample(): Delays {
    const now = performance.now();
    const late: number[] = [];
    for (let i = 0; i < TICKS; i++) {
      if (this.#cameAt[i]! >= now - WINDOW_MS) late.push(this.#lateMs[i]!);
    }
    // Who asks may come before the timer that is late, too.
    if (now > this.#dueAt || late.length === 0) late.push(Math.max(0, now - this.#dueAt));
    late.sort((left, right) => left - right);
    const rank = (share: number) => late[Math.ceil(share * late.length) - 1]!;
    return { p50Ms: rank(0.5), p99Ms: rank(0.99), maxMs: late.at(-1)! };
  }

  get totals(): DelayTotals {
    let below = 0;
    const counts = this.#counts.map((count) => (below += count));
    return { counts, count: this.#count, sumMs: this.#sumMs };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    const late = Math.max(0, now - this.#dueAt);
    this.#dueAt = now + LOOP_DELAY_TICK_MS;
    this.#lateMs[this.#at] = late;
    this.#cameAt[this.#at] = now;
    this.#at = (this.#at + 1) % TICKS;
    this.#count++;
    this.#sumMs += late;
    const bucket = LOOP_DELAY_BOUNDS_MS.findIndex((bound) => late <= bound);
    if (bucket >= 0) this.#counts[bucket]!++;
  }
}
