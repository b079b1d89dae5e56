// The executable that a release has for this system: the same bytes each time, and deaf to what lies in
// the folder that it is started from.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../../scripts/release/compile.ts";
import { sha256 } from "../../scripts/release/sums.ts";
import { TARGETS, type Target } from "../../scripts/release/targets.ts";
import { runnerOf, tryOut } from "../../scripts/release/try-out.ts";
import { VERSION_LINE } from "../../src/proto/version.ts";

const root = join(import.meta.dir, "../..");
const COMPILE_MS_MAX = 30_000;
const scratch = mkdtempSync(join(tmpdir(), "midge-compile-"));
const os = process.platform === "win32" ? "windows" : "linux";
const one = join(scratch, "one", "midge");
const other = join(scratch, "another one", "midge");

beforeAll(async () => {
  await compile({ root, outfile: one });
  await compile({ root, outfile: other });
}, 2 * COMPILE_MS_MAX);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("two builds in different folders have the same bytes", async () => {
  expect(await sha256(one)).toBe(await sha256(other));
});

test("it tells the version of package.json, carries a message, and ends on SIGTERM", async () => {
  await tryOut([one], VERSION_LINE, os);
});

test("what tells another version fails the trial", async () => {
  const failure = tryOut([one], "midge: v9.9.9 (NATS 2.15.0)", os);
  await expect(failure).rejects.toThrow("instead of midge: v9.9.9 (NATS 2.15.0)");
});

test("neither .env nor bunfig.toml of the folder changes it", async () => {
  const folder = mkdtempSync(join(scratch, "planted-"));
  await Bun.write(join(folder, ".env"), "PLANTED_PORT=4333\n");
  await Bun.write(join(folder, "bunfig.toml"), 'preload = ["./planted.ts"]\n');
  await Bun.write(join(folder, "planted.ts"), 'console.log("planted");\n');
  await Bun.write(join(folder, "midge.conf"), "port: $PLANTED_PORT\n");
  const check = (env: Record<string, string>) => {
    const options = { cwd: folder, env: { PATH: process.env.PATH, ...env } };
    const { exitCode, stdout, stderr } = Bun.spawnSync([one, "-t", "-c", "midge.conf"], options);
    return { exitCode, said: stdout.toString() + stderr.toString() };
  };
  const unaware = check({});
  expect(unaware.exitCode).toBe(1);
  expect(unaware.said).toContain("PLANTED_PORT");
  expect(unaware.said).not.toContain("planted\n");
  // The variable itself would be heard.
  expect(check({ PLANTED_PORT: "4333" }).exitCode).toBe(0);
});

describe("who runs an executable", () => {
  const named = (name: string): Target => TARGETS.find((target) => target.name === name)!;

  test("is nobody, where it is made for another system", async () => {
    const other = process.platform === "win32" ? "macos-arm64" : "windows-x64";
    expect(await runnerOf(named(other), {})).toBeUndefined();
  });

  test("is the system itself, for exactly one of them", async () => {
    const runners = await Promise.all(TARGETS.map((target) => runnerOf(target, {})));
    expect(runners.filter((runner) => runner !== undefined)).toEqual([[]]);
  });

  test("is the command that the environment names for it", async () => {
    const environment = { MIDGE_RUN_LINUX_ARM64_MUSL: " emulate -L  root " };
    const runner = await runnerOf(named("linux-arm64-musl"), environment);
    expect(runner).toEqual(["emulate", "-L", "root"]);
  });
});
