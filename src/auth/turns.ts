// Who is next among many who wait. Lanes take turns, lanes within a lane as well, and in a lane the newest
// goes first: under a flood who came long ago has mostly given up, and one sender's flood is in its own way
// only. Every other turn goes to the newest of the lanes that had none yet, so that a flood from many
// senders does not keep somebody new waiting either.

export class Turns<T> {
  /** Whose turn is longest ago, or never was, stands first. */
  readonly #lanes = new Map<string, Turns<T>>();
  /** Lanes that had no turn when they were put here, the newest last. */
  #fresh: [name: string, lane: Turns<T>][] = [];
  /** Whoever waits here without a lane of its own, the newest last. */
  #waiting: T[] = [];
  #hadTurn = false;
  #prefersFresh = true;

  get isEmpty(): boolean {
    return this.#lanes.size === 0 && this.#waiting.length === 0;
  }

  /** The lane, the lane within it, and so on. */
  add(item: T, [name, ...inner]: readonly string[]): void {
    if (name === undefined) {
      this.#waiting.push(item);
      return;
    }
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      this.#lanes.set(name, (lane = new Turns()));
      this.#fresh.push([name, lane]);
    }
    lane.add(item, inner);
  }

  /** Takes the next one out; whom `isReady` does not want is taken out, too, and costs its lane no turn. */
  take(isReady: (item: T) => boolean): T | undefined {
    while (this.#lanes.size > 0) {
      const [name, lane] = this.#nextLane();
      const item = lane.take(isReady);
      this.#lanes.delete(name);
      lane.#hadTurn = true;
      if (!lane.isEmpty) this.#lanes.set(name, lane);
      if (item !== undefined) return item;
    }
    for (let item = this.#waiting.pop(); item !== undefined; item = this.#waiting.pop()) {
      if (isReady(item)) return item;
    }
    return undefined;
  }

  /** Takes all others out. */
  keep(isStaying: (item: T) => boolean): void {
    this.#waiting = this.#waiting.filter(isStaying);
    for (const [name, lane] of this.#lanes) {
      lane.keep(isStaying);
      if (lane.isEmpty) this.#lanes.delete(name);
    }
    this.#fresh = this.#fresh.filter(([name, lane]) => this.#isFresh(name, lane));
  }

  #nextLane(): [name: string, lane: Turns<T>] {
    this.#prefersFresh = !this.#prefersFresh;
    if (!this.#prefersFresh) {
      for (let last = this.#fresh.pop(); last !== undefined; last = this.#fresh.pop()) {
        if (this.#isFresh(...last)) return last;
      }
    }
    const [first] = this.#lanes;
    return first!;
  }

  #isFresh(name: string, lane: Turns<T>): boolean {
    return !lane.#hadTurn && this.#lanes.get(name) === lane;
  }
}
