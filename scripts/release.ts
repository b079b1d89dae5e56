// Builds what people download, for every system: `bun run release`. In dist/release: the executables, an
// SBOM, what installs and serves them, and SHA256SUMS of all. The same source makes the same bytes.
// Names of targets as arguments (linux-x64 …) build only those.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { description, license, name, version } from "../package.json" with { type: "json" };
import { VERSION_LINE } from "../src/proto/version.ts";
import { mismatch, readBinary } from "./release/binary.ts";
import { compile } from "./release/compile.ts";
import { renderLicenses } from "./release/licenses.ts";
import { Lock } from "./release/lock.ts";
import { signAdHoc } from "./release/mach-o-signature.ts";
import { unpackRuntime } from "./release/runtime.ts";
import { renderSbom } from "./release/sbom.ts";
import { renderSums, sha256 } from "./release/sums.ts";
import { fileName, programName, TARGETS, type Target } from "./release/targets.ts";
import { runnerOf, tryOut } from "./release/try-out.ts";
import { writeCompletions } from "./completions.ts";

const root = dirname(import.meta.dir);
const dist = join(root, "dist");
const cache = join(dist, ".cache");
const folder = join(dist, "release");

try {
  await release(selected(process.argv.slice(2)));
} catch (error) {
  console.error(`midge: the release failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function release(targets: readonly Target[]): Promise<void> {
  const lock = await Lock.read(join(root, "package-lock.json"));
  const pinned = lock.package("bun").version;
  // What one version has parsed ahead of time, another does not read.
  if (Bun.version !== pinned) throw new Error(`it needs Bun ${pinned}, this is ${Bun.version}`);
  mkdirSync(cache, { recursive: true });
  // A draft, so that dist/release is whole or not there.
  const draft = mkdtempSync(join(dist, ".release-"));
  try {
    const executables = new Map<string, string>();
    for (const target of targets) {
      const file = fileName(version, target);
      await build(target, lock, join(draft, file));
      executables.set(file, await sha256(join(draft, file)));
    }
    const runtimes = targets.map(({ runtime }) => runtime);
    const contents = { name, version, description, license, lock, runtimes, executables };
    await Bun.write(join(draft, `midge-${version}.cdx.json`), renderSbom(contents));
    const licenses = renderLicenses(lock.shipped(), join(root, "node_modules"), pinned);
    await Bun.write(join(draft, "THIRD-PARTY-LICENSES"), licenses);
    copyFileSync(join(root, "LICENSE"), join(draft, "LICENSE"));
    copyFileSync(join(import.meta.dir, "install.sh"), join(draft, "install.sh"));
    copyFileSync(join(import.meta.dir, "service", "midge.service"), join(draft, "midge.service"));
    await writeCompletions(draft);
    const digests = new Map<string, string>();
    for (const file of readdirSync(draft)) digests.set(file, await sha256(join(draft, file)));
    await Bun.write(join(draft, "SHA256SUMS"), renderSums(digests));
    chmodSync(draft, 0o755);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    console.log(`dist/release: ${digests.size} files and SHA256SUMS, ${VERSION_LINE}`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Compiles, looks at and, where that is possible, runs one executable. */
async function build(target: Target, lock: Lock, destination: string): Promise<void> {
  const workshop = mkdtempSync(join(dist, ".build-"));
  try {
    const path = await unpackRuntime(lock.package(target.runtime), cache, workshop);
    const outfile = join(workshop, programName(target));
    await compile({ root, outfile, runtime: { path, system: target.system } });
    if (target.os === "macos")
      await Bun.write(outfile, signAdHoc(await readWhole(outfile), "midge"));
    const problem = mismatch(await readBinary(outfile), target);
    if (problem !== undefined) throw new Error(`the file for ${target.name} is wrong: ${problem}`);
    const runner = await runnerOf(target, process.env);
    if (runner !== undefined) await tryOut([...runner, outfile], VERSION_LINE, target.os);
    const megabytes = (Bun.file(outfile).size / 1e6).toFixed(0);
    const tried = runner === undefined ? "not run here" : `run${by(runner)}`;
    console.log(`${target.name.padEnd(18)} ${megabytes.padStart(4)} MB, ${tried}`);
    chmodSync(outfile, 0o755);
    renameSync(outfile, destination);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  return new Uint8Array(await Bun.file(path).arrayBuffer());
}

function by([program]: readonly string[]): string {
  return program === undefined ? "" : ` by ${program}`;
}

/** All, or those that are named. Throws an Error for a name that is none. */
function selected(names: readonly string[]): readonly Target[] {
  const known = TARGETS.map((target) => target.name);
  const unknown = names.find((each) => !known.includes(each));
  if (unknown !== undefined) {
    throw new Error(`unknown target ${unknown}: expected some of ${known.join(", ")}`);
  }
  return names.length === 0 ? TARGETS : TARGETS.filter((target) => names.includes(target.name));
}
