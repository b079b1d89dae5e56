// Midge beside real nats-servers under the same loads: CPU per message, throughput, latency,
// memory, start. Rounds are interleaved and medians compared; exits 1 when a row stays below what
// it requires. Nothing else should run on the machine meanwhile. Linux only.
import { cpus, release } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Cell, judge, type RowReport, unjudged } from "./bench/judge.ts";
import { footnotes, shortfalls, spread, table } from "./bench/report.ts";
import { type Row, rows } from "./bench/rows.ts";
import {
  describe,
  measure,
  midgeExecutable,
  type Pace,
  profiled,
  type Server,
} from "./bench/servers.ts";
import { Setups } from "./bench/setups.ts";

const HELP = `bun run bench -- [options]

  --peer PATH     a nats-server to compare with; repeatable (default: the one on the PATH)
  --midge PATH    the executable or main.ts to measure (default: dist/midge, built if missing);
                  none: only the peers
  --only REGEX    only the rows whose id or title matches
  --rounds N      measurements of each row and server (default: 3)
  --seconds S     length of one measurement (default: 2)
  --json FILE     write everything that was measured to FILE
  --verbose       also print the spread of the rounds and how busy the processes were
  --profile       run Midge from source under the CPU profiler, once per row, without peers
  --list          print the rows and stop
`;

const root = dirname(import.meta.dir);
const options = readOptions();
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

function readOptions() {
  const args = process.argv.slice(2);
  if (args[0] === "--") args.shift();
  try {
    return parseArgs({
      args,
      options: {
        peer: { type: "string", multiple: true },
        midge: { type: "string", default: "dist/midge" },
        only: { type: "string", default: "" },
        rounds: { type: "string", default: "3" },
        seconds: { type: "string", default: "2" },
        json: { type: "string" },
        verbose: { type: "boolean", default: false },
        profile: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n\n${HELP}`);
    process.exit(1);
  }
}

async function main(): Promise<number> {
  if (options.help) return print(HELP);
  const only = new RegExp(options.only);
  const chosen = rows.filter((row) => only.test(row.id) || only.test(row.title));
  if (chosen.length === 0) throw new Error(`no row matches ${options.only}; see --list`);
  if (options.list)
    return print(chosen.map((row) => `${row.id.padEnd(17)} ${row.title}\n`).join(""));
  const seconds = positive("seconds", options.seconds);
  const pace: Pace = { seconds, warmSeconds: Math.min(1, seconds / 2) };
  const setups = await Setups.of(chosen);
  if (options.profile) return profile(chosen, pace, setups);
  return compare(chosen, pace, setups, Math.ceil(positive("rounds", options.rounds)));
}

/** One measurement of a round, and where its outcome goes. */
interface Turn {
  readonly server: Server;
  readonly row: Row;
  readonly cell: Cell;
}

async function compare(
  chosen: readonly Row[],
  pace: Pace,
  setups: Setups,
  rounds: number,
): Promise<number> {
  const withMidge = options.midge !== "none";
  const servers = await serversToCompare(withMidge);
  const names = servers.map((server) => server.name);
  const reports: RowReport[] = [];
  for (const row of chosen) {
    const own = servers.map((server): Turn => ({ server, row, cell: { outcomes: [] } }));
    const baseline = withMidge ? baselineOf(own[0]!) : undefined;
    for (let round = 1; round <= rounds; round++) {
      const due = own.filter((_, i) => round <= roundsOf(row, withMidge && i === 0, rounds));
      for (const turn of baseline ? besideBaseline(due, baseline) : due) {
        progress(`${row.id}, round ${round} of ${rounds}, ${turn.row.id} on ${turn.server.name}`);
        await take(turn, pace, setups);
      }
    }
    progress("");
    const cells = own.map((turn) => turn.cell);
    reports.push(withMidge ? judge(row, cells, baseline?.cell) : unjudged(row, cells));
  }
  print(`${machine()}\n\n${table(names, reports)}\n`);
  for (const note of footnotes(names, reports)) print(`\n${note}\n`);
  if (options.verbose) print(`\n${spread(names, reports)}\n`);
  if (options.json)
    await Bun.write(
      options.json,
      `${JSON.stringify({ machine: machine(), servers: names, pace, reports }, null, 2)}\n`,
    );
  const below = shortfalls(reports);
  if (below.length === 0) return 0;
  print(`\nBelow what is required:\n${below.map((line) => `  ${line}\n`).join("")}`);
  return 1;
}

function roundsOf({ rounds }: Row, isMidge: boolean, asked: number): number {
  return Math.min(asked, (isMidge ? rounds?.midge : rounds?.peers) ?? asked);
}

/** A server that fails in a row is not asked again in it, and the others go on. */
async function take({ server, row, cell }: Turn, pace: Pace, setups: Setups): Promise<void> {
  if (cell.failure) return;
  try {
    cell.outcomes.push(await measure(server, row, pace, setups.for(row)));
  } catch (error) {
    cell.failure = (error as Error).message;
  }
}

function baselineOf({ server, row }: Turn): Turn | undefined {
  if (row.budget.kind !== "overhead") return undefined;
  return { server, row: row.budget.of, cell: { outcomes: [] } };
}

/**
 * Midge beside itself: a few per cent take more measurements than factors of two, and who is first
 * alternates.
 */
function besideBaseline([midge, ...peers]: readonly Turn[], baseline: Turn): Turn[] {
  return [midge!, baseline, baseline, midge!, midge!, baseline, ...peers];
}

async function serversToCompare(withMidge: boolean): Promise<Server[]> {
  const found = Bun.which("nats-server");
  const peers = options.peer ?? (found ? [found] : []);
  const servers = peers.map((path) => describe(resolve(path)));
  if (withMidge) servers.unshift(describe(await midgeExecutable(root, options.midge), "midge"));
  if (servers.length === 0) throw new Error("nothing to measure: no Midge and no --peer");
  return servers;
}

async function profile(chosen: readonly Row[], pace: Pace, setups: Setups): Promise<number> {
  for (const row of chosen) {
    if (row.load.kind === "start" || row.load.kind === "join") continue;
    const file = join(root, "dist", "profile", `${row.id}.md`);
    const server = profiled(root, file);
    const outcome = await measure(server, row, pace, setups.for(row));
    print(`${spread([server.name], [unjudged(row, [{ outcomes: [outcome] }])])}\n  ${file}\n`);
  }
  return 0;
}

function machine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "unknown processor";
  const generator = `load generator on Bun ${Bun.version}`;
  return `${cores.length} cores of ${model}, Linux ${release()}, ${generator}`;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not ${text}`);
  return value;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text !== "") process.stderr.write(`${text}\n`);
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
