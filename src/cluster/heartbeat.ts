// Signs of life on a route (cluster §4.17): a ping from time to time, how long its answer took, and when there
// have been too few.

export interface HeartbeatOwner {
  /** Milliseconds between two pings. */
  readonly pingIntervalMs: number;
  /** Pings without an answer, after which the other side is taken to be gone. */
  readonly pingMax: number;
  sendPing(): void;
  onStale(): void;
}

/** The first ping, plus up to a fifth. */
const FIRST_PING_MS = 1000;
const FIRST_PING_SPREAD = 0.2;

export class Heartbeat {
  /** Last round trip in ms; 0 before the first. */
  rttMs = 0;
  readonly #owner: HeartbeatOwner;
  #timer: Timer | null = null;
  #unanswered = 0;
  #sentAt = 0;

  constructor(owner: HeartbeatOwner) {
    this.#owner = owner;
  }

  start(): void {
    const first = Math.min(FIRST_PING_MS, this.#owner.pingIntervalMs);
    this.#arm(first * (1 + Math.random() * FIRST_PING_SPREAD));
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Asks for a sign of life now. */
  ping(): void {
    this.#unanswered++;
    this.#sentAt = performance.now();
    this.#owner.sendPing();
  }

  /** The other side answered. */
  answered(): void {
    this.#unanswered = 0;
    if (this.#sentAt > 0) this.rttMs = performance.now() - this.#sentAt;
    this.#sentAt = 0;
  }

  /** For the timer only. */
  tick(): void {
    if (this.#unanswered >= this.#owner.pingMax) return this.#owner.onStale();
    this.ping();
    this.#arm(this.#owner.pingIntervalMs);
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(tick, ms, this);
  }
}

const tick = (heartbeat: Heartbeat) => heartbeat.tick();
