// The text of a report: the table for the README, notes, spreads, what fell short. Pure.
import {
  type Cell,
  type Comparison,
  figuresOf,
  median,
  ratiosOf,
  type RowReport,
  values,
} from "./judge.ts";
import type { Usage } from "./meters.ts";
import type { Budget, Limit, Unit } from "./rows.ts";

/** A generator this busy, in cores, while the server is not, was the limit itself. */
const GENERATOR_BUSY = 0.95;
const SERVER_BUSY = 0.9;
/** Foreign work on the machine, in cores, above which a figure is not to be trusted. */
const FOREIGN_WORK = 0.1;

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
  if (cell.failure && cell.outcomes.length === 0) return "failed";
  if (cell.outcomes.length === 0) return "–";
  const texts = figuresOf(budget).map(([name, figure, unit]) => {
    const value = median(values(cell, figure));
    return value === undefined ? "–" : withUnit(name, value, unit);
  });
  return texts.join(" · ") + marks(cell);
}

function judgedTexts({ row, comparisons }: RowReport): string[] {
  const ratios = comparisons
    .filter((it) => it.kind === "ratio")
    .map((it) =>
      row.budget.kind === "latency" || row.budget.kind === "limits"
        ? `${it.measure} ${valueText(it)}`.trim()
        : valueText(it),
    );
  return [ratios[0] ?? "", ratios[1] ?? "", requiredText(row.budget), verdictText(comparisons)];
}

function requiredText(budget: Budget): string {
  switch (budget.kind) {
    case "limits":
      return budget.limits.flatMap(limitText).join(", ");
    case "latency":
      return "no worse";
    case "overhead":
      return `CPU ≤ ${percent(budget.share, 0)} on “${budget.of.title}”`;
    case "rate": {
      const ratios = ratiosOf(budget);
      if (ratios.every((it) => it === null)) return "–";
      return ratios.map((it) => (it === null ? "–" : `${it}×`)).join(" / ");
    }
  }
}

const limitText = ({ name, most, unit, ratio }: Limit): string[] => [
  ...(most === null ? [] : [`${name} ≤ ${most} ${unit}`.trim()]),
  ...(ratio === undefined ? [] : [`${name} ${ratio}×`.trim()]),
];

function verdictText(comparisons: readonly Comparison[]): string {
  if (comparisons.every((it) => it.required === null && it.met)) return "–";
  const verdict = comparisons.every((it) => it.met) ? "ok" : "**below**";
  const shares = comparisons.filter((it) => it.kind === "share").map(valueText);
  return [verdict, ...shares].join(", ");
}

function valueText({ kind, measure, unit, value }: Comparison): string {
  if (value === undefined) return "–";
  switch (kind) {
    case "ratio":
      return `${value.toFixed(2)}×`;
    case "share":
      return percent(value, 1);
    case "limit":
      return withUnit(measure, value, unit);
  }
}

const percent = (share: number, digits: number): string =>
  `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(digits)} %`;

/** One line for each row that is not what it should be. */
export function shortfalls(reports: readonly RowReport[]): string[] {
  return reports
    .filter(({ comparisons }) => comparisons.some((it) => !it.met))
    .map(({ row, comparisons }) => {
      const texts = comparisons
        .filter((it) => !it.met)
        .map((it) =>
          it.kind === "limit" ? valueText(it) : `${it.measure} ${valueText(it)}`.trim(),
        );
      return `${row.title}: ${texts.join(", ")}; required: ${requiredText(row.budget)}`;
    });
}

export function withUnit(name: string, value: number, unit?: Unit): string {
  if (unit) return `${name} ${short(value)} ${unit}`.trim();
  if (name === "CPU") return value < 10_000 ? `${short(value)} ns` : `${short(value / 1000)} µs`;
  if (name === "p50" || name === "p99") return `${name} ${short(value)} µs`;
  if (value < 1e3) return `${short(value)} /s`;
  return value < 1e6 ? `${short(value / 1e3)} k/s` : `${short(value / 1e6)} M/s`;
}

/** Three digits, as far as they mean something. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** How busy everybody was in each round, as far as it was measured. */
const usages = (cell: Cell): Usage[] =>
  cell.outcomes
    .map((it) => (it.kind === "sizes" ? it.usage : it))
    .filter((usage) => usage !== undefined);

/** True when the generator and not the server set the pace in most rounds. */
const generatorWasLimit = (cell: Cell): boolean =>
  usages(cell).filter(
    (it) =>
      it.generatorCpu >= GENERATOR_BUSY * it.seconds && it.serverCpu < SERVER_BUSY * it.seconds,
  ).length >
  usages(cell).length / 2;

const machineWasBusy = (cell: Cell): boolean =>
  usages(cell).some((it) => it.otherCpu > FOREIGN_WORK * it.seconds);

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
  for (const { row, cells, baseline } of reports) {
    cells.forEach(({ failure }, i) => {
      if (failure) notes.push(`${servers[i]}, ${row.title}: ${failure}`);
    });
    if (row.budget.kind === "overhead" && baseline) {
      const { title } = row.budget.of;
      notes.push(
        baseline.failure
          ? `${servers[0]}, ${title}, beside ${row.title}: ${baseline.failure}`
          : `${title} in the same rounds as ${row.title}: ${cellText(row.budget, baseline)}`,
      );
    }
  }
  return notes;
}

/** One line per row and server: medians with their spread, and how busy everybody was. */
export function spread(servers: readonly string[], reports: readonly RowReport[]): string {
  return reports
    .flatMap(({ row, cells, baseline }) => {
      const lines = cells.map((cell, i) => spreadLine(row.id, servers[i] ?? "", row.budget, cell));
      if (row.budget.kind !== "overhead" || !baseline) return lines;
      const { id, budget } = row.budget.of;
      return [...lines, spreadLine(row.id, `${servers[0]}, ${id}`, budget, baseline)];
    })
    .join("\n");
}

function spreadLine(id: string, server: string, budget: Budget, cell: Cell): string {
  const texts = figuresOf(budget).map(([name, figure, unit]) => {
    const all = values(cell, figure);
    const middle = median(all);
    if (middle === undefined) return "–";
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const text = (value: number) => withUnit(name, value, unit);
    return `${text(middle)} (${text(least)} to ${text(most)})`;
  });
  return `${id.padEnd(17)} ${server.padEnd(20)} ${texts.join("  ")}${busyText(cell)}`;
}

function busyText(cell: Cell): string {
  const all = usages(cell);
  if (all.length === 0) return "";
  const cores = (cpu: (it: Usage) => number) =>
    (median(all.map((it) => cpu(it) / it.seconds)) ?? 0).toFixed(2);
  const server = cores((it) => it.serverCpu);
  const generator = cores((it) => it.generatorCpu);
  return `  cores: server ${server}, generator ${generator}, others ${cores((it) => it.otherCpu)}`;
}
