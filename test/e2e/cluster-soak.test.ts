// The soak of a cluster in its shortest form, so that it works when somebody wants the long one.
import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { executable } from "./support.ts";

const TEST_MS = 60_000;

async function soak(...words: string[]) {
  const child = Bun.spawn([process.execPath, "scripts/soak.ts", ...words], {
    cwd: resolve(import.meta.dir, "../.."),
    env: { ...process.env, MIDGE_BIN: executable },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [code, stdout, stderr] = await Promise.all([
    child.exited,
    child.stdout.text(),
    child.stderr.text(),
  ]);
  return { code, stdout, stderr };
}

test(
  "a soak with one kill keeps all promises and says so in figures",
  async () => {
    const { code, stdout, stderr } = await soak("cluster", "--seconds", "6", "--seed", "1");
    expect(stderr).toBe("");
    expect(stdout).toContain("1 kills;");
    expect(stdout).toMatch(/^[1-9]\d* received,/m);
    expect(stdout).toMatch(/^0 lost between connected clients/m);
    expect(stdout).toMatch(/^0 doubled/m);
    expect(stdout).toMatch(/^0 out of order/m);
    expect(stdout).toEndWith("cluster: passed\n");
    expect(code).toBe(0);
  },
  TEST_MS,
);

test.each([
  [[]],
  [["flood"]],
  [["cluster", "--seconds", "none"]],
  [["cluster", "--kills", "3"]],
  [["reload", "--seconds", "3"]],
])("words that make no sense (%p) are answered with the usage", async (words) => {
  const { code, stderr } = await soak(...words);
  expect(code).toBe(2);
  expect(stderr).toStartWith("usage: ");
});
