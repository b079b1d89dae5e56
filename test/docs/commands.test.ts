// The commands of README and docs are typed, line by line and page by page, and the logs that a page shows have to
// be those of its servers. What this machine lacks is skipped with its reason.
import { afterAll, describe, test } from "bun:test";
import { Checkout } from "./checkout.ts";
import { type Line, linesOf } from "./lines.ts";
import { type Block, Page, pages } from "./markdown.ts";
import { logLinesOf, patternOf } from "./said.ts";
import { Shell } from "./shell.ts";
import { isInstall, type Missing, missingFor } from "./stand-ins.ts";

const LINE_MS_MAX = 90_000;

const all = pages()
  .map((path) => new Page(path))
  .filter(({ blocks }) => blocks.some(({ info }) => info === "sh"));

if (process.platform === "linux") {
  const checkout = new Checkout();
  afterAll(() => checkout[Symbol.dispose]());
  const offline = checkout.offer();
  for (const page of all) describe(page.path, () => readAlong(page, new Shell(checkout), offline));
} else {
  test.skip("the commands of the documentation (they are for a shell on Linux)", () => {});
}

/** The tests of a page, in its order. */
function readAlong({ blocks }: Page, shell: Shell, offline: string | undefined): void {
  const readable = blocks.filter(({ excuse }) => excuse === undefined);
  for (const block of readable.filter(({ info }) => info === "conf")) shell.keep(block);
  let lack: Missing | undefined;
  for (const block of readable) {
    for (const line of block.info === "sh" ? linesOf(block) : []) {
      const missing = missingFor(line.text, offline);
      // What was not installed can't be used either.
      if (isInstall(line.text)) lack = missing;
      testLine(line, shell, missing ?? lack);
    }
    if (block.info === "text") testLog(block, shell);
  }
  test("what was started ends at Ctrl-C and leaves nothing behind", () => shell.stop());
  // Where that test is left out.
  afterAll(() => shell.stop());
}

function testLine(line: Line, shell: Shell, missing: Missing | undefined): void {
  const name = `line ${line.number}: ${line.text}`;
  if (missing === undefined) {
    test(name, () => shell.type(line), LINE_MS_MAX);
  } else if (missing.isPeer && process.env["MIDGE_REQUIRE_PEERS"] === "1") {
    test(name, () => {
      throw new Error(missing.reason);
    });
  } else {
    console.warn(`skipped: ${line.page}:${line.number}: ${line.text}: ${missing.reason}`);
    test.skip(`${name} (${missing.reason})`, () => {});
  }
}

/** What a page shows after its commands; without any that run, it is shown for another reason. */
function testLog(block: Block, shell: Shell): void {
  for (const line of logLinesOf(block.text).filter((each) => each.startsWith("[INF]"))) {
    test(
      `line ${block.line}: the log says ${line}`,
      () => shell.says(patternOf(line)),
      LINE_MS_MAX,
    );
  }
}
