// One listener of the monitor: HTTP or HTTPS, on one address, with bounds on what a request may be.
import { reasonOf } from "../log/reason.ts";
import { formatAddress } from "../net/listener.ts";
import type { Bounds } from "./bounds.ts";
import type { HttpHost } from "./endpoint.ts";
import type { PemPair } from "./source.ts";

export interface DoorOptions {
  readonly host: string;
  /** 0 or less picks a free one. */
  readonly port: number;
  /** Null for plain HTTP. */
  readonly tls: PemPair | null;
  readonly bounds: Bounds;
  readonly answer: (request: Request, host: HttpHost) => Promise<Response>;
}

export class Door {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly #server: Bun.Server<undefined>;

  /** Throws an Error for people, with the address and the cause. */
  constructor({ host, port, tls, bounds, answer }: DoorOptions) {
    this.host = host;
    this.isSecure = tls !== null;
    try {
      this.#server = Bun.serve({
        hostname: host,
        port: Math.max(port, 0),
        development: false,
        // Outside of development Bun shares a busy port unless told not to, and two servers would
        // take turns in answering.
        reusePort: false,
        maxRequestBodySize: bounds.requestBytes,
        idleTimeout: bounds.idleSeconds,
        ...(tls === null ? {} : { tls: { cert: tls.cert, key: tls.key } }),
        fetch: answer,
      });
    } catch (error) {
      const where = formatAddress(host, Math.max(port, 0));
      const message = `can't listen to the monitor port: ${where}: ${reasonOf(error)}`;
      throw new Error(message, { cause: error });
    }
    this.port = this.#server.port ?? port;
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
    return this.#server.stop();
  }

  /** Closes everything at once. */
  close(): Promise<void> {
    return this.#server.stop(true);
  }
}

/** A wildcard is an address to listen on, not one to call. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
