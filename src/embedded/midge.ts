// The broker as a program has it: what may be asked of it, and nothing of how it works.

import type { NatsConnection } from "@nats-io/nats-core";
import { type Options, resolveOptions } from "../config/options.ts";
import { ReloadError } from "../config/reload.ts";
import { type Logger, silentLogger } from "../log/logger.ts";
import type { MidgeEvents, MidgeListener } from "./client-event.ts";
import { connectPipe, type PipeHost } from "./connect.ts";
import {
  type EmbeddedOptions,
  type InProcessOptions,
  mergeOptions,
  splitOptions,
} from "./options.ts";
import { EmbeddedServer } from "./server.ts";
import { varzReader } from "./varz.ts";

/**
 * A NATS-compatible broker in this process. Each is on its own: a process may run hundreds.
 *
 * ```ts
 * import { Midge } from "midge-server";
 *
 * await using server = await Midge.start({ port: -1 });
 * console.log(server.clientUrl);
 * ```
 */
export class Midge implements AsyncDisposable {
  readonly #server: EmbeddedServer;
  readonly #host: PipeHost;
  readonly #listens: boolean;
  /** The options as they were given; what is not among them has its default. */
  #given: EmbeddedOptions;
  #reloading: Promise<void> = Promise.resolve();
  #hasLeft = false;
  #readVarz: (() => object) | null = null;

  /**
   * Starts a broker. Resolves when it accepts clients.
   *
   * @param options The keys of the configuration file in camelCase, and `listen`. Durations are milliseconds
   *   or texts such as "2m"; sizes are bytes; port -1 is any free one. Without `host` only this machine can
   *   connect.
   * @param logger Where log lines go; nowhere unless given.
   * @throws {OptionsError} Options are wrong: `problems` names each by its key, in the words that a
   *   configuration file gets. Nothing was opened.
   * @throws {Error} A port is taken, or a file can't be read. Every port that was open is closed again.
   */
  static async start(options: EmbeddedOptions = {}, logger: Logger = silentLogger): Promise<Midge> {
    const split = splitOptions(options);
    const server = await EmbeddedServer.open(resolveOptions(split.options), split.listens, logger);
    return new Midge(server, options, split.listens);
  }

  private constructor(server: EmbeddedServer, given: EmbeddedOptions, listens: boolean) {
    this.#server = server;
    this.#given = mergeOptions({}, given);
    this.#listens = listens;
    const hasLeft = () => this.#hasLeft;
    this.#host = {
      openPipe: (reader) => server.openPipe(reader),
      get hasLeft() {
        return hasLeft();
      },
    };
  }

  /** Where a client on this machine connects to, such as `nats://127.0.0.1:4222`. Port 0 with `listen: false`. */
  get clientUrl(): string {
    return this.#server.clientUrl;
  }

  /** The port for clients, also where -1 was asked for; 0 with `listen: false`. */
  get port(): number {
    return this.#server.port;
  }

  /** The address of the monitor, such as `http://127.0.0.1:8222`; undefined when it is off. */
  get monitorUrl(): string | undefined {
    return this.#server.monitorUrl;
  }

  /** The address of the monitor over HTTPS; undefined when that is off. */
  get monitorHttpsUrl(): string | undefined {
    return this.#server.monitorHttpsUrl;
  }

  /** 56 characters, other ones at every start. */
  get serverId(): string {
    return this.#server.serverId;
  }

  /** `serverName` of the options, or else the id. */
  get serverName(): string {
    return this.#server.serverName;
  }

  /** The options in force, with their defaults: durations in milliseconds, sizes in bytes. Frozen. */
  get options(): Options {
    return this.#server.options;
  }

  /** How many clients are connected, those within the process too. */
  get connections(): number {
    return this.#server.connections;
  }

  /** How many subscriptions the clients have. */
  get subscriptions(): number {
    return this.#server.subscriptions;
  }

  /** What GET /varz of the monitor answers, field for field; no monitor needs to be there. */
  varz(): object {
    this.#readVarz ??= varzReader(this.#server);
    return this.#readVarz();
  }

  /**
   * Listens to what happens to clients. Listeners are called after the work of the turn is done; one that
   * throws is logged and hurts nobody.
   *
   * @returns The way to stop listening.
   * @throws {TypeError} There is no such event.
   */
  on<Name extends keyof MidgeEvents>(name: Name, listener: MidgeListener<Name>): () => void {
    return this.#server.events.on(name, listener);
  }

  /**
   * Connects without any port. The connection is a client like every other: it has to log in where that is
   * asked for, and has the same limits. It needs no encryption, also where `tls` is configured.
   *
   * @param options Those of `@nats-io/nats-core`, except for where to connect and how to encrypt.
   * @throws {Error} `@nats-io/nats-core` is not installed, or the broker has stopped. Wrong credentials and
   *   the like reject with the errors of nats-core.
   */
  connect(options: InProcessOptions = {}): Promise<NatsConnection> {
    return connectPipe(this.#host, options);
  }

  /**
   * Changes options while clients stay connected. Those that are not named stay as they are, also within a
   * block such as `authorization`; a list is replaced as a whole, and `undefined` is back to the default.
   *
   * @throws {OptionsError} A value is wrong; nothing was changed.
   * @throws {ReloadError} A change needs a restart; nothing was changed.
   */
  reload(options: EmbeddedOptions): Promise<void> {
    // One after the other: each adds to what the one before it left.
    const done = this.#reloading.then(() => this.#reload(options));
    this.#reloading = done.catch(() => {});
    return done;
  }

  async #reload(changes: EmbeddedOptions): Promise<void> {
    if (this.#hasLeft) throw new ReloadError("reload not supported: the broker has stopped");
    // What is no object is refused with the other options, in their words.
    const given = isObject(changes) ? mergeOptions(this.#given, changes) : changes;
    const { listens, options } = splitOptions(given);
    if (listens !== this.#listens) {
      throw new ReloadError(
        `reload not supported for listen: old=${this.#listens}, new=${listens}`,
      );
    }
    await this.#server.reload(options);
    this.#given = given;
  }

  /**
   * Leaves gently: lets nobody in any more, tells clients to go elsewhere, and after `lameDuckGracePeriod`
   * sends them away one by one over `lameDuckDuration` (milliseconds, 10 s and 2 min unless set). Resolves
   * when it has stopped; `stop()` cuts it short.
   */
  lameDuck(): Promise<void> {
    this.#hasLeft = true;
    return this.#server.lameDuck();
  }

  /**
   * Stops: closes every port and every connection. Waits up to 250 ms for clients to read what was sent to
   * them. Resolves when all is closed; a second call waits for the first.
   */
  stop(): Promise<void> {
    this.#hasLeft = true;
    return this.#server.stop();
  }

  /** For `await using`: the same as `stop()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
