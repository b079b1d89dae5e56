// A line that runs in a shell of its own, with all the processes that it starts: what they say, when they end,
// and the key that stops them (Ctrl-C reaches all of them, in a terminal as here).
import { readdirSync, readFileSync } from "node:fs";
import { within, until } from "../e2e/support.ts";

const PATIENCE_MS = 30_000;
const STOP_MS_MAX = 3_500;
/** What lines that read from the terminal are given, a password for instance. */
const TYPED = "typed-by-a-reader\n";

/** Those that run. None outlives the tests, whose terminal does not reach them. */
const running = new Set<Job>();
const killAll = () => running.forEach((job) => job.kill("SIGKILL"));
process.on("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    killAll();
    // Nobody listens any more: now it does what it does to any program.
    process.kill(process.pid, signal);
  });
}

export class Job {
  readonly #child: Bun.Subprocess<Blob, "pipe", "pipe">;
  readonly #read: Promise<unknown>;
  #waiting: (() => void)[] = [];
  #hasEnded = false;
  stdout = "";
  stderr = "";

  constructor(command: string, cwd: string, env: Readonly<Record<string, string | undefined>>) {
    this.#child = Bun.spawn(["sh", "-c", command], {
      cwd,
      env,
      stdin: new Blob([TYPED]),
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
    });
    running.add(this);
    const { stdout, stderr } = this.#child;
    this.#read = Promise.all([
      keep(stdout, (text) => this.#say("stdout", text)),
      keep(stderr, (text) => this.#say("stderr", text)),
    ]);
    void this.#child.exited.then(() => {
      this.#hasEnded = true;
      this.#wake();
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Resolves with the exit code, or the name of the signal that ended it, when all was read. */
  async ended(patience = PATIENCE_MS): Promise<number | string> {
    const end = Promise.all([this.#child.exited, this.#read]);
    await within(end, () => "its end", patience);
    return this.#child.exitCode ?? this.#child.signalCode ?? "nothing";
  }

  /** Resolves when it says this; throws when it ends before, or keeps silent. */
  async says(pattern: RegExp, patience = PATIENCE_MS): Promise<void> {
    const said = async () => {
      while (!pattern.test(this.output)) {
        if (this.#hasEnded) throw new Error(`it ended with ${await this.ended()}`);
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    };
    await within(said(), () => `${pattern}`, patience);
  }

  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // All of them have ended.
    }
  }

  /** What Ctrl-C does, unless all has ended. Throws when something does not end then; that is killed. */
  async stop(patience = STOP_MS_MAX): Promise<void> {
    const end = performance.now() + patience;
    try {
      this.kill("SIGINT");
      await until(() => !this.#hasProcesses() || performance.now() > end, "it ends");
      if (this.#hasProcesses()) throw new Error("goes on after Ctrl-C");
      await this.ended();
    } finally {
      this.kill("SIGKILL");
      running.delete(this);
    }
  }

  /** What has ended and was not waited for by its parent does not count. */
  #hasProcesses(): boolean {
    return readdirSync("/proc").some((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      const [state, , group] = statOf(pid);
      return group === String(this.#child.pid) && state !== "Z" && state !== "X";
    });
  }

  #say(stream: "stdout" | "stderr", text: string): void {
    this[stream] += text;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** State, parent and group of a process; nothing when it is gone. */
function statOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name before may contain anything.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

async function keep(stream: ReadableStream<Uint8Array>, say: (text: string) => void) {
  const decoder = new TextDecoder();
  for await (const chunk of stream) say(decoder.decode(chunk, { stream: true }));
}
