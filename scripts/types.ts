// `bun scripts/types.ts`: writes the type declarations of the library to dist/types, which `npm pack` takes
// along: src/index.ts and what its types need, nothing of the inside. Bun checks types and does not write
// them down; so the compiler is fetched for the occasion, unless one is installed.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

/** The compiler whose checks `bun check` has built in. */
const COMPILER = "typescript@7.0.2";
const root = dirname(import.meta.dir);
const target = join(root, "dist", "types");

/** Declarations of everything that src/index.ts imports, in a folder of their own. */
function compile(folder: string): void {
  const project = join(folder, "tsconfig.json");
  const source = join(root, "src");
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: source,
        outDir: join(folder, "out"),
        typeRoots: [join(root, "node_modules")],
      },
      include: [],
      files: ["index.ts", "bun.d.ts", "net/sockets.d.ts"].map((file) => join(source, file)),
    }),
  );
  const installed = join(root, "node_modules", ".bin", "tsc");
  const command = existsSync(installed)
    ? [installed]
    : ["npm", "exec", "--yes", `--package=${COMPILER}`, "--", "tsc"];
  const done = Bun.spawnSync([...command, "-p", project], { cwd: folder, stderr: "pipe" });
  if (done.success) return;
  throw new Error(`${command[0]} failed:\n${done.stdout}${done.stderr}`);
}

/** The files that can be reached from `entry`, by their paths below `folder`. */
function reachable(folder: string, entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const waiting = [join(folder, entry)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const name = relative(folder, file);
    if (found.has(name)) continue;
    const text = readFileSync(file, "utf8");
    // Declarations stand for the .js files that they would lie next to.
    found.set(name, text.replace(/(from "\.[^"]+)\.ts"/g, '$1.js"'));
    for (const [, path] of text.matchAll(/(?:from |import\()"(\.[^"]+)\.ts"/g)) {
      waiting.push(join(dirname(file), `${path}.d.ts`));
    }
  }
  return found;
}

const folder = mkdtempSync(join(tmpdir(), "midge-types-"));
try {
  compile(folder);
  rmSync(target, { recursive: true, force: true });
  const files = reachable(join(folder, "out"), "index.d.ts");
  for (const [name, text] of files) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), text);
  }
  // Standard error: the output of `npm pack --json` is for programs.
  process.stderr.write(`dist/types: ${[...files.keys()].sort().join(" ")}\n`);
} catch (error) {
  process.stderr.write(`midge: no type declarations: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
