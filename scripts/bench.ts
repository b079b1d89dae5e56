// Midge beside real nats-servers under the same loads: CPU per message, throughput, latency,
// memory, start. Rounds are interleaved and medians compared; exits 1 when a row stays below what
// it requires. Nothing else should run on the machine meanwhile. Linux only.
import { cpus, release } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Outcome } from "./bench/measure.ts";
import { type Cell, footnotes, judge, type RowReport, spread, table } from "./bench/report.ts";
import { type Row, rows } from "./bench/rows.ts";
import {
  describe,
  measure,
  midgeExecutable,
  type Pace,
  profiled,
  type Server,
} from "./bench/servers.ts";

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
  if (options.profile) return profile(chosen, pace);
  return compare(chosen, pace, Math.ceil(positive("rounds", options.rounds)));
}

async function compare(chosen: readonly Row[], pace: Pace, rounds: number): Promise<number> {
  const withMidge = options.midge !== "none";
  const servers = await serversToCompare(withMidge);
  const names = servers.map((server) => server.name);
  const reports: RowReport[] = [];
  for (const row of chosen) {
    const cells = servers.map((): Cell => ({ outcomes: [] }));
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < servers.length; i++) {
        const [server, cell] = [servers[i]!, cells[i]!];
        progress(`${row.id}, round ${round + 1} of ${rounds}, ${server.name}`);
        await measureInto(cell, server, row, pace);
      }
    }
    progress("");
    reports.push(judge(row, cells, withMidge));
  }
  print(`${machine()}\n\n${table(names, reports)}\n`);
  for (const note of footnotes(names, reports)) print(`\n${note}\n`);
  if (options.verbose) print(`\n${spread(names, reports)}\n`);
  if (options.json)
    await Bun.write(
      options.json,
      `${JSON.stringify({ machine: machine(), servers: names, pace, reports }, null, 2)}\n`,
    );
  return verdict(reports);
}

/** A server that fails in a row is not asked again in it, and the others go on. */
async function measureInto(cell: Cell, server: Server, row: Row, pace: Pace): Promise<void> {
  if (cell.failure) return;
  try {
    cell.outcomes.push(await measure(server, row, pace));
  } catch (error) {
    cell.failure = (error as Error).message;
  }
}

function verdict(reports: readonly RowReport[]): number {
  const below = reports.filter((report) => report.comparisons.some((it) => !it.met));
  if (below.length === 0) return 0;
  print(`\nBelow what is required:\n`);
  for (const { row, comparisons } of below) {
    const texts = comparisons
      .filter((it) => !it.met)
      .map((it) => `${it.measure} ${it.value?.toFixed(2) ?? "unknown"} of ${it.required}`);
    print(`  ${row.title}: ${texts.join(", ")}\n`);
  }
  return 1;
}

async function serversToCompare(withMidge: boolean): Promise<Server[]> {
  const found = Bun.which("nats-server");
  const peers = options.peer ?? (found ? [found] : []);
  const servers = peers.map((path) => describe(resolve(path)));
  if (withMidge) servers.unshift(describe(await midgeExecutable(root, options.midge), "midge"));
  if (servers.length === 0) throw new Error("nothing to measure: no Midge and no --peer");
  return servers;
}

async function profile(chosen: readonly Row[], pace: Pace): Promise<number> {
  for (const row of chosen) {
    if (row.load.kind === "start") continue;
    const file = join(root, "dist", "profile", `${row.id}.md`);
    const server = profiled(root, file);
    const outcome: Outcome = await measure(server, row, pace);
    print(`${spread([server.name], [judge(row, [{ outcomes: [outcome] }], false)])}\n  ${file}\n`);
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
