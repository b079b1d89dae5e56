// Programs that watch servers, from outside of this repository: where they are, and how they are run. The
// `nats` command is named by MIDGE_NATS_CLI or on the PATH; all others are built with Go (MIDGE_GO or the PATH). What is missing is told; with MIDGE_REQUIRE_PEERS=1 that is a failure.
import { describe, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect } from "../support/secrets.ts";

/** The first build on a machine compiles all that it needs. */
const BUILD_MS = 300_000;
const ANSWER_MS = 10_000;

export type Found = { readonly path: string } | { readonly missing: string };

/** A group of tests that need this program. */
export function describeWith(name: string, found: Found, body: (path: string) => void): void {
  if ("path" in found) {
    describe(name, () => body(found.path));
  } else if (process.env["MIDGE_REQUIRE_PEERS"] === "1") {
    test(name, () => {
      throw new Error(found.missing);
    });
  } else {
    console.warn(`skipped: ${name}: ${found.missing}`);
    test.skip(`${name} (${found.missing})`, () => {});
  }
}

/** The `nats` command. */
export function findNatsCommand(): Found {
  const path = process.env["MIDGE_NATS_CLI"] || Bun.which("nats");
  if (!path) return { missing: "no nats in MIDGE_NATS_CLI or on the PATH" };
  const said = Bun.spawnSync([path, "--version"], { stdout: "pipe", stderr: "pipe" });
  return said.success ? { path } : { missing: `${path} --version fails` };
}

/** A folder that goes away, outside of the repository. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "midge-consumers-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The reader with nats-server's own types, built into this folder. */
export const buildReader = (folder: Folder): Promise<Found> => build(folder, "consumers-go", ".");

/**
 * Builds a program of a Go module beside this file into this folder. The versions are those of its go.mod, and
 * what is fetched must have the sums of its go.sum.
 */
export async function build(folder: Folder, module: string, program: string): Promise<Found> {
  const go = process.env["MIDGE_GO"] || Bun.which("go");
  if (!go) return { missing: "no go in MIDGE_GO or on the PATH" };
  const path = join(folder.path, module);
  const child = Bun.spawn([go, "build", "-o", path, program], {
    cwd: join(import.meta.dir, module),
    // The installed compiler or none: it is not to fetch another one.
    env: { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly" },
    stdout: "ignore",
    stderr: "pipe",
    timeout: BUILD_MS,
  });
  const [code, complaints] = await Promise.all([child.exited, child.stderr.text()]);
  if (code === 0) return { path };
  return { missing: `${go} build in ${module}: ${complaints.trim().split("\n")[0]}` };
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the `nats` command to its end; nothing of the machine's own settings is used. */
export async function runNats(path: string, home: Folder, ...words: string[]): Promise<Outcome> {
  const child = Bun.spawn([path, ...words], {
    env: { PATH: process.env["PATH"], HOME: home.path, XDG_CONFIG_HOME: home.path },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: ANSWER_MS,
  });
  const [code, stdout, stderr] = await Promise.all([
    child.exited,
    child.stdout.text(),
    child.stderr.text(),
  ]);
  collect("client", stdout + stderr);
  return { code, stdout, stderr };
}

/** What a reader sees since its last look, as in a live view. */
export interface View {
  readonly error?: string;
  /** By the clock of the server. */
  readonly seconds: number;
  readonly in_msgs: number;
  readonly out_msgs: number;
  readonly in_bytes: number;
  readonly out_bytes: number;
  readonly server: string;
  readonly uptime: string;
  readonly mem: number;
  readonly cpu: number;
  readonly slow: number;
  readonly connections: readonly ViewedConnection[] | null;
}

export interface ViewedConnection {
  readonly cid: number;
  readonly host: string;
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  readonly subs: number;
  readonly subjects: readonly string[];
  readonly in_msgs: number;
  readonly out_msgs: number;
  readonly idle_ms: number;
}

/** The running reader. */
export class Reader implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #answers: AsyncIterator<string>;

  constructor(path: string) {
    this.#child = Bun.spawn([path], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
    this.#answers = linesOf(this.#child.stdout);
  }

  /** The page at this address, read as nats-server's type for it and written again. */
  async page(base: string, path: string): Promise<string> {
    const { error, text = "" } = await this.#ask<{ error?: string; text?: string }>(
      `${base} ${path}`,
    );
    if (error !== undefined) throw new Error(`${path}: ${error}`);
    return text;
  }

  async look(base: string): Promise<View> {
    const view = await this.#ask<View>(base);
    if (view.error !== undefined) throw new Error(view.error);
    return view;
  }

  async #ask<T>(question: string): Promise<T> {
    this.#child.stdin.write(`${question}\n`);
    this.#child.stdin.flush();
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("the reader has ended");
    return JSON.parse(value) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
