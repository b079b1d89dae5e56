// Builds dist/midge, the executable for this platform: `bun run build`.
// Bun's runtime makes nearly all of its 100 MB. Never strip it: what is left would be a plain Bun.
import { renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile } from "./release/compile.ts";

const root = dirname(import.meta.dir);
const outfile = join(root, "dist", "midge");
/** The name is part of the executable, so the draft has the same one. */
const draft = join(root, "dist", `.build-${process.pid}`, "midge");

const startedAt = performance.now();
await compile({ root, outfile: draft }).catch((error: Error) => fail(error.message));
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
