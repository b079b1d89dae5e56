// One other server, and the connections to it: one for each slot of the pool and for each account that has
// its own, or a single one where either side does not pool (cluster §4.11). Between them they are one server:
// it is known while any of them is there.

import type { RouteInfo } from "../proto/route-info.ts";
import type { Dialing } from "./dialing.ts";
import type { Route } from "./route.ts";
import { commonPoolSize, hashAccount, PRIMARY, type Slot } from "./slot.ts";

export class Remote {
  readonly id: string;
  /** What it said of itself last, on any connection. */
  info: RouteInfo;
  /** Connections in the pool, as many as the side that wants more; 0 without one: a single one carries all. */
  readonly poolSize: number;
  /** By which the accounts are shared out. */
  readonly #sharedBy: number;
  /** Accounts with a connection of their own. */
  readonly #pinned: ReadonlySet<string>;
  /** Of these, the ones that the other side does not have so: the pool carries them. */
  readonly #unpinned = new Set<string>();
  readonly #routes = new Map<Slot, Route>();
  readonly #dialings = new Map<Slot, Dialing>();

  constructor(info: RouteInfo, ownPoolSize: number, pinned: ReadonlySet<string>) {
    this.id = info.serverId;
    this.info = info;
    this.poolSize = commonPoolSize(ownPoolSize, info.poolSize);
    // A request must not overtake the interest in its reply: both sides have to put an account on the same
    // connection. nats-server goes by its own size, whatever the other's is.
    const isMidge = info.raw["midge"] !== undefined;
    this.#sharedBy = isMidge ? Math.min(ownPoolSize, info.poolSize) : info.poolSize;
    this.#pinned = this.poolSize > 0 ? pinned : new Set();
  }

  get routes(): Iterable<Route> {
    return this.#routes.values();
  }

  get isGone(): boolean {
    return this.#routes.size === 0;
  }

  /** It is known to have let this server in. */
  get isSettled(): boolean {
    for (const { isSettled } of this.#routes.values()) if (isSettled) return true;
    return false;
  }

  get primary(): Route | undefined {
    return this.#routes.get(PRIMARY);
  }

  /** The connection in a slot; where there is no pool every slot is the same. */
  at(slot: Slot): Route | undefined {
    return this.#routes.get(this.poolSize === 0 ? PRIMARY : slot);
  }

  add(route: Route): void {
    this.#routes.set(route.slot, route);
  }

  /** False when it was not one of these. */
  remove(route: Route): boolean {
    return this.#routes.get(route.slot) === route && this.#routes.delete(route.slot);
  }

  slotOf(account: string): Slot {
    if (this.poolSize === 0) return PRIMARY;
    if (this.#pinned.has(account) && !this.#unpinned.has(account)) return account;
    return hashAccount(account) % this.#sharedBy;
  }

  /** The connection that carries this account; undefined while it is not there. */
  routeFor(account: string): Route | undefined {
    return this.#routes.get(this.slotOf(account));
  }

  /** The other side has no connection for this account alone. */
  unpin(account: string): void {
    this.#unpinned.add(account);
  }

  /** Slots in which nobody is. */
  get emptySlots(): readonly Slot[] {
    const slots: Slot[] = [];
    for (let index = 1; index < this.poolSize; index++) slots.push(index);
    for (const account of this.#pinned) if (!this.#unpinned.has(account)) slots.push(account);
    return slots.filter((slot) => !this.#routes.has(slot));
  }

  // ---- dialling the other slots

  dialingAt(slot: Slot): Dialing | undefined {
    return this.#dialings.get(slot);
  }

  dials(dialing: Dialing): void {
    this.#dialings.set(dialing.slot, dialing);
  }

  stopDialing(slot: Slot): void {
    this.#dialings.get(slot)?.stop();
    this.#dialings.delete(slot);
  }

  stopDialings(): void {
    for (const slot of [...this.#dialings.keys()]) this.stopDialing(slot);
  }
}
