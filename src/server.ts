// The composition root: one server with its listeners, accounts, clients and monitor. Nothing here is
// global; a process may run as many as it likes.

import { Account, GLOBAL_ACCOUNT } from "./broker/account.ts";
import { Client, type ClientHost } from "./broker/client.ts";
import { createIdentity } from "./broker/identity.ts";
import { Roster } from "./broker/roster.ts";
import { parseAddress } from "./config/address.ts";
import { type MidgeOptions, type Options, resolveOptions } from "./config/options.ts";
import { compareOptions } from "./config/reload.ts";
import type { Monitor } from "./http/monitor.ts";
import type { MonitorSource } from "./http/source.ts";
import { type Logger, silentLogger } from "./log/logger.ts";
import type { Connection } from "./net/connection.ts";
import { readDescriptorLimit, shareDescriptors } from "./os/descriptors.ts";
import { formatAddress, listen, type Listener } from "./net/listener.ts";
import { Outbox } from "./net/outbox.ts";
import { CloseReason, ProtocolErrors } from "./proto/errors.ts";
import type { Info } from "./proto/info.ts";
import { MIDGE_VERSION, NATS_LEVEL } from "./proto/version.ts";

/** The JetStream API level of the NATS release that Midge stands for; clients read it from INFO. */
const API_LEVEL = 5;
/** Payloads above this are allowed and warned about. */
const LARGE_PAYLOAD_BYTES = 8 << 20;
/** How long a stop waits for clients to read their last bytes. */
const STOP_GRACE_MS = 250;
/** Lame duck mode closes clients at most this far apart. */
const LAME_DUCK_STEP_MS_MAX = 1000;
/** Addresses that mean "all of this machine", and what to dial instead. */
const DIALLABLE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export class Midge implements ClientHost, MonitorSource {
  readonly logger: Logger;
  readonly serverId: string;
  readonly serverName: string;
  readonly startedAt = Date.now();

  readonly #xkey: string;
  readonly #roster = new Roster();
  readonly #global = new Account(GLOBAL_ACCOUNT);
  readonly #outbox: Outbox;
  #options: Options;
  /** Clients that the machine has room for. */
  readonly #clientsMax: number;
  #listener: Listener | null = null;
  #monitor: Monitor | null = null;
  #nextCid = 1;
  #eventSequence = 0;
  #leaving: Promise<void> | null = null;
  #reloading: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;
  /** Wakes a lame duck that waits, when the server is stopped meanwhile. */
  #wake: (() => void) | null = null;

  /**
   * Starts a server and resolves when it accepts clients. Rejects with an Error for people: an option
   * that is wrong (OptionsError), a port that is taken.
   */
  static async start(options: MidgeOptions = {}, logger: Logger = silentLogger): Promise<Midge> {
    const server = new Midge(resolveOptions(options), logger);
    try {
      await server.#open();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  private constructor(options: Options, logger: Logger) {
    const budget = shareDescriptors(readDescriptorLimit());
    this.#clientsMax = budget.clients;
    this.#options = this.#fit(options);
    this.logger = logger;
    const { serverId, xkey } = createIdentity();
    this.serverId = serverId;
    this.#xkey = xkey;
    this.serverName = options.serverName ?? serverId;
    this.#outbox = new Outbox((error) => this.#reportBug(error), budget.lingering);
    this.#introduce(options);
  }

  /** The options in force. A reload replaces them as a whole. */
  get options(): Options {
    return this.#options;
  }

  /** Options with what the machine does not allow taken back. */
  #fit(options: Options): Options {
    const maxConnections = Math.min(options.maxConnections, this.#clientsMax);
    return Object.freeze({ ...options, maxConnections });
  }

  /** The first lines of the log; `asked` are the options before the machine's limits. */
  #introduce(asked: Options): void {
    const { logger, options } = this;
    logger.notice("Starting midge");
    logger.notice(`  Version:  ${MIDGE_VERSION} (NATS ${NATS_LEVEL})`);
    logger.debug(`  Bun:      ${Bun.version}`);
    logger.notice(`  Name:     ${this.serverName}`);
    logger.notice(`  ID:       ${this.serverId}`);
    if (options.maxPayload > LARGE_PAYLOAD_BYTES) {
      logger.warn(
        "Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance",
      );
    }
    this.#tellFit(asked);
  }

  /** Says what the machine does not allow of what was asked for. */
  #tellFit(asked: Options): void {
    const { maxConnections } = this.#options;
    if (asked.maxConnections <= maxConnections) return;
    this.logger.warn(
      `max_connections lowered from ${asked.maxConnections} to ${maxConnections}: ` +
        "the limit on open files (ulimit -n) allows no more",
    );
  }

  async #open(): Promise<void> {
    const { options, logger } = this;
    if (options.httpPort !== 0) {
      const { startMonitor } = await import("./http/monitor.ts");
      this.#monitor = startMonitor(this, logger);
    }
    this.#listener = listen({
      host: options.host,
      port: Math.max(options.port, 0),
      outbox: this.#outbox,
      limits: () => this.#options,
      onConnection: (connection) => this.#accept(connection),
      onBug: (error) => this.#reportBug(error),
    });
    logger.notice(
      `Listening for client connections on ${formatAddress(options.host, this.#listener.port)}`,
    );
    logger.notice("Server is ready");
  }

  #reportBug(error: Error): void {
    this.logger.error(`Internal error, please report it: ${error.stack ?? error.message}`);
  }

  #accept(connection: Connection): void {
    this.#roster.accepted++;
    const client = new Client(this.#nextCid++, this, this.#global, connection);
    if (this.#roster.size >= this.options.maxConnections) {
      client.sendInfo(this.infoFor(client));
      client.error(ProtocolErrors.maxConnections.text);
      client.refuse(ProtocolErrors.maxConnections);
      return;
    }
    this.#roster.add(client);
    client.start();
  }

  /** What a client is told of this server now. */
  infoFor(client: Client): Info {
    return {
      server_id: this.serverId,
      server_name: this.serverName,
      version: NATS_LEVEL,
      midge: MIDGE_VERSION,
      proto: 1,
      go: `bun${Bun.version}`,
      ...this.#advertised(),
      headers: !this.options.noHeaderSupport,
      max_payload: this.options.maxPayload,
      client_id: client.cid,
      client_ip: client.connection.remoteAddress,
      api_lvl: API_LEVEL,
      xkey: this.#xkey,
    };
  }

  /** Where clients are told to connect to. */
  #advertised(): { host: string; port: number } {
    const { clientAdvertise, host } = this.options;
    if (clientAdvertise === undefined) return { host, port: this.port };
    const advertised = parseAddress(clientAdvertise, "port optional");
    return { host: advertised?.host ?? host, port: advertised?.port ?? this.port };
  }

  describeForEvent(): object {
    return {
      name: this.serverName,
      host: this.options.host,
      id: this.serverId,
      ver: NATS_LEVEL,
      jetstream: false,
      flags: 0,
      seq: ++this.#eventSequence,
    };
  }

  forget(client: Client): void {
    this.#roster.remove(client);
  }

  /** The port clients connect to; 0 before the start and after the stop. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** An address that a client on this machine can connect to. */
  get clientUrl(): string {
    const { host } = this.options;
    return `nats://${formatAddress(DIALLABLE[host] ?? host, this.port)}`;
  }

  /** The monitor's address, or undefined when it is off. */
  get monitorUrl(): string | undefined {
    return this.#monitor?.url;
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
    await commit(next);
    this.#options = next;
    for (const { line } of changes) this.logger.notice(line);
    if (changes.some(({ key }) => key === "maxConnections")) this.#tellFit(asked);
    for (const client of this.#roster.all) client.applyLimits();
    this.#closeSurplus();
  }

  /** Fewer clients may be connected than are: some have to go, whoever they are. */
  #closeSurplus(): void {
    const surplus = this.#roster.size - Math.max(0, this.#options.maxConnections);
    if (surplus <= 0) return;
    for (const client of shuffle(this.#roster.all).slice(0, surplus)) {
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
    this.#wake?.();
    this.#listener?.stop();
    for (const client of this.#roster.all) client.close(CloseReason.serverShutdown);
    await this.#outbox.settle(STOP_GRACE_MS);
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
    const { lameDuckDuration, lameDuckGracePeriod } = this.options;
    this.logger.notice("Entering lame duck mode, stop accepting new clients");
    this.#listener?.stop();
    if (this.#roster.size > 0) {
      for (const client of this.#roster.all) this.#sayLameDuck(client);
      await this.#wait(lameDuckGracePeriod);
      await this.#sendAway(lameDuckDuration - lameDuckGracePeriod);
    }
    await this.stop();
  }

  #sayLameDuck(client: Client): void {
    if (client.connect.protocol < 1 || !client.firstPongSent) return;
    client.sendInfo({ ...this.infoFor(client), ldm: true });
  }

  /** Closes all clients in random order, spread over `ms`. */
  async #sendAway(ms: number): Promise<void> {
    if (this.#stopped !== null) return;
    this.logger.notice("Closing existing clients");
    const clients = shuffle(this.#roster.all);
    const step = Math.min(ms / clients.length, LAME_DUCK_STEP_MS_MAX);
    // Timers are no finer than a millisecond: many clients go in groups.
    const group = Math.max(1, Math.ceil(1 / step));
    for (let i = 0; i < clients.length; i += group) {
      for (const client of clients.slice(i, i + group)) client.close(CloseReason.serverShutdown);
      if (i + group < clients.length) await this.#wait(step * group * (0.5 + Math.random() / 2));
      if (this.#stopped !== null) return;
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  // ---- MonitorSource

  get ready(): boolean {
    return this.#listener !== null && this.#leaving === null && this.#stopped === null;
  }

  get connections(): number {
    return this.#roster.size;
  }

  get totalConnections(): number {
    return this.#roster.accepted;
  }

  get subscriptions(): number {
    return this.#global.subscriptionCount;
  }

  get inMsgs(): number {
    return this.#roster.traffic().inMsgs;
  }

  get inBytes(): number {
    return this.#roster.traffic().inBytes;
  }

  get outMsgs(): number {
    return this.#roster.traffic().outMsgs;
  }

  get outBytes(): number {
    return this.#roster.traffic().outBytes;
  }

  get slowConsumers(): number {
    return this.#roster.slowConsumers;
  }

  get staleConnections(): number {
    return this.#roster.staleConnections;
  }

  get stalledClients(): number {
    return this.#roster.traffic().stalls;
  }
}

function shuffle<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1));
    [items[i], items[other]] = [items[other]!, items[i]!];
  }
  return items;
}
