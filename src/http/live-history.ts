// Ten minutes of samples: the memory that the page's charts begin with, and what takes the samples.
// It reads totals only, so that a second costs the same with ten connections and with ten thousand.
import { type MonotonicClock, monotonic } from "./live-shared.ts";
import type { LoopDelay } from "./loop-delay.ts";
import type { MonitorSource } from "./source.ts";
import type { UsageMeter } from "./usage.ts";
import {
  SAMPLE_FIELDS,
  type History,
  type Sample,
  type SampleField,
  type Tick,
  type Totals,
} from "./live-shapes.ts";

const SECONDS_KEPT = 600;

/** A ring of the last samples. */
export class SampleRing {
  readonly #columns = new Map<SampleField, Float64Array>();
  readonly #size: number;
  #next = 0;
  #count = 0;

  constructor(size = SECONDS_KEPT) {
    this.#size = size;
    for (const field of SAMPLE_FIELDS) this.#columns.set(field, new Float64Array(size));
  }

  add(sample: Sample): void {
    for (const [field, column] of this.#columns) column[this.#next] = sample[field];
    this.#next = (this.#next + 1) % this.#size;
    this.#count = Math.min(this.#count + 1, this.#size);
  }

  history(): History {
    const list = (field: SampleField): number[] => {
      const column = this.#columns.get(field)!;
      const start = this.#count < this.#size ? 0 : this.#next;
      return [...column.subarray(start, this.#count), ...column.subarray(0, start)];
    };
    // The order of the keys is the same for every history, and so for every page.
    const lists = SAMPLE_FIELDS.map((field) => [field, list(field)] as const);
    return Object.fromEntries(lists) as Record<SampleField, number[]>;
  }
}

/** Makes a sample of what happened since the one before. */
export class Sampler {
  readonly #source: MonitorSource;
  readonly #usage: Pick<UsageMeter, "read">;
  readonly #loopDelay: Pick<LoopDelay, "sample">;
  #before: Totals;
  readonly #now: MonotonicClock;
  #beforeAt: number;

  constructor(
    source: MonitorSource,
    usage: Pick<UsageMeter, "read">,
    loopDelay: Pick<LoopDelay, "sample">,
    now: MonotonicClock = monotonic,
  ) {
    this.#source = source;
    this.#usage = usage;
    this.#loopDelay = loopDelay;
    this.#now = now;
    this.#before = totalsOf(source);
    this.#beforeAt = now();
  }

  tick(): Tick {
    const source = this.#source;
    const totals = totalsOf(source);
    const at = this.#now();
    const seconds = Math.max(at - this.#beforeAt, 1) / 1000;
    const before = this.#before;
    this.#before = totals;
    this.#beforeAt = at;
    const rate = (field: keyof Totals) => rateOf(totals[field] - before[field], seconds);
    const { cpu, mem } = this.#usage.read();
    const { p50Ms, p99Ms, maxMs } = this.#loopDelay.sample();
    const sample: Sample = {
      time: Date.now(),
      inMsgs: rate("inMsgs"),
      outMsgs: rate("outMsgs"),
      inBytes: rate("inBytes"),
      outBytes: rate("outBytes"),
      connections: source.connections,
      subscriptions: source.clientSubscriptions,
      cpu,
      memory: mem,
      slowConsumers: Math.max(0, totals.slowConsumers - before.slowConsumers),
      loopP50: hundredths(p50Ms),
      loopP99: hundredths(p99Ms),
      loopMax: hundredths(maxMs),
    };
    return { sample, totals, ready: source.ready };
  }
}

/** Per second, one decimal; a counter that went back counts as one that stood still. */
export function rateOf(difference: number, seconds: number): number {
  return difference <= 0 ? 0 : Math.round((difference / seconds) * 10) / 10;
}

function totalsOf(source: MonitorSource): Totals {
  return {
    connections: source.totalConnections,
    inMsgs: source.inMsgs,
    outMsgs: source.outMsgs,
    inBytes: source.inBytes,
    outBytes: source.outBytes,
    slowConsumers: source.slowConsumers,
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
