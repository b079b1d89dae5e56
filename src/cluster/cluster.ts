// The mesh (cluster §4.4, §4.8–§4.10, §4.13): a listener for other servers, the ones that are dialled, which
// of two connections to the same server stays, and what each server is told of the others.

import { networkInterfaces } from "node:os";
import { Permissions } from "../auth/permissions.ts";
import { PasswordVerifier } from "../auth/hashes.ts";
import type { Account } from "../broker/account.ts";
import { parseAddress } from "../config/address.ts";
import { type ClusterOptions, parseRouteUrl, type RouteUrl } from "../config/cluster.ts";
import type { Options } from "../config/options.ts";
import type { Logger } from "../log/logger.ts";
import type { Connection } from "../net/connection.ts";
import { dial } from "../net/dial.ts";
import { formatAddress, listen, type Listener } from "../net/listener.ts";
import type { Outbox } from "../net/outbox.ts";
import type { DialSecrets } from "../net/tls-dialer.ts";
import type { TlsServer } from "../net/tls-server.ts";
import { CloseReason } from "../proto/errors.ts";
import type { RouteConnect, RouteInfo } from "../proto/route-info.ts";
import { MIDGE_VERSION, NATS_LEVEL } from "../proto/version.ts";
import { Dialing, type DialingHost } from "./dialing.ts";
import { LocalInterest } from "./local-interest.ts";
import { type NameVerdict, Route, type RouteHost } from "./route.ts";

/** What the cluster needs of the server it connects with others. */
export interface ClusterHost {
  readonly options: Options;
  readonly logger: Logger;
  readonly serverId: string;
  readonly serverName: string;
  readonly outbox: Outbox;
  readonly accounts: Iterable<Account>;
  accountIfAny(name: string): Account | undefined;
  /** Connections of all kinds are numbered together. */
  nextId(): number;
  /** Where clients reach this server. */
  readonly clientAddress: { readonly host: string; readonly port: number };
  /** What clients are told of the cluster has changed. */
  clusterChanged(): void;
  reportBug(error: Error): void;
}

const DIAL_MS_MAX = 1000;
const LOGIN_MS = 2000;
const PING_MS_MAX = 30_000;
/** A route line may be so many times as long as a client's. */
const LINE_FACTOR = 16;
/** Bytes that may wait for one server: a lost route loses more than a slow client. */
const ROUTE_PENDING_BYTES_MAX = 256 << 20;
/** Connections to servers that were heard of, tried at a time. */
const IMPLICIT_MAX = 256;
const NAME_BYTES = 22;
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);

export class Cluster implements RouteHost, DialingHost {
  clusterName: string;
  /** The name was made up, and gives way to one that was configured. */
  #dynamic: boolean;
  readonly #host: ClusterHost;
  readonly #passwords = new PasswordVerifier();
  readonly #routes = new Set<Route>();
  readonly #remotes = new Map<string, Route>();
  /** By address. */
  readonly #explicit = new Map<string, Dialing>();
  readonly #implicit = new Map<string, Dialing>();
  readonly #interests = new Map<Account, LocalInterest>();
  #imports: Permissions | null = null;
  exports: Permissions | null = null;
  #listener: Listener | null = null;
  /** How routes are encrypted: accepted ones and dialled ones; null where they are not. */
  #tls: TlsServer | null = null;
  #secrets: DialSecrets | null = null;
  #isLeaving = false;
  #stopped = false;
  /** Some server was there once: clients are told of addresses from then on. */
  #wasClustered = false;

  constructor(host: ClusterHost) {
    this.#host = host;
    const { name } = this.#settings;
    this.#dynamic = name === undefined;
    this.clusterName = name ?? randomName();
    this.#compilePermissions();
    for (const account of host.accounts) this.watch(account);
  }

  get #settings(): ClusterOptions {
    return this.#host.options.cluster!;
  }

  /** Reads certificates; both sides of a route show one. Rejects with an Error for people. */
  async prepare(): Promise<void> {
    const { tls } = this.#settings;
    if (tls === undefined) return;
    const [{ TlsServer }, { loadDialSecrets }] = await Promise.all([
      import("../net/tls-server.ts"),
      import("../net/tls-dialer.ts"),
    ]);
    const loaded = await TlsServer.load({ ...tls, verify: true });
    this.#secrets = loadDialSecrets(tls);
    this.#tls = loaded;
    for (const warning of loaded.warnings) this.logger.warn(warning);
  }

  /** Throws an Error for people when the port is taken. */
  listen(): void {
    const { logger } = this;
    const { host = this.#host.options.host, port } = this.#settings;
    this.#listener = listen({
      host,
      port: Math.max(port, 0),
      outbox: this.#host.outbox,
      limits: () => this.#limits,
      onConnection: (connection) => this.#accept(connection, null),
      onBug: (error) => this.#host.reportBug(error),
      expects: this.#tls === null ? "plain" : "tls",
    });
    logger.notice(`Cluster name is ${this.clusterName}`);
    if (this.#dynamic) {
      logger.warn("Cluster name was dynamically generated, consider setting one");
    }
    logger.notice(`Listening for route connections on ${formatAddress(host, this.#listener.port)}`);
  }

  /** Dials the configured routes. */
  connect(): void {
    for (const text of this.#settings.routes ?? []) this.#solicit(text);
  }

  #solicit(text: string): void {
    const url = parseRouteUrl(text);
    if (url === undefined) return;
    const key = formatAddress(url.host, url.port);
    if (this.#explicit.has(key)) return;
    const dialing = new Dialing(url, true, this);
    this.#explicit.set(key, dialing);
    dialing.start();
  }

  /** Counts what clients of this account want. */
  watch(account: Account): void {
    if (account.watcher !== null) return;
    const interest = new LocalInterest(account, (line, subject) => this.#announce(line, subject));
    this.#interests.set(account, interest);
    account.watcher = interest;
  }

  #announce(line: string, subject: string): void {
    if (this.#remotes.size === 0 || this.#imports?.mayPublish(subject) === false) return;
    for (const route of this.#remotes.values()) route.announce(line);
  }

  /** New options are in force: routes that were added are dialled, those left out are let go. */
  reload(): void {
    this.#compilePermissions();
    const wanted = new Map<string, string>();
    for (const text of this.#settings.routes ?? []) {
      const url = parseRouteUrl(text);
      if (url !== undefined) wanted.set(formatAddress(url.host, url.port), text);
    }
    for (const [key, dialing] of this.#explicit) {
      const before = dialing.url;
      const now = parseRouteUrl(wanted.get(key) ?? "");
      if (now !== undefined && now.user === before.user && now.password === before.password)
        continue;
      this.#explicit.delete(key);
      dialing.stop();
      for (const route of this.#routes) {
        if (route.dialing === dialing) route.close(CloseReason.routeRemoved);
      }
    }
    for (const text of wanted.values()) this.#solicit(text);
  }

  #compilePermissions(): void {
    const { permissions } = this.#settings;
    this.exports = permissions === undefined ? null : Permissions.compile(permissions);
    this.#imports = this.exports;
  }

  /** Tells the others that clients should not come here any more. */
  lameDuck(): void {
    this.#isLeaving = true;
    for (const route of this.#remotes.values()) route.sendInfo({ ...this.ownInfo(), ldm: true });
  }

  stop(): void {
    this.#stopped = true;
    this.#listener?.stop();
    for (const dialing of [...this.#explicit.values(), ...this.#implicit.values()]) dialing.stop();
    for (const route of [...this.#routes]) route.close(CloseReason.serverShutdown);
  }

  // ---- what is known of the cluster

  /** The port routes come to; 0 while there is none. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Connections to other servers, those that are not registered yet among them. */
  get routes(): Iterable<Route> {
    return this.#routes;
  }

  /** Servers in touch. */
  get remotes(): number {
    return this.#remotes.size;
  }

  /** Where clients may go: here first; empty before another server was ever there. */
  get clientUrls(): readonly string[] {
    if (this.#settings.noAdvertise || !this.#wasClustered) return [];
    const urls = new Set(this.#isLeaving ? [] : this.#ownUrls);
    for (const { info } of this.#remotes.values()) {
      if (info !== null && !info.lameDuck) for (const url of info.connectUrls) urls.add(url);
    }
    return [...urls];
  }

  /** Of a server that listens everywhere: every address of the machine. */
  get #ownUrls(): readonly string[] {
    const { host, port } = this.#host.clientAddress;
    const hosts = EVERYWHERE.has(host) ? machineAddresses() : [host];
    return hosts.map((each) => formatAddress(each, port));
  }

  // ---- RouteHost

  get logger(): Logger {
    return this.#host.logger;
  }

  get loginTimeoutMs(): number {
    return this.#settings.authorization?.timeout ?? LOGIN_MS;
  }

  get pingIntervalMs(): number {
    const { pingInterval = this.#host.options.pingInterval } = this.#settings;
    return Math.min(pingInterval, PING_MS_MAX);
  }

  get pingMax(): number {
    return this.#settings.pingMax ?? this.#host.options.pingMax;
  }

  get lineBytesMax(): number {
    return this.#host.options.maxControlLine * LINE_FACTOR;
  }

  get authRequired(): boolean {
    return this.#settings.authorization !== undefined;
  }

  get #limits() {
    const { maxPending, writeDeadline } = this.#host.options;
    return { maxPending: Math.max(maxPending, ROUTE_PENDING_BYTES_MAX), writeDeadline };
  }

  ownInfo(): Readonly<Record<string, unknown>> {
    const { serverId, serverName, options } = this.#host;
    const { host = options.host, advertise, noAdvertise, permissions } = this.#settings;
    const told = advertise === undefined ? undefined : parseAddress(advertise, "port optional");
    const port = told?.port ?? this.port;
    return {
      server_id: serverId,
      server_name: serverName,
      version: NATS_LEVEL,
      midge: MIDGE_VERSION,
      proto: 2,
      go: `bun${Bun.version}`,
      host: told?.host ?? host,
      port,
      headers: !options.noHeaderSupport,
      auth_required: this.authRequired,
      tls_required: this.#tls !== null,
      tls_verify: this.#tls !== null,
      max_payload: options.maxPayload,
      ip: told === undefined ? "" : `nats-route://${formatAddress(told.host, port)}/`,
      cluster: this.clusterName,
      cluster_dynamic: this.#dynamic,
      connect_urls: noAdvertise ? undefined : this.#ownUrls,
      import: permissions?.publish,
      export: permissions?.subscribe,
      lnoc: true,
      lnocu: true,
    };
  }

  ownConnect({ user, password }: RouteUrl): Readonly<Record<string, unknown>> {
    return {
      echo: true,
      verbose: false,
      pedantic: false,
      ...(user === "" ? {} : { user, pass: password }),
      tls_required: this.#tls !== null,
      headers: !this.#host.options.noHeaderSupport,
      name: this.#host.serverId,
      cluster: this.clusterName,
      ...(this.#dynamic ? { cluster_dynamic: true } : {}),
      lnoc: true,
      lnocu: true,
    };
  }

  accountNamed(name: string): Account | undefined {
    return this.#host.accountIfAny(name);
  }

  mayConnect({ user, password }: RouteConnect): boolean | Promise<boolean> {
    const { authorization } = this.#settings;
    if (authorization === undefined) return true;
    if (user !== authorization.user) return false;
    return this.#passwords.verify(authorization.password, password, () => !this.#stopped);
  }

  compareName(name: string, dynamic: boolean): NameVerdict {
    if (name === this.clusterName) return "same";
    if (!this.#dynamic) return "refuse";
    if (name === "" || /\s/.test(name)) return "refuse";
    if (!dynamic) return "adopt";
    return Buffer.compare(Buffer.from(name), Buffer.from(this.clusterName)) > 0
      ? "adopt"
      : "refuse";
  }

  adoptName(name: string, from: Route): void {
    this.clusterName = name;
    this.#dynamic = false;
    this.logger.notice(`Cluster name updated to ${name}`);
    for (const route of [...this.#routes]) {
      if (route !== from) route.close(CloseReason.clusterNameConflict);
    }
    this.#host.clusterChanged();
  }

  introduced(route: Route, info: RouteInfo): void {
    const { serverId, serverName } = this.#host;
    if (info.serverId === serverId) {
      route.debug("Detected route to self");
      if (route.dialing !== null) this.#forget(route.dialing);
      return route.close(CloseReason.duplicateRoute);
    }
    if (info.proto < 2 || info.serverId === "") {
      const text = "Route protocol of servers before 2.0 is not supported";
      route.error(text);
      route.dialing?.refused(text);
      route.refuseWith(text, CloseReason.protocolViolation);
      return;
    }
    if (info.cluster !== "" && !this.#settleName(route, info)) return;
    if (!route.isDialled && info.serverName === serverName) {
      route.error(`Remote server has a duplicate name: ${JSON.stringify(serverName)}`);
      return route.close(CloseReason.duplicateServerName);
    }
    if (info.account !== "") {
      const text =
        `Not possible to have a dedicated route for account ${JSON.stringify(info.account)} ` +
        "between those servers";
      route.debug(text);
      route.refuseWith(text, CloseReason.routeRemoved);
      return;
    }
    if (info.poolIndex > 0) {
      route.refuseWith(
        `Route pool index should not be set but is set to ${info.poolIndex}`,
        CloseReason.protocolViolation,
      );
      return;
    }
    const known = this.#remotes.get(info.serverId);
    if (known !== undefined) return this.#duplicate(route, known);
    this.#register(route, info);
  }

  #settleName(route: Route, info: RouteInfo): boolean {
    const verdict = this.compareName(info.cluster, info.dynamic);
    if (verdict === "adopt") this.adoptName(info.cluster, route);
    if (verdict !== "refuse") return true;
    const names = `${JSON.stringify(info.cluster)} does not match ${JSON.stringify(this.clusterName)}`;
    const text = `Rejecting connection, cluster name ${names}`;
    if (route.dialing === null) route.error(text);
    route.dialing?.refused(text);
    route.close(CloseReason.clusterNameConflict);
    return false;
  }

  /** The newer of two connections to one server goes; the older one inherits why it was dialled. */
  #duplicate(route: Route, known: Route): void {
    route.debug(`Detected duplicate remote route ${JSON.stringify(route.remoteId)}`);
    const { dialing } = route;
    if (dialing !== null) {
      const before = known.dialing;
      if (before === null || (dialing.isExplicit && !before.isExplicit)) {
        if (before !== null) this.#forget(before);
        known.dialing = dialing;
        dialing.reached();
      } else if (before !== dialing) this.#forget(dialing);
      route.dialing = null;
    }
    route.close(CloseReason.duplicateRoute);
  }

  #register(route: Route, info: RouteInfo): void {
    route.debug(`Registering remote route ${JSON.stringify(info.serverId)}`);
    route.isRegistered = true;
    this.#remotes.set(info.serverId, route);
    this.#wasClustered = true;
    route.dialing?.reached();
    for (const interest of this.#interests.values()) {
      for (const { line, subject } of interest.lines()) {
        if (this.#imports?.mayPublish(subject) !== false) route.announce(line);
      }
    }
    route.debug("Sent local subscriptions to route");
    this.#gossip(route, info);
    this.#host.clusterChanged();
  }

  /** Tells the others where the newcomer is; it hears of them from their connecting to it. */
  #gossip(newcomer: Route, { raw, port }: RouteInfo): void {
    if (this.#remotes.size < 2) return;
    const { nonce: _, gossip_mode: __, route_account: ___, ...said } = raw;
    const { remoteAddress } = newcomer.connection;
    const ip = said["ip"] || `nats-route://${formatAddress(remoteAddress, port)}/`;
    for (const route of this.#remotes.values()) {
      if (route !== newcomer) route.sendInfo({ ...said, ip });
    }
  }

  informed(route: Route, info: RouteInfo): void {
    if (info.serverId === this.#host.serverId) return route.close(CloseReason.duplicateRoute);
    if (info.cluster !== "" && info.cluster !== this.clusterName) {
      if (!this.#settleName(route, info)) return;
    }
    if (info.raw["route_acc_add_reqid"] !== undefined || info.raw["gateway"] !== undefined) return;
    if (info.serverId !== route.remoteId) return this.#heardOf(info);
    route.info = info;
    this.#host.clusterChanged();
  }

  #heardOf(info: RouteInfo): void {
    if (info.account !== "" || this.#remotes.has(info.serverId) || this.#stopped) return;
    const url = parseRouteUrl(info.ip);
    if (url === undefined || this.#implicit.size >= IMPLICIT_MAX) return;
    const key = formatAddress(url.host, url.port);
    const announced = formatAddress(info.host, info.port);
    if (this.#explicit.has(key) || this.#explicit.has(announced) || this.#implicit.has(key)) return;
    const { authorization } = this.#settings;
    const login =
      info.authRequired && authorization !== undefined
        ? { user: authorization.user, password: authorization.password }
        : {};
    const dialing = new Dialing({ ...url, ...login }, false, this);
    this.#implicit.set(key, dialing);
    dialing.start();
  }

  closed(route: Route): void {
    this.#routes.delete(route);
    const wasRegistered = route.isRegistered;
    if (wasRegistered) {
      route.isRegistered = false;
      this.#remotes.delete(route.remoteId);
    }
    if (!this.#stopped) route.dialing?.lost(wasRegistered);
    if (wasRegistered && !this.#stopped) this.#host.clusterChanged();
  }

  // ---- DialingHost

  get connectRetries(): number {
    return this.#settings.connectRetries;
  }

  get connectBackoff(): boolean {
    return this.#settings.connectBackoff;
  }

  get reports(): number {
    return this.#host.options.connectErrorReports;
  }

  open(dialing: Dialing): Promise<void> {
    const { host, port } = dialing.url;
    return dial({
      host,
      port,
      timeoutMs: this.#tls === null ? DIAL_MS_MAX : DIAL_MS_MAX + this.#tls.timeout,
      tls: this.#secrets,
      // Who was heard of is known by its address, which certificates seldom have.
      tlsName: dialing.isExplicit ? undefined : this.#hostName,
      outbox: this.#host.outbox,
      limits: () => this.#limits,
      onConnection: (connection) => this.#accept(connection, dialing),
    });
  }

  /** The first name, not an address, in the configured routes: it stands for all servers. */
  get #hostName(): string | undefined {
    const hosts = [...this.#explicit.values()].map(({ url }) => url.host);
    return hosts.find((host) => !/^[\d.]+$|:/.test(host));
  }

  gaveUp(dialing: Dialing): void {
    this.#forget(dialing);
  }

  #forget(dialing: Dialing): void {
    dialing.stop();
    // A configured address stays known, so that nobody dials it because of gossip.
    if (!dialing.isExplicit) this.#implicit.delete(dialing.address);
  }

  #accept(connection: Connection, dialing: Dialing | null): void {
    if (this.#stopped || dialing?.isStopped === true) return connection.destroy();
    const route = new Route(this.#host.nextId(), this, connection, dialing);
    this.#routes.add(route);
    if (dialing === null && this.#tls !== null) route.encrypt(this.#tls);
    else route.start();
  }
}

/** Addresses at which this machine is reached from others. */
function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return outside.map(({ address }) => address);
}

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(NAME_BYTES));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}
