// The commands of the documentation, checked as far as that goes without running them: flags by the real
// parser, scripts and paths by what is there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { FlagError, parseFlags } from "../../src/config/flags.ts";
import { root } from "./markdown.ts";

/** One program with its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** The commands of a block: comments, prompts, line ends and `&&` are taken away. */
export function commandsOf(text: string): Command[] {
  return text
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line) => splitLine(line));
}

/** Splits as a shell does, as far as blanks, quotes, `&&` and comments go. */
function splitLine(line: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  const finish = () => {
    // Variables before the program are for its environment.
    while (/^[A-Z_]+=/.test(words[0] ?? "")) words.shift();
    const [program, ...args] = words;
    if (program !== undefined) commands.push([program, ...args]);
    words = [];
  };
  for (const [word] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    if (word.startsWith("#")) break;
    if (word === "&&") finish();
    else if (word !== "&") words.push(word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  }
  finish();
  return commands;
}

const scripts: Readonly<Record<string, string>> = manifest.scripts;
/** Subcommands of npm and bun that are no scripts of ours. */
const TOOLS = new Set(["install", "ci", "add", "create", "init", "pack", "fmt"]);

/** Programs of others, which are taken at their word. */
const FOREIGN = new Set(["cd", "docker", "mkdir", "nats"]);

/** What is wrong with a command, or undefined. */
export function mistakeIn([program, ...args]: Command): string | undefined {
  switch (program.split("/").at(-1)) {
    case "midge":
      return flagMistake(args);
    case "npm":
      return scriptMistake(args[0] === "run" ? args.slice(1) : args);
    case "bun":
      return bunMistake(args);
    case "curl":
      return urlMistake(args);
    default:
      if (FOREIGN.has(program)) return undefined;
      return `nobody knows how to check ${program}: use a text block or <!-- not run: reason -->`;
  }
}

/** `npm start` and its like: the script has to be there, and flags have to be the broker's. */
function scriptMistake([name = "", ...rest]: readonly string[]): string | undefined {
  if (TOOLS.has(name)) return undefined;
  const script = scripts[name];
  if (script === undefined) return `package.json has no script ${name}`;
  const given = rest[0] === "--" ? rest.slice(1) : rest;
  if (script.includes("src/main.ts")) return flagMistake(given);
  if (name === "test") return given.map(pathMistake).find(Boolean);
  return undefined;
}

function bunMistake([first = "", ...rest]: readonly string[]): string | undefined {
  if (first === "run" || first === "start") return scriptMistake(first === "run" ? rest : [first]);
  if (first === "test")
    return rest
      .filter((each) => !each.startsWith("-"))
      .map(pathMistake)
      .find(Boolean);
  if (TOOLS.has(first)) return undefined;
  return pathMistake(first);
}

function pathMistake(path: string): string | undefined {
  return existsSync(join(root, path)) ? undefined : `there is no ${path}`;
}

function flagMistake(args: readonly string[]): string | undefined {
  try {
    parseFlags(args);
    return undefined;
  } catch (error) {
    if (error instanceof FlagError) return error.message;
    throw error;
  }
}

function urlMistake(args: readonly string[]): string | undefined {
  const url = args.find((each) => /^https?:/.test(each));
  return url !== undefined && URL.canParse(url) ? undefined : "curl is given no URL";
}

/** The paths that a command asks a monitor for. */
export function monitorPathOf([program, ...args]: Command): string | undefined {
  const url = program === "curl" ? args.find((each) => /^https?:/.test(each)) : undefined;
  const { pathname, search } = new URL(url ?? "http://nowhere");
  return url === undefined ? undefined : `${pathname}${search}`;
}
