// The replies a client may publish although its permissions say no (auth.md §5.3): the reply subjects of
// messages it received, each for a number of answers and for a time.

import type { ResponseRule } from "../auth/permissions.ts";

/** Bytes of reply subjects remembered for one client; beyond, the oldest go. */
const BYTES_MAX = 16 << 20;
/** What an entry takes besides its text. */
const ENTRY_BYTES = 100;

interface Permit {
  answers: number;
  readonly since: number;
}

export class ReplyPermits {
  readonly #rule: ResponseRule;
  /** In the order in which they were granted. */
  readonly #permits = new Map<string, Permit>();
  #bytes = 0;

  constructor(rule: ResponseRule) {
    this.#rule = rule;
  }

  get size(): number {
    return this.#permits.size;
  }

  /** A message with this reply subject was delivered. A permit that still holds is used, not renewed. */
  grant(reply: string): void {
    if (this.use(reply)) return;
    this.#permits.set(reply, { answers: 0, since: performance.now() });
    this.#bytes += reply.length + ENTRY_BYTES;
    this.#dropOldest();
  }

  /** Counts an answer; false when none is permitted any more. */
  use(reply: string): boolean {
    const permit = this.#permits.get(reply);
    if (permit === undefined) return false;
    permit.answers++;
    if (this.#holds(permit)) return true;
    this.#delete(reply);
    return false;
  }

  #holds({ answers, since }: Permit): boolean {
    const { max, expiresMs } = this.#rule;
    if (max > 0 && answers > max) return false;
    return expiresMs <= 0 || performance.now() - since <= expiresMs;
  }

  /** Those past their time are at the front, and go two for each that comes. */
  #dropOldest(): void {
    let dropped = 0;
    for (const [reply, permit] of this.#permits) {
      const isOver = dropped < 2 && !this.#holds(permit);
      if (!isOver && this.#bytes <= BYTES_MAX) return;
      this.#delete(reply);
      dropped++;
    }
  }

  #delete(reply: string): void {
    if (this.#permits.delete(reply)) this.#bytes -= reply.length + ENTRY_BYTES;
  }
}
