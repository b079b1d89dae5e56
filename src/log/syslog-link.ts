// The ways to a syslog through Bun's sockets: UDP, one datagram per frame, and streams over TCP or a
// unix socket, where the newline at the end of a frame separates it from the next.

import type { Dial, Sent, SyslogLink } from "./syslog.ts";

/** A peer that vanished without a word is noticed some time after this. */
const KEEP_ALIVE_MS = 30_000;

export interface TcpPlace {
  readonly hostname: string;
  readonly port: number;
}

export type StreamPlace = TcpPlace | { readonly unix: string };

export function dialUdp({ hostname, port }: TcpPlace): Dial {
  return async (onReady) => {
    // Looked up beforehand, because the socket would look it up while everybody waits.
    const [found] = await Bun.dns.lookup(hostname);
    if (!found) throw new Error("unknown host name");
    const socket = await Bun.udpSocket({
      hostname: found.family === 6 ? "::" : "0.0.0.0",
      connect: { hostname: found.address, port },
      socket: { drain: onReady, error() {} },
    });
    socket.unref();
    const send = (frame: Buffer): Sent => (socket.send(frame) ? "sent" : "blocked");
    return {
      send: (frame) => attempt(() => send(frame)),
      close: () => socket.close(),
    };
  };
}

/** An ICMP answer to an earlier datagram fails the call that finds it, and only that one. */
function attempt(send: () => Sent): Sent {
  try {
    return send();
  } catch (error) {
    const code = codeOf(error);
    if (code === "EMSGSIZE") return "refused";
    if (code !== "ECONNREFUSED") return "broken";
  }
  try {
    return send();
  } catch {
    return "broken";
  }
}

export function dialStream(place: StreamPlace): Dial {
  return async (onReady) => {
    const link = new StreamLink(onReady);
    const handlers = {
      // A syslog answers nothing; without this handler the socket would not be made.
      data() {},
      drain: onReady,
      close: () => link.onClose(),
      error() {},
      connectError() {},
    };
    const socket =
      "unix" in place
        ? await Bun.connect({ unix: place.unix, socket: handlers })
        : await Bun.connect({ ...place, socket: handlers });
    if ("hostname" in place) socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.unref();
    link.socket = socket;
    return link;
  };
}

class StreamLink implements SyslogLink {
  socket: Bun.Socket | undefined;
  readonly #onReady: () => void;
  #closed = false;
  /** How much of the current frame is sent; on a new link it starts over. */
  #sentBytes = 0;

  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  onClose(): void {
    this.#closed = true;
    this.#onReady();
  }

  send(frame: Buffer): Sent {
    if (this.#closed || !this.socket) return "broken";
    const wrote = this.socket.write(frame, this.#sentBytes, frame.length - this.#sentBytes);
    if (wrote < 0) return "broken";
    this.#sentBytes += wrote;
    if (this.#sentBytes < frame.length) return "blocked";
    this.#sentBytes = 0;
    return "sent";
  }

  close(): void {
    this.socket?.end();
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
