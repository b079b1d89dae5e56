// The table of connections: a copy of all of them, made at most every two seconds and only while somebody
// looks, from which every question about order, search and place is answered.
import type { ConnectionView, MonitorSource } from "./source.ts";
import type { Turns } from "./turns.ts";
import type { ConnectionPage, ConnectionState, SortKey } from "./live-shapes.ts";
import { type MonotonicClock, monotonic, Shared } from "./live-shared.ts";
import { Snapshot } from "./live-snapshot.ts";
import { Top } from "./top.ts";
import { forEachInTurns } from "./live-turns.ts";

export interface TableQuestion {
  readonly state: ConnectionState;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
  /** Words that a connection must all have somewhere, in lower case. */
  readonly words: readonly string[];
}

const PERIOD_MS = 2000;
/** Rates over a longer time than this say nothing about now. */
const RATE_MS_MAX = 30_000;
const ROWS_AT_ONCE = 512;

export class ConnectionTable {
  readonly #source: MonitorSource;
  readonly #turns: Turns;
  readonly #now: MonotonicClock;
  readonly #snapshots: Shared<Snapshot>;
  /** The last one of the open connections, to see what changed since. */
  #before: Snapshot | null = null;

  constructor(source: MonitorSource, turns: Turns, now: MonotonicClock = monotonic) {
    this.#source = source;
    this.#turns = turns;
    this.#now = now;
    this.#snapshots = new Shared(PERIOD_MS, now);
  }

  async page(question: TableQuestion): Promise<ConnectionPage> {
    const { state } = question;
    const snapshot = await this.#snapshots.get(state, () => this.#take(state));
    return this.#select(snapshot, question);
  }

  /** Lets go of the copies that nobody asks for any more. */
  sweep(): void {
    this.#snapshots.sweep();
    if (this.#before !== null && this.#now() - this.#before.takenAt > RATE_MS_MAX) {
      this.#before = null;
    }
  }

  async #take(state: ConnectionState): Promise<Snapshot> {
    if (state === "closed") {
      const views = this.#source.closedViews();
      return this.#copy(views, views.length, null);
    }
    const { connections } = this.#source;
    const snapshot = await this.#copy(this.#source.connectionViews(), connections, this.#before);
    this.#before = snapshot;
    return snapshot;
  }

  async #copy(
    views: Iterable<ConnectionView>,
    room: number,
    before: Snapshot | null,
  ): Promise<Snapshot> {
    const snapshot = new Snapshot(this.#now(), room);
    await forEachInTurns(this.#turns, views, (view) => snapshot.add(view, before));
    return snapshot;
  }

  async #select(snapshot: Snapshot, question: TableQuestion): Promise<ConnectionPage> {
    const { size } = snapshot;
    const { offset, limit } = question;
    const choice = new Choice(snapshot, question);
    for (let at = 0; at < size; at += ROWS_AT_ONCE) {
      if (this.#turns.isOver) await this.#turns.next();
      choice.look(at, Math.min(at + ROWS_AT_ONCE, size));
    }
    const chosen = choice.top.sorted().slice(offset, offset + limit);
    return { total: size, found: choice.found, offset, rows: chosen.map((at) => snapshot.row(at)) };
  }
}

/** The rows of a page, while they are looked for. */
class Choice {
  readonly top: Top<number>;
  found = 0;
  readonly #snapshot: Snapshot;
  readonly #column: Float64Array | readonly string[];
  readonly #words: readonly string[];
  /** Where the end looks more promising than the beginning: most columns grow with age or fall with it. */
  readonly #isBackward: boolean;

  constructor(snapshot: Snapshot, { sort, descending, offset, limit, words }: TableQuestion) {
    this.top = new Top(offset + limit, descending);
    this.#snapshot = snapshot;
    this.#column = snapshot.column(sort);
    this.#words = words;
    const [first = 0, last = 0] = [this.#column[0], this.#column[snapshot.size - 1]];
    this.#isBackward = descending ? last > first : last < first;
  }

  /** Apart from what waits, as the runtime makes loops fast that don't. */
  look(from: number, upTo: number): void {
    const [word, ...more] = this.#words;
    const end = this.#snapshot.size - 1;
    for (let i = from; i < upTo; i++) {
      const at = this.#isBackward ? end - i : i;
      if (word !== undefined && !this.#snapshot.has(at, word, more)) continue;
      this.found++;
      this.top.add(at, this.#column[at]!, at);
    }
  }
}
