// Every key that a configuration file may have, found by asking the rules themselves: a key is what a
// block does not call unknown. What may be one is every word of the key tables' own source, so that a
// key that is added there is found here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { TOP_KEYS } from "../../src/config/keys.ts";
import { Reading, type Key } from "../../src/config/rules.ts";
import type { ConfigEntry, ConfigValue, Position } from "../../src/config/value.ts";

export interface FoundKey {
  /** By first names: `authorization.users[].nkey`, `accounts.*.limits`. */
  readonly path: string;
  /** The name and its aliases. */
  readonly names: readonly string[];
  /** What it takes, in the words of its own message: "a port from 1 to 65535". */
  readonly takes: string;
}

/** Stands for the names that operators choose. */
export const CHOSEN_NAME = "ORDERS";

const AT: Position = { file: "reference", line: 1, column: 1 };
/** Hardly anything takes a date, so that it is told what is wanted instead. */
const DATE: ConfigValue = { kind: "date", value: new Date(0), at: AT };
const NO_KEY = "no_such_key";
const DEPTH_MAX = 8;
/** How the blocks of a key may be arranged: as they are, in an array, by names, or both. */
const ARRANGEMENTS: readonly (readonly Step[])[] = [[], ["[]"], ["*"], ["*", "[]"]];

/** Into the elements of an array, the names of a block, or the key of that name. */
type Step = string;

export function findKeys(): FoundKey[] {
  const words = wordsOfTables();
  return TOP_KEYS.flatMap((top) => {
    const [name] = top.names;
    return [{ path: name, names: top.names, takes: takes(top, []) }, ...inner(top, [], words)];
  });
}

/** The keys of the blocks at these steps, and of those in them. */
function inner(top: Key, steps: readonly Step[], words: readonly string[]): FoundKey[] {
  if (steps.length > DEPTH_MAX) return [];
  const seen = new Set<string>();
  return ARRANGEMENTS.flatMap((arrangement) => {
    const block = [...steps, ...arrangement];
    if (nameIn(top, block, NO_KEY) !== undefined || !isBlock(top, block)) return [];
    const groups = new Map<string, string[]>();
    for (const word of words) {
      const name = nameIn(top, block, word);
      if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), word]);
    }
    // The same block alone and in an array is told once.
    const all = [...groups.keys()].join(" ");
    if (seen.has(all)) return [];
    seen.add(all);
    return [...groups].flatMap(([name, names]) => {
      const own = [...block, name];
      const path = pathOf(top, own);
      const aliases = names.filter((each) => each !== name);
      return [
        { path, names: [name, ...aliases], takes: takes(top, own) },
        ...inner(top, own, words),
      ];
    });
  });
}

function pathOf(top: Key, steps: readonly Step[]): string {
  return steps.reduce(
    (path, step) => (step === "[]" ? `${path}[]` : `${path}.${step}`),
    top.names[0],
  );
}

/** Reads a value at these steps with the key's own rule, and gives the messages about it. */
function read(
  top: Key,
  steps: readonly Step[],
  value: ConfigValue,
): { reading: Reading; id: string } {
  const reading = new Reading();
  const [name] = top.names;
  top.rule(wrapped(steps, value), { reading, path: name, id: name, at: AT, secret: top.secret });
  const id = steps.reduce((path, step) => {
    if (step === "[]") return `${path}[0]`;
    return `${path}.${step === "*" ? CHOSEN_NAME : step}`;
  }, name);
  return { reading, id };
}

function wrapped([step, ...rest]: readonly Step[], value: ConfigValue): ConfigValue {
  if (step === undefined) return value;
  const inside = wrapped(rest, value);
  if (step === "[]") return { kind: "array", items: [inside], at: AT };
  return mapOf(step === "*" ? CHOSEN_NAME : step, inside);
}

function mapOf(key: string, value: ConfigValue): ConfigValue {
  const entry: ConfigEntry = { key, keyAt: AT, value };
  return { kind: "map", entries: new Map([[key, entry]]), at: AT };
}

/** Whether there is a block with keys of its own at these steps. */
function isBlock(top: Key, steps: readonly Step[]): boolean {
  const { reading, id } = read(top, steps, mapOf(NO_KEY, DATE));
  return reading.errors.some(({ message }) => message.startsWith(`${id}.${NO_KEY}: unknown key`));
}

/** The first name of the key that is called so in the block at these steps. */
function nameIn(top: Key, steps: readonly Step[], word: string): string | undefined {
  const { reading, id } = read(top, steps, mapOf(word, DATE));
  const found = [...reading.places.keys()].find(
    (each) => each.startsWith(`${id}.`) && !/[.[]/.test(each.slice(id.length + 1)),
  );
  return found?.slice(id.length + 1);
}

/** What the message says that refuses a date. */
function expected(top: Key, steps: readonly Step[]): string | undefined {
  const { reading, id } = read(top, steps, DATE);
  const message = reading.errors.find((each) =>
    each.message.startsWith(`${id}: expected `),
  )?.message;
  return message && /: expected (.*), found /.exec(message)?.[1];
}

function takes(top: Key, steps: readonly Step[]): string {
  const one = expected(top, steps) ?? "anything";
  const each = expected(top, [...steps, "[]"]);
  if (each === undefined) return one;
  if (each === one) return `${one}, or an array of them`;
  if (one !== "an array") return one;
  return each === "a block" ? "an array of blocks" : `an array, each: ${each}`;
}

/** Words in quotes, in the order of the source. */
function wordsOfTables(): string[] {
  const folder = join(import.meta.dir, "../../src/config");
  const files = [...new Glob("keys*.ts").scanSync(folder)].toSorted();
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8"));
  const quoted = texts.flatMap((text) => [...text.matchAll(/"([a-z][\w ]*)"/g)]);
  return [...new Set(quoted.flatMap(([, words = ""]) => words.split(" ")))];
}
