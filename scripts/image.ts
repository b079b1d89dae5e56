// Makes the container image: `bun run image`. The tree of its files is in dist/rootfs afterwards and, where
// docker, podman or buildah is there to build it, so is the image itself, as midge:VERSION and midge:latest.
// `bun run image -- --tree` leaves it at the tree.
import { existsSync, globSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { buildImage, findBuilder } from "./image/builder.ts";
import { type ImageFile, layOut, listFiles } from "./image/tree.ts";

const root = dirname(import.meta.dir);
const executable = join(root, "dist", "midge");
const rootfs = join(root, "dist", "rootfs");

try {
  if (process.platform !== "linux") {
    throw new Error("its libraries are those of the machine that makes it, which must be Linux");
  }
  if (!isBuilt()) await build();
  const files = await listFiles(executable);
  mkdirSync(dirname(rootfs), { recursive: true });
  layOut(files, rootfs);
  console.log(`dist/rootfs: ${files.length} files, ${describeSize(files)}`);
  if (!process.argv.includes("--tree")) await buildFromTree();
} catch (error) {
  console.error(`midge: no image: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** The executable is there, and nothing that it is made of has changed since. */
function isBuilt(): boolean {
  if (!existsSync(executable)) return false;
  const builtAt = statSync(executable).mtimeMs;
  const sources = ["package.json", "package-lock.json", "scripts/build.ts"];
  sources.push(...globSync("src/**/*", { cwd: root }));
  return sources.every((file) => statSync(join(root, file)).mtimeMs <= builtAt);
}

async function buildFromTree(): Promise<void> {
  const builder = findBuilder();
  if (builder === null) {
    return console.log("No docker, podman or buildah that works here: only the tree was made");
  }
  const names = [`midge:${manifest.version}`, "midge:latest"];
  await buildImage(builder, root, manifest.version, names);
  console.log(`${names.join(" and ")}: built with ${builder.name}`);
}

async function build(): Promise<void> {
  const script = join(import.meta.dir, "build.ts");
  const child = Bun.spawn([process.execPath, script], { stdio: ["ignore", "inherit", "inherit"] });
  if ((await child.exited) !== 0) throw new Error("the executable was not built");
}

/** What it takes on a disk, and on the wire, where layers travel through gzip. */
function describeSize(files: readonly ImageFile[]): string {
  let plain = 0;
  let compressed = 0;
  for (const file of files) {
    const content = readFileSync(join(rootfs, file.path));
    plain += content.length;
    compressed += Bun.gzipSync(content).length;
  }
  return `${(plain / 1e6).toFixed(1)} MB, compressed ${(compressed / 1e6).toFixed(1)} MB`;
}
