// The monitor: an HTTP server beside the broker that answers questions about it and changes
// nothing. One endpoint per file; here the parts are put together, and the doors opened and closed.
import { microseconds } from "../log/clock.ts";
import type { Logger } from "../log/logger.ts";
import { type Bounds, BOUNDS } from "./bounds.ts";
import { Door } from "./door.ts";
import type { DoorTls } from "./door-tls.ts";
import type { Context, HttpHost } from "./endpoint.ts";
import { createEndpoints } from "./endpoints.ts";
import { Gate, type Verify, verifyPlain } from "./gate.ts";
import { Live } from "./live.ts";
import { normalizeBase } from "./paths.ts";
import { Router } from "./router.ts";
import type { MonitorSource, MonitorTls } from "./source.ts";
import { Turns } from "./turns.ts";
import { UsageMeter } from "./usage.ts";

export interface MonitorSettings {
  /** Needed where the options have an https port. */
  readonly tls?: MonitorTls | null;
  /** Compares passwords; needed where one is a hash. */
  readonly verify?: Verify;
  /** For tests that can't wait. */
  readonly bounds?: Partial<Bounds>;
}

/**
 * Starts listening on the options' monitor ports, http and https or one of them. Rejects with an Error for
 * people when it can't; nothing is left open then.
 */
export async function startMonitor(
  source: MonitorSource,
  logger: Logger,
  settings: MonitorSettings = {},
): Promise<Monitor> {
  const monitor = new Monitor(source, logger, settings);
  try {
    await monitor.open();
  } catch (error) {
    await monitor.stop();
    throw error;
  }
  return monitor;
}

export class Monitor {
  readonly #source: MonitorSource;
  readonly #logger: Logger;
  readonly #router: Router;
  readonly #live: Live;
  readonly #bounds: Bounds;
  #tls: MonitorTls | null;
  #http: Door | null = null;
  #https: Door | null = null;

  constructor(source: MonitorSource, logger: Logger, settings: MonitorSettings) {
    const bounds = { ...BOUNDS, ...settings.bounds };
    const counts: Record<string, number> = Object.create(null);
    const refusals = { unauthorized: 0, busy: 0 };
    const usage = new UsageMeter();
    const turns = new Turns();
    const live = new Live(source, usage, turns);
    const context: Context = {
      source,
      logger,
      requests: counts,
      refusals,
      usage,
      loopDelay: live.loopDelay,
      turns,
      basePath: normalizeBase(source.options.httpBasePath ?? ""),
      now: () => microseconds() / 1000,
    };
    const wanted = () => source.options.monitorAuthorization;
    const gate = new Gate(wanted, settings.verify ?? verifyPlain, bounds, refusals);
    this.#source = source;
    this.#logger = logger;
    this.#tls = settings.tls ?? null;
    this.#bounds = bounds;
    this.#live = live;
    this.#router = new Router(createEndpoints(live), context, gate, bounds, counts);
  }

  /** Rejects with an Error for people. */
  async open(): Promise<void> {
    const { httpHost, httpPort, httpsHost, httpsPort } = this.#source.options;
    if (httpPort !== 0) this.#http = this.#listen(httpHost, httpPort, null);
    if (httpsPort === 0) return;
    if (this.#tls === null) throw new Error("the https port of the monitor needs a certificate");
    this.#https = this.#listen(httpsHost, httpsPort, await inRuntimeWords(this.#tls));
  }

  /** http://127.0.0.1:<port>, or with the host it listens on; https where there is no http. */
  get url(): string {
    return (this.#http ?? this.#https)?.url ?? "";
  }

  /** The real port of `url`. */
  get port(): number {
    return (this.#http ?? this.#https)?.port ?? 0;
  }

  /** Undefined without an https port. */
  get httpsUrl(): string | undefined {
    return this.#https?.url;
  }

  /**
   * New certificates and rules. New connections get them at once, those that are open keep theirs. Rejects
   * with an Error for people when they are of no use; then the old ones stay.
   */
  async reload(tls: MonitorTls | null): Promise<void> {
    const door = this.#https;
    if (door === null || tls === null || Bun.deepEquals(tls, this.#tls)) return;
    const shown = await inRuntimeWords(tls);
    // Stopped meanwhile.
    if (this.#https !== door) return;
    door.renew(shown);
    this.#tls = tls;
  }

  /** Closes every connection and gives the ports back. */
  async stop(): Promise<void> {
    this.#live.stop();
    const doors = [this.#http, this.#https];
    this.#http = null;
    this.#https = null;
    await Promise.all(doors.map((door) => door?.close()));
  }

  #listen(host: string, port: number, tls: DoorTls | null): Door {
    const answer = (request: Request, server: HttpHost) => this.#router.answer(request, server);
    const warn = (text: string) => this.#logger.warn(text);
    const door = new Door({ host, port, tls, bounds: this.#bounds, answer, warn });
    const protocol = tls === null ? "http" : "https";
    this.#logger.notice(`Starting ${protocol} monitor on ${door.address}`);
    return door;
  }
}

/** Without an https port there is no need for the code. */
async function inRuntimeWords(tls: MonitorTls): Promise<DoorTls> {
  const { doorTls } = await import("./door-tls.ts");
  return doorTls(tls);
}
