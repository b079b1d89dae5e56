// The last connections that closed, for the monitor: as many as `max_closed_clients`, the oldest forgotten
// first. Their subscriptions are remembered within a bound over all of them.

import type { Client } from "./client.ts";
import { ClosedConnection, SubscriptionView } from "./connection-view.ts";

/** Subscriptions remembered of one connection, and of all together. */
const SUBSCRIPTIONS_EACH_MAX = 1000;
const SUBSCRIPTIONS_MAX = 100_000;

export class ClosedRing {
  readonly #connections: ClosedConnection[] = [];
  /** Where the oldest is once the ring is full. */
  #oldest = 0;
  #subscriptions = 0;

  /** Remembers a client that is about to lose its subscriptions. */
  add(client: Client, capacity: number): void {
    const entry = this.#record(client);
    if (this.#connections.length < capacity) {
      this.#connections.push(entry);
      return;
    }
    if (capacity <= 0) return;
    const forgotten = this.#connections[this.#oldest]!;
    this.#subscriptions -= forgotten.subscriptions.length;
    this.#connections[this.#oldest] = entry;
    this.#oldest = (this.#oldest + 1) % this.#connections.length;
  }

  /** Oldest first. */
  all(): readonly ClosedConnection[] {
    return [...this.#connections.slice(this.#oldest), ...this.#connections.slice(0, this.#oldest)];
  }

  #record(client: Client): ClosedConnection {
    const { size } = client.subscriptions;
    const room = Math.min(SUBSCRIPTIONS_EACH_MAX, SUBSCRIPTIONS_MAX - this.#subscriptions);
    const kept: SubscriptionView[] = [];
    for (const each of client.subscriptions.values()) {
      if (kept.length >= room) break;
      kept.push(new SubscriptionView(each));
    }
    this.#subscriptions += kept.length;
    return new ClosedConnection(client, kept, size);
  }
}
