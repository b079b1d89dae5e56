// Who is connected, and the totals over everyone who ever was: each client counts for itself, which costs
// the hot path nothing, and leaves its counts here when it goes.

import { CloseReason } from "../proto/errors.ts";
import type { Client } from "./client.ts";

/** Messages and payload bytes, headers included. */
export interface Traffic {
  inMsgs: number;
  inBytes: number;
  outMsgs: number;
  outBytes: number;
  stalls: number;
}

export class Roster {
  /** Clients accepted since the start, the refused ones too. */
  accepted = 0;
  slowConsumers = 0;
  staleConnections = 0;
  readonly #clients = new Map<number, Client>();
  readonly #gone: Traffic = noTraffic();

  get size(): number {
    return this.#clients.size;
  }

  /** Clients in the order they came. A copy: it may be used while they go. */
  get all(): Client[] {
    return [...this.#clients.values()];
  }

  /** All of them, in random order. */
  get shuffled(): Client[] {
    const clients = this.all;
    for (let i = clients.length - 1; i > 0; i--) {
      const other = Math.floor(Math.random() * (i + 1));
      [clients[i], clients[other]] = [clients[other]!, clients[i]!];
    }
    return clients;
  }

  /** Those that are here, for whoever only reads. */
  get clients(): Iterable<Client> {
    return this.#clients.values();
  }

  get(cid: number): Client | undefined {
    return this.#clients.get(cid);
  }

  add(client: Client): void {
    this.#clients.set(client.cid, client);
  }

  remove(client: Client): void {
    if (!this.#clients.delete(client.cid)) return;
    addTraffic(this.#gone, client);
    const { closeReason } = client;
    if (closeReason === CloseReason.staleConnection) this.staleConnections++;
    if (isSlowConsumer(client)) this.slowConsumers++;
  }

  /** Totals of those here and those gone. */
  traffic(): Traffic {
    const total = { ...this.#gone };
    for (const client of this.#clients.values()) addTraffic(total, client);
    return total;
  }
}

export const noTraffic = (): Traffic => ({
  inMsgs: 0,
  inBytes: 0,
  outMsgs: 0,
  outBytes: 0,
  stalls: 0,
});

/** It was closed because it did not take what it subscribed to. */
export function isSlowConsumer({ closeReason, connectReceived }: Client): boolean {
  if (closeReason === CloseReason.slowConsumerPendingBytes) return true;
  // Who never said CONNECT was not consuming yet.
  return closeReason === CloseReason.slowConsumerWriteDeadline && connectReceived;
}

export function addTraffic(total: Traffic, client: Client): void {
  total.inMsgs += client.inMsgs;
  total.inBytes += client.inBytes;
  total.outMsgs += client.outMsgs;
  total.outBytes += client.outBytes;
  total.stalls += client.stalls;
}
