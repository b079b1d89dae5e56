// How every executable of Midge is compiled, whatever system it is for.
import { existsSync } from "node:fs";
import { join } from "node:path";

export const COMPILE_FLAGS: readonly string[] = [
  "--check",
  "--compile",
  "--minify",
  // Parsed ahead of time; the main module awaits, which only ES modules can.
  "--bytecode",
  "--format=esm",
  // Inside the executable, so that a crash report names lines of the source.
  "--sourcemap",
  // What lies in the directory it is started from must not change a server.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

interface Compilation {
  /** The folder of the project. */
  readonly root: string;
  readonly outfile: string;
  /** Which Bun to put the program into, where it is not the one that runs this. */
  readonly runtime?: { readonly path: string; readonly system: string };
}

/**
 * Writes the executable, and source maps beside it. The bytes depend on the source, the runtime and the
 * last part of the file's name, on nothing else. Throws an Error when Bun reports a mistake.
 */
export async function compile({ root, outfile, runtime }: Compilation): Promise<void> {
  const flags = [...COMPILE_FLAGS, "--outfile", outfile];
  if (runtime !== undefined) {
    flags.push(`--target=${runtime.system}`, `--compile-executable-path=${runtime.path}`);
  }
  const build = Bun.spawn([process.execPath, "build", join("src", "main.ts"), ...flags], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = Promise.all([build.exited, build.stdout.text(), build.stderr.text()]);
  const [code, said, errors] = await ended;
  if (code === 0 && existsSync(outfile)) return;
  throw new Error(`bun build ended with ${code}:\n${said}${errors}`);
}
