// The first few of many in order, without sorting the many: a heap of bounded size with the last of the
// chosen on top. Most of the many are turned away by one comparison; nothing here but `sorted` takes long.

type Key = number | string;

interface Chosen<T> {
  readonly item: T;
  readonly key: Key;
  /** The lower one is first among equals. */
  readonly place: number;
}

export class Top<T> {
  readonly #limit: number;
  readonly #isDescending: boolean;
  readonly #heap: Chosen<T>[] = [];
  #added = 0;
  /** Of the last of the chosen, once there are enough of them: what most keys are compared with. */
  #lastKey: Key | null = null;
  #lastPlace = 0;

  /** Keys of one Top are all numbers or all text. The limit may be Infinity. */
  constructor(limit: number, isDescending: boolean) {
    this.#limit = limit;
    this.#isDescending = isDescending;
  }

  /**
   * Returns what is not among the chosen any more: the item, another one, or undefined. Equals are in the order
   * of their places; without places, as they come. It is quickest when the first few come first.
   */
  add(item: T, key: Key, place: number = this.#added++): T | undefined {
    const lastKey = this.#lastKey;
    if (lastKey !== null) {
      if (key === lastKey ? place > this.#lastPlace : key > lastKey !== this.#isDescending)
        return item;
    }
    return this.#choose({ item, key, place });
  }

  /** Takes the last of the chosen away: for those who want them in order and must not stop for long. */
  pop(): T | undefined {
    const heap = this.#heap;
    const last = heap[0];
    const moved = heap.pop();
    if (moved !== undefined && heap.length > 0) {
      heap[0] = moved;
      this.#sink();
    }
    this.#lastKey = null;
    return last?.item;
  }

  /** The chosen ones in order. */
  sorted(): T[] {
    const chosen = [...this.#heap].sort((left, right) => (this.#isAfter(left, right) ? 1 : -1));
    return chosen.map(({ item }) => item);
  }

  #choose(chosen: Chosen<T>): T | undefined {
    const heap = this.#heap;
    let last: Chosen<T> | undefined;
    if (this.#limit === 0) {
      last = chosen;
    } else if (heap.length < this.#limit) {
      heap.push(chosen);
      this.#rise(heap.length - 1);
    } else {
      last = heap[0];
      heap[0] = chosen;
      this.#sink();
    }
    if (heap.length === this.#limit) {
      this.#lastKey = heap[0]?.key ?? null;
      this.#lastPlace = heap[0]?.place ?? 0;
    }
    return last?.item;
  }

  #isAfter(left: Chosen<T>, right: Chosen<T>): boolean {
    if (left.key === right.key) return left.place > right.place;
    return left.key > right.key !== this.#isDescending;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const item = heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isAfter(item, heap[parent]!)) break;
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
      if (child + 1 < heap.length && this.#isAfter(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isAfter(heap[child]!, item)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = item;
  }
}
