// Listens for connections: TCP sockets become Connections. Handlers are declared once; each socket
// carries its Connection as data.

import type { TCPSocketListener } from "bun";
import { raiseBacklog } from "./backlog.ts";
import { Connection, type ConnectionLimits } from "./connection.ts";
import type { Outbox } from "./outbox.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly outbox: Outbox;
  /** The limits in force, asked for whenever one counts. */
  readonly limits: () => ConnectionLimits;
  /** Gives a fresh connection its owner. */
  readonly onConnection: (connection: Connection) => void;
}

export interface Listener {
  readonly port: number;
  /** Refuses new connections and keeps the open ones. */
  stop(): void;
}

/** `host:port`, an IPv6 address in brackets. */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Throws an Error whose message names the address and the cause. */
export function listen(options: ListenOptions): Listener {
  const { outbox, limits, onConnection } = options;
  const hostname = options.host;
  let listener: TCPSocketListener<Connection>;
  try {
    listener = Bun.listen<Connection>({
      hostname,
      port: options.port,
      // The last -ERR needs a FIN before the close: see Connection.close.
      allowHalfOpen: true,
      socket: {
        open(socket) {
          const connection = new Connection(socket, outbox, limits);
          socket.data = connection;
          onConnection(connection);
        },
        data(socket, chunk) {
          const connection = socket.data;
          if (!connection.closing) connection.owner.onData(chunk);
        },
        drain(socket) {
          socket.data.drained();
        },
        end(socket) {
          const connection = socket.data;
          connection.ended = true;
          if (connection.closing) {
            if (connection.pendingBytes === 0) connection.destroy();
          } else connection.owner.onEnd();
        },
        close(socket, error) {
          socket.data?.gone(error ?? null);
        },
        error(_socket, error) {
          // A handler threw: a bug. It must be seen, and must not take the server down.
          reportError(error);
        },
      },
    });
  } catch (error) {
    throw new Error(explain(error, formatAddress(hostname, options.port)));
  }
  if (listener.fd >= 0) raiseBacklog(listener.fd);
  return { port: listener.port, stop: () => listener.stop() };
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
