// Connects to another server: a socket that was opened from here becomes a Connection like any other.

import type { Socket } from "bun";
import { Connection, type ConnectionLimits } from "./connection.ts";
import { socketHandlers } from "./handlers.ts";
import type { Outbox } from "./outbox.ts";

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** How long it may take. */
  readonly timeoutMs: number;
  readonly outbox: Outbox;
  readonly limits: () => ConnectionLimits;
  /** Gives the fresh connection its owner, before a byte is read. */
  readonly onConnection: (connection: Connection) => void;
}

/** Rejects with an Error for people when nobody answers, or not in time. */
export async function dial(options: DialOptions): Promise<void> {
  const { host, port, timeoutMs, outbox, limits, onConnection } = options;
  let late = false;
  const connecting = Bun.connect<Connection>({
    hostname: host,
    port,
    allowHalfOpen: true,
    data: undefined as unknown as Connection,
    socket: {
      ...socketHandlers,
      open(socket: Socket<Connection>) {
        if (late || (socket.remoteAddress as string | undefined) === undefined) {
          socket.terminate();
          return;
        }
        const connection = new Connection(socket, outbox, limits);
        socket.data = connection;
        onConnection(connection);
      },
      connectError() {},
    },
  });
  let timer: Timer | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late = true;
      reject(new Error("i/o timeout"));
    }, timeoutMs);
  });
  // What comes of it after the time is over is nobody's.
  connecting.catch(() => {});
  try {
    await Promise.race([connecting, tooLate]);
  } catch (error) {
    throw new Error(explain(error));
  } finally {
    clearTimeout(timer);
  }
}

function explain(error: unknown): string {
  const code = (error as { code?: string }).code ?? "";
  const causes: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ENOTFOUND: "no such host",
    EHOSTUNREACH: "no route to host",
    ENETUNREACH: "network is unreachable",
  };
  return causes[code] ?? (error instanceof Error ? error.message : String(error));
}
