// What the code says about a key: the options that its example sets, the default, whether a running server
// can change it, whether it has an effect at all. Nothing is copied from tables; the example is read.
import { resolveGiven } from "../../src/config/executable.ts";
import { parseConfigText } from "../../src/config/language/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { readOptions, type ReadOptions } from "../../src/config/read-options.ts";
import { compareOptions, ReloadError } from "../../src/config/reload.ts";
import { OptionsError, type Options } from "../../src/config/options.ts";
import type { Descriptions, KeyDescription } from "../../src/config/describe.ts";
import { CHOSEN_NAME } from "./inventory.ts";

export interface Facts {
  /** A file with nothing but the example and what it needs. */
  readonly text: string;
  /** What comes of the example; `why` is what Midge says to it, without the place. */
  readonly effect: "sets" | "none" | "later" | "refused";
  readonly why: string;
  /** The options that it sets: `maxPayload`, `cluster.poolSize`, `accounts.*.limits`. */
  readonly options: readonly string[];
  /** What the first of them is unless given. */
  readonly initial: unknown;
  /** Whether a running server takes the change. */
  readonly reloads: boolean;
}

/** Throws an Error when the example is not right. */
export function factsOf(path: string, about: Descriptions): Facts {
  const { example, needs } = about[path]!;
  const text = configuration(path, example, about);
  const given = read(text);
  const without = configuration(path, undefined, about);
  const [before, bare] = [read(without), read(linesOf(needs ?? {}))];
  const errors = given.errors.map((each) => formatProblem(each));
  const own = given.warnings.find((each) => each.message.startsWith(`${shown(path)}: `));
  const refusal = given.errors[0]?.message.replace(/^[^:]*: /, "");
  const options = differences(before.options, given.options, depthOf(path));
  if (refusal !== undefined) {
    if (errors.length > 1) throw new Error(`${path}: ${errors.join("; ")}`);
    return {
      text,
      effect: "refused",
      why: refusal,
      options: [],
      initial: undefined,
      reloads: false,
    };
  }
  const later = own?.message.includes("no effect")
    ? own.message.replace(/^[^:]*: /, "")
    : undefined;
  const after = resolve(given);
  if (after instanceof Error) throw new Error(`${path}: ${after.message}`);
  const old = [before, bare].map(resolve).find((each) => !(each instanceof Error));
  return {
    text,
    effect: later !== undefined ? "later" : options.length > 0 ? "sets" : "none",
    why: later ?? "",
    options,
    initial: old && initialOf(options[0], old as Options),
    reloads: old !== undefined && canChange(old as Options, after),
  };
}

// ---- The file with an example

/** Without an example: what would stand around it. */
function configuration(path: string, example: string | undefined, about: Descriptions): string {
  const segments = path.split(".");
  let inside = example;
  for (let depth = segments.length; depth > 1; depth--) {
    const own = segments.slice(0, depth).join(".");
    const parent = segments.slice(0, depth - 1).join(".");
    const lines = { ...(entry(about, own)?.beside ?? entry(about, parent)?.frame) };
    const name = segments[depth - 1]!;
    const key = name === "*" ? CHOSEN_NAME : name.replace("[]", "");
    if (inside !== undefined) lines[key] = name.endsWith("[]") ? `[${inside}]` : inside;
    inside = `{ ${linesOf(lines, ", ")} }`;
  }
  const top = segments[0]!;
  const key = top.replace("[]", "");
  const needs = about[path]?.needs ?? {};
  return linesOf(
    inside === undefined ? needs : { ...needs, [key]: top.endsWith("[]") ? `[${inside}]` : inside },
  );
}

/** What is said of this key; elements of an array are described with the array. */
function entry(about: Descriptions, path: string): KeyDescription | undefined {
  return about[path.replace(/\[\]$/, "")];
}

function linesOf(lines: Readonly<Record<string, string>>, between = "\n"): string {
  return Object.entries(lines)
    .map(([key, value]) => `${key}: ${value}`)
    .join(between);
}

/** The path as messages have it. */
function shown(path: string): string {
  return path.replaceAll("[]", "[0]").replace(".*", `.${CHOSEN_NAME}`);
}

const depthOf = (path: string) => path.split(".").length;

// ---- What is made of it

function read(text: string): ReadOptions {
  const { root, isVariable } = parseConfigText(text, { file: "midge.conf" });
  return readOptions(root, { isVariable });
}

/** As the executable would have them. */
function resolve(given: Pick<ReadOptions, "options" | "placeOf">): Options | Error {
  try {
    return resolveGiven({ options: {}, spelled: new Map() }, given);
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
}

function canChange(before: Options, after: Options): boolean {
  try {
    compareOptions(before, after);
    return true;
  } catch (error) {
    if (error instanceof ReloadError) return false;
    throw error;
  }
}

/** Options, down to this depth, that the one has otherwise than the other. */
export function differences(before: unknown, after: unknown, depth: number): string[] {
  const old = leaves(before);
  const changed = leaves(after)
    .entries()
    .filter(([path, value]) => old.get(path) !== value);
  return [
    ...new Set(
      changed.map(([path]) => path.split(".").slice(0, depth).join(".").replace(/\[\]$/, "")),
    ),
  ];
}

function leaves(
  value: unknown,
  path = "",
  found = new Map<string, unknown>(),
): Map<string, unknown> {
  if (Array.isArray(value) && typeof value[0] === "object") {
    for (const each of value) leaves(each, `${path}[]`, found);
  } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const isNamed = path === "accounts";
    for (const [key, inner] of Object.entries(value)) {
      const name = isNamed ? "*" : key;
      leaves(inner, path === "" ? name : `${path}.${name}`, found);
    }
    if (path !== "" && Object.keys(value).length === 0) found.set(path, "{}");
  } else if (value !== undefined) {
    found.set(path, Array.isArray(value) ? JSON.stringify(value) : value);
  }
  return found;
}

function initialOf(option: string | undefined, options: Options): unknown {
  return option
    ?.split(".")
    .reduce<unknown>(
      (inside, name) =>
        typeof inside === "object" && inside !== null ? Reflect.get(inside, name) : undefined,
      options,
    );
}
