// Slow checks, a few at a time and in order. Who asks what is asked already waits for the same answer, and
// who has gone meanwhile costs nothing.

/** Waiting askers at which those who have gone are first sought and let go. */
const SWEEP_FIRST = 1024;

interface Asker {
  readonly isWanted: () => boolean;
  readonly answer: (isRight: boolean) => void;
}

interface Check {
  readonly key: string;
  readonly run: () => Promise<boolean>;
  askers: Asker[];
}

export class HashQueue {
  readonly #concurrency: number;
  /** By what they check; the first one is next. */
  readonly #waiting = new Map<string, Check>();
  readonly #running = new Map<string, Check>();
  #askers = 0;
  #sweepAt = SWEEP_FIRST;

  constructor(concurrency = navigator.hardwareConcurrency > 2 ? 2 : 1) {
    this.#concurrency = concurrency;
  }

  /** Checks that have not begun. */
  get size(): number {
    return this.#waiting.size;
  }

  /** The answer of `run`, which must not throw; false without it when nobody wants it any more. */
  ask(key: string, isWanted: () => boolean, run: () => Promise<boolean>): Promise<boolean> {
    return new Promise((answer) => {
      let check = this.#running.get(key) ?? this.#waiting.get(key);
      if (check === undefined) this.#waiting.set(key, (check = { key, run, askers: [] }));
      check.askers.push({ isWanted, answer });
      this.#askers++;
      if (this.#askers > this.#sweepAt) this.#sweep();
      this.#next();
    });
  }

  #next(): void {
    for (const check of this.#waiting.values()) {
      if (this.#running.size >= this.#concurrency) return;
      this.#waiting.delete(check.key);
      this.#dismissGone(check);
      if (check.askers.length > 0) void this.#run(check);
    }
  }

  async #run(check: Check): Promise<void> {
    this.#running.set(check.key, check);
    const isRight = await check.run();
    this.#running.delete(check.key);
    this.#askers -= check.askers.length;
    for (const { answer } of check.askers) answer(isRight);
    this.#next();
  }

  /** Each sweep lets the list double before the next one: connections that come and go can't fill it. */
  #sweep(): void {
    for (const check of [...this.#running.values(), ...this.#waiting.values()]) {
      this.#dismissGone(check);
      if (check.askers.length === 0) this.#waiting.delete(check.key);
    }
    this.#sweepAt = Math.max(SWEEP_FIRST, 2 * this.#askers);
  }

  #dismissGone(check: Check): void {
    const staying: Asker[] = [];
    for (const asker of check.askers) {
      if (asker.isWanted()) staying.push(asker);
      else asker.answer(false);
    }
    this.#askers -= check.askers.length - staying.length;
    check.askers = staying;
  }
}
