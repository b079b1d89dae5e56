// Runs a script of this project with the Bun that package.json pins, after installing what is missing.
// Plain Node on purpose: on a fresh machine nothing else exists yet. Usage: node scripts/run.mjs FILE [ARGS…]
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stamp = join(modules, ".midge-installed");

/** Installs the locked packages unless they are there already: a second run touches no network. */
function install() {
  const lock = readFileSync(join(root, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && findBun()) return;
  const installer = process.versions.bun
    ? [process.execPath, "install", "--no-save"]
    : [
        process.platform === "win32" ? "npm.cmd" : "npm",
        "ci",
        "--include=dev",
        "--no-audit",
        "--no-fund",
      ];
  process.stderr.write(`Installing the packages of Midge (once) with ${installer[1]} …\n`);
  const done = spawnSync(installer[0], installer.slice(1), {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (done.status !== 0) fail(`installing failed (exit ${done.status}); see the lines above`);
  writeFileSync(stamp, wanted);
}

/** The pinned Bun: the file that its install script puts in place or, where scripts are off, the platform package's. */
function findBun() {
  const candidates = [join(modules, "bun", "bin", "bun.exe")];
  const platforms = join(modules, "@oven");
  if (existsSync(platforms)) {
    for (const name of readdirSync(platforms)) {
      candidates.push(join(platforms, name, "bin", "bun"), join(platforms, name, "bin", "bun.exe"));
    }
  }
  // The package ships a few lines of text under the name until its install script has run.
  return candidates.find((file) => existsSync(file) && statSync(file).size > 1_000_000);
}

function fail(message) {
  process.stderr.write(`midge: ${message}\n`);
  process.exit(1);
}

install();
const bun = findBun() ?? (process.versions.bun && process.execPath);
if (!bun) fail("no Bun for this platform was installed; see https://bun.com for what it runs on");
const [file, ...rest] = process.argv.slice(2);
const child = spawn(bun, [join(root, file), ...rest], { stdio: "inherit" });
child.on("error", (error) => fail(`${bun} does not start: ${error.message}`));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});
