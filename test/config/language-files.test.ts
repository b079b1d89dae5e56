// Around the grammar: places, warnings, secrets, variables of the environment, includes, files,
// digests.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  configDigest,
  ConfigSyntaxError,
  loadConfigFile,
  parseConfigText,
} from "../../src/config/language/load.ts";
import type { ConfigMap, ConfigValue } from "../../src/config/value.ts";
import { plain } from "./corpus.ts";

type Files = Readonly<Record<string, string>>;
type Env = Readonly<Record<string, string | undefined>>;

/** Parses the file `main.conf` of these, the others to be included. */
function parse(main: string, files: Files = {}, env: Env = {}) {
  const read = (path: string) => {
    if (!Object.hasOwn(files, path)) throw Object.assign(new Error("no"), { code: "ENOENT" });
    return Buffer.from(files[path]!);
  };
  return parseConfigText(main, { file: "main.conf", read, env });
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigSyntaxError) return error.message;
    throw error;
  }
  return "accepted";
}

function entry(root: ConfigMap, ...path: string[]) {
  let found = root.entries.get(path[0]!)!;
  for (const key of path.slice(1)) {
    if (found.value.kind !== "map") throw new Error(`${found.key} is no block`);
    found = found.value.entries.get(key)!;
  }
  return found;
}

const at = (line: number, column: number, file = "main.conf") => ({ file, line, column });

describe("places", () => {
  test("keys and values know line and column, counted in bytes from 1", () => {
    const { root } = parse("a = 1\n\t\"ä\" : [ x,\n  y ] # c\r\nm { k: 'v' }");
    expect(root.at).toEqual(at(1, 1));
    expect(entry(root, "a").keyAt).toEqual(at(1, 1));
    expect(entry(root, "a").value.at).toEqual(at(1, 5));
    expect(entry(root, "ä").keyAt).toEqual(at(2, 3));
    expect(entry(root, "ä").value.at).toEqual(at(2, 9));
    const list = entry(root, "ä").value as Extract<ConfigValue, { kind: "array" }>;
    expect(list.items.map((item) => item.at)).toEqual([at(2, 11), at(3, 3)]);
    expect(entry(root, "m").value.at).toEqual(at(4, 3));
    expect(entry(root, "m", "k").keyAt).toEqual(at(4, 5));
    expect(entry(root, "m", "k").value.at).toEqual(at(4, 8));
  });

  test("a byte order mark takes no column, and a lone CR begins no line", () => {
    const { root } = parse("\ufeffa=1\rb=2");
    expect(entry(root, "a").keyAt).toEqual(at(1, 1));
    expect(entry(root, "b").keyAt).toEqual(at(1, 5));
  });

  test("a variable's value stands where the variable does", () => {
    const { root } = parse("a = {x: 1}\nb = $a");
    expect(entry(root, "b").value.at).toEqual(at(2, 5));
    expect(entry(root, "b", "x").keyAt).toEqual(at(1, 6));
  });

  test("a key that comes again counts where it comes last", () => {
    const { root } = parse("a = 1\nb = 2\na = 3");
    expect([...root.entries.keys()]).toEqual(["b", "a"]);
    expect(entry(root, "a").keyAt).toEqual(at(3, 1));
  });

  test("kinds are kept apart", () => {
    const { root } = parse("a = [1, 1.0, '1', yes, 2016-05-04T18:53:41Z, [], {}]");
    const list = entry(root, "a").value as Extract<ConfigValue, { kind: "array" }>;
    const kinds = ["integer", "float", "string", "boolean", "date", "array", "map"];
    expect(list.items.map((item) => item.kind as string)).toEqual(kinds);
  });
});

describe("warnings", () => {
  const warnings = (text: string, files?: Files) => parse(text, files).warnings;

  test("an empty file is worth a warning", () => {
    for (const text of ["", "\n", "# nothing\n", "{}"]) {
      const message = "config has no values or is empty";
      expect(warnings(text)).toEqual([{ position: at(1, 1), message }]);
    }
    expect(warnings("include e", { e: "" })).toHaveLength(1);
    expect(warnings("a = 1\ninclude e", { e: "" })).toEqual([]);
  });

  test("a brace too many is ignored with a warning", () => {
    const message = "'}' closes nothing and is ignored";
    for (const [text, line, column] of [
      ["accounts { users = [{}]}\n}", 2, 1],
      ["a = 1}", 1, 6],
      ["a { b = 1 }}\nc = 1", 1, 12],
      ["a = 1\n} # end\n", 2, 1],
      ["{a: 1}\n}", 2, 1],
    ] as const) {
      expect(warnings(text)).toEqual([{ position: at(line, column), message }]);
    }
  });

  test("an escape that is none is kept with a warning", () => {
    expect(warnings('a = "x\\q\\t"')[0]?.position).toEqual(at(1, 7));
    expect(warnings('a = "x\\t"')).toEqual([]);
  });

  test("bytes that are no UTF-8 are replaced with a warning, in comments they do not matter", () => {
    const bad = Buffer.from("a = 'x\xe9'\n", "latin1");
    const { root, warnings } = parseConfigText(bad, { file: "f" });
    expect(plain(root)).toEqual({ a: "x\ufffd" });
    expect(warnings.map((each) => each.position)).toEqual([at(1, 5, "f")]);
    const comment = parseConfigText(Buffer.from("a = 1 # \xe9", "latin1"), { file: "f" });
    expect(comment.warnings).toEqual([]);
  });

  test("there are never more than a hundred", () => {
    expect(warnings(`a = "${"\\q".repeat(1000)}"`)).toHaveLength(100);
  });
});

describe("secrets", () => {
  const secret = "s3cr3t";
  test.each([
    `password: "${secret}" ${secret}`,
    `password: $${secret}`,
    `token = ${secret} ${secret}`,
    `token = "${secret}`,
    `users = [{user: a, pass: $${secret}}]`,
    `authorization { anything: $${secret} }`,
    `PASSWORD: -${secret}`,
    `password: 1234-${secret}`,
    `password: 99999999999999999999999`,
    `password: ${secret}\\q`,
    `nkey: (${secret}`,
    `authorization { user: a, password: x, timeout: $${secret} }`,
  ])("are not shown: %s", (text) => {
    const message = refusal(() => parse(text, {}));
    expect(message).toStartWith("main.conf:1:");
    expect(message).not.toContain(secret);
    expect(message).not.toContain("'s'");
    expect(message).not.toContain("9999");
  });

  test("the environment's values are not shown either", () => {
    for (const value of ["s3cr3t s3cr3t", '"s3cr3t', "-s3cr3t", "[s3cr3t", "\\s3cr3t"]) {
      const message = refusal(() => parse("port: $X", {}, { X: value }));
      expect(message).toStartWith('main.conf:1:7: the variable "$X" of the environment holds no');
      expect(message).not.toContain("s3cr3t");
      expect(message).not.toContain("'s'");
    }
  });
});

describe("the environment", () => {
  test.each([
    ["22", 22],
    ["true", true],
    ["4mb", 4194304],
    ["[a,b]", ["a", "b"]],
    ["{x: 1}", { x: 1 }],
    ["'3xyz'", "3xyz"],
    ["text # comment", "text"],
    [" padded \n", "padded"],
    ["x,", "x"],
    ["", ""],
    ["  ", ""],
    ["=x", "=x"],
    ["p$k", "p$k"],
    ["$2a$11$hash", "$2a$11$hash"],
    ["$Y", "other"],
    ["[$Y $Y]".replace(" ", ","), ["other", "other"]],
  ])("%j is %j", (text, value) => {
    expect(plain(parse("a = $X", {}, { X: text, Y: "other" }).root)).toEqual({ a: value });
  });

  test("the file comes first", () => {
    const { root } = parse("X = 2\na = $X", {}, { X: "1" });
    expect(plain(root)).toEqual({ X: 2, a: 2 });
  });

  test("its values see the environment only, and each other at most once around", () => {
    expect(refusal(() => parse("q = 1\na = $X", {}, { X: "$q" }))).toContain("found neither");
    expect(refusal(() => parse("a = $X", {}, { X: "$X" }))).toContain("that it needs itself");
    const around = { X: "[$Y ]", Y: "{z: $X}" };
    expect(refusal(() => parse("a = $X", {}, around))).toContain("that it needs itself");
  });

  test.each(["a b", "1;b=2", "x\nb=1", "1}", "\nx", '"x', "[1", "a\0b"])(
    "%j is no value",
    (text) => {
      expect(refusal(() => parse("a = $X", {}, { X: text }))).toStartWith("main.conf:1:5: ");
    },
  );

  test("names that every object has are not defined by that", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(refusal(() => parse(`a = $${name}`))).toContain("found neither");
    }
  });

  test("says which entries variables name", () => {
    const { root, isVariable } = parse("a = 1\nm { b = 2\nc = $b }\nd = $a\na = 3\ne = 4");
    expect(isVariable(entry(root, "m", "b"))).toBe(true);
    expect(isVariable(entry(root, "m", "c"))).toBe(false);
    expect(isVariable(entry(root, "e"))).toBe(false);
    // As in nats-server, the new value of a key that was a variable is one like any other.
    expect(isVariable(entry(root, "a"))).toBe(false);
  });
});

describe("includes", () => {
  const files = {
    "i.conf": "a = 1",
    "sub/j.conf": "include k.conf",
    "sub/k.conf": "include ../i.conf\nk = $a",
    "/etc/abs.conf": "abs = 1",
    "1.conf": "one = 1",
    "bad.conf": "\n a = b c",
  };

  test.each([
    ["include i.conf", { a: 1 }],
    ["include 'i.conf'", { a: 1 }],
    ['INCLUDE\t"i.conf" # c', { a: 1 }],
    ['include "1.conf", b = 2', { one: 1, b: 2 }],
    ["include i.conf;b = $a", { a: 1, b: 1 }],
    ["include ./sub/j.conf", { a: 1, k: 1 }],
    ["include /etc/abs.conf", { abs: 1 }],
    ["a = 2\ninclude i.conf", { a: 1 }],
    ["include i.conf\na = 2", { a: 2 }],
    ["foo { include i.conf}", { foo: { a: 1 } }],
    ["foo { include i.conf\n b = $a }", { foo: { a: 1, b: 1 } }],
    ["{include i.conf}", { a: 1 }],
    ["include i.conf\ninclude i.conf", { a: 1 }],
  ])("%j", (text, value) => {
    expect(plain(parse(text, files).root)).toEqual(value);
  });

  test("what is included does not see the includer's variables", () => {
    const message = refusal(() => parse("x = 1\ninclude f", { f: "y = $x" }));
    expect(message).toStartWith("f:1:5: ");
  });

  test("errors name the included file, or the place that names a missing one", () => {
    expect(refusal(() => parse("include bad.conf", files))).toStartWith("bad.conf:2:8: ");
    expect(refusal(() => parse("a=1\n include nope", files))).toBe(
      "main.conf:2:10: open nope: no such file or directory",
    );
  });

  test("values know the file they come from", () => {
    const { root } = parse("include sub/j.conf", files);
    expect(entry(root, "k").keyAt).toEqual(at(2, 1, "sub/k.conf"));
    expect(entry(root, "a").keyAt).toEqual(at(1, 1, "i.conf"));
  });

  test("circles are refused", () => {
    expect(refusal(() => parse("include main.conf", files))).toContain("that includes this one");
    const circle = { x: "include y", y: "include ./z/../x" };
    expect(refusal(() => parse("include x", circle))).toStartWith("y:1:9: ");
  });

  test("more than ten in a chain are refused", () => {
    const chain: Record<string, string> = { last: "a = 1" };
    for (let index = 0; index < 10; index++) {
      chain[`f${index}`] = `include ${index === 9 ? "last" : `f${index + 1}`}`;
    }
    expect(plain(parse("include f1", chain).root)).toEqual({ a: 1 });
    expect(refusal(() => parse("include f0", chain))).toContain("at most 10 includes in a chain");
  });

  test("more than a thousand in all are refused", () => {
    const many: Record<string, string> = { f10: "a = 1" };
    for (let index = 0; index < 10; index++)
      many[`f${index}`] = `include f${index + 1}\n`.repeat(4);
    expect(refusal(() => parse("include f1", many))).toContain("at most 1000 includes");
  });
});

describe("files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "midge-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("a file is read with what it includes", () => {
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "main.conf"), "include sub/i.conf\nb = $X");
    writeFileSync(join(folder, "sub", "i.conf"), "a = 1");
    const { root } = loadConfigFile(join(folder, "main.conf"), { X: "2" });
    expect(plain(root)).toEqual({ a: 1, b: 2 });
    expect(entry(root, "a").keyAt.file).toBe(join(folder, "sub", "i.conf"));
  });

  test("a file that cannot be read is named", () => {
    const missing = join(folder, "nope.conf");
    expect(refusal(() => loadConfigFile(missing))).toBe(
      `open ${missing}: no such file or directory`,
    );
    expect(refusal(() => loadConfigFile(folder))).toBe(`open ${folder}: is a directory`);
  });
});

describe("the digest", () => {
  const digest = (text: string, env?: Env) => configDigest(parse(text, {}, env).root);

  test("is nats-server's", () => {
    expect(digest("foo = bar")).toBe(
      "sha256:226e49e13d16e5e8aa0d62e58cd63361bf097d3e2b2444aa3044334628a2e8de",
    );
  });

  test("does not see comments, quotes, layout and order", () => {
    const same = digest("a = 'x', b { c: 1k, d: [yes] }");
    expect(digest('# c\nb {\n  d = [\n true ]\n "c" 1000\n}\n"a" : "x"')).toBe(same);
    expect(digest("a = $X, b { c: 1k, d: [yes] }", { X: "x" })).toBe(same);
    expect(digest("a = 'x', b { c: 1k, d: [no] }")).not.toBe(same);
  });
});
