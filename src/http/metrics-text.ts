// The text format of Prometheus, version 0.0.4: families of samples, each with its help and type.

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type Labels = Readonly<Record<string, string>>;

/** Counts of observations up to each bound; those beyond the last one are only in `count`. */
export interface Histogram {
  readonly bounds: readonly number[];
  /** Cumulative, one for each bound. */
  readonly counts: readonly number[];
  readonly count: number;
  /** Undefined where it is not known. */
  readonly sum: number | undefined;
}

export class MetricsText {
  readonly #lines: string[] = [];

  /** One value without labels. */
  gauge(name: string, help: string, value: number): void {
    this.gauges(name, help, [[{}, value]]);
  }

  counter(name: string, help: string, value: number): void {
    this.counters(name, help, [[{}, value]]);
  }

  gauges(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#family(name, "gauge", help);
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  /** Names of counters end in _total. */
  counters(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#family(name, "counter", help);
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  histogram(name: string, help: string, { bounds, counts, count, sum }: Histogram): void {
    this.#family(name, "histogram", help);
    bounds.forEach((bound, i) => {
      this.#sample(`${name}_bucket`, { le: String(bound) }, counts[i] ?? 0);
    });
    this.#sample(`${name}_bucket`, { le: "+Inf" }, count);
    if (sum !== undefined) this.#sample(`${name}_sum`, {}, sum);
    this.#sample(`${name}_count`, {}, count);
  }

  toString(): string {
    return this.#lines.join("");
  }

  #family(name: string, type: string, help: string): void {
    const text = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    this.#lines.push(`# HELP ${name} ${text}\n# TYPE ${name} ${type}\n`);
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    const braces = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
    this.#lines.push(`${name}${braces} ${value}\n`);
  }
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
