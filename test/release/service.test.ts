// The unit for systemd: what it promises stays in it, and systemd understands it.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";

const file = join(import.meta.dir, "../../scripts/service/midge.service");
const text = await Bun.file(file).text();
const settings = text.split("\n").filter((line) => /^[A-Z]\w+=/.test(line));

/** All values of a key, in their order. */
function valuesOf(key: string): string[] {
  return settings.filter((line) => line.startsWith(`${key}=`)).map((l) => l.slice(key.length + 1));
}

test("every line is a section, a setting, a comment or empty", () => {
  for (const line of text.split("\n")) expect(line).toMatch(/^(\[\w+\]|[A-Z]\w+=.*|#.*|)$/);
  expect(text.match(/^\[\w+\]$/gm)).toEqual(["[Unit]", "[Service]", "[Install]"]);
});

test("the command lines are ones that the executable takes", () => {
  const commands = [
    ...valuesOf("ExecStartPre"),
    ...valuesOf("ExecStart"),
    ...valuesOf("ExecReload"),
  ];
  const ours = commands.filter((line) => line.startsWith("/usr/local/bin/midge "));
  expect(ours.map((line) => parseFlags(line.split(" ").slice(1)).asks)).toEqual([
    "test",
    "run",
    "test",
  ]);
});

test("a reload checks the file and sends HUP; a stop sends TERM and leaves time for it", () => {
  expect(valuesOf("ExecReload").at(-1)).toBe("/bin/kill -HUP $MAINPID");
  expect(valuesOf("KillSignal")).toEqual(["SIGTERM"]);
  expect(Number(valuesOf("TimeoutStopSec")[0])).toBeGreaterThan(10);
});

describe("it runs with nothing that it does not need", () => {
  const promises: [string, string][] = [
    ["DynamicUser", "yes"],
    ["NoNewPrivileges", "yes"],
    ["CapabilityBoundingSet", ""],
    ["ProtectSystem", "strict"],
    ["ProtectHome", "yes"],
    ["PrivateTmp", "yes"],
    ["PrivateDevices", "yes"],
    ["RestrictSUIDSGID", "yes"],
    ["SystemCallArchitectures", "native"],
  ];
  test.each(promises)("%s=%s", (key, value) => {
    expect(valuesOf(key)).toEqual([value]);
  });

  test("but may make its machine code and have many connections", () => {
    expect(valuesOf("MemoryDenyWriteExecute")).toEqual([]);
    expect(Number(valuesOf("LimitNOFILE")[0])).toBeGreaterThanOrEqual(65_536);
  });
});

describe("systemd", () => {
  const analyze = Bun.which("systemd-analyze");
  const name = (promise: string) =>
    analyze === null ? `${promise} (systemd-analyze is not installed)` : promise;

  test.skipIf(analyze === null)(name("finds no mistake in it"), async () => {
    // With an executable that is there.
    const folder = mkdtempSync(join(tmpdir(), "midge-service-"));
    try {
      const copy = join(folder, "midge.service");
      await Bun.write(copy, text.replaceAll("/usr/local/bin/midge", "/bin/true"));
      const { stdout, stderr, exitCode } = Bun.spawnSync([analyze!, "verify", "--man=no", copy]);
      const output = stdout.toString() + stderr.toString();
      // Others' units are read, too, and may have mistakes of their own.
      const ours = output.split("\n").filter((line) => line.includes("midge"));
      expect({ ours, exitCode }).toEqual({ ours: [], exitCode: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.skipIf(analyze === null)(name("calls its exposure low"), () => {
    const command = [analyze!, "security", "--offline=true", "--threshold=20", "--no-pager", file];
    const { stdout, exitCode } = Bun.spawnSync(command);
    expect(stdout.toString()).toMatch(/Overall exposure level for midge\.service: [01]\.\d OK/);
    expect(exitCode).toBe(0);
  });
});
