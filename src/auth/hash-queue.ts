// Slow checks, a few at a time. Who asks what is asked already waits for the same answer; who has gone
// meanwhile costs nothing, nor does who has waited too long. Who is next is decided in turns.ts.

import { Turns } from "./turns.ts";

/** Askers at which those who have gone are first sought and let go. */
const SWEEP_FIRST = 1024;

/** How an asker waits for its turn. */
export interface Place {
  /** Lanes that take turns, from the outer one to the inner ones. */
  readonly lanes: readonly string[];
  /** After so many milliseconds without a turn the answer is null; Infinity: never. */
  readonly patienceMs: number;
  /** False when nobody waits for the answer any more. */
  readonly isWanted: () => boolean;
  /** True when perhaps nobody waits for it any more: all others come first. */
  readonly isLast: () => boolean;
}

interface Asker {
  readonly check: Check;
  readonly place: Place;
  readonly answer: (isRight: boolean | null) => void;
  timer: Timer | null;
}

interface Check {
  readonly key: string;
  readonly run: () => Promise<boolean>;
  readonly askers: Set<Asker>;
}

export class HashQueue {
  readonly #concurrency: number;
  /** By what they check. */
  readonly #waiting = new Map<string, Check>();
  readonly #running = new Map<string, Check>();
  readonly #turns = new Turns<Asker>();
  /** Whose turn came, but who had to let others go first; the newest last. */
  #last: Asker[] = [];
  /** Askers since the last sweep, and those it left. */
  #askers = 0;
  #sweepAt = SWEEP_FIRST;

  constructor(concurrency = checksAtATime(navigator.hardwareConcurrency)) {
    this.#concurrency = concurrency;
  }

  /** Checks that have not begun. */
  get size(): number {
    return this.#waiting.size;
  }

  /** The answer of `run`, which must not throw; null without it for who leaves or waits too long. */
  ask(key: string, place: Place, run: () => Promise<boolean>): Promise<boolean | null> {
    return new Promise((answer) => {
      const running = this.#running.get(key);
      const check = running ?? this.#waiting.get(key) ?? { key, run, askers: new Set() };
      const asker: Asker = { check, place, answer, timer: null };
      check.askers.add(asker);
      if (++this.#askers > this.#sweepAt) this.#sweep();
      if (running !== undefined) return;
      this.#waiting.set(key, check);
      this.#turns.add(asker, place.lanes);
      this.#next();
      if (this.#running.has(key) || place.patienceMs === Infinity) return;
      asker.timer = setTimeout(waitedTooLong, place.patienceMs, this, asker);
    });
  }

  #next(): void {
    while (this.#running.size < this.#concurrency) {
      const asker = this.#turns.take(this.#isReady) ?? this.#nextOfLast();
      if (asker === undefined) return;
      void this.#run(asker.check);
    }
  }

  readonly #isReady = (asker: Asker): boolean => {
    if (!this.#isStaying(asker)) return false;
    if (!asker.place.isLast()) return true;
    this.#last.push(asker);
    return false;
  };

  #nextOfLast(): Asker | undefined {
    for (let asker = this.#last.pop(); asker !== undefined; asker = this.#last.pop()) {
      if (this.#isStaying(asker)) return asker;
    }
    return undefined;
  }

  /** False for who was answered; who has gone is let go. */
  #isStaying(asker: Asker): boolean {
    const { check } = asker;
    if (!check.askers.has(asker) || this.#running.get(check.key) === check) return false;
    if (asker.place.isWanted()) return true;
    this.dismiss(asker);
    return false;
  }

  async #run(check: Check): Promise<void> {
    this.#waiting.delete(check.key);
    this.#running.set(check.key, check);
    for (const asker of check.askers) {
      if (!asker.place.isWanted()) this.dismiss(asker);
      else if (asker.timer !== null) clearTimeout(asker.timer);
    }
    const isRight = await check.run();
    this.#running.delete(check.key);
    for (const { answer } of check.askers) answer(isRight);
    check.askers.clear();
    this.#next();
  }

  /** For the timer, too: its check is not made for this one. */
  dismiss(asker: Asker): void {
    const { check, timer, answer } = asker;
    if (timer !== null) clearTimeout(timer);
    check.askers.delete(asker);
    if (check.askers.size === 0 && this.#waiting.get(check.key) === check) {
      this.#waiting.delete(check.key);
    }
    answer(null);
  }

  /** Each sweep lets the crowd double before the next one: connections that come and go can't fill it. */
  #sweep(): void {
    let staying = 0;
    for (const check of [...this.#running.values(), ...this.#waiting.values()]) {
      for (const asker of check.askers) if (!asker.place.isWanted()) this.dismiss(asker);
      staying += check.askers.size;
    }
    const isStaying = (asker: Asker): boolean => this.#isStaying(asker);
    this.#turns.keep(isStaying);
    this.#last = this.#last.filter(isStaying);
    this.#askers = staying;
    this.#sweepAt = Math.max(SWEEP_FIRST, 2 * staying);
  }
}

/**
 * One processor is left to the clients' messages where there are more than two; of two, the system still
 * gives the main thread its share at once when something comes.
 */
function checksAtATime(processors: number): number {
  return processors <= 2 ? processors : processors - 1;
}

const waitedTooLong = (queue: HashQueue, asker: Asker) => queue.dismiss(asker);
