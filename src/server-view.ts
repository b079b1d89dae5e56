// The server as the monitor sees it: reads, changes nothing.

import { type Account, GLOBAL_ACCOUNT } from "./broker/account.ts";
import { AccountView } from "./broker/account-view.ts";
import type { ClosedRing } from "./broker/closed-ring.ts";
import { ConnectionView } from "./broker/connection-view.ts";
import type { Roster, Traffic } from "./broker/roster.ts";
import { type ClusterState, ClusterView } from "./cluster/cluster-view.ts";
import type { Options } from "./config/options.ts";
import type * as http from "./http/source.ts";

/** What there is to see. */
export interface ServerState {
  readonly serverId: string;
  readonly serverName: string;
  readonly options: Options;
  readonly port: number;
  readonly startedAt: number;
  readonly configLoadedAt: number;
  readonly configDigest: string;
  readonly ready: boolean;
  readonly roster: Roster;
  readonly closed: ClosedRing;
  readonly accounts: Iterable<Account>;
  readonly systemAccountName: string;
  /** Null where there are no other servers to be in touch with. */
  readonly cluster: ClusterState | null;
  readonly authRequired: boolean;
  /** When the first of the certificates ends, in ms since 1970. */
  readonly tlsCertNotAfter: number | null;
  readonly writeBatches: readonly number[];
  readonly writtenBytes: number;
}

export class ServerView implements http.MonitorSource {
  readonly #state: ServerState;
  #totals: Traffic | null = null;

  constructor(state: ServerState) {
    this.#state = state;
  }

  get serverId(): string {
    return this.#state.serverId;
  }

  get serverName(): string {
    return this.#state.serverName;
  }

  get options(): Options {
    return this.#state.options;
  }

  get port(): number {
    return this.#state.port;
  }

  get startedAt(): number {
    return this.#state.startedAt;
  }

  get configLoadedAt(): number {
    return this.#state.configLoadedAt;
  }

  get configDigest(): string {
    return this.#state.configDigest;
  }

  get ready(): boolean {
    return this.#state.ready;
  }

  get connections(): number {
    return this.#state.roster.size;
  }

  get totalConnections(): number {
    return this.#state.roster.accepted;
  }

  get subscriptions(): number {
    let count = 0;
    for (const { ownSubscriptions } of this.#state.accounts) count += ownSubscriptions.size;
    return count + this.clientSubscriptions;
  }

  get clientSubscriptions(): number {
    let count = 0;
    for (const account of this.#state.accounts) count += account.subscriptionCount;
    return count;
  }

  get inMsgs(): number {
    return this.#traffic.inMsgs;
  }

  get inBytes(): number {
    return this.#traffic.inBytes;
  }

  get outMsgs(): number {
    return this.#traffic.outMsgs;
  }

  get outBytes(): number {
    return this.#traffic.outBytes;
  }

  get stalledClients(): number {
    return this.#traffic.stalls;
  }

  get #traffic(): Traffic {
    if (this.#totals === null) {
      this.#totals = this.#state.roster.traffic();
      // One answer asks for several totals, each of which would go through all clients.
      queueMicrotask(() => (this.#totals = null));
    }
    return this.#totals;
  }

  get slowConsumers(): number {
    return sumOf(this.slowConsumerStats);
  }

  get slowConsumerStats(): http.KindCounts {
    const { roster } = this.#state;
    return byKind(roster.slowConsumers, this.cluster?.slowRoutes);
  }

  get staleConnections(): number {
    return sumOf(this.staleConnectionStats);
  }

  get staleConnectionStats(): http.KindCounts {
    const { roster } = this.#state;
    return byKind(roster.staleConnections, this.cluster?.staleRoutes);
  }

  get cluster(): ClusterView | null {
    const { cluster } = this.#state;
    return cluster && new ClusterView(cluster);
  }

  get authRequired(): boolean {
    return this.#state.authRequired;
  }

  get tlsRequired(): boolean {
    return this.options.tls !== undefined && !this.options.allowNonTls;
  }

  get tlsVerify(): boolean {
    return this.options.tls?.verify === true || this.options.tls?.verifyAndMap === true;
  }

  get tlsCertNotAfter(): number | null {
    return this.#state.tlsCertNotAfter;
  }

  get systemAccountName(): string {
    return this.#state.systemAccountName;
  }

  get writeBatches(): readonly number[] {
    return this.#state.writeBatches;
  }

  get writtenBytes(): number {
    return this.#state.writtenBytes;
  }

  *connectionViews(): Iterable<ConnectionView> {
    for (const client of this.#state.roster.clients) yield new ConnectionView(client);
  }

  connectionView(cid: number): ConnectionView | undefined {
    const client = this.#state.roster.get(cid);
    return client === undefined ? undefined : new ConnectionView(client);
  }

  closedViews(): readonly http.ConnectionView[] {
    return this.#state.closed.all();
  }

  *accountViews(): Iterable<AccountView> {
    const { systemAccountName, roster } = this.#state;
    const accounts = [...this.#state.accounts];
    // Who has not logged in yet counts for the account of everybody.
    let strangers = roster.size;
    for (const each of accounts) strangers -= each.connections;
    for (const each of accounts) {
      const others = each.name === GLOBAL_ACCOUNT ? Math.max(0, strangers) : 0;
      yield new AccountView(each, each.name === systemAccountName, others);
    }
  }
}

const byKind = (clients: number, routes = 0): http.KindCounts => ({
  clients,
  routes,
  gateways: 0,
  leafs: 0,
});

const sumOf = ({ clients, routes }: http.KindCounts) => clients + routes;
