// A way to a server that can be cut as a network is: nobody is told, connections stay open, and what is sent on
// them is gone. Those made while it is cut are accepted, and nobody answers on them, ever.
import type { Socket, TCPSocketListener } from "bun";

interface Way {
  /** The other side; null until it is connected. */
  peer: Socket<Way> | null;
  /** What came before that, and what the kernel would not take at once. */
  unsent: Buffer;
  isEnded: boolean;
  /** It was open during a cut. */
  isDead: boolean;
}

export class Gate implements Disposable {
  readonly port: number;
  readonly #target: number;
  readonly #listener: TCPSocketListener<Way>;
  readonly #ways = new Set<Way>();
  #isCut = false;
  /** Connections that were made while it was cut. */
  swallowed = 0;

  constructor(target: number) {
    this.#target = target;
    this.#listener = Bun.listen<Way>({
      hostname: "127.0.0.1",
      port: 0,
      socket: { ...handlers, open: (socket) => void this.#pass(socket) },
    });
    this.port = this.#listener.port;
  }

  async #pass(near: Socket<Way>): Promise<void> {
    const out = this.#way();
    near.data = out;
    if (this.#isCut) {
      this.swallowed++;
      out.isDead = true;
      return;
    }
    const back = this.#way();
    back.peer = near;
    try {
      out.peer = await Bun.connect<Way>({
        hostname: "127.0.0.1",
        port: this.#target,
        data: back,
        socket: handlers,
      });
      flush(out);
    } catch {
      near.terminate();
    }
  }

  #way(): Way {
    const way = { peer: null, unsent: Buffer.alloc(0), isEnded: false, isDead: false };
    this.#ways.add(way);
    return way;
  }

  cut(): void {
    this.#isCut = true;
    for (const way of this.#ways) way.isDead = true;
    this.#ways.clear();
  }

  /** For connections to come. */
  mend(): void {
    this.#isCut = false;
  }

  [Symbol.dispose](): void {
    this.#listener.stop(true);
  }
}

const handlers = {
  data({ data: way }: Socket<Way>, chunk: Buffer): void {
    if (way.isDead) return;
    way.unsent = Buffer.concat([way.unsent, chunk]);
    flush(way);
  },
  drain({ data: way }: Socket<Way>): void {
    const back = way.peer?.data;
    if (back !== undefined) flush(back);
  },
  close({ data: way }: Socket<Way>): void {
    way.isEnded = true;
    flush(way);
  },
};

function flush(way: Way): void {
  const { peer } = way;
  if (peer === null || way.isDead) return;
  if (way.unsent.length > 0) {
    const taken = peer.write(way.unsent);
    if (taken > 0) way.unsent = way.unsent.subarray(taken);
  }
  if (way.isEnded && way.unsent.length === 0) peer.end();
}
