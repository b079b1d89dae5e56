// `-sl cmd[=pid]`: signals a running server. Without a pid it looks for the other processes of this
// same program in /proc. Loaded only when asked for.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, resolve } from "node:path";
import { FlagError } from "./flags.ts";

const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = {
  reload: "SIGHUP",
  reopen: "SIGUSR1",
  ldm: "SIGUSR2",
  quit: "SIGINT",
  term: "SIGTERM",
  stop: "SIGKILL",
};

/** Throws an Error for people. */
export function sendSignal(request: string): void {
  const [command = "", target = "", ...rest] = request.split("=");
  if (rest.length > 0) throw new Error(`invalid signal parameters: [${rest.join(" ")}]`);
  const signal = Object.hasOwn(SIGNALS, command) ? SIGNALS[command] : undefined;
  if (signal === undefined) {
    const known = Object.keys(SIGNALS).join(", ");
    throw new Error(`unknown signal ${JSON.stringify(command)}: expected one of ${known}`);
  }
  // One that cannot be signalled must not keep the others from it.
  const problems: string[] = [];
  for (const pid of target === "" ? [onlyOther()] : pidsOf(target)) {
    try {
      send(pid, signal);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ESRCH") throw new Error(`no such process: ${pid}`);
    if (code === "EPERM") throw new Error(`not allowed to signal process ${pid}`);
    throw error;
  }
}

function onlyOther(): number {
  const pids = otherProcesses();
  const [pid] = pids;
  if (pid === undefined) throw new Error("no midge processes running");
  if (pids.length > 1) throw new FlagError("multiple midge processes running:", pids.join("\n"));
  return pid;
}

/** A number, the path of a pid file, or the beginning of the pids of this program and a star. */
function pidsOf(target: string): number[] {
  if (/^\d*\*$/.test(target)) {
    const start = target.slice(0, -1);
    const pids = otherProcesses().filter((pid) => String(pid).startsWith(start));
    if (pids.length === 0) throw new Error("no midge processes running");
    return pids;
  }
  const text = /^\d+$/.test(target) ? target : contentOf(target).trim();
  const pid = Number(text);
  // 0 and what is negative would signal whole groups of processes.
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(pid) || pid < 1) {
    throw new Error(`invalid pid: ${target}`);
  }
  return [pid];
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new Error(`invalid pid: ${path}`);
  }
}

/** The pids of all processes of this program but this one. */
function otherProcesses(): number[] {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    throw new Error("unable to resolve pid, try providing one");
  }
  return names
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && isSameProgram(name))
    .map(Number)
    .sort((left, right) => left - right);
}

/** Whether this runs from its source: then every program of its machine is called bun. */
const fromSource = !Bun.main.startsWith("/$bunfs/");

function isSameProgram(pid: string): boolean {
  try {
    const program = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "");
    if (program !== basename(process.execPath)) return false;
    if (!fromSource) return true;
    const script = readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .split("\0")
      .slice(1)
      .find((each) => !each.startsWith("-") && each !== "run");
    return script !== undefined && resolve(readlinkSync(`/proc/${pid}/cwd`), script) === Bun.main;
  } catch {
    // It has ended, or belongs to somebody else whom we could not signal either.
    return false;
  }
}
