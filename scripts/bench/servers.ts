// The servers under comparison: how each is named, started on a free port, measured and stopped.
// Nothing that was started survives the bench, however it ends.
import type { Subprocess } from "bun";
import { basename, dirname, join, resolve } from "node:path";
import { median } from "./judge.ts";
import type { Job } from "./load.ts";
import { type Outcome, sizeOf, type Sizes } from "./measure.ts";
import { openFilesLimit } from "./meters.ts";
import { readInfo } from "./protocol.ts";
import type { Load, Row } from "./rows.ts";
import type { Prepared } from "./setups.ts";
import { close, connect } from "./sockets.ts";

export interface Server {
  /** The heading of its column. */
  readonly name: string;
  readonly command: readonly string[];
}

export interface Pace {
  readonly warmSeconds: number;
  readonly seconds: number;
}

const READY_SECONDS = 10;
const STOP_MILLISECONDS = 10_000;
/**
 * What a generator may need beyond its warm-up and its window: opening and draining connections.
 */
const GENERATOR_SLACK_SECONDS = 90;
/** Files of a process that are not the connections of a load. */
const OTHER_FILES = 200;

/**
 * Pause between two attempts to reach a starting server; a finer sleep than Bun.sleepSync's whole
 * milliseconds.
 */
const KNOCK_MILLISECONDS = 0.2;
const clock = new Int32Array(new SharedArrayBuffer(4));

const living = new Set<Subprocess>();
process.on("exit", () => living.forEach((child) => child.kill("SIGKILL")));

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
  { flags, access, monitored }: Prepared,
): Promise<Outcome> {
  const { load } = row;
  if (load.kind === "start") return measureStart(server, load.times);
  if (openFilesLimit() < connectionsOf(load) + OTHER_FILES) {
    throw new Error(`impossible here, a process may open ${openFilesLimit()} files at most`);
  }
  const port = freePort();
  const monitorPort = monitored ? freePort() : 0;
  const child = spawn([
    ...server.command,
    ...flags,
    ...["-a", "127.0.0.1", "-p", String(port)],
    ...(monitored ? ["-m", String(monitorPort)] : []),
  ]);
  const log = new Response(child.stdout).text();
  try {
    await untilReady(child, port);
    const monitor = monitored ? `http://127.0.0.1:${monitorPort}` : "";
    const terms = { port, monitor, access, serverPid: child.pid, ...pace };
    return await generate({ load, terms });
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`${(error as Error).message}\n${lastLines(await log)}`.trim());
  } finally {
    await stop(child);
  }
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

/** Spawn to first INFO, the median of some starts. */
async function measureStart(server: Server, times: number): Promise<Sizes> {
  const seconds: number[] = [];
  for (let i = 0; i < times; i++) {
    const port = freePort();
    const begin = Bun.nanoseconds();
    const child = Bun.spawn([...server.command, "-a", "127.0.0.1", "-p", String(port)], {
      stdio: ["ignore", "ignore", "ignore"],
    });
    living.add(child);
    try {
      while (!greets(port)) {
        if (Bun.nanoseconds() - begin > READY_SECONDS * 1e9) throw new Error("it is never ready");
        Atomics.wait(clock, 0, 0, KNOCK_MILLISECONDS);
      }
      seconds.push((Bun.nanoseconds() - begin) / 1e9);
    } finally {
      await stop(child);
    }
  }
  return sizeOf(median(seconds) ?? 0);
}

async function untilReady(child: Subprocess, port: number): Promise<void> {
  const until = Bun.nanoseconds() + READY_SECONDS * 1e9;
  while (!greets(port)) {
    if (child.exitCode !== null) throw new Error(`it stopped at once with ${child.exitCode}`);
    if (Bun.nanoseconds() > until) throw new Error(`not ready after ${READY_SECONDS} s`);
    await Bun.sleep(2);
  }
}

function greets(port: number): boolean {
  const socket = connect(port);
  if (socket === undefined) return false;
  readInfo(socket);
  close(socket);
  return true;
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

/**
 * Starts a process that may open as many files as the hard limit allows and talks only on stdout.
 */
function spawn(command: readonly string[]) {
  const child = Bun.spawn(
    ["/bin/sh", "-c", 'ulimit -n "$(ulimit -H -n)"; exec "$@" 2>&1', "sh", ...command],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  living.add(child);
  void child.exited.then(() => living.delete(child));
  return child;
}

async function stop(child: Subprocess): Promise<void> {
  child.kill("SIGTERM");
  const deadline = setTimeout(() => child.kill("SIGKILL"), STOP_MILLISECONDS);
  await child.exited;
  clearTimeout(deadline);
  living.delete(child);
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
  return {
    name: "midge (profiled)",
    command: [process.execPath, ...options, basename(file), main],
  };
}
