// What happens on a socket, told to its Connection: the same for plain and for encrypted sockets. The
// socket carries its Connection as data; it has none when the peer was gone before it was welcomed.

import type { Socket } from "bun";
import type { Connection } from "./connection.ts";

export const socketHandlers = {
  data(socket: Socket<Connection>, chunk: Buffer): void {
    const connection = connectionOf(socket);
    if (connection !== undefined && !connection.closing) connection.owner.onData(chunk);
  },
  drain(socket: Socket<Connection>): void {
    connectionOf(socket)?.drained();
  },
  end(socket: Socket<Connection>): void {
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    connection.ended = true;
    if (connection.closing) {
      if (connection.pendingBytes === 0) connection.destroy();
    } else connection.owner.onEnd();
  },
  close(socket: Socket<Connection>, error?: Error): void {
    connectionOf(socket)?.gone(error ?? null);
  },
  error(socket: Socket<Connection>, error: Error): void {
    connectionOf(socket)?.broke(error);
  },
};

function connectionOf(socket: Socket<Connection>): Connection | undefined {
  return socket.data as Connection | undefined;
}
