// The executable under test, seen from outside: where it is, how to start and stop it, what it
// logs. MIDGE_BIN names another executable with the same flags, such as a real nats-server, so that
// the tests of client behaviour can themselves be tested. The socket without a client library is
// support/wire.ts.
import { test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { collect, collectLine, isCollecting } from "../support/secrets.ts";

const root = resolve(import.meta.dir, "../..");
/** Sooner than the test runner at 5 s, which kills our children and so spoils what follows. */
const DEADLINE_MS = 4000;

export const executable = locate();
export const isMidge = (await run("-v")).stdout.startsWith("midge: ");

/** A test of what Midge does and the real server does otherwise; there it is skipped and says why. */
export function midgeTest(name: string, body: () => Promise<void>): void {
  if (isMidge) test(name, body);
  else test.skip(`${name} (Midge only: nats-server does it differently)`, body);
}

/** Built when missing; a file that is there is taken as it is. */
function locate(): string {
  const path = resolve(process.env.MIDGE_BIN ?? join(root, "dist/midge"));
  if (existsSync(path)) return path;
  if (process.env.MIDGE_BIN !== undefined) throw new Error(`MIDGE_BIN names no file: ${path}`);
  const build = Bun.spawnSync([process.execPath, "scripts/build.ts"], { cwd: root });
  if (build.success && existsSync(path)) return path;
  const output = `${build.stdout.toString()}${build.stderr.toString()}`.trim();
  throw new Error(`These tests need dist/midge, but "bun scripts/build.ts" failed:\n${output}`);
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the executable to its end. */
export async function run(...flags: string[]): Promise<Outcome> {
  const child = Bun.spawn([executable, ...flags], { stdout: "pipe", stderr: "pipe" });
  try {
    const ended = Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
    const [code, stdout, stderr] = await within(ended, () => `the end of midge ${flags.join(" ")}`);
    collect("ended", stdout + stderr);
    return { code, stdout, stderr };
  } finally {
    child.kill("SIGKILL");
  }
}

export interface BrokerOptions {
  flags?: string[];
  /** Text of a configuration file, which lies in a folder of its own as long as the broker runs. */
  config?: string;
  port?: number;
  openFiles?: number | "hard";
}

/** A running executable. Every line of its log is kept: tests wait for lines, never for time. */
export class Broker {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly stdout: Promise<string>;
  readonly lines: string[] = [];
  port = 0;
  readonly #folder: ReturnType<typeof temporaryFolder> | undefined;
  #logEnded = false;
  #waiting: (() => void)[] = [];

  /** Starts one and waits until it says that it is ready. */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const broker = new Broker(options);
    try {
      const listening = await broker.line(/Listening for client connections on .*:\d+$/);
      broker.port = Number(listening.split(":").at(-1));
      await broker.line(/Server is ready$/);
    } catch (error) {
      broker.child.kill("SIGKILL");
      broker.#folder?.[Symbol.dispose]();
      throw error;
    }
    return broker;
  }

  constructor({ flags = [], config, port = -1, openFiles }: BrokerOptions) {
    const command = [executable, "-a", "127.0.0.1", "-p", String(port), ...flags];
    if (config !== undefined) {
      this.#folder = temporaryFolder();
      command.push("-c", this.#configFile);
      writeFileSync(this.#configFile, config);
    }
    this.child = Bun.spawn([...withOpenFiles(openFiles), ...command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.stdout = this.child.stdout.text();
    void this.#readLog();
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Replaces the configuration that it was started with; nothing happens before the reload. */
  rewriteConfig(config: string): void {
    writeFileSync(this.#configFile, config);
  }

  /** The first line of the log, past or future, that matches, from this place in `lines` on. */
  async line(pattern: RegExp, from = 0): Promise<string> {
    for (let at = from; ; at += 1) {
      while (at === this.lines.length) {
        if (this.#logEnded) throw new Error(`No line like ${pattern} in the log:\n${this.#tail()}`);
        const more = new Promise<void>((wake) => this.#waiting.push(wake));
        await within(more, () => `a line like ${pattern} in the log:\n${this.#tail()}`);
      }
      const line = this.lines[at];
      if (line !== undefined && pattern.test(line)) return line;
    }
  }

  /** Sends the signal and waits for the end; gives the exit code, null if the signal killed. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.#hasEnded) throw new Error(`It had ended before ${signal}:\n${this.#tail()}`);
    this.child.kill(signal);
    try {
      await within(this.child.exited, () => `the end after ${signal}:\n${this.#tail()}`);
    } finally {
      this.child.kill("SIGKILL");
    }
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) await this.stop();
    this.#folder?.[Symbol.dispose]();
  }

  get #configFile(): string {
    if (this.#folder === undefined) throw new Error("It was started without a configuration");
    return join(this.#folder.path, "midge.conf");
  }

  get #hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async #readLog(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of this.child.stderr) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      this.#keep(parts);
    }
    if (rest !== "") this.#keep([rest]);
    this.#logEnded = true;
    this.#wake();
  }

  #keep(lines: string[]): void {
    this.lines.push(...lines);
    for (const line of lines) collectLine(line);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #tail(): string {
    return this.lines.slice(-30).join("\n");
  }
}

/** What to put before a command so that it runs with another limit of open files. */
export function withOpenFiles(limit: number | "hard" | undefined): string[] {
  if (limit === undefined) return [];
  const change = limit === "hard" ? "ulimit -S -n $(ulimit -H -n)" : `ulimit -n ${limit}`;
  return ["sh", "-c", `${change} && exec "$0" "$@"`];
}

/** The promise's value, or an error that says what was waited for in vain. */
export async function within<T>(
  promise: Promise<T>,
  what: () => string,
  milliseconds = DEADLINE_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited in vain for ${what()}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** For facts that announce themselves by no event, such as the content of a file. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}`);
    await Bun.sleep(5);
  }
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A folder that is gone when its block ends. */
export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "midge-e2e-"));
  const dispose = (): void => {
    if (isCollecting()) collectLogFiles(path);
    rmSync(path, { recursive: true, force: true });
  };
  return { path, [Symbol.dispose]: dispose };
}

/** Keeps what servers wrote to log files, rotated ones included, before the folder goes. */
function collectLogFiles(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.includes(".log")) continue;
    collect("log-file", readFileSync(join(entry.parentPath, entry.name), "latin1"));
  }
}
