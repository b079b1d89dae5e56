// Many clients that do nothing but be there, each with its part of the subscriptions.
import {
  connectFrame,
  pingFrame,
  pongFrame,
  readInfo,
  readPong,
  sendText,
  subscribeFrame,
} from "./protocol.ts";
import type { CrowdSize } from "./rows.ts";
import { close, connect, Memory, receiveNow, resetOnClose } from "./sockets.ts";

/** Every server has sent its first PING that long after CONNECT. */
export const FIRST_PING_SECONDS = 2.6;
/** So many come at once, which takes less time than to wait for each of them. */
const TOGETHER = 100;

export class Crowd {
  readonly #sockets: number[] = [];

  constructor({ connections, subscriptions }: CrowdSize, port: number) {
    const each = Math.ceil(subscriptions / connections);
    while (this.#sockets.length < connections) {
      const count = Math.min(TOGETHER, connections - this.#sockets.length);
      this.#sockets.push(...openTogether(this.#sockets.length, count, each, port));
    }
  }

  /** As clients do, only late: servers learn the round trip from it. */
  answerPings(): void {
    const { bytes, address } = new Memory(4096);
    for (const socket of this.#sockets) {
      const length = receiveNow(socket, address, bytes.length);
      if (bytes.latin1Slice(0, length).includes(pingFrame)) sendText(socket, pongFrame);
    }
  }

  close(): void {
    for (const socket of this.#sockets) close(socket);
  }
}

function openTogether(first: number, count: number, each: number, port: number): number[] {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port);
    if (socket === undefined) throw new Error(`nobody listens on port ${port}`);
    resetOnClose(socket);
    return socket;
  });
  for (const socket of sockets) readInfo(socket);
  sockets.forEach((socket, i) => {
    const subscriptions = Array.from({ length: each }, (_, j) =>
      subscribeFrame(`bench.idle.${first + i}.${j}`, String(j + 1)),
    );
    sendText(socket, connectFrame() + subscriptions.join("") + pingFrame);
  });
  for (const socket of sockets) readPong(socket);
  return sockets;
}
