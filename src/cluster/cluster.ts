// The mesh (cluster §4.4, §4.8–§4.11, §4.13): a listener for other servers, the ones that are dialled, which
// connections to a server stay, and what each server is told of the others.

import { PasswordVerifier } from "../auth/hashes.ts";
import { Permissions } from "../auth/permissions.ts";
import type { Account } from "../broker/account.ts";
import type { ClusterOptions, RouteUrl } from "../config/cluster.ts";
import type { Options } from "../config/options.ts";
import type { Logger } from "../log/logger.ts";
import type { Connection } from "../net/connection.ts";
import { formatAddress, listen, type Listener } from "../net/listener.ts";
import type { Outbox } from "../net/outbox.ts";
import { CloseReason } from "../proto/errors.ts";
import type { RouteConnect, RouteInfo } from "../proto/route-info.ts";
import { Admission, type AdmissionHost } from "./admission.ts";
import { Announcer } from "./announcer.ts";
import { Complaints } from "./complaints.ts";
import { Dialler, type DiallerHost } from "./dialler.ts";
import { Dialing } from "./dialing.ts";
import { connectOf, infoOf, type Introduced, type Membership, ownUrls } from "./introduction.ts";
import { Remote } from "./remote.ts";
import { ClusterName, type NameVerdict } from "./naming.ts";
import { Route } from "./route.ts";
import type { RouteHost } from "./route-host.ts";
import { RouteTotals } from "./route-totals.ts";
import { type ClusterSecrets, loadSecrets } from "./secrets.ts";
import { PRIMARY, type Slot } from "./slot.ts";
import { type Terms, termsOf } from "./terms.ts";

/** Why the other side has no connection for one account alone (cluster §4.11). */
const NOT_PINNED = /No route for account|dedicated route for account|Unable to lookup account/;
/** Sooner than this only who dialled a server completes its pool. The first ping comes later. */
const SLOT_PATIENCE_MS = 900;

/** What the cluster needs of the server it connects with others. */
export interface ClusterHost extends Introduced {
  readonly logger: Logger;
  readonly outbox: Outbox;
  readonly accounts: Iterable<Account>;
  readonly systemAccountName: string;
  accountIfAny(name: string): Account | undefined;
  /** Connections of all kinds are numbered together. */
  nextId(): number;
  /** What clients are told of the cluster has changed. */
  clusterChanged(): void;
  reportBug(error: Error): void;
}

export class Cluster implements RouteHost, DiallerHost, AdmissionHost, Membership {
  settings: ClusterOptions;
  terms: Terms;
  exports: Permissions | null = null;
  readonly #host: ClusterHost;
  readonly #name: ClusterName;
  readonly #complaints = new Complaints();
  readonly #passwords = new PasswordVerifier();
  readonly #routes = new Set<Route>();
  /** What went over routes that are gone. */
  readonly gone = new RouteTotals();
  readonly #remotes = new Map<string, Remote>();
  readonly #announcer = new Announcer(this.#remotes);
  readonly #dialler: Dialler = new Dialler(this);
  readonly #admission: Admission;
  #listener: Listener | null = null;
  /** How routes are encrypted; null where they are not. */
  #secrets: ClusterSecrets | null = null;
  #isLeaving = false;
  #stopped = false;
  /** What clients were told last. */
  #told = "";
  /** Some server was there once: clients are told of addresses from then on. */
  #wasClustered = false;

  constructor(host: ClusterHost, settings: ClusterOptions) {
    this.#host = host;
    this.settings = settings;
    this.terms = termsOf(settings, host.options);
    this.#name = new ClusterName(settings.name);
    this.#admission = new Admission(host, this, this.#dialler);
    this.#permit();
    this.#told = this.name;
    for (const account of host.accounts) this.watch(account);
  }

  /** Reads certificates. Rejects with an Error for people; nothing has changed then. */
  prepare(settings: ClusterOptions): Promise<ClusterSecrets | null> {
    return settings.tls === undefined ? Promise.resolve(null) : loadSecrets(settings.tls);
  }

  /** Throws an Error for people when the port is taken. */
  listen(secrets: ClusterSecrets | null): void {
    const { logger } = this;
    this.#secrets = secrets;
    for (const warning of secrets?.server.warnings ?? []) logger.warn(warning);
    const { host = this.#host.options.host, port } = this.settings;
    this.#listener = listen({
      host,
      port: Math.max(port, 0),
      outbox: this.#host.outbox,
      limits: () => this.terms,
      onConnection: (connection) => this.#accept(connection, null),
      onBug: (error) => this.#host.reportBug(error),
      expects: secrets === null ? "plain" : "tls",
    });
    logger.notice(`Cluster name is ${this.name}`);
    if (this.isDynamic) {
      logger.warn("Cluster name was dynamically generated, consider setting one");
    }
    logger.notice(`Listening for route connections on ${formatAddress(host, this.#listener.port)}`);
  }

  /** Dials the configured routes. */
  connect(): void {
    this.#dialler.redirect();
  }

  /** Counts what clients of this account want. */
  watch(account: Account): void {
    this.#announcer.watch(account);
  }

  /**
   * Other settings are in force, and perhaps other accounts: routes that were added are dialled, those left
   * out are let go, and all others hear what has changed for them.
   */
  async reload(settings: ClusterOptions, secrets: ClusterSecrets | null): Promise<void> {
    const before = this.settings;
    const said = this.ownInfo();
    this.settings = settings;
    this.terms = termsOf(settings, this.#host.options);
    if (secrets === null) await this.#listener?.expect("plain");
    this.#secrets = secrets;
    if (secrets !== null) await this.#listener?.expect("tls");
    if (this.#stopped) return;
    if (!Bun.deepEquals(before.permissions, settings.permissions)) this.#permit();
    const info = this.ownInfo();
    if (!Bun.deepEquals(said, info)) {
      for (const remote of this.#remotes.values()) {
        for (const route of remote.routes) route.sendInfo(info);
      }
    }
    this.#tellClients();
    for (const route of this.#routes) route.interests.settle(route.originInLeave, this.exports);
    this.#dialler.redirect();
    const { poolSize, accounts } = before;
    if (poolSize === settings.poolSize && Bun.deepEquals(accounts, settings.accounts)) return;
    // Which connection carries what is agreed on when they begin.
    for (const route of [...this.#routes]) route.close(CloseReason.routeRemoved);
  }

  /** For the dialler: this way of reaching a server is not configured any more. */
  leave(dialing: Dialing): void {
    for (const route of [...this.#routes]) {
      if (route.dialing !== dialing) continue;
      const remote = this.#remotes.get(route.remoteId);
      const all = route.isRegistered && remote !== undefined ? [...remote.routes] : [route];
      for (const each of all) each.close(CloseReason.routeRemoved);
    }
  }

  #permit(): void {
    const { permissions } = this.settings;
    this.exports = permissions === undefined ? null : Permissions.compile(permissions);
    this.#announcer.permit(this.exports);
  }

  /** Tells the others that clients should not come here any more. */
  lameDuck(): void {
    this.#isLeaving = true;
    for (const remote of this.#remotes.values()) {
      const [route] = remote.routes;
      route?.sendInfo({ ...this.ownInfo(), ldm: true });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#listener?.stop();
    this.#dialler.stop();
    for (const remote of this.#remotes.values()) remote.stopDialings();
    for (const route of [...this.#routes]) route.close(CloseReason.serverShutdown);
  }

  // ---- what is known of the cluster

  get name(): string {
    return this.#name.text;
  }

  get isDynamic(): boolean {
    return this.#name.isDynamic;
  }

  get clusterName(): string {
    return this.name;
  }

  /** The port routes come to; 0 while there is none. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** When the first of the certificates ends, in ms since 1970; null without one. */
  get tlsCertNotAfter(): number | null {
    return this.#secrets?.server.notAfter ?? null;
  }

  get isEncrypted(): boolean {
    return this.#secrets !== null;
  }

  get poolSize(): number {
    return Math.max(0, this.settings.poolSize);
  }

  get isPooled(): boolean {
    return this.poolSize > 0;
  }

  /** Connections to other servers, those that are not registered yet among them. */
  get routes(): Iterable<Route> {
    return this.#routes;
  }

  /** Servers in touch. */
  get remotes(): number {
    return this.#remotes.size;
  }

  hasRemote(id: string): boolean {
    return this.#remotes.has(id);
  }

  /** Where clients may go: here first; empty before another server was ever there. */
  get clientUrls(): readonly string[] {
    if (this.settings.noAdvertise || !this.#wasClustered) return [];
    const urls = new Set(this.#isLeaving ? [] : ownUrls(this.#host));
    for (const { info, isSettled } of this.#remotes.values()) {
      if (isSettled && !info.lameDuck) for (const url of info.connectUrls) urls.add(url);
    }
    return [...urls];
  }

  /** Clients hear of what they are told: not of servers that keep themselves to themselves. */
  #tellClients(): void {
    const told = [this.name, ...this.clientUrls].join(" ");
    if (told === this.#told) return;
    this.#told = told;
    this.#host.clusterChanged();
  }

  // ---- RouteHost

  get options(): Options {
    return this.#host.options;
  }

  get logger(): Logger {
    return this.#host.logger;
  }

  ownInfo(slot: Slot = PRIMARY): Readonly<Record<string, unknown>> {
    return infoOf(this.#host, this, slot);
  }

  ownConnect(url: RouteUrl): Readonly<Record<string, unknown>> {
    return connectOf(this.#host, this, url);
  }

  accountNamed(name: string): Account | undefined {
    return this.#host.accountIfAny(name);
  }

  mayConnect({ user, password }: RouteConnect): boolean | Promise<boolean> {
    const { authorization } = this.settings;
    if (authorization === undefined) return true;
    if (user !== authorization.user) return false;
    return this.#passwords.verify(authorization.password, password, () => !this.#stopped);
  }

  compareName(name: string, dynamic: boolean): NameVerdict {
    return this.#name.compare(name, dynamic);
  }

  adoptName(name: string, from: Route): void {
    this.#name.adopt(name);
    this.logger.notice(`Cluster name updated to ${name}`);
    for (const route of [...this.#routes]) {
      if (route !== from) route.close(CloseReason.clusterNameConflict);
    }
    this.#tellClients();
  }

  introduced(route: Route, info: RouteInfo): void {
    const slot = this.#admission.admit(route, info);
    if (slot !== null) this.#register(route, info, slot);
  }

  /** Accounts with a connection of their own: those configured, and the system's. */
  get pinned(): ReadonlySet<string> {
    const { systemAccountName } = this.#host;
    const names = new Set(this.settings.accounts ?? []);
    if (systemAccountName !== "") names.add(systemAccountName);
    return names;
  }

  #register(route: Route, info: RouteInfo, slot: Slot): void {
    route.debug(`Registering remote route ${JSON.stringify(info.serverId)}`);
    let remote = this.#remotes.get(info.serverId);
    const known = remote?.at(slot);
    if (known !== undefined) {
      this.#admission.inherit(known, route);
      known.close(CloseReason.duplicateRoute);
      remote = this.#remotes.get(info.serverId);
    }
    const isNew = remote === undefined;
    remote ??= new Remote(info, this.poolSize, this.pinned);
    route.register(slot);
    remote.add(route);
    this.#remotes.set(remote.id, remote);
    this.#wasClustered = true;
    route.dialing?.reached();
    this.#announcer.dump(route, remote);
    route.debug("Sent local subscriptions to route");
    if (isNew) this.#tellClients();
    if (slot === PRIMARY || route.account !== "") this.gossip(route, info, route.account);
    if (route.isDialled) route.ping();
  }

  /**
   * The other side has the first connection: now for those of the pool, and of accounts alone. Whoever dialled
   * makes them; what is missing after a while is anybody's to make, for two that dial at once close both.
   */
  settled(route: Route): void {
    this.#complaints.forget(route.connection.remoteAddress);
    this.#tellClients();
    const remote = this.#remotes.get(route.remoteId);
    if (remote === undefined) return;
    const isOld = Date.now() - route.startedAt >= SLOT_PATIENCE_MS;
    if (remote.primary === undefined && isOld) this.#dialler.seek(remote.info, route.connection);
    const { primary } = remote;
    if (primary === undefined || (!primary.isDialled && !isOld)) return;
    const { isExplicit = false, url = this.#dialler.urlOf(remote.info, primary.connection) } =
      primary.dialing ?? {};
    // One after the other: the answer to the next one's ping makes the one after that.
    const slot = remote.emptySlots.find((each) => remote.dialingAt(each)?.isStopped !== false);
    if (slot === undefined) return;
    const dialing = new Dialing(url, isExplicit, this.#dialler, slot);
    remote.dials(dialing);
    dialing.start();
  }

  isNews(address: string, text: string): boolean {
    return this.#complaints.isNews(address, text, performance.now());
  }

  turnedAway(route: Route, text: string): void {
    const remote = this.#remotes.get(route.remoteId);
    const { account, slot } = route;
    if (remote === undefined || account === "" || !route.isDialled || !NOT_PINNED.test(text))
      return;
    // The other side does not pin this account: it goes with the others.
    remote.stopDialing(slot);
    remote.unpin(account);
    this.#announcer.dumpAccount(account, remote);
  }

  /**
   * Tells the others where the newcomer is; it hears of them from their connecting to it. Those that pool
   * make a connection for an account of its own when they hear of that one.
   */
  gossip(newcomer: Route, { raw, port }: RouteInfo, account: string): void {
    const said: Record<string, unknown> = { ...raw };
    for (const own of ["nonce", "gossip_mode", "route_account", "route_pool_idx"]) delete said[own];
    const { remoteAddress } = newcomer.connection;
    said["ip"] ||= `nats-route://${formatAddress(remoteAddress, port)}/`;
    if (account !== "") said["route_account"] = account;
    for (const remote of this.#remotes.values()) {
      const [route] = remote.routes;
      const isMeant = remote.id !== newcomer.remoteId && (account === "" || remote.poolSize > 0);
      if (isMeant) route?.sendInfo(said);
    }
  }

  informed(route: Route, info: RouteInfo): void {
    if (info.serverId === this.#host.serverId) return route.close(CloseReason.duplicateRoute);
    if (info.cluster !== "" && info.cluster !== this.name) {
      if (!this.#admission.settleName(route, info)) return;
    }
    const request = info.raw["route_acc_add_reqid"];
    if (request !== undefined) return this.#moveAccount(route, info.account, request);
    if (info.raw["gateway"] !== undefined) return;
    if (info.serverId !== route.remoteId) return this.#dialler.heardOf(info);
    const remote = this.#remotes.get(route.remoteId);
    const before = route.info?.raw["export"];
    route.info = info;
    if (remote === undefined) return;
    remote.info = info;
    // It takes other interest than before: what it has already is no news to it.
    if (!Bun.deepEquals(before, info.raw["export"])) this.#announcer.dump(route, remote);
    this.#tellClients();
  }

  /** The other server gives an account a connection of its own, and waits for our word (cluster §4.7). */
  #moveAccount(route: Route, account: string, request: unknown): void {
    if (account === "") return;
    for (const each of this.#remotes.get(route.remoteId)?.routes ?? []) {
      if (each.account === "") each.interests.drop(account);
    }
    route.sendInfo({ ...this.ownInfo(), route_acc_add_reqid: request });
  }

  closed(route: Route): void {
    this.#routes.delete(route);
    const remote = this.#remotes.get(route.remoteId);
    const wasRegistered = remote?.remove(route) === true;
    route.isRegistered = false;
    this.gone.add(route, wasRegistered);
    if (remote !== undefined && wasRegistered) {
      if (route.slot === PRIMARY) remote.stopDialings();
      if (remote.isGone) this.#remotes.delete(remote.id);
    }
    if (this.#stopped) return;
    route.dialing?.lost(wasRegistered && remote?.info.lameDuck !== true);
    if (wasRegistered && remote?.isGone === true) this.#tellClients();
  }

  // ---- DiallerHost

  get secrets(): ClusterSecrets | null {
    return this.#secrets;
  }

  get reports(): number {
    return this.#host.options.connectErrorReports;
  }

  get outbox(): Outbox {
    return this.#host.outbox;
  }

  remoteNamed(serverId: string): Remote | undefined {
    return this.#remotes.get(serverId);
  }

  /** Other connections than the first are wanted while there is that one. */
  wantsSlot(dialing: Dialing): boolean {
    for (const remote of this.#remotes.values()) {
      if (remote.dialingAt(dialing.slot) !== dialing) continue;
      return remote.primary !== undefined && remote.at(dialing.slot) === undefined;
    }
    return false;
  }

  connected(connection: Connection, dialing: Dialing): void {
    if (dialing.isStopped) connection.destroy();
    else this.#accept(connection, dialing);
  }

  #accept(connection: Connection, dialing: Dialing | null): void {
    if (this.#stopped) return connection.destroy();
    const route = new Route(this.#host.nextId(), this, connection, dialing);
    this.#routes.add(route);
    if (dialing === null && this.#secrets !== null) route.encrypt(this.#secrets.server);
    else route.start();
  }
}
