// From outcomes to verdicts: medians over the rounds, ratios to the better peer, and whether they are
// what the row asks for. Pure: it knows no processes and no clock.
import type { Outcome } from "./measure.ts";
import type { Budget, Limit, Row, Unit } from "./rows.ts";

/** "No slower" and "no worse" mean within the noise of such measurements. */
const NOISE = 0.03;

const UNIT_SIZE: Record<Unit, number> = {
  KB: 1e3,
  MB: 1e6,
  ms: 1e-3,
  µs: 1e-6,
  "%": 1e-2,
  "×": 1,
  "M/s": 1e6,
};

/** All that was measured of one server in one row. */
export interface Cell {
  readonly outcomes: Outcome[];
  failure?: string;
}

/** One figure compared with what the row asks for. */
export interface Comparison {
  readonly measure: string;
  /** Of a limit. */
  readonly unit?: Unit;
  /**
   * ratio: better than the better peer by this factor, at least. share: above Midge's own other row
   * by this part of it, at most. limit: the figure itself, at most.
   */
  readonly kind: "ratio" | "share" | "limit";
  readonly value: number | undefined;
  /** Null where the figure is only shown. */
  readonly required: number | null;
  readonly met: boolean;
}

export interface RowReport {
  readonly row: Row;
  /** In the order of the servers. */
  readonly cells: readonly Cell[];
  /** Midge without the feature whose price the row is about, measured in the same rounds. */
  readonly baseline?: Cell;
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
  ({ name, unit }: Limit): Figure =>
  (it) => {
    const value = it.kind === "sizes" ? it.sizes[name] : undefined;
    return value === undefined ? undefined : value / UNIT_SIZE[unit];
  };

/** The figures of a row with their names, in the order in which they are printed. */
export function figuresOf(budget: Budget): readonly (readonly [string, Figure, Unit?])[] {
  switch (budget.kind) {
    case "rate":
    case "overhead":
      return [
        ["CPU", nanosecondsPerMessage],
        ["throughput", messagesPerSecond],
      ];
    case "latency":
      return [
        ["p50", p50],
        ["p99", p99],
      ];
    case "limits":
      return budget.limits.map((limit) => [limit.name, size(limit), limit.unit]);
  }
}

export function values(cell: Cell, figure: Figure): number[] {
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

/** `cells` stand in the order of the servers; the first is Midge when there is a Midge. */
export function judge(row: Row, cells: readonly Cell[], baseline?: Cell): RowReport {
  const [midge, ...peers] = cells;
  const report = { row, cells, ...(baseline && { baseline }) };
  if (!midge) return { ...report, comparisons: [] };
  if (row.budget.kind === "limits") {
    const comparisons = row.budget.limits.flatMap((limit) => {
      const { name, unit, ratio } = limit;
      const own = compareWithLimit(midge, limit);
      if (ratio === undefined) return [own];
      return [own, compareWithPeers(name, size(limit), midge, peers, ratio, unit)];
    });
    return { ...report, comparisons };
  }
  const required = ratiosOf(row.budget);
  const comparisons = figuresOf(row.budget).map(([measure, figure], i) =>
    compareWithPeers(measure, figure, midge, peers, required[i] ?? null),
  );
  if (row.budget.kind === "overhead") {
    comparisons.push(compareWithBaseline(midge, baseline, row.budget.share));
  }
  return { ...report, comparisons };
}

/** The row without verdicts, for servers among which there is no Midge. */
export const unjudged = (row: Row, cells: readonly Cell[]): RowReport => ({
  row,
  cells,
  comparisons: [],
});

/** What the two figures of a row must reach beside the better peer. */
export function ratiosOf(
  budget: Exclude<Budget, { kind: "limits" }>,
): readonly [number | null, number | null] {
  switch (budget.kind) {
    case "rate":
      return [budget.cpu, budget.throughput];
    case "latency":
      return [budget.p50, budget.p99];
    case "overhead":
      return [null, null];
  }
}

function compareWithPeers(
  measure: string,
  figure: Figure,
  midge: Cell,
  peers: readonly Cell[],
  required: number | null,
  unit?: Unit,
): Comparison {
  const own = median(values(midge, figure));
  const others = peers
    .map((peer) => median(values(peer, figure)))
    .filter((value) => value !== undefined);
  const common = { measure, kind: "ratio", required } as const;
  if (own === undefined) return { ...common, value: undefined, met: false };
  if (others.length === 0) return { ...common, value: undefined, met: true };
  const moreIsBetter = measure === "throughput" || unit === "M/s";
  const value = moreIsBetter ? own / Math.max(...others) : Math.min(...others) / own;
  const least = required === 1 ? 1 - NOISE : required;
  return { ...common, value, met: least === null || value >= least };
}

function compareWithLimit(midge: Cell, limit: Limit): Comparison {
  const { name, unit, most, isWorst = false } = limit;
  const all = values(midge, size(limit));
  const value = isWorst && all.length > 0 ? Math.max(...all) : median(all);
  const met = value !== undefined && (most === null || value <= most);
  return { measure: name, unit, kind: "limit", value, required: most, met };
}

/**
 * Neighbours in time are compared with each other, so that a machine that changes its mind matters
 * less.
 */
function compareWithBaseline(midge: Cell, baseline: Cell | undefined, share: number): Comparison {
  const without = baseline ? values(baseline, nanosecondsPerMessage) : [];
  const shares = values(midge, nanosecondsPerMessage)
    .slice(0, without.length)
    .map((cpu, i) => cpu / (without[i] ?? cpu) - 1);
  const value = median(shares);
  const met = value !== undefined && value <= share;
  return { measure: "additional CPU", kind: "share", value, required: share, met };
}
