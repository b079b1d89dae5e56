// Asks the other servers of a cluster, and hears what they answer.

import { ownMessage } from "../proto/publish.ts";
import { sendFromServer } from "../broker/message-trace.ts";
import type { ServerCall } from "../broker/server-subscription.ts";
import type { System } from "./system.ts";

/** Answers that come later are nobody's. */
const PATIENCE_MS = 2_000;
/** Surveys at a time; of more the oldest ends. */
const SURVEYS_MAX = 1_024;

interface Open {
  readonly hear: (text: string) => void;
  readonly timer: Timer;
}

export class Survey {
  readonly #system: System;
  readonly #open = new Map<string, Open>();
  #number = 0;

  constructor(system: System) {
    this.#system = system;
  }

  stop(): void {
    for (const key of [...this.#open.keys()]) this.#end(key);
  }

  /** An answer. */
  hear({ subject, payload }: ServerCall): void {
    this.#open.get(subject)?.hear(payload.toString());
  }

  /** Each other server is asked; `hear` gets the answers as they come. Returns how many were asked. */
  forward(subject: string, payload: Buffer, hear: (text: string) => void): number {
    const others = this.#system.host.cluster?.remotes ?? 0;
    if (others === 0) return 0;
    const inbox = `${this.#system.inbox}.${++this.#number}`;
    const timer = setTimeout(() => this.#open.delete(inbox), PATIENCE_MS).unref();
    this.#open.set(inbox, { hear, timer });
    const [oldest] = this.#open.keys();
    if (this.#open.size > SURVEYS_MAX && oldest !== undefined) this.#end(oldest);
    sendFromServer(this.#system.account, ownMessage(subject, payload, "", inbox));
    return others;
  }

  /** The sum of what all other servers answer; of those that are late, nothing. */
  sum(subject: string, payload: Buffer): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    let total = 0;
    let heard = 0;
    const timer = setTimeout(() => resolve(total), PATIENCE_MS).unref();
    const asked = this.forward(subject, payload, (text) => {
      const count = Number(text);
      if (Number.isSafeInteger(count) && count > 0) total += count;
      if (++heard === asked) resolve(total);
    });
    if (asked === 0) resolve(0);
    return promise.finally(() => clearTimeout(timer));
  }

  #end(key: string): void {
    clearTimeout(this.#open.get(key)?.timer);
    this.#open.delete(key);
  }
}
