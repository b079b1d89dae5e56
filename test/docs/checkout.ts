// A checkout of this repository for one run of the tests, so that what the documentation builds, installs and
// writes is nobody else's; and the programs that its readers have: `midge`, `bun`, `curl`, `nats`.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { executable } from "../e2e/support.ts";
import { findNatsCommand } from "../interop/consumers.ts";
import { OUTPUTS_VARIABLE } from "../support/secrets.ts";
import { root } from "./markdown.ts";
import type { Ports } from "./ports.ts";

const LEFT_OUT = new Set([".git", "dist", "node_modules"]);
/** No connection, or something that answers to everything. */
const NO_NETWORK = /^error: (?:\w+ downloading |GET http)|took too long/;
const INSTALL_MS_MAX = 20_000;
/** A reader sees the status and looks at the answer; a program has to be told to. */
const CURL = ["-fsS", "--noproxy", "'*'", "--max-time", "10"].join(" ");
const FETCH = `
const answer = await fetch(process.argv.at(-1));
console.log(await answer.text());
if (!answer.ok) console.error("status", answer.status);
process.exitCode = answer.ok ? 0 : 22;
`;

/** A folder with all of it, gone when it is disposed of. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "midge-reader-"));
  readonly path = join(this.folder, "midge");
  /** What was run in it to a good end, by folder and line. */
  readonly done = new Set<string>();
  readonly #bin = join(this.folder, "bin");

  constructor() {
    process.on("exit", () => this[Symbol.dispose]());
    cpSync(root, this.path, {
      recursive: true,
      filter: (path) => dirname(path) !== root || !LEFT_OUT.has(basename(path)),
    });
    symlinkSync(join(root, "node_modules"), join(this.path, "node_modules"), "dir");
    mkdirSync(join(this.path, "dist"));
    const cache = join("dist", ".cache");
    if (existsSync(join(root, cache)))
      symlinkSync(join(root, cache), join(this.path, cache), "dir");
    this.#providePrograms();
  }

  /** The folder in which somebody types what is on the page. */
  folderOf(page: string): string {
    return join(this.path, page.startsWith("examples/") ? dirname(page) : "");
  }

  environment(ports: Ports): Record<string, string | undefined> {
    return {
      ...process.env,
      PATH: `${this.#bin}${delimiter}${process.env["PATH"]}`,
      NATS_URL: `nats://127.0.0.1:${ports.of(4222)}`,
      PORT: String(ports.of(4222)),
      [OUTPUTS_VARIABLE]: undefined,
    };
  }

  get tarball(): string {
    return join(this.folder, "midge-server.tgz");
  }

  /**
   * Packs the library, as it would be published, and has the examples install that. Returns why nothing can be
   * installed on this machine, if so.
   */
  offer(): string | undefined {
    this.#bun(["pm", "pack", "--ignore-scripts", "--quiet", "--filename", this.tarball], this.path);
    const manifest = join(this.path, "examples", "orders", "package.json");
    const text = readFileSync(manifest, "utf8");
    writeFileSync(manifest, text.replace(/("midge-server": )"[^"]+"/, `$1"file:${this.tarball}"`));
    const probe = join(this.folder, "probe");
    mkdirSync(probe);
    writeFileSync(join(probe, "package.json"), readFileSync(manifest));
    try {
      this.#bun(["install"], probe);
      return undefined;
    } catch (error) {
      const line = String(error)
        .split("\n")
        .find((each) => NO_NETWORK.test(each));
      if (line === undefined) throw error;
      return line.trim();
    }
  }

  /** Under a name of its own, by which `midge -sl` finds these servers and no others of the machine. */
  #providePrograms(): void {
    mkdirSync(this.#bin);
    const name = basename(this.folder);
    try {
      linkSync(executable, join(this.#bin, name));
    } catch {
      copyFileSync(executable, join(this.#bin, name));
    }
    symlinkSync(name, join(this.#bin, "midge"));
    symlinkSync(join(this.#bin, name), join(this.path, "dist", "midge"));
    symlinkSync(process.execPath, join(this.#bin, "bun"));
    const curl = Bun.which("curl");
    writeFileSync(join(this.#bin, "fetch.mjs"), FETCH);
    this.#script(
      "curl",
      curl ? `"${curl}" ${CURL}` : `NO_PROXY='*' bun "$(dirname "$0")/fetch.mjs"`,
    );
    const nats = findNatsCommand();
    // Without the contexts of whoever runs the tests.
    if ("path" in nats) this.#script("nats", `env XDG_CONFIG_HOME="${this.folder}" "${nats.path}"`);
  }

  #script(name: string, command: string): void {
    const path = join(this.#bin, name);
    writeFileSync(path, `#!/bin/sh\n${command} "$@"\n`);
    chmodSync(path, 0o755);
  }

  #bun(args: readonly string[], cwd: string): void {
    const { success, exitedDueToTimeout, stdout, stderr } = Bun.spawnSync(
      [process.execPath, ...args],
      {
        cwd,
        stdout: "pipe",
        stderr: "pipe",
        timeout: INSTALL_MS_MAX,
      },
    );
    if (exitedDueToTimeout) throw new Error(`bun ${args[0]} took too long`);
    if (!success)
      throw new Error(`bun ${args[0]} failed:\n${stdout.toString()}${stderr.toString()}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
