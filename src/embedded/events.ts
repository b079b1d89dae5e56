// Tells a program what happens to the clients of its broker. Events are told after the turn's work is done, so
// that a listener may do anything; one that throws is logged and costs nobody anything else.

import type { Client } from "../broker/client.ts";
import { ConnectionView } from "../broker/connection-view.ts";
import type { ClientEvent, MidgeEvents, MidgeListener } from "./client-event.ts";

type Listeners = { readonly [Name in keyof MidgeEvents]: Set<MidgeListener<Name>> };

export class Events {
  readonly #listeners: Listeners = {
    connect: new Set(),
    disconnect: new Set(),
    slowConsumer: new Set(),
  };
  readonly #onBug: (error: Error) => void;

  constructor(onBug: (error: Error) => void) {
    this.#onBug = onBug;
  }

  /** Returns the way to stop listening. Throws a TypeError for an event that there is not. */
  on<Name extends keyof MidgeEvents>(name: Name, listener: MidgeListener<Name>): () => void {
    if (!Object.hasOwn(this.#listeners, name)) {
      const known = Object.keys(this.#listeners).join(", ");
      throw new TypeError(`there is no event ${JSON.stringify(name)}; there are ${known}`);
    }
    // Of its own, so that the same function may listen twice.
    const own: MidgeListener<Name> = (event) => listener(event);
    const listeners: Set<MidgeListener<Name>> = this.#listeners[name];
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  connected(client: Client): void {
    if (this.#listeners.connect.size > 0) this.#tell("connect", factsOf(client));
  }

  disconnected(client: Client, isSlow: boolean): void {
    const { disconnect, slowConsumer } = this.#listeners;
    if (disconnect.size === 0 && slowConsumer.size === 0) return;
    const event = { ...factsOf(client), reason: client.closeReason ?? "" };
    if (isSlow) this.#tell("slowConsumer", event);
    this.#tell("disconnect", event);
  }

  #tell<Name extends keyof MidgeEvents>(name: Name, event: MidgeEvents[Name]): void {
    const listeners: Set<MidgeListener<Name>> = this.#listeners[name];
    Object.freeze(event);
    queueMicrotask(() => {
      for (const listener of listeners) this.#call(listener, event);
    });
  }

  #call<Name extends keyof MidgeEvents>(
    listener: MidgeListener<Name>,
    event: MidgeEvents[Name],
  ): void {
    const failed = (error: unknown) => {
      this.#onBug(error instanceof Error ? error : new Error(String(error)));
    };
    try {
      const done = listener(event);
      if (done instanceof Promise) done.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

function factsOf(client: Client): ClientEvent {
  const { cid, name, user, accountName, ip, port } = new ConnectionView(client);
  return { cid, name, user, account: accountName, ip, port };
}
