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

export class Door {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly #options: DoorOptions;
  readonly #gauge: { readonly isScarce: boolean };
  /** Null while the door is shut. */
  #server: Bun.Server<undefined> | null;
  #openAt = 0;
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

  /** Lets nobody else in. Resolves when the last one has left. */
  retire(): Promise<void> {
    return this.#end(false);
  }

  /** Closes everything at once. */
  close(): Promise<void> {
    return this.#end(true);
  }

  async #end(isAtOnce: boolean): Promise<void> {
    clearInterval(this.#watch);
    await this.#server?.stop(isAtOnce);
  }

  #look(): void {
    const { isScarce } = this.#gauge;
    if (isScarce && this.#wasScarce) this.#shut();
    this.#wasScarce = isScarce;
    if (isScarce) return;
    if (this.#server === null && performance.now() >= this.#openAt) this.#reopen();
  }

  #shut(): void {
    this.#openAt = performance.now() + SHUT_MS;
    if (this.#server === null) return;
    void this.#server.stop(true);
    this.#server = null;
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
