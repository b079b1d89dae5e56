// The upper half of the page: a card for each thing worth watching, with the number of now and a chart of
// what came before. Under the pointer all cards show the numbers of that time.
import type { Sample, Tick, Totals } from "../live-shapes.ts";
import { type Card, CARDS } from "./cards.ts";
import { Chart } from "./chart.ts";
import { make, setText } from "./dom.ts";
import type { Series } from "./series.ts";

interface Shown {
  readonly card: Card;
  readonly chart: Chart;
  readonly values: readonly HTMLElement[];
  readonly note: HTMLElement;
}

const SECONDS_MIN = 60;

export class Overview {
  readonly #series: Series;
  readonly #shown: readonly Shown[];
  #seconds = SECONDS_MIN;
  #pointedAt: number | null = null;

  constructor(parent: HTMLElement, series: Series) {
    this.#series = series;
    this.#shown = CARDS.map((card) => this.#build(parent, card));
  }

  /** How much of the past is shown. */
  setWindow(seconds: number): void {
    this.#seconds = seconds;
    this.draw();
  }

  showTotals(totals: Totals): void {
    for (const { card, note } of this.#shown) setText(note, card.note?.(totals) ?? "");
  }

  show({ totals }: Tick): void {
    this.showTotals(totals);
    this.draw();
  }

  /** All of it from the series. */
  draw(): void {
    const times = this.#series.times();
    for (const { card, chart } of this.#shown) {
      chart.show(times, ...card.lines.map(({ field }) => this.#series.column(field)));
    }
    this.#write();
  }

  redraw(): void {
    for (const { chart } of this.#shown) chart.redraw();
  }

  #point(index: number | null): void {
    if (this.#pointedAt === index) return;
    this.#pointedAt = index;
    this.#write();
  }

  #write(): void {
    const pointed = this.#pointedAt === null ? null : this.#series.at(this.#pointedAt);
    const sample: Sample | null = pointed ?? this.#series.last;
    for (const { card, values } of this.#shown) {
      card.lines.forEach(({ field }, i) => {
        setText(values[i]!, sample === null ? "–" : card.format(sample[field]));
      });
    }
  }

  /** The time that was asked for, or what there is of it: at least the shortest. */
  #span(): [number, number] {
    const { start, end } = this.#series;
    return [Math.max(end - this.#seconds, Math.min(start, end - SECONDS_MIN)), end];
  }

  #build(parent: HTMLElement, card: Card): Shown {
    const values = card.lines.map(() => make("strong", { class: "value" }, "–"));
    const readings = card.lines.map(({ label, ink }, i) =>
      make("span", { class: "reading", "data-ink": ink }, label, values[i]!),
    );
    const note = make("p", { class: "note" });
    const canvas = make("div", { class: "plot", "aria-hidden": "true" });
    parent.append(
      make(
        "article",
        {
          class: card.isLarge ? "card large" : "card",
          id: `card-${card.id}`,
          "aria-label": card.title,
        },
        make("h2", {}, card.title),
        make("p", { class: "readings" }, ...readings),
        note,
        canvas,
      ),
    );
    const chart = new Chart(canvas, {
      lines: card.lines,
      mark: card.mark,
      reach: card.reach,
      hasBars: card.hasBars ?? false,
      span: () => this.#span(),
      onPoint: (index) => this.#point(index),
    });
    return { card, chart, values, note };
  }
}
