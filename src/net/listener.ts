// Listens for connections: TCP sockets become Connections. Handlers are declared once; each socket
// carries its Connection as data.

import type { Socket, TCPSocketListener } from "bun";
import { raiseBacklog } from "./backlog.ts";
import { Connection, type ConnectionLimits } from "./connection.ts";
import type { Outbox } from "./outbox.ts";

/** The connection at which room for a burst of them is made. */
const BACKLOG_FROM = 8;

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

/** Missing when the peer was gone before it was welcomed. */
function connectionOf(socket: Socket<Connection>): Connection | undefined {
  return socket.data as Connection | undefined;
}

/** Throws an Error whose message names the address and the cause. */
export function listen(options: ListenOptions): Listener {
  const { outbox, limits, onConnection, onBug } = options;
  const hostname = options.host;
  let accepted = 0;
  let listener: TCPSocketListener<Connection>;
  try {
    listener = Bun.listen<Connection>({
      hostname,
      port: options.port,
      // The last -ERR needs a FIN before the close: see Connection.close.
      allowHalfOpen: true,
      socket: {
        open(socket) {
          // A peer that reset the connection already has no address any more, in spite of the type.
          if ((socket.remoteAddress as string | undefined) === undefined) {
            socket.terminate();
            return;
          }
          if (++accepted === BACKLOG_FROM && listener.fd >= 0) void raiseBacklog(listener.fd);
          const connection = new Connection(socket, outbox, limits);
          socket.data = connection;
          onConnection(connection);
        },
        data(socket, chunk) {
          const connection = connectionOf(socket);
          if (connection !== undefined && !connection.closing) connection.owner.onData(chunk);
        },
        drain(socket) {
          connectionOf(socket)?.drained();
        },
        end(socket) {
          const connection = connectionOf(socket);
          if (connection === undefined) return;
          connection.ended = true;
          if (connection.closing) {
            if (connection.pendingBytes === 0) connection.destroy();
          } else connection.owner.onEnd();
        },
        close(socket, error) {
          connectionOf(socket)?.gone(error ?? null);
        },
        error(socket, error) {
          // A handler threw: a bug. It must be seen, and cost no more than this one connection.
          onBug(error);
          connectionOf(socket)?.destroy();
        },
      },
    });
  } catch (error) {
    throw new Error(explain(error, formatAddress(hostname, options.port)));
  }
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
