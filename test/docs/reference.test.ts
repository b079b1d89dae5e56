// The reference pages are what the code says: made from its tables, complete, with examples that are right.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { referencePages } from "../../scripts/reference.ts";
import { DESCRIBED, isInside } from "../../scripts/reference/configuration.ts";
import { factsOf } from "../../scripts/reference/facts.ts";
import { findFlags } from "../../scripts/reference/flag-facts.ts";
import { findKeys } from "../../scripts/reference/inventory.ts";
import { SECTIONS } from "../../src/config/describe.ts";
import { FLAG_BY_NAME } from "../../src/config/flag-table.ts";
import { dashed, parseFlags } from "../../src/config/flags.ts";
import { TOP_KEYS } from "../../src/config/keys.ts";
import { loadOptions } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problem.ts";

const root = join(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "midge-reference-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pages = await referencePages();
const keys = findKeys();
const paths = Object.keys(DESCRIBED);
const facts = new Map(paths.map((path) => [path, factsOf(path, DESCRIBED)]));

/** Keys in blocks that nothing follows are listed by name. */
const hasNoEffect = (path: string) =>
  [...facts].some(([outer, { effect }]) => {
    return (effect === "later" || effect === "refused") && isInside(path, outer);
  });
/** Keys of blocks that are like others are described there. */
const isElsewhere = (path: string) =>
  paths.some((outer) => DESCRIBED[outer]?.like !== undefined && isInside(path, outer));

describe("the reference", () => {
  test.each([...pages.keys()])("%s is what the tables say", async (path) => {
    const committed = await Bun.file(join(root, path)).text();
    if (committed !== pages.get(path)) {
      throw new Error(`${path} is not what the tables say; run: bun scripts/reference.ts`);
    }
  });

  test("no description is there for nothing, and none is there twice", () => {
    const described = SECTIONS.flatMap((section) => Object.keys(section.keys));
    expect(described.toSorted()).toEqual([...new Set(described)].toSorted());
    const known = new Set(keys.map(({ path }) => path));
    expect(described.filter((path) => !known.has(path))).toEqual([]);
  });

  test("every key is described, or said to be like another, or in a block without effect", () => {
    const open = keys.map(({ path }) => path).filter((path) => !(path in DESCRIBED));
    expect(open.filter((path) => !hasNoEffect(path) && !isElsewhere(path))).toEqual([]);
  });

  test("every name of every key is on the page", () => {
    const page = pages.get("docs/configuration.md")!;
    for (const { path, names } of keys.filter((each) => each.path in DESCRIBED)) {
      expect(page).toContain(`**\`${path}\`**`);
      for (const name of names.slice(1)) expect(page).toContain(`\`${name}\``);
    }
  });

  test("keys are found by asking: as many at the top as the table has, with the same names", () => {
    const top = keys.filter(({ path }) => !/[.[]/.test(path));
    expect(top.map(({ names }) => names)).toEqual(TOP_KEYS.map(({ names }) => [...names]));
    const tls = keys.find(({ path }) => path === "tls.handshake_first");
    expect(tls).toEqual({
      path: "tls.handshake_first",
      names: ["handshake_first", "first", "immediate"],
      takes: 'true, false, "auto" or a duration',
    });
  });

  test("blocks that are like others have the same keys", () => {
    const inner = (outer: string) =>
      keys
        .filter(({ path }) => isInside(path, outer))
        .map(({ path, names, takes }) => [path.slice(outer.length), names, takes]);
    for (const path of paths) {
      const { like } = DESCRIBED[path]!;
      if (like !== undefined) expect(inner(path)).toEqual(inner(like));
    }
  });

  test("a server never loads the descriptions", async () => {
    const readers: string[] = [];
    for (const file of new Glob("**/*.ts").scanSync(join(root, "src"))) {
      const text = await Bun.file(join(root, "src", file)).text();
      if (/describe(-\w+)?\.ts"/.test(text)) readers.push(file);
    }
    expect(readers.filter((file) => !file.startsWith("config/describe"))).toEqual([]);
  });

  test("links to a part of a page lead somewhere", () => {
    for (const page of pages.values()) {
      const titles = [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title!);
      const parts = titles.map((title) => title.toLowerCase().replace(/[^\w -]/g, ""));
      for (const [, part] of page.matchAll(/\]\(#([^)]*)\)/g)) {
        expect(parts.map((each) => each.replaceAll(" ", "-"))).toContain(part!);
      }
    }
  });
});

/** The check of `midge -t`: what is wrong, or worth a warning. */
function check(text: string): { errors: string[]; warnings: readonly string[] } {
  const file = join(folder, "midge.conf");
  writeFileSync(file, text);
  try {
    return { errors: [], warnings: loadOptions(file, parseFlags([]), {}).warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { errors: error.problems.map(({ message }) => message), warnings: [] };
  }
}

describe("the example of", () => {
  const about = [...facts].map(([path, { effect, text }]) => [path, effect, text] as const);

  test.each(about.filter(([, effect]) => effect === "sets" || effect === "none"))(
    "%s is right",
    (_, __, text) => expect(check(text).errors).toEqual([]),
  );

  test.each(about.filter(([, effect]) => effect === "later"))(
    "%s is right, with a warning that it has no effect",
    (_, __, text) => {
      const { errors, warnings } = check(text);
      expect(errors).toEqual([]);
      expect(warnings).toContainEqual(expect.stringContaining("has no effect"));
    },
  );

  test.each(about.filter(([, effect]) => effect === "refused"))(
    "%s keeps the server from starting, for no other reason",
    (path, _, text) => {
      expect(check(text).errors).toEqual([expect.stringContaining(facts.get(path)!.why)]);
    },
  );

  test("a key that takes effect shows a value that is not the default", () => {
    // They allow or switch off something, and set nothing.
    const silent = ["disable_sublist_cache", "tls.allow_insecure_cipher_suites"];
    const idle = about.filter(([, effect]) => effect === "none").map(([path]) => path);
    expect(idle).toEqual(silent);
  });
});

describe("flags", () => {
  const flags = findFlags();

  test("all of them are on the page, in all spellings", () => {
    const page = pages.get("docs/flags.md")!;
    for (const name of FLAG_BY_NAME.keys()) expect(page).toContain(`\`${dashed(name)}\``);
  });

  test.each(flags.map((each) => [each.names.join(", "), each.example] as const))(
    "the example of %s is right",
    (_, example) => {
      expect(() => parseFlags(example)).not.toThrow();
      expect(pages.get("docs/flags.md")).toContain(`midge ${example.join(" ")}`);
    },
  );

  test("a flag that stands for a key is named with it", () => {
    const page = pages.get("docs/configuration.md")!;
    const rowOf = (path: string) =>
      page.split("\n").find((line) => line.startsWith(`| **\`${path}\`**`));
    expect(rowOf("port")).toContain("`-p`");
    expect(rowOf("tls.verify")).toContain("`--tlsverify`");
    expect(rowOf("cluster.routes")).toContain("`--routes`");
    expect(rowOf("max_payload")).not.toContain("`-");
  });
});
