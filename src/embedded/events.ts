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
  readonly #complain: (text: string) => void;

  /** `complain` logs what a listener did wrong. */
  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  /** Returns the way to stop listening. Throws a TypeError for an event that there is not. */
  on<Name extends keyof MidgeEvents>(name: Name, listener: MidgeListener<Name>): () => void {
    if (!Object.hasOwn(this.#listeners, name)) {
      const known = Object.keys(this.#listeners).join(", ");
      throw new TypeError(`there is no event ${JSON.stringify(name)}; there are ${known}`);
    }
    if (typeof listener !== "function") throw new TypeError(`a listener of ${name} is a function`);
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
      for (const listener of listeners) this.#call(name, listener, event);
    });
  }

  #call<Name extends keyof MidgeEvents>(
    name: Name,
    listener: MidgeListener<Name>,
    event: MidgeEvents[Name],
  ): void {
    const failed = (error: unknown) => {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#complain(`A listener of "${name}" failed: ${what}`);
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
