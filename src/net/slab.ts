// Memory for out-buffers. Buffers of a few sizes go round: a connection borrows one while it has bytes to
// send and gives it back when they are gone, so that an idle connection owns none.

/** A piece of memory with both of its faces: bytes for copying, words for short copies. */
export interface Slab {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Sizes that are kept; larger needs get memory of their own. */
export const SLAB_BYTES = [2 << 10, 16 << 10, 128 << 10] as const;

/** How much unused memory each size may keep. */
const KEPT_BYTES_MAX = 8 << 20;

/** Memory of its own, of exactly this size. */
export function newSlab(size: number): Slab {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, size) };
}

/** What a connection has before it sends anything. */
export const EMPTY_SLAB: Slab = newSlab(0);

export class SlabPool {
  readonly #free: Slab[][] = SLAB_BYTES.map(() => []);

  /** A slab of at least `bytes`. */
  take(bytes: number): Slab {
    for (let size = 0; size < SLAB_BYTES.length; size++) {
      if (SLAB_BYTES[size]! >= bytes) return this.#free[size]!.pop() ?? newSlab(SLAB_BYTES[size]!);
    }
    return newSlab(bytes);
  }

  giveBack(slab: Slab): void {
    const size = SLAB_BYTES.indexOf(slab.bytes.length as (typeof SLAB_BYTES)[number]);
    if (size === -1) return;
    const free = this.#free[size]!;
    if ((free.length + 1) * slab.bytes.length <= KEPT_BYTES_MAX) free.push(slab);
  }
}
