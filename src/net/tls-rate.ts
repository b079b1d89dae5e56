// How many handshakes may begin in a second: they cost far more than anything else a stranger can ask for.

const WINDOW_MS = 1000;

export class RateLimit {
  /** Told how many were turned away, once for each second in which some were. */
  onRefused: ((count: number) => void) | null = null;

  /** 0 for any number. */
  readonly #max: number;
  #windowEnd = 0;
  #admitted = 0;
  #refused = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether one more may begin now; counts it if so. */
  admits(): boolean {
    if (this.#max === 0) return true;
    const now = performance.now();
    if (now >= this.#windowEnd) {
      this.#windowEnd = now + WINDOW_MS;
      this.#admitted = 0;
    }
    if (this.#admitted < this.#max) {
      this.#admitted++;
      return true;
    }
    if (this.#refused++ === 0) setTimeout(report, WINDOW_MS, this).unref();
    return false;
  }

  /** For the timer only. */
  report(): void {
    const refused = this.#refused;
    this.#refused = 0;
    this.onRefused?.(refused);
  }
}

const report = (limit: RateLimit) => limit.report();
