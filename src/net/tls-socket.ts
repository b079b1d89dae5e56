// The encrypted socket of one connection, as far as a connection needs it. Under it lies the raw socket,
// which stays open until everything is sent: a peer that does not read must not hold it forever.

import type { Socket } from "bun";
import type { Connection } from "./connection.ts";
import { LINGER_MS_MAX } from "./outbox.ts";

/** Sockets that may wait for their last bytes to be taken; the oldest gives way. */
const ENDING_MAX = 16;
const OPEN = 1;

/** Raw sockets whose connections are gone, oldest first, each with the timer that cuts it off. */
const ending = new Map<Socket<Connection>, Timer>();

export class TlsSocket {
  readonly #raw: Socket<Connection>;
  readonly #tls: Socket<Connection>;

  constructor(raw: Socket<Connection>, tls: Socket<Connection>) {
    this.#raw = raw;
    this.#tls = tls;
  }

  /** As of a plain socket: how many bytes were taken, -1 when the peer is gone. */
  write(bytes: Buffer, at: number, size: number): number {
    return this.#tls.write(bytes, at, size);
  }

  pause(): void {
    this.#tls.pause();
  }

  resume(): void {
    this.#tls.resume();
  }

  /** Says that nothing more comes, after all that was written. */
  shutdown(): void {
    this.#tls.shutdown();
  }

  /** Closes at once, or soon, when the kernel has not taken everything yet. */
  end(): void {
    // Closing alone would look like an attack: the end of an encrypted stream has to be said.
    this.#tls.shutdown();
    this.#tls.close();
    const raw = this.#raw;
    if (raw.readyState !== OPEN || ending.has(raw)) return;
    ending.set(raw, setTimeout(cutOff, LINGER_MS_MAX, raw));
    if (ending.size <= ENDING_MAX) return;
    for (const oldest of ending.keys()) {
      cutOff(oldest);
      break;
    }
  }
}

/** The time is over; most have ended by themselves until then. */
function cutOff(raw: Socket<Connection>): void {
  clearTimeout(ending.get(raw));
  ending.delete(raw);
  raw.terminate();
}
