// Everything that has to hold before a change is done, in one command: `npm test`.
// Types, layout, the executable, then the whole suite, whose end-to-end part runs that executable, and a
// look for secrets in all that the servers of the suite said.
// The last line counts: every check that is not a test of the suite counts as one.
import { mkdtempSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isatty } from "node:tty";
import { OUTPUTS_VARIABLE } from "../test/support/secrets.ts";

const root = dirname(import.meta.dir);
const STDERR = 2;
const TEST_TIMEOUT_MS = 30_000;
/**
 * The summary of `bun test` is short and comes last; a test may print what looks like one before.
 */
const SUMMARY_LINES_MAX = 12;

/** Where the suite keeps what servers said and which secrets it used. */
const outputs = mkdtempSync(join(tmpdir(), "midge-outputs-"));
const selected = process.argv.slice(2);

/** Bun says less where it believes a program reads along, and hides what was skipped. */
const environment = {
  ...process.env,
  AGENT: undefined,
  CLAUDECODE: undefined,
  REPL_ID: undefined,
  FORCE_COLOR: isatty(STDERR) ? "1" : undefined,
  [OUTPUTS_VARIABLE]: outputs,
};

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
await check("types: bun check", ["check"]);
await check("types of the page", ["check", "-p", "src/http/page"]);
await check("layout: bun fmt --check", ["fmt", "--check"]);
await check("build: dist/midge", ["scripts/build.ts"]);
const collecting = "--preload=./test/support/collecting.ts";
await suite(["test", collecting, `--timeout=${TEST_TIMEOUT_MS}`, ...selected]);
// A part of the suite does not say all that there is to say.
if (selected.length === 0)
  await check("secrets: none was given away", ["scripts/secrets.ts", outputs]);
rmSync(outputs, { recursive: true, force: true });

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function check(title: string, args: readonly string[]): Promise<void> {
  console.log(`── ${title}`);
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await child.exited) === 0) counts.passed++;
  else counts.failed++;
}

async function suite(args: readonly string[]): Promise<void> {
  console.log("── tests: bun test");
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "inherit", "pipe"],
  });
  const output = await passOn(child.stderr);
  const code = await child.exited;
  const found = readSummary(output);
  // No summary or no failure, and yet no success: bun itself was stopped.
  if (code !== 0 && found.failed === 0) found.failed = 1;
  counts.passed += found.passed;
  counts.failed += found.failed;
  counts.skipped += found.skipped;
  // Bun says it twice when there are many tests.
  const reasons = new Set(output.split("\n").filter((line) => /^\((skip|todo)\) /.test(line)));
  if (reasons.size > 0) console.log(`\nSkipped:\n${[...reasons].join("\n")}`);
}

/** Shows what arrives as it arrives, and returns all of it without colours. */
async function passOn(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    // At once, so that in a log that takes both streams the counts come last.
    writeSync(STDERR, chunk);
    text += decoder.decode(chunk, { stream: true });
  }
  // Line by line: a control character in the name of a test must not swallow what follows.
  return text
    .split("\n")
    .map((line) => Bun.stripANSI(line))
    .join("\n");
}

function readSummary(output: string): Counts {
  const lines = output.trimEnd().split("\n").slice(-SUMMARY_LINES_MAX);
  const count = (label: string): number => {
    const line = lines.findLast((text) => new RegExp(`^ *\\d+ ${label}$`).test(text));
    return line === undefined ? 0 : Number.parseInt(line, 10);
  };
  return {
    passed: count("pass"),
    failed: count("fail"),
    skipped: count("skip") + count("todo"),
  };
}
