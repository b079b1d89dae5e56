// The shape of the source is a promise, too: imports go down only, and every file stays small enough to
// be read in one sitting.

import { expect, test } from "bun:test";
import { Glob } from "bun";
import { dirname, join, normalize } from "node:path";

const root = dirname(import.meta.dir);

/** A file may import from rooms of a lower rank and from its own room. */
const RANKS: Readonly<Record<string, number>> = {
  main: 6,
  index: 6,
  embedded: 5.5,
  server: 5,
  system: 4.7,
  "server-view": 4.5,
  "server-info": 4.5,
  farewell: 4.5,
  "opening-lines": 4.5,
  cluster: 4,
  http: 4,
  broker: 3,
  auth: 2.5,
  config: 2,
  log: 2,
  net: 2,
  os: 1,
  proto: 1,
};

/** Rooms of the same rank that may know each other: options name what the log and sockets need. */
const NEIGHBOURS: ReadonlySet<string> = new Set([
  "log config",
  "config log",
  "net log",
  "net config",
]);

function roomOf(file: string): string {
  const inside = file.slice("src/".length);
  return inside.includes("/") ? inside.slice(0, inside.indexOf("/")) : inside.replace(/\.ts$/, "");
}

async function sources(): Promise<{ file: string; text: string }[]> {
  const files = [...new Glob("src/**/*.ts").scanSync(root)].filter((f) => !f.endsWith(".d.ts"));
  return Promise.all(
    files.sort().map(async (file) => ({ file, text: await Bun.file(join(root, file)).text() })),
  );
}

const all = await sources();

test("every room of the source has a rank", () => {
  const unknown = all.map(({ file }) => roomOf(file)).filter((room) => !(room in RANKS));
  expect(unknown).toEqual([]);
});

test("imports go down only", () => {
  const upward: string[] = [];
  for (const { file, text } of all) {
    const from = roomOf(file);
    for (const [, path] of text.matchAll(/from "(\.[^"]+)"/g)) {
      const target = normalize(join(dirname(file), path!)).replaceAll("\\", "/");
      if (!target.startsWith("src/")) continue;
      const to = roomOf(target);
      if (from === to || NEIGHBOURS.has(`${from} ${to}`)) continue;
      if (RANKS[to]! >= RANKS[from]!) upward.push(`${file} imports ${target}`);
    }
  }
  expect(upward).toEqual([]);
});

test("proto is pure: it imports nothing but itself and the package's version", () => {
  const foreign: string[] = [];
  for (const { file, text } of all.filter((each) => roomOf(each.file) === "proto")) {
    for (const [, path] of text.matchAll(/from "([^"]+)"/g)) {
      if (!path!.startsWith("./") && !path!.endsWith("package.json"))
        foreign.push(`${file}: ${path}`);
    }
  }
  expect(foreign).toEqual([]);
});

test("no file grows past 600 lines, and none exports a default", () => {
  for (const { file, text } of all) {
    expect({ file, fits: text.split("\n").length <= 600 }).toEqual({ file, fits: true });
    expect({ file, hasDefault: /^export default/m.test(text) }).toEqual({
      file,
      hasDefault: false,
    });
  }
});
