// Lame duck mode (client-protocol §18): clients are told to go elsewhere, and then sent there one by one.

import type { Client } from "./broker/client.ts";
import type { Roster } from "./broker/roster.ts";
import type { Options } from "./config/options.ts";
import type { Logger } from "./log/logger.ts";
import { CloseReason } from "./proto/errors.ts";
import type { Info } from "./proto/info.ts";

/** Whose clients leave. */
export interface FarewellHost {
  readonly roster: Roster;
  readonly logger: Logger;
  infoFor(client: Client): Info;
}

/** Clients are closed at most this far apart. */
const STEP_MS_MAX = 1000;

export class Farewell {
  readonly #host: FarewellHost;
  #isCutShort = false;
  /** Ends a wait. */
  #wake: (() => void) | null = null;

  constructor(host: FarewellHost) {
    this.#host = host;
  }

  /** Resolves when all clients are closed, or as soon as it is cut short. */
  async take({ lameDuckDuration, lameDuckGracePeriod }: Options): Promise<void> {
    for (const client of this.#host.roster.all) this.#announce(client);
    await this.#wait(lameDuckGracePeriod);
    await this.#sendAway(lameDuckDuration - lameDuckGracePeriod);
  }

  /** The server stops: nobody waits any more. */
  cutShort(): void {
    this.#isCutShort = true;
    this.#wake?.();
  }

  #announce(client: Client): void {
    if (client.connect.protocol < 1 || !client.firstPongSent) return;
    client.sendInfo({ ...this.#host.infoFor(client), ldm: true });
  }

  /** Closes all clients in random order, spread over `ms`. */
  async #sendAway(ms: number): Promise<void> {
    if (this.#isCutShort) return;
    this.#host.logger.notice("Closing existing clients");
    const clients = this.#host.roster.shuffled;
    const step = Math.min(ms / clients.length, STEP_MS_MAX);
    // Timers are no finer than a millisecond: many clients go in groups.
    const group = Math.max(1, Math.ceil(1 / step));
    for (let i = 0; i < clients.length; i += group) {
      for (const client of clients.slice(i, i + group)) client.close(CloseReason.serverShutdown);
      if (i + group < clients.length) await this.#wait(step * group * (0.5 + Math.random() / 2));
      if (this.#isCutShort) return;
    }
  }

  #wait(ms: number): Promise<void> {
    if (this.#isCutShort) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
