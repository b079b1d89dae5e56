// Pings (client-protocol §5): the server asks whether a silent client is still there, and measures the
// round trip on the way. A client that sends anything else in time is not asked, as long as a round trip
// was measured within the hour.

import { ProtocolErrors } from "../proto/errors.ts";
import type { Client } from "./client.ts";

/** The first ping after CONNECT comes this early, plus up to a fifth. */
const FIRST_PING_MS = 2000;
const FIRST_PING_SPREAD = 0.2;
/** A round trip is measured at least this often. */
const RTT_EVERY_MS = 60 * 60 * 1000;

export class Keepalive {
  /** Last round trip in milliseconds; 0 before the first. */
  rttMs = 0;

  readonly #client: Client;
  readonly #acceptedAt = performance.now();
  #timer: Timer | null = null;
  /** Pings without an answer. */
  #unanswered = 0;
  #pingSentAt = 0;
  #rttMeasuredAt = -Infinity;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Read anew each time: a reload changes it for clients that are connected, too. */
  get #intervalMs(): number {
    return this.#client.host.options.pingInterval;
  }

  start(): void {
    this.#arm(this.#intervalMs);
  }

  /** CONNECT came: its delay is the first idea of the round trip. */
  greeted(): void {
    if (this.rttMs === 0) this.rttMs = performance.now() - this.#acceptedAt;
  }

  /** The client is let in: its first ping comes early. */
  connected(): void {
    const first = Math.min(this.#intervalMs, FIRST_PING_MS);
    this.#arm(first * (1 + Math.random() * FIRST_PING_SPREAD));
  }

  ponged(): void {
    this.#unanswered = 0;
    if (this.#pingSentAt === 0) return;
    const now = performance.now();
    this.rttMs = now - this.#pingSentAt;
    this.#rttMeasuredAt = now;
    this.#pingSentAt = 0;
  }

  /** The monitor wants to know the round trip of a client that has not been asked yet. */
  askRoundTrip(): void {
    if (this.#pingSentAt !== 0 || this.#timer === null) return;
    this.#pingSentAt = performance.now();
    this.#client.send("PING");
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** For the timer only. */
  tick(): void {
    const now = performance.now();
    const wasActive = this.#client.active;
    this.#client.active = false;
    if (!wasActive || now - this.#rttMeasuredAt > RTT_EVERY_MS) {
      if (this.#unanswered + 1 > this.#client.host.options.pingMax) {
        this.#client.debug("Stale Client Connection - Closing");
        this.#client.refuse(ProtocolErrors.stale);
        return;
      }
      this.#unanswered++;
      this.#pingSentAt = now;
      this.#client.send("PING");
    }
    this.#arm(this.#intervalMs);
  }

  #arm(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(tick, ms, this);
  }
}

const tick = (keepalive: Keepalive) => keepalive.tick();
