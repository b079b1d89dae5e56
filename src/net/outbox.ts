// Gathers the connections that have something to send and flushes each once per turn of the event loop:
// immediates run after all sockets of the turn were read, so the output of many publishers becomes one
// write per receiver. Also bounds how many closed connections wait for their peer to read the last line.

import type { Connection } from "./connection.ts";
import { SlabPool } from "./slab.ts";

/** How long a closing connection may take to read its last bytes. */
export const LINGER_MS_MAX = 2000;

export class Outbox {
  readonly slabs = new SlabPool();
  /** Writes by how many bytes the kernel took: [0] those below 2, [i] those below 2^(i+1). */
  readonly writeBatches: number[] = Array.from({ length: 32 }, () => 0);
  /** Bytes that the kernel took, all together. */
  writtenBytes = 0;
  #dirty: Connection[] = [];
  #spare: Connection[] = [];
  #scheduled = false;
  /** Closing connections, oldest first. */
  readonly #lingering = new Set<Connection>();
  readonly #lingeringMax: number;
  #onSettled: (() => void) | null = null;

  readonly #onBug: (error: Error) => void;

  constructor(onBug: (error: Error) => void, lingeringMax = 1024) {
    this.#onBug = onBug;
    this.#lingeringMax = lingeringMax;
  }

  /** Counts a write of so many bytes; of 0 there is nothing to count. */
  count(bytes: number): void {
    if (bytes <= 0) return;
    this.writeBatches[31 - Math.clz32(bytes)]!++;
    this.writtenBytes += bytes;
  }

  /** An error of our own was caught while a connection was handled. */
  reportBug(error: Error): void {
    this.#onBug(error);
  }

  /** Flushes `connection` at the end of this turn. */
  mark(connection: Connection): void {
    connection.dirty = true;
    this.#dirty.push(connection);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    const dirty = this.#dirty;
    this.#dirty = this.#spare;
    this.#scheduled = false;
    for (let i = 0; i < dirty.length; i++) {
      const connection = dirty[i]!;
      connection.dirty = false;
      try {
        connection.flush();
      } catch (error) {
        // A bug in what one connection set off must not keep the others from being flushed.
        this.#onBug(error as Error);
        connection.destroy();
      }
    }
    dirty.length = 0;
    this.#spare = dirty;
  };

  /** A connection waits for its peer to close; the oldest one gives way when too many do. */
  linger(connection: Connection): void {
    this.#lingering.add(connection);
    if (this.#lingering.size <= this.#lingeringMax) return;
    for (const oldest of this.#lingering) {
      oldest.destroy();
      break;
    }
  }

  stopLingering(connection: Connection): void {
    this.#lingering.delete(connection);
    if (this.#lingering.size === 0) this.#onSettled?.();
  }

  /** Waits until every closing connection is gone, and for `ms` at the most; then cuts off the rest. */
  async settle(ms: number): Promise<void> {
    if (this.#lingering.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#onSettled = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const connection of [...this.#lingering]) connection.destroy();
  }
}
