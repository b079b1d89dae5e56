// Bun's runtimes for other systems: fetched with npm, checked against the digests of package-lock.json
// (so that what is built is what was reviewed, whatever a registry says today), and kept.
import { createHash, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Locked } from "./lock.ts";

/**
 * Unpacks the runtime of that package into the folder `into` and returns its path. The package is kept
 * in `cache`, and fetched when it is not there. Throws an Error for people.
 */
export async function unpackRuntime(locked: Locked, cache: string, into: string): Promise<string> {
  const tarball = join(cache, `${locked.name.slice(1).replace("/", "-")}-${locked.version}.tgz`);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(tarball)) await fetchTarball(locked, tarball);
  // Each time, because a cache is only a folder that anything may have written to.
  verify(readFileSync(tarball), locked);
  await Bun.$`tar -xzf ${tarball} -C ${into}`.quiet();
  const names = ["bun", "bun.exe"].map((name) => join(into, "package", "bin", name));
  const runtime = names.find((path) => existsSync(path));
  if (runtime === undefined) throw new Error(`${locked.name} has no bin/bun`);
  return runtime;
}

/** Throws an Error unless these are the bytes that the lock names. */
export function verify(bytes: Uint8Array, { name, version, integrity }: Locked): void {
  const expected = Buffer.from(integrity.slice("sha512-".length), "base64");
  const found = createHash("sha512").update(bytes).digest();
  if (expected.length === found.length && timingSafeEqual(expected, found)) return;
  throw new Error(
    `${name}@${version}: the package is not the one of package-lock.json: expected sha512 ` +
      `${expected.toString("hex")}, found ${found.toString("hex")}`,
  );
}

/** Puts the package at `tarball`, in one step and only when it is the right one. */
async function fetchTarball(locked: Locked, tarball: string): Promise<void> {
  const wanted = `${locked.name}@${locked.version}`;
  const draft = mkdtempSync(join(dirname(tarball), ".fetched-"));
  try {
    const npm = Bun.spawn(["npm", "pack", "--silent", "--pack-destination", draft, wanted], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = Promise.all([npm.exited, npm.stdout.text(), npm.stderr.text()]);
    const [code, said, errors] = await ended;
    if (code !== 0) throw new Error(`npm pack ${wanted} ended with ${code}: ${errors.trim()}`);
    const fetched = join(draft, said.trim());
    verify(readFileSync(fetched), locked);
    renameSync(fetched, tarball);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
