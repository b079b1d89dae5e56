// Long work in short turns: an answer over 50,000 connections must not keep a message waiting. One turn
// of the event loop has room for one turn of one answer, however many are asked for.

/** Messages wait no longer than this for the monitor. */
const TURN_MS = 0.25;

export class Turns {
  readonly #waiting: (() => void)[] = [];
  #endsAt = 0;

  /** Time to `await next()`. */
  get isOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** Lets everything else go first. Resolves with a fresh turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#give);
    });
  }

  readonly #give = (): void => {
    const resolve = this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(this.#give);
    this.#endsAt = performance.now() + TURN_MS;
    resolve?.();
  };
}
