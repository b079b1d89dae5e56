// Listens for connections: TCP sockets become Connections. Handlers belong to a listening socket and to
// all that it accepts; so a listener whose peers all encrypt has none for plain bytes, and is opened anew,
// on the same kernel socket, when that changes.

import type { Socket, SocketHandler, TCPSocketListener } from "bun";
import { openLibc } from "../os/libc.ts";
import { raiseBacklog } from "./backlog.ts";
import { Connection, type ConnectionLimits } from "./connection.ts";
import { socketHandlers } from "./handlers.ts";
import type { Outbox } from "./outbox.ts";

/** The connection at which room for a burst of them is made. */
const BACKLOG_FROM = 8;

/**
 * What peers send first. "mixed" is right for all of them; with "plain" nobody encrypts; with "tls" all
 * encrypt without a word before, and encrypted bytes cost a fifth less to receive.
 */
export type FirstBytes = "plain" | "mixed" | "tls";

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly outbox: Outbox;
  /** The limits in force, asked for whenever one counts. */
  readonly limits: () => ConnectionLimits;
  /** Gives a fresh connection its owner. */
  readonly onConnection: (connection: Connection) => void;
  /** An error of our own was caught while a connection was handled. */
  readonly onBug: (error: Error) => void;
  /** "plain" unless given. */
  readonly expects?: FirstBytes;
}

export interface Listener {
  readonly port: number;
  /**
   * Expects something else of connections from now on; the open ones stay as they are. Going from "tls"
   * to anything else, wait for this before the new rules come into force; else call it after.
   */
  expect(bytes: FirstBytes): Promise<void>;
  /** Refuses new connections and keeps the open ones. */
  stop(): void;
}

/** `host:port`, an IPv6 address in brackets. */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Throws an Error whose message names the address and the cause. */
export function listen(options: ListenOptions): Listener {
  return new SocketListener(options);
}

class SocketListener implements Listener {
  readonly port: number;
  readonly #options: ListenOptions;
  #listener: TCPSocketListener<Connection>;
  #readsPlain: boolean;
  #accepted = 0;
  #stopped = false;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#readsPlain = options.expects !== "tls";
    try {
      this.#listener = this.#open(options.port);
    } catch (error) {
      throw new Error(explain(error, formatAddress(options.host, options.port)));
    }
    this.port = this.#listener.port;
  }

  /** On an address of its own, or on an open handle. */
  #open(port: number, handle: { fd?: number } = {}): TCPSocketListener<Connection> {
    const hostname = this.#options.host;
    const { data, ...others } = socketHandlers;
    const socket: SocketHandler<Connection> = {
      ...others,
      open: (socket) => this.#accept(socket),
      error: (socket, error) => {
        if ((socket.data as Connection | undefined) === undefined) this.#options.onBug(error);
        else others.error(socket, error);
      },
    };
    if (this.#readsPlain) socket.data = data;
    this.#accepted = 0;
    // The last -ERR needs a FIN before the close: see Connection.close.
    return Bun.listen<Connection>({ hostname, port, allowHalfOpen: true, socket, ...handle });
  }

  #accept(socket: Socket<Connection>): void {
    // A peer that reset the connection already has no address any more, in spite of the type.
    if ((socket.remoteAddress as string | undefined) === undefined) {
      socket.terminate();
      return;
    }
    if (++this.#accepted === BACKLOG_FROM && this.#listener.fd >= 0) {
      void raiseBacklog(this.#listener.fd);
    }
    const { outbox, limits, onConnection } = this.#options;
    const connection = new Connection(socket, outbox, limits);
    socket.data = connection;
    onConnection(connection);
  }

  async expect(bytes: FirstBytes): Promise<void> {
    const readsPlain = bytes !== "tls";
    if (readsPlain === this.#readsPlain) return;
    const libc = await openLibc({ dup: { args: ["i32"], returns: "i32" } });
    if (!this.#stopped && readsPlain !== this.#readsPlain) {
      this.#readsPlain = readsPlain;
      this.#reopen(libc?.symbols.dup(this.#listener.fd) ?? -1);
    }
    libc?.close();
  }

  /** Listens with other handlers: on a second handle of the same kernel socket, so that nobody is lost. */
  #reopen(handle: number): void {
    const before = this.#listener;
    if (handle >= 0) {
      this.#listener = this.#open(this.port, { fd: handle });
      before.stop();
    } else {
      before.stop();
      this.#listener = this.#open(this.port);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#listener.stop();
  }
}

function explain(error: unknown, address: string): string {
  const code = (error as { code?: string }).code;
  const causes: Record<string, string> = {
    EADDRINUSE: "bind: address already in use",
    EADDRNOTAVAIL: "bind: cannot assign requested address",
    EACCES: "bind: permission denied",
  };
  const cause = (code && causes[code]) || (error as Error).message;
  return `Error listening on port: ${address}, "listen tcp ${address}: ${cause}"`;
}
