// Reaching one server and staying in touch with it (cluster §4.10): attempts, waiting between them, and what
// the log is told: each cause once, however often it is tried.

import type { RouteUrl } from "../config/cluster.ts";
import type { Logger } from "../log/logger.ts";
import { formatAddress } from "../net/listener.ts";
import { PRIMARY, type Slot } from "./slot.ts";

/** Between two attempts, plus up to JITTER_MS so that two servers do not meet half-way for ever. */
const RETRY_MS = 1000;
const JITTER_MS = 100;
const BACKOFF_MS_MAX = 30_000;
/** Until a server is greeted by the name that both have now. */
const RENAMED_MS = 20;
/** A server that was in touch is looked for so long, more and more seldom. */
const MISSED_MS = 300_000;

export interface DialingHost {
  readonly logger: Logger;
  readonly connectRetries: number;
  readonly connectBackoff: boolean;
  /** Asked before each attempt: is anything gained by it still? */
  wants(dialing: Dialing): boolean;
  /** Opens a connection; rejects with an Error for people. */
  open(dialing: Dialing): Promise<void>;
  /** Nobody is there, and nobody will be asked again. */
  gaveUp(dialing: Dialing): void;
  /** Each so many attempts that fail for the same cause are an error in the log. */
  readonly reports: number;
}

export class Dialing {
  readonly url: RouteUrl;
  /** Configured: tried for ever. Else it was heard of. */
  readonly isExplicit: boolean;
  /** Which of the connections to that server is to be made. */
  readonly slot: Slot;
  /** Who is said to be there; empty where only the address is known. */
  readonly serverId: string;
  readonly #host: DialingHost;
  #timer: Timer | null = null;
  /** Attempts since it was last in touch. */
  #attempts = 0;
  #lastProblem = "";
  #problems = 0;
  #stopped = false;
  /** The server was in touch, and is to be found again until then. */
  #misses = false;
  #greetedAgain = false;
  #missedUntil = 0;

  constructor(
    url: RouteUrl,
    isExplicit: boolean,
    host: DialingHost,
    slot: Slot = PRIMARY,
    serverId = "",
  ) {
    this.url = url;
    this.isExplicit = isExplicit;
    this.slot = slot;
    this.serverId = serverId;
    this.#host = host;
  }

  get address(): string {
    return formatAddress(this.url.host, this.url.port);
  }

  /** Others than the first connection are wanted while there is that one. */
  get #isLasting(): boolean {
    return this.isExplicit || this.slot !== PRIMARY;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  start(delayMs = 0): void {
    if (this.#stopped || this.#timer !== null) return;
    if (delayMs > 0) this.#timer = setTimeout(attempt, delayMs, this);
    else void this.attempt();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** For the timer, and for `start`. */
  async attempt(): Promise<void> {
    this.#timer = null;
    if (this.#stopped) return;
    if (!this.#host.wants(this)) {
      this.stop();
      this.#host.gaveUp(this);
      return;
    }
    this.#attempts++;
    this.#host.logger.debug(`Trying to connect to route on ${this.address}`);
    try {
      await this.#host.open(this);
    } catch (error) {
      if (this.#stopped) return;
      this.#report(error instanceof Error ? error.message : String(error));
      this.#again();
    }
  }

  /** The other server says why it does not want us. */
  refused(text: string): void {
    this.#report(text);
  }

  /** The name of the cluster was settled: it is greeted by that, at once the first time. */
  greetAgain(): void {
    if (this.#greetedAgain) return;
    this.#greetedAgain = true;
    this.start(RENAMED_MS);
  }

  /** It is there and registered. */
  reached(): void {
    this.#greetedAgain = false;
    this.#misses = false;
    this.#attempts = 0;
  }

  /** It answers, and does not mean to send us away: what was wrong before may be told again. */
  settled(): void {
    this.#problems = 0;
    this.#lastProblem = "";
  }

  /** The connection is gone; `wasThere`: the other server was in touch, and may be again. */
  lost(wasThere: boolean): void {
    if (this.#stopped) return;
    if (this.#isLasting) return this.#again();
    if (!wasThere) return this.#again();
    // Perhaps it is only cut off from here: nobody would tell of it a second time.
    this.#misses = true;
    this.#missedUntil = performance.now() + MISSED_MS;
    this.start(1 + Math.random() * JITTER_MS);
  }

  #again(): void {
    const isMissed = this.#misses && performance.now() < this.#missedUntil;
    if (!this.#isLasting && !isMissed && this.#attempts > this.#host.connectRetries) {
      this.stop();
      this.#host.gaveUp(this);
      return;
    }
    const slower = this.#host.connectBackoff || (isMissed && !this.#isLasting);
    const factor = slower ? 2 ** Math.min(this.#attempts - 1, 10) : 1;
    const wait = Math.min(RETRY_MS * Math.max(1, factor), BACKOFF_MS_MAX);
    this.start(wait + Math.random() * JITTER_MS);
  }

  #report(problem: string): void {
    this.#problems = problem === this.#lastProblem ? this.#problems + 1 : 0;
    this.#lastProblem = problem;
    const text = `Error trying to connect to route (attempt ${this.#attempts}) ${this.address}: ${problem}`;
    if (this.#problems % Math.max(1, this.#host.reports) === 0) this.#host.logger.error(text);
    else this.#host.logger.debug(text);
  }
}

const attempt = (dialing: Dialing) => void dialing.attempt();
