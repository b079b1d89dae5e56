// Builds dist/midge, the executable for this platform: `bun run build`.
// Bun's runtime makes nearly all of its 100 MB. Never strip it: what is left would be a plain Bun.
import { mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dir);
const outfile = join(root, "dist", "midge");

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

mkdirSync(dirname(outfile), { recursive: true });
// A running midge keeps its file; and a failed build leaves no old one to be taken for the new.
rmSync(outfile, { force: true });
const startedAt = performance.now();
const build = Bun.spawn(
  [process.execPath, "build", ...FLAGS, join("src", "main.ts"), "--outfile", outfile],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
const code = await build.exited;
rmSync(`${outfile}.map`, { force: true });
const size = statSync(outfile, { throwIfNoEntry: false })?.size ?? 0;
if (code !== 0 || size === 0) {
  console.error(`midge: the build failed (bun build ended with ${code}); see the lines above`);
  process.exit(1);
}

const version = await Bun.$`${outfile} -v`.nothrow().text();
if (!version.startsWith("midge: v")) {
  console.error("midge: the build failed: the new executable does not tell its version");
  process.exit(1);
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
const megabytes = (size / 1e6).toFixed(0);
console.log(`dist/midge: ${megabytes} MB in ${seconds} s, ${version.trim()}`);
