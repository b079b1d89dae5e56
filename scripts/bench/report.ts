// From outcomes to the table: medians over the rounds, ratios to the better peer, verdicts,
// markdown. Pure: it knows no processes and no clock.
import type { Outcome } from "./measure.ts";
import type { Budget, Row, Unit } from "./rows.ts";

/** "No slower" and "no worse" mean within the noise of such measurements. */
const NOISE = 0.03;
/** A generator this busy, in cores, while the server is not, was the limit itself. */
const GENERATOR_BUSY = 0.95;
const SERVER_BUSY = 0.9;
/** Foreign work on the machine, in cores, above which a figure is not to be trusted. */
const FOREIGN_WORK = 0.1;

const UNIT_SIZE: Record<Unit, number> = { KB: 1e3, MB: 1e6, ms: 1e-3 };

/** All that was measured of one server in one row. */
export interface Cell {
  readonly outcomes: Outcome[];
  failure?: string;
}

/** One figure compared with what the row asks for. */
export interface Comparison {
  readonly measure: string;
  /**
   * Better than the better peer by this factor, or the figure itself where the budget is a limit.
   */
  readonly value: number | undefined;
  readonly required: number;
  readonly met: boolean;
}

export interface RowReport {
  readonly row: Row;
  readonly cells: readonly Cell[];
  /** Empty when there is no Midge among the servers. */
  readonly comparisons: readonly Comparison[];
}

type Figure = (outcome: Outcome) => number | undefined;

const nanosecondsPerMessage: Figure = (it) =>
  it.kind === "rate" ? (it.serverCpu / it.messages) * 1e9 : undefined;
const messagesPerSecond: Figure = (it) =>
  it.kind === "rate" ? it.messages / it.seconds : undefined;
const p50: Figure = (it) => (it.kind === "latency" ? it.p50 * 1e6 : undefined);
const p99: Figure = (it) => (it.kind === "latency" ? it.p99 * 1e6 : undefined);
const size =
  (unit: Unit): Figure =>
  (it) =>
    it.kind === "size" ? it.value / UNIT_SIZE[unit] : undefined;

/** The figures of a row with their names, in the order in which they are printed. */
function figuresOf(budget: Budget): readonly (readonly [string, Figure])[] {
  switch (budget.kind) {
    case "rate":
      return [
        ["CPU", nanosecondsPerMessage],
        ["throughput", messagesPerSecond],
      ];
    case "latency":
      return [
        ["p50", p50],
        ["p99", p99],
      ];
    case "limit":
      return [[budget.unit, size(budget.unit)]];
  }
}

function values(cell: Cell, figure: Figure): number[] {
  return cell.outcomes.map(figure).filter((value) => value !== undefined);
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  return sorted.length % 2 === 1 || upper === undefined
    ? upper
    : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** `cells` stand in the order of the servers; the first is Midge when `withMidge`. */
export function judge(row: Row, cells: readonly Cell[], withMidge: boolean): RowReport {
  const [midge, ...peers] = cells;
  if (!withMidge || !midge) return { row, cells, comparisons: [] };
  const comparisons = figuresOf(row.budget).map(([measure, figure], i) => {
    const own = median(values(midge, figure));
    if (row.budget.kind === "limit") {
      const met = own !== undefined && own <= row.budget.most;
      return { measure, value: own, required: row.budget.most, met };
    }
    const others = peers
      .map((peer) => median(values(peer, figure)))
      .filter((value) => value !== undefined);
    const required = ratiosOf(row.budget)[i] ?? 1;
    if (own === undefined) return { measure, value: undefined, required, met: false };
    if (others.length === 0) return { measure, value: undefined, required, met: true };
    const value = measure === "throughput" ? own / Math.max(...others) : Math.min(...others) / own;
    return { measure, value, required, met: value >= (required === 1 ? 1 - NOISE : required) };
  });
  return { row, cells, comparisons };
}

function ratiosOf(budget: Exclude<Budget, { kind: "limit" }>): readonly [number, number] {
  return budget.kind === "rate" ? [budget.cpu, budget.throughput] : [budget.p50, budget.p99];
}

/** The table for the README. */
export function table(servers: readonly string[], reports: readonly RowReport[]): string {
  const withMidge = reports.some((report) => report.comparisons.length > 0);
  const judged = withMidge ? ["CPU", "throughput", "required", "verdict"] : [];
  const head = ["load", ...servers, ...judged];
  const lines = reports.map((report) => {
    const cells = report.cells.map((cell) => cellText(report.row.budget, cell));
    return [report.row.title, ...cells, ...(withMidge ? judgedTexts(report) : [])];
  });
  const ruler = head.map((_, i) => (i === 0 ? "---" : "---:"));
  return [head, ruler, ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function cellText(budget: Budget, cell: Cell): string {
  if (cell.outcomes.length === 0) return "failed";
  const texts = figuresOf(budget).map(([name, figure]) => {
    const value = median(values(cell, figure));
    return value === undefined ? "–" : withUnit(name, value);
  });
  return texts.join(" · ") + marks(cell);
}

function judgedTexts({ row, comparisons }: RowReport): string[] {
  const verdict = comparisons.every((it) => it.met) ? "ok" : "**below**";
  if (row.budget.kind === "limit") {
    return ["", "", `≤ ${row.budget.most} ${row.budget.unit}`, verdict];
  }
  const latency = row.budget.kind === "latency";
  const texts = comparisons.map(({ measure, value }) => {
    if (value === undefined) return "–";
    return `${latency ? `${measure} ` : ""}${value.toFixed(2)}×`;
  });
  const required = latency
    ? "no worse"
    : ratiosOf(row.budget)
        .map((it) => `${it}×`)
        .join(" / ");
  return [...texts, required, verdict];
}

export function withUnit(name: string, value: number): string {
  if (name === "CPU") return value < 10_000 ? `${short(value)} ns` : `${short(value / 1000)} µs`;
  if (name === "p50" || name === "p99") return `${name} ${short(value)} µs`;
  if (name !== "throughput") return `${short(value)} ${name}`;
  return value < 1e6 ? `${short(value / 1e3)} k/s` : `${short(value / 1e6)} M/s`;
}

/** Three digits, as far as they mean something. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const busyOnes = (cell: Cell) => cell.outcomes.filter((it) => it.kind !== "size");

/** True when the generator and not the server set the pace in most rounds. */
const generatorWasLimit = (cell: Cell): boolean =>
  busyOnes(cell).filter(
    (it) =>
      it.generatorCpu >= GENERATOR_BUSY * it.seconds && it.serverCpu < SERVER_BUSY * it.seconds,
  ).length >
  busyOnes(cell).length / 2;

const machineWasBusy = (cell: Cell): boolean =>
  busyOnes(cell).some((it) => it.otherCpu > FOREIGN_WORK * it.seconds);

const marks = (cell: Cell): string =>
  (generatorWasLimit(cell) ? " †" : "") + (machineWasBusy(cell) ? " ‡" : "");

/** What the marks in the table mean, and why figures are missing; only what occurs. */
export function footnotes(servers: readonly string[], reports: readonly RowReport[]): string[] {
  const cells = reports.flatMap((report) => report.cells);
  const notes: string[] = [];
  if (cells.some(generatorWasLimit)) {
    notes.push("† the load generator was the limit, the server could do more");
  }
  if (cells.some(machineWasBusy)) {
    notes.push("‡ something else kept the machine busy meanwhile; measure again when it is quiet");
  }
  for (const { row, cells } of reports) {
    cells.forEach(({ failure }, i) => {
      if (failure) notes.push(`${servers[i]}, ${row.title}: ${failure}`);
    });
  }
  return notes;
}

/** One line per row and server: medians with their spread, and how busy everybody was. */
export function spread(servers: readonly string[], reports: readonly RowReport[]): string {
  const lines: string[] = [];
  for (const { row, cells } of reports) {
    cells.forEach((cell, i) => {
      const texts = figuresOf(row.budget).map(([name, figure]) => {
        const all = values(cell, figure);
        const middle = median(all);
        if (middle === undefined) return "–";
        const [least, most] = [Math.min(...all), Math.max(...all)];
        return `${withUnit(name, middle)} (${withUnit(name, least)} to ${withUnit(name, most)})`;
      });
      const cores = busyText(cell);
      lines.push(
        `${row.id.padEnd(17)} ${(servers[i] ?? "").padEnd(20)} ${texts.join("  ")}${cores}`,
      );
    });
  }
  return lines.join("\n");
}

function busyText(cell: Cell): string {
  const all = busyOnes(cell);
  if (all.length === 0) return "";
  const cores = (cpu: (it: (typeof all)[number]) => number) =>
    (median(all.map((it) => cpu(it) / it.seconds)) ?? 0).toFixed(2);
  const server = cores((it) => it.serverCpu);
  const generator = cores((it) => it.generatorCpu);
  return `  cores: server ${server}, generator ${generator}, others ${cores((it) => it.otherCpu)}`;
}
