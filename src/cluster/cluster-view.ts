// What the monitor sees of a cluster and its routes: the shapes that http/route-source.ts calls ClusterView
// and RouteView. Nothing here changes anything.

import type { RemoteInterest } from "../broker/routing.ts";
import { formatAddress } from "../net/listener.ts";
import type { Dialing } from "./dialing.ts";
import type { Route } from "./route.ts";
import type { RouteTotals } from "./route-totals.ts";

/** What there is to see. */
export interface ClusterState {
  readonly clusterName: string;
  readonly port: number;
  readonly remotes: number;
  /** Those that are not registered yet among them. */
  readonly routes: Iterable<Route>;
  readonly clientUrls: readonly string[];
  /** When the first of the certificates ends, in ms since 1970. */
  readonly tlsCertNotAfter: number | null;
  /** Of routes that are gone. */
  readonly gone: RouteTotals;
}

interface Rule {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

export class ClusterView {
  readonly #state: ClusterState;

  constructor(state: ClusterState) {
    this.#state = state;
  }

  get name(): string {
    return this.#state.clusterName;
  }

  get port(): number {
    return this.#state.port;
  }

  get remotes(): number {
    return this.#state.remotes;
  }

  get clientUrls(): readonly string[] {
    return this.#state.clientUrls;
  }

  get tlsCertNotAfter(): number | null {
    return this.#state.tlsCertNotAfter;
  }

  get routeCount(): number {
    let count = 0;
    for (const { isRegistered } of this.#state.routes) if (isRegistered) count++;
    return count;
  }

  get subscriptionCount(): number {
    let count = 0;
    for (const { interests } of this.#state.routes) count += interests.size;
    return count;
  }

  get traffic() {
    const { inMsgs, inBytes, outMsgs, outBytes } = this.#state.gone;
    const total = { inMsgs, inBytes, outMsgs, outBytes };
    for (const route of this.#state.routes) {
      total.inMsgs += route.inMsgs;
      total.inBytes += route.inBytes;
      total.outMsgs += route.outMsgs;
      total.outBytes += route.outBytes;
    }
    return total;
  }

  get lostRoutes(): number {
    return this.#state.gone.lost;
  }

  get slowRoutes(): number {
    return this.#state.gone.slow;
  }

  get staleRoutes(): number {
    return this.#state.gone.stale;
  }

  *routeViews(): Iterable<RouteView> {
    const dialings = this.#dialings();
    for (const route of this.#state.routes) {
      if (route.isRegistered) yield new RouteView(route, dialings.get(route.remoteId) ?? null);
    }
  }

  /** By server, why it is dialled from here: the whole pool for what one connection was dialled for. */
  #dialings(): ReadonlyMap<string, Dialing> {
    const dialings = new Map<string, Dialing>();
    for (const { isRegistered, remoteId, dialing } of this.#state.routes) {
      if (!isRegistered || dialing === null) continue;
      if (dialings.get(remoteId)?.isExplicit !== true) dialings.set(remoteId, dialing);
    }
    return dialings;
  }
}

/** Reads a route that is there; to be used at once and let go. */
export class RouteView {
  readonly #route: Route;
  readonly #dialing: Dialing | null;

  /** `dialing` is why its server is dialled from here, if it is. */
  constructor(route: Route, dialing: Dialing | null) {
    this.#route = route;
    this.#dialing = dialing;
  }

  get rid(): number {
    return this.#route.rid;
  }

  get remoteId(): string {
    return this.#route.remoteId;
  }

  get remoteName(): string {
    return this.#route.info?.serverName ?? "";
  }

  get remoteVersion(): string {
    const midge = text(this.#said("midge"));
    const version = text(this.#said("version"));
    return midge || (version && `nats-server ${version}`);
  }

  get remoteAddress(): string {
    const { info, connection } = this.#route;
    return (
      info?.connectUrls[0] ?? formatAddress(info?.host || connection.remoteAddress, info?.port ?? 0)
    );
  }

  get isSolicited(): boolean {
    return this.#dialing !== null;
  }

  get isConfigured(): boolean {
    return this.#dialing?.isExplicit === true;
  }

  get ip(): string {
    return this.#route.connection.remoteAddress;
  }

  get port(): number {
    return this.#route.connection.remotePort;
  }

  get startedAt(): number {
    return this.#route.startedAt;
  }

  get lastActivity(): number {
    return this.#route.activeAt;
  }

  get rttMs(): number {
    return this.#route.rttMs;
  }

  get imports(): Rule | null {
    return ruleOf(this.#said("import"));
  }

  get exports(): Rule | null {
    return ruleOf(this.#said("export"));
  }

  get pendingBytes(): number {
    return this.#route.connection.pendingBytes;
  }

  get inMsgs(): number {
    return this.#route.inMsgs;
  }

  get inBytes(): number {
    return this.#route.inBytes;
  }

  get outMsgs(): number {
    return this.#route.outMsgs;
  }

  get outBytes(): number {
    return this.#route.outBytes;
  }

  get subscriptionCount(): number {
    return this.#route.interests.size;
  }

  get tellsKinds(): boolean {
    return this.#route.originInLeave;
  }

  get account(): string {
    return this.#route.account;
  }

  get poolIndex(): number {
    return this.#route.poolIndex;
  }

  /** Nothing is compressed here; servers from before 2.10 do not even speak of it. */
  get compression(): string {
    return text(this.#said("compression")) === "" ? "not supported" : "off";
  }

  *interestViews(): Iterable<InterestView> {
    for (const each of this.#route.interests.all) yield new InterestView(each);
  }

  #said(key: string): unknown {
    return this.#route.info?.raw[key];
  }
}

export class InterestView {
  readonly account: string;
  readonly subject: string;
  readonly queue: string | null;
  readonly origin: string;

  constructor({ account, subject, queue, origin }: RemoteInterest) {
    this.account = account.name;
    this.subject = subject;
    this.queue = queue;
    this.origin = origin;
  }
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** Who knows what the other side said: only lists of texts count. */
function ruleOf(said: unknown): Rule | null {
  if (typeof said !== "object" || said === null) return null;
  const rule = {
    ...("allow" in said ? listOf("allow", said.allow) : {}),
    ...("deny" in said ? listOf("deny", said.deny) : {}),
  };
  return Object.keys(rule).length === 0 ? null : rule;
}

function listOf(key: keyof Rule, value: unknown): Rule {
  const texts = Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  return texts.length === 0 ? {} : { [key]: texts };
}
