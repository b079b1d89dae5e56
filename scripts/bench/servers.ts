// The servers under comparison: how each is named, started on free ports, measured and stopped.
import { basename, dirname, join, resolve } from "node:path";
import type { Job } from "./load.ts";
import type { Outcome } from "./measure.ts";
import { openFilesLimit } from "./meters.ts";
import { freePort, spawn, stop, untilReady } from "./processes.ts";
import type { Load, Row } from "./rows.ts";
import type { Prepared } from "./setups.ts";
import { clusterFlags, measureJoin, measureStart } from "./starts.ts";

export interface Server {
  /** The heading of its column. */
  readonly name: string;
  readonly command: readonly string[];
  /** How its second node is started, where that differs. */
  readonly farCommand?: readonly string[];
}

export interface Pace {
  readonly warmSeconds: number;
  readonly seconds: number;
}

/**
 * What a generator may need beyond its warm-up and its window: opening and draining connections.
 */
const GENERATOR_SLACK_SECONDS = 90;
/** Files of a process that are not the connections of a load. */
const OTHER_FILES = 200;

/** Asks an executable who it is; a TypeScript file is run by this Bun. */
export function describe(path: string, name?: string): Server {
  const command = path.endsWith(".ts") ? [process.execPath, path] : [path];
  const told = Bun.spawnSync([...command, "-v"], { stdout: "pipe", stderr: "pipe" });
  const line = told.stdout.toString().trim();
  const version = /v?(\d+\.\d+\.\d+\S*)/.exec(line)?.[1];
  if (told.exitCode !== 0 || !version) throw new Error(`${path} -v does not tell a version`);
  return { name: `${name ?? line.split(":")[0]} ${version}`, command };
}

/** One measurement: a fresh server, a fresh generator, the outcome, and both are gone again. */
export async function measure(
  server: Server,
  row: Row,
  pace: Pace,
  { flags, access, monitored, clustered }: Prepared,
): Promise<Outcome> {
  const { load } = row;
  if (load.kind === "start") return measureStart(server.command, load.times);
  if (load.kind === "join") return measureJoin(server, load.subscriptions);
  if (openFilesLimit() < connectionsOf(load) + OTHER_FILES) {
    throw new Error(`impossible here, a process may open ${openFilesLimit()} files at most`);
  }
  const monitorPort = monitored ? freePort() : 0;
  const monitor = monitored ? `http://127.0.0.1:${monitorPort}` : "";
  const own = monitored ? [...flags, "-m", String(monitorPort)] : flags;
  const routes = freePort();
  const nodes = [startNode(server.command, clustered ? [...own, ...clusterFlags(routes)] : own)];
  try {
    await untilReady(nodes[0]!.child, nodes[0]!.port);
    if (clustered) {
      const far = [...flags, ...clusterFlags(0, routes)];
      nodes.push(startNode(server.farCommand ?? server.command, far));
    }
    for (const { child, port } of nodes) await untilReady(child, port);
    const [{ port }, { port: farPort }] = [nodes[0]!, nodes.at(-1)!];
    const serverPids = nodes.map(({ child }) => child.pid);
    const terms = {
      port,
      farPort,
      monitor,
      access,
      serverPid: serverPids[0]!,
      serverPids,
      ...pace,
    };
    return await generate({ load, terms });
  } catch (error) {
    for (const { child } of nodes) child.kill("SIGKILL");
    const logs = await Promise.all(nodes.map(async ({ log }) => lastLines(await log)));
    throw new Error(`${(error as Error).message}\n${logs.join("\n")}`.trim());
  } finally {
    await Promise.all(nodes.map(({ child }) => stop(child)));
  }
}

function startNode(command: readonly string[], flags: readonly string[]) {
  const port = freePort();
  const child = spawn([...command, ...flags, "-a", "127.0.0.1", "-p", String(port)]);
  return { child, port, log: new Response(child.stdout).text() };
}

function connectionsOf(load: Load): number {
  if ("crowd" in load) return load.crowd.connections;
  return load.kind === "connections" ? load.count : 0;
}

/** Runs a generator process to its end. */
async function generate(job: Job): Promise<Outcome> {
  const seconds = job.terms.warmSeconds + job.terms.seconds + GENERATOR_SLACK_SECONDS;
  const script = join(import.meta.dir, "load.ts");
  const child = spawn([process.execPath, script, JSON.stringify(job)]);
  const deadline = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
  const output = (await new Response(child.stdout).text()).trim();
  clearTimeout(deadline);
  if ((await child.exited) !== 0) throw new Error(output || "the load generator was killed");
  return JSON.parse(output) as Outcome;
}

function lastLines(log: string): string {
  return log.trim().split("\n").slice(-5).join("\n");
}

/** The executable to measure, built when it is not there yet. */
export async function midgeExecutable(root: string, path: string): Promise<string> {
  const executable = resolve(root, path);
  const built = Bun.file(executable);
  if (await built.exists()) {
    for await (const source of new Bun.Glob("src/**/*.ts").scan(root)) {
      if (Bun.file(join(root, source)).lastModified <= built.lastModified) continue;
      process.stderr.write(`note: ${path} is older than ${source}\n`);
      break;
    }
    return executable;
  }
  process.stderr.write(`${path} is not there: building it\n`);
  const build = Bun.spawnSync([process.execPath, join(root, "scripts", "build.ts")], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (build.exitCode !== 0) throw new Error(`building ${path} failed`);
  return executable;
}

/** Midge from source, writing where its time goes into `file` when it stops. */
export function profiled(root: string, file: string): Server {
  const options = ["--cpu-prof-md", "--cpu-prof-dir", dirname(file), "--cpu-prof-name"];
  const main = join(root, "src", "main.ts");
  const command = (name: string) => [process.execPath, ...options, name, main];
  return {
    name: "midge (profiled)",
    command: command(basename(file)),
    farCommand: command(`far-${basename(file)}`),
  };
}
