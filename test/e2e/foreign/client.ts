// Official clients in other languages: programs that read logins from their standard input, one line of
// JSON each, and answer with a line that says how it went. A login is asked for and answered at a time.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect } from "../../support/secrets.ts";
import type { Guest, Luggage } from "../guests.ts";
import { within } from "../support.ts";

/** A program that can be started, or the reason why there is none. */
export type Found = { readonly command: string[] } | { readonly missing: string };

const here = import.meta.dir;
/** The program itself gives up sooner. */
const ANSWER_MS = 10_000;
/** The first build on a machine compiles the client and its dependencies. */
const BUILD_MS = 300_000;

/** The Python client: `nats-py` and, for nkeys, its extra `nkeys`. */
export function findPython(): Found {
  const python = process.env["MIDGE_PYTHON"] ?? Bun.which("python3");
  if (python === null) return { missing: "no python3 on the PATH" };
  const said = output([python, "-c", "import nats, nkeys"], {});
  if (said !== undefined) return { missing: `${python}: ${said.split("\n").at(-1)}` };
  return { command: [python, join(here, "knock.py")] };
}

/** The Go client, built outside the repository into `folder`. */
export function buildGo(folder: string): Found {
  const go = process.env["MIDGE_GO"] ?? Bun.which("go");
  if (go === null) return { missing: "no go on the PATH" };
  const program = join(folder, "knock");
  const said = output([go, "build", "-o", program, "."], {
    cwd: join(here, "go"),
    // The installed compiler or none: it is not to fetch another one.
    env: { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly" },
  });
  if (said !== undefined) return { missing: `${go}: ${said.split("\n")[0]}` };
  return { command: [program] };
}

/** What a command says that fails; nothing when it succeeds. */
function output(command: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }) {
  try {
    const ended = Bun.spawnSync(command, { ...options, stderr: "pipe", timeout: BUILD_MS });
    return ended.success ? undefined : ended.stderr.toString().trim() || "it failed";
  } catch (error) {
    return String(error);
  }
}

/** A folder for what is built, gone at the end. */
export function buildFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "midge-clients-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A running program as a guest. */
export class ForeignClient implements Guest, AsyncDisposable {
  readonly name: string;
  readonly insistsOnTls: boolean;
  readonly #child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  readonly #answers: AsyncIterator<string>;
  readonly #errors: Promise<string>;

  constructor(name: string, command: string[], insistsOnTls: boolean) {
    this.name = name;
    this.insistsOnTls = insistsOnTls;
    this.#child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
    this.#answers = linesOf(this.#child.stdout);
    this.#errors = this.#child.stderr.text();
  }

  async knock(port: number, luggage: Luggage): Promise<void> {
    this.#child.stdin.write(`${JSON.stringify({ port, ...luggage })}\n`);
    this.#child.stdin.flush();
    const answer = await within(this.#answers.next(), () => `an answer of ${this.name}`, ANSWER_MS);
    if (answer.done) throw new Error(`${this.name} has ended: ${await this.#errors}`);
    const { refusal } = JSON.parse(answer.value) as { refusal?: string };
    if (refusal === undefined) return;
    collect("client", refusal);
    throw new Error(refusal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#child.exited;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
