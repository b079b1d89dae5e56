// The replies a client may publish although its permissions say no (auth.md §5.3): the reply subjects of
// messages it received, each for a number of answers and for a time.

import type { ResponseRule } from "../auth/permissions.ts";

/** Reply subjects remembered at a time; beyond, first those past their time go, then the oldest. */
const REPLIES_MAX = 4096;

interface Permit {
  answers: number;
  readonly since: number;
}

export class ReplyPermits {
  readonly #rule: ResponseRule;
  /** In the order in which they were granted. */
  readonly #permits = new Map<string, Permit>();

  constructor(rule: ResponseRule) {
    this.#rule = rule;
  }

  get size(): number {
    return this.#permits.size;
  }

  /** A message with this reply subject was delivered. A permit that still holds is used, not renewed. */
  grant(reply: string): void {
    if (this.use(reply)) return;
    if (this.#permits.size >= REPLIES_MAX) this.#makeRoom();
    this.#permits.set(reply, { answers: 0, since: performance.now() });
  }

  /** Counts an answer; false when none is permitted any more. */
  use(reply: string): boolean {
    const permit = this.#permits.get(reply);
    if (permit === undefined) return false;
    permit.answers++;
    if (this.#holds(permit)) return true;
    this.#permits.delete(reply);
    return false;
  }

  #holds({ answers, since }: Permit): boolean {
    const { max, expiresMs } = this.#rule;
    if (max > 0 && answers > max) return false;
    return expiresMs <= 0 || performance.now() - since <= expiresMs;
  }

  #makeRoom(): void {
    for (const [reply, permit] of this.#permits) {
      if (!this.#holds(permit)) this.#permits.delete(reply);
    }
    const [oldest] = this.#permits.keys();
    if (oldest !== undefined && this.#permits.size >= REPLIES_MAX) this.#permits.delete(oldest);
  }
}
