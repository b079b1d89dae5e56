// The processes of a bench: started on free ports, watched until they greet, stopped. Nothing that was
// started survives the bench, however it ends.
import type { Subprocess } from "bun";
import { readInfo } from "./protocol.ts";
import { close, connect } from "./sockets.ts";

const READY_SECONDS = 10;
const STOP_MILLISECONDS = 10_000;

/**
 * Pause between two attempts to reach a starting server; a finer sleep than Bun.sleepSync's whole
 * milliseconds.
 */
const KNOCK_MILLISECONDS = 0.2;
const clock = new Int32Array(new SharedArrayBuffer(4));

const living = new Set<Subprocess>();
process.on("exit", () => living.forEach((child) => child.kill("SIGKILL")));

export async function untilReady(child: Subprocess, port: number): Promise<void> {
  const until = Bun.nanoseconds() + READY_SECONDS * 1e9;
  while (!greets(port)) {
    if (child.exitCode !== null) throw new Error(`it stopped at once with ${child.exitCode}`);
    if (Bun.nanoseconds() > until) throw new Error(`not ready after ${READY_SECONDS} s`);
    await Bun.sleep(2);
  }
}

/** The same for a start that is measured: looks more often, and lets nothing else happen meanwhile. */
export function knock(port: number): void {
  const until = Bun.nanoseconds() + READY_SECONDS * 1e9;
  while (!greets(port)) {
    if (Bun.nanoseconds() > until) throw new Error("it is never ready");
    Atomics.wait(clock, 0, 0, KNOCK_MILLISECONDS);
  }
}

function greets(port: number): boolean {
  const socket = connect(port);
  if (socket === undefined) return false;
  readInfo(socket);
  close(socket);
  return true;
}

export function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

/**
 * Starts a process that may open as many files as the hard limit allows and talks only on stdout.
 */
export function spawn(command: readonly string[]) {
  const child = Bun.spawn(
    ["/bin/sh", "-c", 'ulimit -n "$(ulimit -H -n)"; exec "$@" 2>&1', "sh", ...command],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  living.add(child);
  void child.exited.then(() => living.delete(child));
  return child;
}

/** Starts a process that nobody listens to, without the detour over a shell. */
export function spawnSilent(command: readonly string[]): Subprocess {
  const child = Bun.spawn([...command], { stdio: ["ignore", "ignore", "ignore"] });
  living.add(child);
  return child;
}

export async function stop(child: Subprocess): Promise<void> {
  child.kill("SIGTERM");
  const deadline = setTimeout(() => child.kill("SIGKILL"), STOP_MILLISECONDS);
  await child.exited;
  clearTimeout(deadline);
  living.delete(child);
}
