// The first of very many in order, without sorting the many: a heap of those chosen so far, with the last
// of them on top. Nothing here takes long at once.

export class Ranking<T> {
  readonly #size: number;
  readonly #isBefore: (left: T, right: T) => boolean;
  readonly #heap: T[] = [];

  /** Keeps `size` of them. The order must be a total one, or the result is not the same each time. */
  constructor(size: number, isBefore: (left: T, right: T) => boolean) {
    this.#size = size;
    this.#isBefore = isBefore;
  }

  add(item: T): void {
    const heap = this.#heap;
    if (heap.length < this.#size) {
      heap.push(item);
      this.#rise(heap.length - 1);
    } else if (heap.length > 0 && this.#isBefore(item, heap[0]!)) {
      heap[0] = item;
      this.#sink();
    }
  }

  /** Takes the last of the chosen away. */
  pop(): T | undefined {
    const heap = this.#heap;
    const last = heap[0];
    const moved = heap.pop();
    if (moved !== undefined && heap.length > 0) {
      heap[0] = moved;
      this.#sink();
    }
    return last;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const item = heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(heap[parent]!, item)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
  }

  #sink(): void {
    const heap = this.#heap;
    const item = heap[0]!;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && this.#isBefore(heap[child]!, heap[child + 1]!)) child++;
      if (!this.#isBefore(item, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = item;
  }
}
