// docs/gnatsd-0.9.6.md is complete and true: it has all that gnatsd 0.9.6 had, Midge takes all of it, and
// the tests that it names are there.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { DESCRIBED } from "../../scripts/reference/configuration.ts";
import { factsOf } from "../../scripts/reference/facts.ts";
import { findFlags } from "../../scripts/reference/flag-facts.ts";
import { findKeys } from "../../scripts/reference/inventory.ts";
import { FLAG_BY_NAME } from "../../src/config/flag-table.ts";
import { dashed, parseFlags } from "../../src/config/flags.ts";
import { parseConfigText } from "../../src/config/language/load.ts";
import { readOptions } from "../../src/config/read-options.ts";

const root = join(import.meta.dir, "../..");
const PAGE = "docs/gnatsd-0.9.6.md";
const page = readFileSync(join(root, PAGE), "utf8");

/** The flags of gnatsd 0.9.6, the spellings of one in a line. */
const FLAGS = `
  -a --addr --net
  -p --port
  -P --pid
  -m --http_port
  -ms --https_port
  -c --config
  -l --log
  -T --logtime
  -s --syslog
  -r --remote_syslog
  -D --debug
  -V --trace
  -DV
  --user
  --pass
  --auth
  --tls
  --tlsverify
  --tlscert
  --tlskey
  --tlscacert
  --routes
  --cluster --cluster_listen
  --no_advertise
  --profile
  --help_tls
  -v --version
  -h --help
`;

/** Its keys, by the block they are in; the names of one in a line. */
const KEYS: Readonly<Record<string, string>> = {
  "": `
    listen
    host net
    port
    debug
    trace
    logtime
    authorization
    http
    https
    http_port monitor_port
    https_port
    cluster
    logfile log_file
    syslog
    remote_syslog
    pidfile pid_file
    prof_port
    max_control_line
    max_payload
    max_connections max_conn
    ping_interval
    ping_max
    tls
  `,
  "authorization.": `
    user username
    password pass
    timeout
    users
    default_permissions default_permission
  `,
  "authorization.users[].": `
    user username
    password pass
    permissions permission authroization
  `,
  "authorization.users[].permissions.": `
    publish pub
    subscribe sub
  `,
  "cluster.": `
    listen
    host net
    port
    authorization
    routes
    tls
    no_advertise
  `,
  "cluster.authorization.": `
    user username
    password pass
    timeout
  `,
  "tls.": `
    cert_file
    key_file
    ca_file
    verify
    cipher_suites
    timeout
  `,
};

const lines = (text: string) => text.trim().split(/\s*\n\s*/);

interface Row {
  /** The spellings of a flag; of a key its path and its other names. */
  readonly names: readonly string[];
  readonly does: string;
  /** The file from the root, and the name of the test in it, without what it is repeated for. */
  readonly file: string;
  readonly proof: string;
}

const rows = page.split("\n").flatMap((line): Row[] => {
  const [names = "", does = "", proved = ""] = line
    .split("|")
    .slice(1)
    .map((cell) => cell.trim());
  const [, link, proof] = /^\[[^\]]*\]\(([^)]*)\): (.*)$/.exec(proved) ?? [];
  if (link === undefined || proof === undefined) return [];
  const file = normalize(join(dirname(PAGE), link));
  const all = names.split(", ").map((name) => name.replaceAll("`", ""));
  return [{ names: all, does, file, proof }];
});

const isFlag = ({ names }: Row) => names[0]!.startsWith("-");
const flags = rows.filter(isFlag);
const keys = rows.filter((row) => !isFlag(row));
const titled = (some: readonly Row[]) => some.map((row) => [row.names.join(", "), row] as const);

describe("the table of gnatsd 0.9.6", () => {
  test("has all of its flags and no others", () => {
    expect(flags.map(({ names }) => names.join(" ")).toSorted()).toEqual(lines(FLAGS).toSorted());
  });

  test("has all of its keys and no others", () => {
    const known = Object.entries(KEYS).flatMap(([block, names]) =>
      lines(names).map((line) => `${block}${line}`),
    );
    expect(keys.map(({ names }) => names.join(" ")).toSorted()).toEqual(known.toSorted());
  });

  test("says of each what Midge makes of it", () => {
    for (const { does } of rows) expect(does).toMatch(/^(as there|taken)/);
  });

  test.each(titled(rows))("%s: the test that proves it is there", (_, { names, file, proof }) => {
    expect(existsSync(join(root, file))).toBe(true);
    const text = readFileSync(join(root, file), "utf8");
    const proofs = text.split(JSON.stringify(proof)).slice(0, -1);
    const whole = new RegExp(`\\b(?:test|midgeTest)\\(\\s*["\`][^"\`]*: ${escaped(proof)}["\`]`);
    if (proofs.length === 0) {
      // One of its own, whose name says what it is about; or one for each spelling in a loop.
      expect(text).toMatch(whole);
      const about = text.slice(text.search(whole) - 80, text.search(whole) + 80);
      expect(about).toContain(names.at(-1)!.split(".").at(-1)!);
      return;
    }
    // A row of a table, which names all that it is repeated for shortly before.
    const short = names.map((name) => name.split(".").at(-1)!);
    const isRow = (before: string) => {
      const words = new Set(before.slice(-200).split(/[\s"]+/));
      return short.every((name) => words.has(name));
    };
    expect(proofs.some(isRow)).toBe(true);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

describe("Midge takes", () => {
  const examples = new Map(findFlags().map(({ key, example }) => [key, example]));

  test.each(lines(FLAGS).flatMap((line) => line.split(" ")))("the flag %s", (spelling) => {
    const name = spelling.replace(/^-+/, "");
    const [key] = FLAG_BY_NAME.get(name)!;
    expect(dashed(name)).toBe(spelling);
    const [first = "", ...rest] = examples.get(key)!;
    const given = [first.replace(/^[^=]*/, spelling), ...rest];
    expect(() => parseFlags(given)).not.toThrow();
  });

  test.each(["version", "help"])("the word %s", (word) => {
    expect(parseFlags([word]).asks).toBe(word as "version" | "help");
  });

  const found = new Map(findKeys().map((key) => [key.path, key]));
  const names = keys.flatMap(({ names: [path = "", ...others] }) =>
    [path.split(".").at(-1)!, ...others].map((name) => [path, name] as const),
  );

  test.each(names)("the key %s as %s", (path, name) => {
    const first = path.split(".").at(-1)!;
    expect(found.get(path)?.names).toContain(name);
    const written = `${first}: ${DESCRIBED[path]!.example}`;
    const { text } = factsOf(path, DESCRIBED);
    expect(text).toContain(written);
    const renamed = text.replace(written, `${name}: ${DESCRIBED[path]!.example}`);
    const { root: map, isVariable } = parseConfigText(renamed, { file: "gnatsd.conf" });
    expect(readOptions(map, { isVariable }).errors).toEqual([]);
  });
});

test("the defaults that it says have changed are those of the reference", () => {
  const reference = readFileSync(join(root, "docs/configuration.md"), "utf8").split("\n");
  const defaults = page.slice(page.indexOf("## Defaults")).split("\n");
  const changed = defaults.flatMap((line) => {
    const [, key, , now] = /^\| `(.*?)`\s+\| (.*?)\s+\| (.*?)\s+\|$/.exec(line) ?? [];
    return key === undefined || now === undefined ? [] : [{ key, now }];
  });
  expect(changed).toHaveLength(5);
  for (const { key, now } of changed) {
    const row = reference.find((line) => line.startsWith(`| **\`${key}\`**`));
    expect(row?.split(" | ")[3]?.trim()).toStartWith(now);
  }
});

test("a server before 2.0 is refused on a route, as the page says", () => {
  const mesh = readFileSync(join(root, "test/cluster/mesh.test.ts"), "utf8");
  expect(mesh).toContain('test("a server before 2.0 at the other end is refused in words"');
});
