// Builds dist/midge, the executable for this platform: `bun run build`.
// Bun's runtime makes nearly all of its 100 MB. Never strip it: what is left would be a plain Bun.
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dir);
const outfile = join(root, "dist", "midge");
/** The name is part of the executable, so the draft has the same one. */
const draft = join(root, "dist", `.build-${process.pid}`, "midge");

const FLAGS = [
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

const startedAt = performance.now();
const build = Bun.spawn(
  [process.execPath, "build", ...FLAGS, join("src", "main.ts"), "--outfile", draft],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
const code = await build.exited;
if (code !== 0 || !existsSync(draft)) fail(`bun build ended with ${code}; see the lines above`);
const version = await Bun.$`${draft} -v`.nothrow().text();
if (!version.startsWith("midge: v")) fail("the new executable does not tell its version");
// In one step, so that whoever starts dist/midge meanwhile gets a whole one, old or new.
renameSync(draft, outfile);
rmSync(dirname(draft), { recursive: true });

const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
console.log(`dist/midge: ${megabytes} MB in ${seconds} s, ${version.trim()}`);

/** Leaves no old executable either, which would be taken for the new one. */
function fail(reason: string): never {
  rmSync(outfile, { force: true });
  rmSync(dirname(draft), { recursive: true, force: true });
  console.error(`midge: the build failed: ${reason}`);
  process.exit(1);
}
