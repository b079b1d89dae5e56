// Connects to another server: a socket that was opened from here becomes a Connection like any other.

import type { Socket } from "bun";
import { codeOf } from "./fault.ts";
import { Connection, type ConnectionLimits } from "./connection.ts";
import { socketHandlers } from "./handlers.ts";
import type { Outbox } from "./outbox.ts";
import type { DialSecrets } from "./tls-dialer.ts";
import { verificationReason } from "./tls-reason.ts";

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** How long it may take. */
  readonly timeoutMs: number;
  readonly outbox: Outbox;
  readonly limits: () => ConnectionLimits;
  /** Encrypt from the first byte, and demand a certificate. */
  readonly tls?: DialSecrets | null;
  /** The name that the certificate must be for, where that is not `host`. */
  readonly tlsName?: string | undefined;
  /** Gives the fresh connection its owner, before a byte is read. */
  readonly onConnection: (connection: Connection) => void;
}

/** Rejects with an Error for people when nobody answers, or not in time. */
export async function dial(options: DialOptions): Promise<void> {
  const { host, port, timeoutMs, outbox, limits, onConnection } = options;
  let late = false;
  let opened: Socket<Connection> | null = null;
  const { tls = null } = options;
  const secured = Promise.withResolvers<void>();
  const begin = (socket: Socket<Connection>) => {
    const connection = new Connection(socket, outbox, limits);
    socket.data = connection;
    onConnection(connection);
    secured.resolve();
  };
  const connecting = Bun.connect<Connection>({
    hostname: host,
    port,
    allowHalfOpen: true,
    ...(tls === null ? {} : { tls: { ...tls, serverName: options.tlsName ?? host } }),
    data: undefined as unknown as Connection,
    socket: {
      ...socketHandlers,
      open(socket: Socket<Connection>) {
        if (late || (socket.remoteAddress as string | undefined) === undefined) {
          socket.terminate();
          return;
        }
        opened = socket;
        if (tls === null) begin(socket);
      },
      handshake(socket: Socket<Connection>, ok: boolean, error: Error | null) {
        if (tls === null) return;
        if (late) {
          socket.terminate();
          return;
        }
        if (ok && error === null) return begin(socket);
        const reason = error === null ? "not accepted" : reasonOf(error);
        secured.reject(new Error(`TLS route handshake error: ${reason}`));
        socket.terminate();
      },
      close(socket: Socket<Connection>, error?: Error) {
        secured.reject(new Error("TLS route handshake error: the other side closed"));
        socketHandlers.close(socket, error);
      },
      connectError() {},
    },
  });
  let timer: Timer | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late = true;
      opened?.terminate();
      reject(new Error("i/o timeout"));
    }, timeoutMs);
  });
  // What comes of it after the time is over is nobody's.
  connecting.catch(() => {});
  secured.promise.catch(() => {});
  try {
    await Promise.race([Promise.all([connecting, secured.promise]), tooLate]);
  } catch (error) {
    throw new Error(explain(error));
  } finally {
    clearTimeout(timer);
  }
}

const OTHER_HOST = "ERR_TLS_CERT_ALTNAME_INVALID";
const NOT_FOR_HOST =
  "tls: failed to verify certificate: x509: certificate is not valid for the host that was dialled";

function reasonOf(error: Error): string {
  return codeOf(error) === OTHER_HOST ? NOT_FOR_HOST : verificationReason(error);
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
