// People search the documentation for the line that they see: what it shows is what servers say.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogLines } from "../support/peer.ts";
import { Page } from "./markdown.ts";
import { logLinesOf, patternOf } from "./said.ts";
import { Troubles } from "./troubles.ts";

const SCENES_MS_MAX = 30_000;

const shown = new Page("docs/troubleshooting.md").blocks
  .filter(({ info, excuse }) => info === "text" && excuse === undefined)
  .flatMap(({ text }) => logLinesOf(text));

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
