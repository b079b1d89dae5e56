// One chart in the style of the page: uPlot with our colours, which it reads from the document, so that a
// change of the theme needs nothing but a new drawing.
import uPlot from "uplot";
import type { Ink } from "./cards.ts";
import { clock } from "./format.ts";

export interface ChartLine {
  readonly label: string;
  readonly ink: Ink;
}

export interface ChartOptions {
  readonly lines: readonly ChartLine[];
  readonly mark: (value: number) => string;
  readonly reach: number;
  /** From and to, in seconds since 1970. */
  readonly span: () => [number, number];
  /** The index under the pointer; null when it is nowhere. */
  readonly onPoint?: (index: number | null) => void;
  /** Bars instead of lines: for what happens now and then. */
  readonly hasBars?: boolean;
}

/** Charts with the same key show the same time under the pointer. */
const SYNC_KEY = "midge";
const FILL_OPACITY = 0.13;
const FONT = "system-ui, sans-serif";
/** In units of the page's font size, as the style sheet has its sizes. */
const MARK_SIZE = 0.72;
const AXIS_WIDTH = 3.5;
const AXIS_HEIGHT = 1.6;
const MARK_GAP = 1.9;
const TIME_GAP = 5.5;
/** Half of the last time below the axis. */
const RIGHT_EDGE = 1.9;

export class Chart {
  readonly #element: HTMLElement;
  readonly #plot: uPlot;
  readonly #watcher: ResizeObserver;

  constructor(element: HTMLElement, options: ChartOptions) {
    this.#element = element;
    this.#plot = new uPlot(
      plotOptions(element, options),
      [[], ...options.lines.map(() => [])],
      element,
    );
    this.#watcher = new ResizeObserver(() => this.#fit());
    this.#watcher.observe(element);
  }

  /** Times in seconds since 1970, then one list for each line. */
  show(times: number[], ...columns: (number | null)[][]): void {
    this.#plot.setData([times, ...columns]);
  }

  /** Colours have changed. */
  redraw(): void {
    this.#plot.redraw(false, true);
  }

  remove(): void {
    this.#watcher.disconnect();
    this.#plot.destroy();
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#element;
    if (width > 0 && height > 0) this.#plot.setSize({ width, height });
  }
}

function plotOptions(element: HTMLElement, options: ChartOptions): uPlot.Options {
  const { lines, mark, reach, span, onPoint, hasBars } = options;
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const axis = {
    stroke: () => colour(element, "--muted"),
    // uPlot enlarges the number of pixels for dense screens, if it is a whole one.
    font: `${Math.round(MARK_SIZE * unit)}px ${FONT}`,
    ticks: { show: false },
  };
  return {
    width: Math.max(element.clientWidth, 100),
    height: Math.max(element.clientHeight, 60),
    padding: [6, RIGHT_EDGE * unit, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: SYNC_KEY },
      drag: { x: false, y: false },
      points: { size: 7 },
      y: false,
    },
    scales: {
      x: { range: span },
      y: { range: (_, __, max) => [0, Math.max(reach, (max ?? 0) * 1.08)] },
    },
    axes: [
      {
        ...axis,
        size: AXIS_HEIGHT * unit,
        space: TIME_GAP * unit,
        grid: { show: false },
        values: (_, splits, __, ___, step) =>
          splits.map((seconds) => clock(seconds * 1000).slice(0, step < 60 ? 8 : 5)),
        incrs: [30, 60, 120, 300, 600],
      },
      {
        ...axis,
        size: AXIS_WIDTH * unit,
        space: MARK_GAP * unit,
        grid: { stroke: () => colour(element, "--line"), width: 1 },
        values: (_, splits) => splits.map(mark),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, ink }) => ({
        label,
        width: 1.5,
        stroke: () => colour(element, `--${ink}`),
        fill: () => colour(element, `--${ink}`, FILL_OPACITY),
        points: { show: false },
        ...(hasBars ? { paths: uPlot.paths.bars!({ size: [0.8, 6, 2] }) } : {}),
      })),
    ],
    hooks: onPoint ? { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] } : {},
  };
}

/** A colour of the style sheet as a canvas takes it: custom properties have no values there. */
function colour(element: HTMLElement, name: string, opacity = 1): string {
  element.style.setProperty("--ink", `var(${name})`);
  const [red = 0, green = 0, blue = 0] = (
    getComputedStyle(element).outlineColor.match(/[\d.]+/g) ?? []
  ).map(Number);
  return `rgb(${red} ${green} ${blue} / ${opacity})`;
}
