// What the charts draw: the last ten minutes as this page knows them. A server that was restarted tells
// only of itself; what the one before it said stays, with a gap between.
import { SAMPLE_FIELDS, type History, type Sample, type SampleField } from "../live-shapes.ts";

const SAMPLES_MAX = 600;
const CLOCK_BACK_SECONDS = 5;

/** Null is a gap. */
export type Column = (number | null)[];

export class Series {
  #columns = emptyColumns();

  /** Of the newest sample, in seconds since 1970; 0 before there is one. */
  get end(): number {
    return (this.#columns.time.at(-1) ?? 0) / 1000;
  }

  /** Of the oldest one. */
  get start(): number {
    return (this.#columns.time[0] ?? 0) / 1000;
  }

  get last(): Sample | null {
    const { time } = this.#columns;
    return time.length === 0 ? null : this.at(time.length - 1);
  }

  at(index: number): Sample | null {
    const value = (field: SampleField) => this.#columns[field][index] ?? 0;
    if (this.#columns.inMsgs[index] == null) return null;
    const entries = SAMPLE_FIELDS.map((field) => [field, value(field)] as const);
    return Object.fromEntries(entries) as Record<SampleField, number>;
  }

  /** The whole history of the server, which is a new one or the same as before. */
  replace(history: History, isNewServer: boolean): void {
    const before = this.#columns;
    const start = history.time[0] ?? Infinity;
    const kept = isNewServer ? before.time.filter((time) => time! < start).length : 0;
    this.#columns = emptyColumns();
    for (const field of SAMPLE_FIELDS) {
      const column = this.#columns[field];
      column.push(...before[field].slice(0, kept));
      if (kept > 0) column.push(field === "time" ? before.time[kept - 1]! + 1 : null);
      column.push(...history[field]);
    }
    this.#trim();
  }

  add(sample: Sample): void {
    const early = this.end - sample.time / 1000;
    // A clock that was set back begins a new history.
    if (early > CLOCK_BACK_SECONDS) this.#columns = emptyColumns();
    else if (early >= 0) return;
    for (const field of SAMPLE_FIELDS) this.#columns[field].push(sample[field]);
    this.#trim();
  }

  /** Seconds since 1970. */
  times(): number[] {
    return this.#columns.time.map((time) => time! / 1000);
  }

  column(field: SampleField): Column {
    return this.#columns[field];
  }

  #trim(): void {
    const over = this.#columns.time.length - SAMPLES_MAX;
    if (over > 0) for (const field of SAMPLE_FIELDS) this.#columns[field].splice(0, over);
  }
}

function emptyColumns(): Record<SampleField, Column> {
  const entries = SAMPLE_FIELDS.map((field): [SampleField, Column] => [field, []]);
  return Object.fromEntries(entries) as Record<SampleField, Column>;
}
