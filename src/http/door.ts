// One listener of the monitor: HTTP or HTTPS, on one address, with bounds on what a request may be. Clients
// come first: when connections to the monitor use up the descriptors, they are closed and the door is shut
// for a moment. The runtime neither tells of a connection before it has asked something nor closes it alone.
import { reasonOf } from "../log/reason.ts";
import { formatAddress } from "../net/listener.ts";
import { DescriptorGauge } from "../os/descriptors.ts";
import type { Bounds } from "./bounds.ts";
import type { HttpHost } from "./endpoint.ts";
import type { DoorTls } from "./door-tls.ts";

export interface DoorOptions {
  readonly host: string;
  /** 0 or less picks a free one. */
  readonly port: number;
  /** Null for plain HTTP. */
  readonly tls: DoorTls | null;
  readonly bounds: Bounds;
  readonly answer: (request: Request, host: HttpHost) => Promise<Response>;
  /** Told in words when the door is shut for want of descriptors. */
  readonly warn?: (text: string) => void;
  /** For tests, which have descriptors enough. */
  readonly gauge?: { readonly isScarce: boolean };
}

/** Clients that find no descriptor wait for no longer than two looks: a crowd of clients passes sooner. */
const LOOK_MS = 100;
/** Clients that waited get in before the monitor's connections come back. */
const SHUT_MS = 500;

/** A flood is told of once in so long. */
const WARN_MS = 60_000;

export class Door {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  #options: DoorOptions;
  readonly #gauge: { readonly isScarce: boolean };
  /** Null while the door is shut. */
  #server: Bun.Server<undefined> | null;
  /** Those before it: they let nobody in, and some of their connections are still there. */
  readonly #retired = new Set<Bun.Server<undefined>>();
  #openAt = 0;
  #warnedAt = -Infinity;
  #wasScarce = false;
  readonly #watch: ReturnType<typeof setInterval>;

  /** Throws an Error for people, with the address and the cause. */
  constructor(options: DoorOptions) {
    this.host = options.host;
    this.isSecure = options.tls !== null;
    this.#options = options;
    this.#gauge = options.gauge ?? new DescriptorGauge();
    const port = Math.max(options.port, 0);
    this.#server = serve(options, port);
    this.port = this.#server.port ?? port;
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
    this.#watch.unref();
  }

  /** `host:port`. */
  get address(): string {
    return formatAddress(this.host, this.port);
  }

  /** An address that can be called from this machine. */
  get url(): string {
    return `${this.isSecure ? "https" : "http"}://${formatAddress(reachable(this.host), this.port)}`;
  }

  /**
   * Other certificates and rules for new connections; those that are open keep theirs. Throws an Error for
   * people when they are of no use: then the old ones stay, at once or as soon as the port can be had again.
   */
  renew(tls: DoorTls): void {
    const before = this.#options;
    const next = { ...before, tls };
    const old = this.#server;
    // The runtime can't change the certificates of a listener, and two can't share a port.
    if (old !== null) this.#retire(old);
    this.#server = null;
    try {
      this.#server = serve(next, this.port);
      this.#options = next;
    } catch (error) {
      if (old !== null) this.#reopen();
      throw error;
    }
  }

  #retire(server: Bun.Server<undefined>): void {
    this.#retired.add(server);
    void server.stop().then(() => this.#retired.delete(server));
  }

  /** Closes everything at once. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    await this.#closeAll();
  }

  async #closeAll(): Promise<void> {
    const servers = [...this.#retired, ...(this.#server === null ? [] : [this.#server])];
    this.#server = null;
    await Promise.all(servers.map((server) => server.stop(true)));
  }

  #look(): void {
    const { isScarce } = this.#gauge;
    if (isScarce && this.#wasScarce) this.#shut();
    this.#wasScarce = isScarce;
    if (isScarce) return;
    if (this.#server === null && performance.now() >= this.#openAt) this.#reopen();
  }

  #shut(): void {
    const now = performance.now();
    this.#openAt = now + SHUT_MS;
    const isOpen = this.#server !== null;
    void this.#closeAll();
    if (!isOpen || now - this.#warnedAt < WARN_MS) return;
    this.#warnedAt = now;
    this.#options.warn?.(
      `Monitor port ${this.address} closed for a moment: too few files may be opened (ulimit -n)`,
    );
  }

  #reopen(): void {
    try {
      this.#server = serve(this.#options, this.port);
    } catch {
      // Somebody else has the port, or the descriptors: it is tried again.
      this.#openAt = performance.now() + SHUT_MS;
    }
  }
}

function serve({ host, tls, bounds, answer }: DoorOptions, port: number): Bun.Server<undefined> {
  try {
    return Bun.serve({
      hostname: host,
      port,
      development: false,
      // Outside of development Bun shares a busy port unless told not to, and two servers would
      // take turns in answering.
      reusePort: false,
      maxRequestBodySize: bounds.requestBytes,
      idleTimeout: bounds.idleSeconds,
      ...(tls === null ? {} : { tls }),
      fetch: answer,
    });
  } catch (error) {
    const where = formatAddress(host, port);
    const message = `can't listen to the monitor port: ${where}: ${reasonOf(error)}`;
    throw new Error(message, { cause: error });
  }
}

/** A wildcard is an address to listen on, not one to call. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
