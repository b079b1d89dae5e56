// Who is let in (cluster §4.4, §4.8–§4.11): what the first INFO of a route is judged by, and which of two
// connections to the same server stays.

import type { Account } from "../broker/account.ts";
import { CloseReason } from "../proto/errors.ts";
import type { RouteInfo } from "../proto/route-info.ts";
import type { Dialler } from "./dialler.ts";
import type { NameVerdict } from "./naming.ts";
import type { Remote } from "./remote.ts";
import type { Route } from "./route.ts";
import { PRIMARY, type Slot, slotProblem } from "./slot.ts";

/** The cluster's side of it. */
export interface AdmissionHost {
  readonly name: string;
  readonly isDynamic: boolean;
  readonly poolSize: number;
  readonly pinned: ReadonlySet<string>;
  accountNamed(name: string): Account | undefined;
  compareName(name: string, dynamic: boolean): NameVerdict;
  adoptName(name: string, from: Route): void;
  remoteNamed(serverId: string): Remote | undefined;
  gossip(newcomer: Route, info: RouteInfo, account: string): void;
}

export class Admission {
  readonly #self: { readonly serverId: string; readonly serverName: string };
  readonly #host: AdmissionHost;
  readonly #dialler: Dialler;

  constructor(
    self: { readonly serverId: string; readonly serverName: string },
    host: AdmissionHost,
    dialler: Dialler,
  ) {
    this.#self = self;
    this.#host = host;
    this.#dialler = dialler;
  }

  /** The slot that the route may have; null when it was closed instead. */
  admit(route: Route, info: RouteInfo): Slot | null {
    const { serverId, serverName } = this.#self;
    if (info.serverId === serverId) {
      route.debug("Detected route to self");
      if (route.dialing !== null) this.#dialler.forget(route.dialing);
      route.close(CloseReason.duplicateRoute);
      return null;
    }
    if (info.proto < 2 || info.serverId === "") {
      const text = "Route protocol of servers before 2.0 is not supported";
      if (route.dialing === null) route.error(text);
      route.dialing?.refused(text);
      route.refuseWith(text, CloseReason.protocolViolation);
      return null;
    }
    if (info.cluster !== "" && !this.settleName(route, info)) return null;
    if (!route.isDialled && info.serverName === serverName) {
      route.error(`Remote server has a duplicate name: ${JSON.stringify(serverName)}`);
      route.close(CloseReason.duplicateServerName);
      return null;
    }
    const slot = this.#slotOf(route, info);
    if (slot === null) return null;
    const known = this.#host.remoteNamed(info.serverId)?.at(slot);
    if (known === undefined || this.#yields(known, route)) return slot;
    this.#duplicate(route, known);
    return null;
  }

  /** Both sides have to call the cluster the same. False when the route was closed. */
  settleName(route: Route, info: RouteInfo): boolean {
    const host = this.#host;
    const verdict = host.compareName(info.cluster, info.dynamic);
    if (verdict === "adopt") host.adoptName(info.cluster, route);
    const isNew = route.isDialled && !route.isRegistered;
    if (
      isNew &&
      (verdict === "adopt" || (verdict === "refuse" && info.dynamic && host.isDynamic))
    ) {
      // It was greeted by another name than both have from now on.
      route.dialing?.greetAgain();
      route.close(CloseReason.clusterNameConflict);
      return false;
    }
    if (verdict !== "refuse") return true;
    const names = `${JSON.stringify(info.cluster)} does not match ${JSON.stringify(host.name)}`;
    const text = `Rejecting connection, cluster name ${names}`;
    if (route.dialing === null) route.error(text);
    route.dialing?.refused(text);
    route.close(CloseReason.clusterNameConflict);
    return false;
  }

  /** Which of the connections to that server this is to be; null when it was refused. */
  #slotOf(route: Route, info: RouteInfo): Slot | null {
    const { account, poolIndex } = info;
    const isKnown = account !== "" && this.#host.accountNamed(account) !== undefined;
    const problem = slotProblem(info, this.#host, route.isDialled, isKnown);
    if (problem !== null) {
      // Others may have what this server has not.
      if (account !== "" && info.poolSize > 0) this.#host.gossip(route, info, account);
      route.debug(problem);
      route.refuseWith(problem, CloseReason.routeRemoved);
      return null;
    }
    if (!route.isDialled) return account === "" ? poolIndex : account;
    if (route.slot === PRIMARY || info.poolSize > 0) return route.slot;
    // It pools no more: there is one connection to it, for everything.
    route.close(CloseReason.routeRemoved);
    return null;
  }

  /**
   * Two servers dialled each other at once, and each has its own connection already: so that not both are
   * closed, the one by the greater id stays; nats-server always holds on to its own.
   */
  #yields(known: Route, newer: Route): boolean {
    const isFresh = known.isDialled && known.rttMs === 0;
    if (!isFresh || newer.isDialled) return false;
    const isMidge = newer.info?.raw["midge"] !== undefined;
    return !isMidge || newer.remoteId > this.#self.serverId;
  }

  /** Of two connections for the same purpose one goes; the other inherits why it was dialled. */
  #duplicate(route: Route, known: Route): void {
    route.debug(`Detected duplicate remote route ${JSON.stringify(route.remoteId)}`);
    this.inherit(route, known);
    route.close(CloseReason.duplicateRoute);
  }

  /** Why one connection was dialled passes to the one that stays. */
  inherit(from: Route, to: Route): void {
    const { dialing } = from;
    from.dialing = null;
    if (dialing === null) return;
    const before = to.dialing;
    if (dialing.slot !== PRIMARY) this.#dialler.forget(dialing);
    else if (before === null || (dialing.isExplicit && !before.isExplicit)) {
      if (before !== null) this.#dialler.forget(before);
      to.dialing = dialing;
      dialing.reached();
    } else if (before !== dialing) this.#dialler.forget(dialing);
  }
}
