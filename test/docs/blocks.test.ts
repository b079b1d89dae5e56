// What README and docs show is tried: programs run, configurations load, links lead somewhere; commands.test.ts
// types the commands. A block that can't be tried says so: `text`, or a comment before it with the reason.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions } from "../../src/config/load.ts";
import { type Block, brokenLink, Page, pages, slugOf } from "./markdown.ts";
import { programsOf, Workshop } from "./programs.ts";

const KNOWN = ["sh", "ts", "conf", "yaml", "json", "text"];
const TEST_MS_MAX = 90_000;

const all = new Map(pages().map((path) => [path, new Page(path)]));
const blocks = [...all.values()].flatMap((page) => page.blocks);

function checkable(info: string): Block[] {
  return blocks.filter((block) => block.info === info && block.excuse === undefined);
}

const titleOf = ({ page, line }: Block) => `${page}:${line}`;

describe("blocks", () => {
  test("every block says what it is", () => {
    const unknown = blocks.filter(({ info }) => !KNOWN.includes(info));
    expect(unknown.map((block) => `${titleOf(block)}: \`${block.info}\``)).toEqual([]);
  });

  for (const block of checkable("yaml")) {
    test(`${titleOf(block)} is YAML`, () => {
      expect(Bun.YAML.parse(block.text)).toBeTruthy();
    });
  }

  for (const block of checkable("json")) {
    test(`${titleOf(block)} is JSON`, () => {
      expect(JSON.parse(block.text)).toBeTruthy();
    });
  }
});

describe("configurations", () => {
  const folder = mkdtempSync(join(tmpdir(), "midge-docs-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const block of checkable("conf")) {
    test(`${titleOf(block)} loads, and all of it has an effect`, () => {
      const file = join(folder, "midge.conf");
      writeFileSync(file, block.text);
      const { warnings } = loadOptions(file, parseFlags([]), environmentFor(block.text));
      expect(warnings.filter((each) => each.includes("no effect"))).toEqual([]);
    });
  }
});

/** Something for each variable that a configuration takes from the environment. */
function environmentFor(text: string): Record<string, string> {
  const names = [...text.matchAll(/\$([A-Z][A-Z_]+)/g)].map(([, name]) => name!);
  return Object.fromEntries(names.map((name) => [name, "from-the-environment"]));
}

describe("programs", () => {
  const programs = programsOf(checkable("ts"));
  let workshop: Workshop;
  beforeAll(() => {
    workshop = new Workshop(programs);
  });
  afterAll(() => workshop?.[Symbol.dispose]());

  test(
    "all of them have the right types",
    async () => {
      expect(await workshop.check()).toMatchObject({ code: 0 });
    },
    TEST_MS_MAX,
  );

  programs.forEach((program, i) => {
    test(
      `${program.title} runs`,
      async () => {
        const { code, output } = await workshop.run(program, i);
        expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
      },
      TEST_MS_MAX,
    );
  });
});

describe("links", () => {
  const pageAt = (path: string) => all.get(path) ?? new Page(path);
  for (const page of all.values()) {
    if (page.links.length === 0) continue;
    test(`${page.path} links to what is there`, () => {
      const broken = page.links.flatMap((link) => {
        const problem = brokenLink(page, link, pageAt);
        return problem === undefined ? [] : [`${page.path}:${link.line}: ${problem}`];
      });
      expect(broken).toEqual([]);
    });
  }

  test("the index of docs knows every page", () => {
    const index = all.get("docs/README.md")?.links.map(({ target }) => `docs/${target}`) ?? [];
    const unknown = [...all.keys()].filter((path) => /^docs\/[^/]+\.md$/.test(path));
    expect(unknown.filter((path) => path !== "docs/README.md" && !index.includes(path))).toEqual(
      [],
    );
  });

  test("anchors are spelled as people see them", () => {
    const titles = ["My `big` title: 1.0", "A & B – C", "What [this](x.md) is"];
    expect(titles.map(slugOf)).toEqual(["my-big-title-10", "a--b--c", "what-this-is"]);
  });
});
