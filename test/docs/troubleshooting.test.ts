// People search the documentation for the line that they see: what it shows is what servers say.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogLines } from "../support/peer.ts";
import { Page } from "./markdown.ts";
import { Troubles } from "./troubles.ts";

const SCENES_MS_MAX = 30_000;
const LOG_LINE = /^(\[(INF|WRN|ERR|FTL|DBG)\]|midge:) /;

const shown = new Page("docs/troubleshooting.md").blocks
  .filter(({ info, excuse }) => info === "text" && excuse === undefined)
  .flatMap(({ text }) => text.split("\n").filter((line) => LOG_LINE.test(line)));

const log = new LogLines();
const folder = mkdtempSync(join(tmpdir(), "midge-troubles-"));
const troubles = new Troubles(log, folder);

beforeAll(() => troubles.all(), SCENES_MS_MAX);
afterAll(async () => {
  await troubles[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test("there are log lines to look for", () => {
  expect(shown.length).toBeGreaterThan(15);
});

for (const line of new Set(shown)) {
  test(`a server says: ${line}`, async () => {
    expect(await log.line(patternOf(line))).toBeString();
  });
}

/** Numbers may be others, and … stands for anything. */
function patternOf(line: string): RegExp {
  const parts = line.split(/(\d+|…)/).map((part) => {
    if (part === "…") return ".*";
    return /^\d/.test(part) ? "-?\\d+" : RegExp.escape(part);
  });
  return new RegExp(`^${parts.join("")}$`);
}
