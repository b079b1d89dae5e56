// The composition root: one server with its listeners, accounts, clients and monitor. Nothing here is
// global; a process may run as many as it likes.

import { Directory } from "./auth/directory.ts";
import { PasswordVerifier } from "./auth/hashes.ts";
import { Account, GLOBAL_ACCOUNT, SYSTEM_ACCOUNT } from "./broker/account.ts";
import { Client, type ClientHost } from "./broker/client.ts";
import { ClosedRing } from "./broker/closed-ring.ts";
import { createIdentity } from "./broker/identity.ts";
import { Roster } from "./broker/roster.ts";
import { loginTimeout } from "./config/access.ts";
import type { Cluster, ClusterHost } from "./cluster/cluster.ts";
import type { ClusterSecrets } from "./cluster/secrets.ts";
import { type MidgeOptions, type Options, resolveOptions } from "./config/options.ts";
import { TLS_ENABLED } from "./config/reload-access.ts";
import { compareOptions } from "./config/reload.ts";
import type { Monitor } from "./http/monitor.ts";
import type { MonitorSource } from "./http/source.ts";
import { type Logger, silentLogger } from "./log/logger.ts";
import type { Connection } from "./net/connection.ts";
import { readDescriptorLimit, shareDescriptors } from "./os/descriptors.ts";
import { formatAddress, listen, type Listener } from "./net/listener.ts";
import { Outbox } from "./net/outbox.ts";
import type { TlsServer } from "./net/tls-server.ts";
import { CloseReason, ProtocolErrors } from "./proto/errors.ts";
import type { Info } from "./proto/info.ts";
import { NATS_LEVEL } from "./proto/version.ts";
import { Farewell } from "./farewell.ts";
import { introduce, introduceTls, tellFit } from "./opening-lines.ts";
import { clientAddressOf, infoOf, type Told } from "./server-info.ts";
import type { ServerState } from "./server-view.ts";
import { System, type SystemHost } from "./system/system.ts";

/** How long a stop waits for clients to read their last bytes. */
const STOP_GRACE_MS = 250;
/** Addresses that mean "all of this machine", and what to dial instead. */
const DIALLABLE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export class Midge implements ClientHost, ClusterHost, ServerState, SystemHost, Told {
  readonly logger: Logger;
  readonly serverId: string;
  readonly serverName: string;
  readonly startedAt = Date.now();
  /** When the options in force were read, and the digest of the file they came from. */
  configLoadedAt = this.startedAt;
  configDigest = "";

  readonly xkey: string;
  readonly roster = new Roster();
  readonly closed = new ClosedRing();
  readonly #global = new Account(GLOBAL_ACCOUNT);
  readonly #accounts = new Map<string, Account>([[GLOBAL_ACCOUNT, this.#global]]);
  readonly heldBytes = { total: 0 };
  readonly #passwords = new PasswordVerifier();
  #directory: Directory;
  #tls: TlsServer | null = null;
  readonly outbox: Outbox;
  #options: Options;
  /** Clients that the machine has room for. */
  readonly #clientsMax: number;
  readonly #listens: boolean;
  #listener: Listener | null = null;
  /** All ports are open. */
  #isOpen = false;
  #monitor: Monitor | null = null;
  /** Null where there are no other servers. */
  cluster: Cluster | null = null;
  /** What is asked and told in the system account; null where that is off. */
  readonly #system: System | null;
  /** Reads the configuration again, for who has a file of it. */
  reloadFile: (() => Promise<void>) | undefined;
  #nextCid = 1;
  #eventSequence = 0;
  #leaving: Promise<void> | null = null;
  #reloading: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;
  readonly #farewell = new Farewell(this);

  /**
   * Starts a server and resolves when it accepts clients. Rejects with an Error for people: an option
   * that is wrong (OptionsError), a port that is taken.
   */
  static start(options: MidgeOptions = {}, logger: Logger = silentLogger): Promise<Midge> {
    return Midge.launch(new Midge(resolveOptions(options), logger));
  }

  /** Opens its ports; where that fails, none of them stays open. */
  protected static async launch<Server extends Midge>(server: Server): Promise<Server> {
    try {
      await server.#open();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** One that does not listen is there for connections within the process. */
  protected constructor(options: Options, logger: Logger, listens = true) {
    this.#listens = listens;
    const budget = shareDescriptors(readDescriptorLimit());
    this.#clientsMax = budget.clients;
    this.#options = this.#fit(options);
    this.#directory = Directory.from(options, this.#passwords);
    this.#settleAccounts();
    this.logger = logger;
    const { serverId, xkey } = createIdentity();
    this.serverId = serverId;
    this.xkey = xkey;
    this.serverName = options.serverName ?? serverId;
    this.outbox = new Outbox((error) => this.reportBug(error), budget.lingering);
    introduce(this, options);
    const system = this.#accounts.get(this.systemAccountName);
    this.#system = system === undefined ? null : new System(this, system);
    for (const account of this.accounts) this.#system?.serve(account);
  }

  /** The options in force. A reload replaces them as a whole. */
  get options(): Options {
    return this.#options;
  }

  get directory(): Directory {
    return this.#directory;
  }

  get tls(): TlsServer | null {
    return this.#tls;
  }

  get loginTimeout(): number {
    return loginTimeout(this.#options);
  }

  accountNamed(name: string): Account {
    return this.#accounts.get(name) ?? this.#global;
  }

  /** Makes the accounts that there should be, with their limits. Others stay as they are. */
  #settleAccounts(): void {
    for (const name of this.#directory.accountNames) {
      const isSystem = name === this.systemAccountName;
      const account = this.#accounts.get(name) ?? new Account(name, isSystem);
      account.limits = this.#options.accounts?.[name]?.limits ?? {};
      this.#accounts.set(name, account);
      this.cluster?.watch(account);
      this.#system?.serve(account);
    }
  }

  /** Options with what the machine does not allow taken back. */
  #fit(options: Options): Options {
    const maxConnections = Math.min(options.maxConnections, this.#clientsMax);
    return Object.freeze({ ...options, maxConnections });
  }

  async #open(): Promise<void> {
    const { options, logger } = this;
    this.#tls = await this.#loadTls(options);
    if (options.httpPort !== 0 || options.httpsPort !== 0) {
      const { startMonitor } = await import("./http/monitor.ts");
      this.#monitor = await startMonitor(await this.view(), logger, {
        tls: this.#tls?.pem ?? null,
        verify: (...asked) => this.#passwords.verify(...asked),
      });
    }
    let clusterSecrets: ClusterSecrets | null = null;
    if (options.cluster !== undefined) {
      const { Cluster } = await import("./cluster/cluster.ts");
      this.cluster = new Cluster(this, options.cluster);
      clusterSecrets = await this.cluster.prepare(options.cluster);
    }
    if (this.#listens) this.#listen(options);
    this.cluster?.listen(clusterSecrets);
    this.#isOpen = true;
    logger.notice("Server is ready");
    this.cluster?.connect();
  }

  #listen(options: Options): void {
    this.#listener = listen({
      host: options.host,
      port: Math.max(options.port, 0),
      outbox: this.outbox,
      limits: () => this.#options,
      onConnection: (connection) => this.receive(this.createClient(connection)),
      onBug: (error) => this.reportBug(error),
      expects: this.#tls?.expects(options.allowNonTls) ?? "plain",
    });
    this.logger.notice(
      `Listening for client connections on ${formatAddress(options.host, this.#listener.port)}`,
    );
    introduceTls(this);
  }

  /** Certificates and rules of encryption, read anew. Rejects with an Error that names the file. */
  async #loadTls({ tls }: Options): Promise<TlsServer | null> {
    if (tls === undefined) return null;
    const { TlsServer } = await import("./net/tls-server.ts");
    const loaded = await TlsServer.load(tls);
    loaded.limit.onRefused = (count) => {
      this.logger.warn(`Rejected ${count} connections due to TLS rate limiting`);
    };
    for (const warning of loaded.warnings) this.logger.warn(warning);
    return loaded;
  }

  reportBug(error: Error): void {
    this.logger.error(`Internal error, please report it: ${error.stack ?? error.message}`);
  }

  /** Who is at the other end of a fresh connection. */
  protected createClient(connection: Connection): Client {
    return new Client(this.nextId(), this, this.#global, connection);
  }

  /** Greets a client that has just come, or sends it away. */
  protected receive(client: Client): void {
    this.roster.accepted++;
    if (this.roster.size >= this.options.maxConnections) {
      // Who expects a handshake could not read INFO.
      if (this.options.tls?.handshakeFirst !== true) client.sendInfo(this.infoFor(client));
      client.error(ProtocolErrors.maxConnections.text);
      client.refuse(ProtocolErrors.maxConnections);
      return;
    }
    this.roster.add(client);
    client.start();
  }

  /** What a client is told of this server now. */
  infoFor(client: Client): Info {
    return infoOf(this, client);
  }

  /** Connections of all kinds are numbered together. */
  nextId(): number {
    return this.#nextCid++;
  }

  accountIfAny(name: string): Account | undefined {
    return this.#accounts.get(name);
  }

  get clientAddress(): { readonly host: string; readonly port: number } {
    return clientAddressOf(this);
  }

  /** Clients that want to know are told who else is there. */
  clusterChanged(): void {
    this.#system?.neighbours.prune();
    if (this.#leaving !== null || this.#stopped !== null) return;
    for (const client of this.roster.all) {
      if (client.connect.protocol < 1 || !client.firstPongSent) continue;
      client.sendInfo(this.infoFor(client));
    }
  }

  describeForEvent(): object {
    const { serverTags, serverMetadata } = this.options;
    return {
      name: this.serverName,
      host: this.options.host,
      id: this.serverId,
      ...(this.cluster === null ? {} : { cluster: this.cluster.name }),
      ver: NATS_LEVEL,
      ...(serverTags === undefined ? {} : { tags: serverTags }),
      ...(serverMetadata === undefined ? {} : { metadata: serverMetadata }),
      jetstream: false,
      flags: 0,
      seq: ++this.#eventSequence,
    };
  }

  connected(client: Client): void {
    this.#system?.events.connected(client);
  }

  disconnected(client: Client): void {
    this.#system?.events.disconnected(client);
  }

  forget(client: Client): void {
    // Without a monitor and a system account nobody could ask for it.
    if (this.#monitor !== null || this.#system !== null) {
      this.closed.add(client, this.options.maxClosedClients);
    }
    this.roster.remove(client);
  }

  get connections(): number {
    return this.roster.size;
  }

  get subscriptions(): number {
    let count = 0;
    for (const account of this.#accounts.values()) count += account.subscriptionCount;
    return count;
  }

  /** The port clients connect to; 0 before the start, and where it does not listen. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** An address that a client on this machine can connect to. */
  get clientUrl(): string {
    const { host } = this.options;
    return `nats://${formatAddress(DIALLABLE[host] ?? host, this.port)}`;
  }

  /** The monitor's address, over HTTP where there are both, or undefined when it is off. */
  get monitorUrl(): string | undefined {
    return this.#monitor?.url;
  }

  get monitorHttpsUrl(): string | undefined {
    return this.#monitor?.httpsUrl;
  }

  /**
   * Changes options while clients stay connected. Rejects before anything is changed: an OptionsError for
   * a value that is wrong, a ReloadError for a change that needs a restart. `commit` makes the changes
   * that are not this server's to make, such as the log's; if it throws, nothing is changed either.
   */
  reload(
    options: MidgeOptions,
    commit: (next: Options) => void | Promise<void> = () => {},
  ): Promise<void> {
    // One after the other: each compares with what the one before it left.
    const done = this.#reloading.then(() => this.#reload(options, commit));
    this.#reloading = done.catch(() => {});
    return done;
  }

  async #reload(
    options: MidgeOptions,
    commit: (next: Options) => void | Promise<void>,
  ): Promise<void> {
    if (this.#stopped !== null) return;
    const asked = resolveOptions(options);
    const next = this.#fit(asked);
    const changes = compareOptions(this.#options, next);
    const directory = Directory.from(next, this.#passwords);
    const tls = await this.#loadTls(next);
    const clusterSecrets = next.cluster && (await this.cluster?.prepare(next.cluster));
    // First of all what may fail: until the commit everything can be taken back.
    await this.#monitor?.reload(tls?.pem ?? null);
    try {
      await commit(next);
    } catch (error) {
      await this.#monitor?.reload(this.#tls?.pem ?? null).catch((second: Error) => {
        this.logger.error(`The monitor could not go back to its certificate: ${second.message}`);
      });
      throw error;
    }
    const expects = tls?.expects(next.allowNonTls) ?? "plain";
    if (expects !== "tls") await this.#listener?.expect(expects);
    this.#options = next;
    this.configLoadedAt = Date.now();
    this.#directory = directory;
    const renewed = tls !== null && this.#tls !== null && !tls.showsTheSame(this.#tls);
    this.#tls = tls;
    this.#settleAccounts();
    const lines = changes.map(({ line }) => line);
    // The files are others behind the same paths.
    if (renewed && !lines.includes(TLS_ENABLED)) lines.push(TLS_ENABLED);
    for (const line of lines) this.logger.notice(line);
    if (changes.some(({ key }) => key === "maxConnections")) tellFit(this, asked);
    if (expects === "tls") await this.#listener?.expect(expects);
    if (next.cluster !== undefined)
      await this.cluster?.reload(next.cluster, clusterSecrets ?? null);
    for (const client of this.roster.all) {
      client.applyLimits();
      client.login.renew();
    }
    this.#closeSurplus();
  }

  /** Fewer clients may be connected than are: some have to go, whoever they are. */
  #closeSurplus(): void {
    for (const account of this.#accounts.values()) {
      for (const client of account.surplus) client.refuse(ProtocolErrors.maxAccountConnections);
    }
    const surplus = this.roster.size - Math.max(0, this.#options.maxConnections);
    if (surplus <= 0) return;
    for (const client of this.roster.shuffled.slice(0, surplus)) {
      client.refuse(ProtocolErrors.maxConnections);
    }
    this.logger.notice(`Closed ${surplus} connections to fall within max_connections`);
  }

  /** Stops: no new clients, every connection closed without a word (client-protocol §18). */
  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  async #close(): Promise<void> {
    this.#farewell.cutShort();
    // Other servers forget this one at once, instead of when they miss it (cluster §4.13).
    this.#system?.events.shutdown();
    this.#system?.stop();
    this.#listener?.stop();
    this.cluster?.stop();
    for (const client of this.roster.all) client.close(CloseReason.serverShutdown);
    await this.outbox.settle(STOP_GRACE_MS);
    await this.#monitor?.stop();
    this.#monitor = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Leaves gently: refuses new clients, tells the others to go elsewhere, sends them away one by one
   * over `lameDuckDuration`, and stops. Resolves when all of that is done.
   */
  lameDuck(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    if (this.#stopped !== null) return this.stop();
    this.logger.notice("Entering lame duck mode, stop accepting new clients");
    this.#listener?.stop();
    this.#system?.events.lameDuck();
    if (this.roster.size > 0) {
      this.cluster?.lameDuck();
      await this.#farewell.take(this.options);
    }
    await this.stop();
  }

  // ---- what the monitor looks at

  /** Clients are let in. */
  get ready(): boolean {
    return this.#isOpen && this.#leaving === null && this.#stopped === null;
  }

  get accounts(): Iterable<Account> {
    return this.#accounts.values();
  }

  /** Empty when it is off. */
  get systemAccountName(): string {
    const { systemAccount, noSystemAccount } = this.#options;
    return noSystemAccount ? "" : (systemAccount ?? SYSTEM_ACCOUNT);
  }

  async view(): Promise<MonitorSource> {
    const { ServerView } = await import("./server-view.ts");
    return new ServerView(this);
  }

  get authAdvertised(): boolean {
    return this.#directory.advertised;
  }

  get authRequired(): boolean {
    return this.#directory.required;
  }

  get tlsCertNotAfter(): number | null {
    return this.#tls?.notAfter ?? null;
  }

  get writeBatches(): readonly number[] {
    return this.outbox.writeBatches;
  }

  get writtenBytes(): number {
    return this.outbox.writtenBytes;
  }
}
