// The logger on standard error, as a process of its own: what arrives at the other end of the pipe.
import { expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const log = JSON.stringify(join(import.meta.dir, "../../src/log/log.ts"));

function program(body: string): string[] {
  const open = "const log = new Log({ debug: false, trace: true, logtime: true });";
  return [process.execPath, "-e", `import { Log } from ${log}; ${open} ${body}`];
}

test("lines go to standard error, whole and in order, and none to standard output", async () => {
  const body = `
    log.notice("first");
    for (let i = 0; i < 5000; i++) log.trace("line " + i);
    log.close();`;
  const child = Bun.spawn(program(body), { stdout: "pipe", stderr: "pipe" });
  const [code, stdout, stderr] = await Promise.all([
    child.exited,
    child.stdout.text(),
    child.stderr.text(),
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  const lines = stderr.trimEnd().split("\n");
  expect(lines).toHaveLength(5001);
  const head = new RegExp(
    String.raw`^\[${child.pid}\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} \[INF\] first$`,
  );
  expect(lines[0]).toMatch(head);
  expect(lines.slice(1).every((line, i) => line.endsWith(` [TRC] line ${i}`))).toBe(true);
});

test("a reader that hangs stops nobody; what it missed is told when it reads again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "midge-pipe-"));
  const path = join(folder, "pipe");
  expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
  const pipe = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const childEnd = openSync(path, constants.O_WRONLY);
  const body = `
    const text = "x".repeat(1000);
    for (let i = 0; i < 12_000; i++) log.trace(text);
    console.log("still running");
    for await (const _ of console) break;
    log.notice("at last");
    log.close();`;
  const child = Bun.spawn(program(body), { stdin: "pipe", stdout: "pipe", stderr: childEnd });
  closeSync(childEnd);
  try {
    const stdout = child.stdout.getReader();
    expect(new TextDecoder().decode((await stdout.read()).value)).toBe("still running\n");
    let text = drain(pipe);
    expect(text.startsWith(`[${child.pid}] `)).toBe(true);
    child.stdin.write("go on\n");
    child.stdin.end();
    const ended = child.exited.then(() => true);
    while (!(await Promise.race([ended, nextTurn()]))) text += drain(pipe);
    text += drain(pipe);
    const last = text.slice(-200).replace(/^[^]*x\n/, "");
    // The pipe may have room again before the program speaks, or only when it does.
    const [told, atLast] = [
      /\[WRN\] \d+ log lines lost: nobody reads the log$/,
      /\[INF\] at last$/,
    ];
    const lines = last.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines.find((line) => told.test(line))).toBeDefined();
    expect(lines.find((line) => atLast.test(line))).toBeDefined();
    expect(await child.exited).toBe(0);
  } finally {
    child.kill();
    closeSync(pipe);
    rmSync(folder, { recursive: true });
  }
});

function nextTurn(): Promise<false> {
  return new Promise((resolve) => setImmediate(() => resolve(false)));
}

/** What the pipe holds now. */
function drain(pipe: number): string {
  const chunk = Buffer.allocUnsafe(64 * 1024);
  let text = "";
  try {
    for (let bytes = 1; bytes > 0;) {
      bytes = readSync(pipe, chunk);
      text += chunk.latin1Slice(0, bytes);
    }
  } catch {
    // Empty, and somebody may still write: EAGAIN.
  }
  return text;
}
