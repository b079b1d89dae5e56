// What the kernel knows about processes: CPU time and memory, read from /proc. /proc/PID/stat also
// holds the time of threads that have ended (a JIT's helpers come and go), which the finer
// schedstat of the living threads would lose; its 10 ms ticks are fine for windows of a second and
// more.
import { readFileSync } from "node:fs";

/** Linux reports CPU time in these units whatever the kernel's own tick is (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** One look at the clocks. All in seconds. */
export interface Reading {
  readonly time: number;
  readonly server: number;
  readonly generator: number;
  /** CPU time used on the whole machine, by whomever, and what the hypervisor took away. */
  readonly machine: number;
}

/** What happened between two looks, in seconds. */
export interface Usage {
  readonly seconds: number;
  readonly serverCpu: number;
  readonly generatorCpu: number;
  /** CPU time of everybody else on the machine. */
  readonly otherCpu: number;
}

export function usageBetween(begin: Reading, end: Reading): Usage {
  const serverCpu = end.server - begin.server;
  const generatorCpu = end.generator - begin.generator;
  const otherCpu = Math.max(0, end.machine - begin.machine - serverCpu - generatorCpu);
  return { seconds: end.time - begin.time, serverCpu, generatorCpu, otherCpu };
}

export function readClocks(serverPids: readonly number[]): Reading {
  const own = process.cpuUsage();
  return {
    time: Bun.nanoseconds() / 1e9,
    server: serverPids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    generator: (own.user + own.system) / 1e6,
    machine: machineSeconds(),
  };
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The name of the program comes before, in parentheses, and may hold blanks itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function machineSeconds(): number {
  const stat = readFileSync("/proc/stat", "latin1");
  const [user, nice, system, , , irq, softirq, steal] = stat
    .slice(0, stat.indexOf("\n"))
    .split(/ +/)
    .slice(1)
    .map(Number);
  const ticks = [user, nice, system, irq, softirq, steal];
  return ticks.reduce<number>((sum, n) => sum + (n ?? 0), 0) / TICKS_PER_SECOND;
}

/**
 * Resident memory in bytes, exact (VmRSS of /proc/PID/status is a sum of lazily updated counters).
 */
export function residentBytes(pid: number): number {
  const line = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1").match(/^Rss:\s+(\d+) kB$/m);
  if (!line) throw new Error(`no resident size for process ${pid}`);
  return Number(line[1]) * 1024;
}

/** How many files a process may open at most once it has raised its own limit. */
export function openFilesLimit(): number {
  const line = readFileSync("/proc/self/limits", "latin1").match(/^Max open files\s+\S+\s+(\S+)/m);
  return line?.[1] === "unlimited" ? Infinity : Number(line?.[1] ?? 0);
}
