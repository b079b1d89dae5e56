// How what is wrong is written down: where it stands, which key, what was expected, what was found.
// Secrets never show: what stands under a key that holds some is named by its kind only.
import type { ConfigProblem, ConfigValue, Position } from "./value.ts";

/** All that is wrong with a configuration, at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** `nats.conf:3:7`, which editors and terminals can jump to. */
export function formatPosition({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

export function formatProblem({ position, message }: ConfigProblem): string {
  return position === null ? message : `${formatPosition(position)}: ${message}`;
}

const SHOWN_TEXT_MAX = 60;
const KINDS: Readonly<Record<ConfigValue["kind"], string>> = {
  string: "a string",
  integer: "a whole number",
  float: "a fraction",
  boolean: "a boolean",
  date: "a date",
  array: "an array",
  map: "a block",
};

/** What was found, short enough for one line; only its kind where it may be a secret. */
export function describeValue(value: ConfigValue, secret: boolean): string {
  switch (value.kind) {
    case "string":
      return secret ? KINDS.string : quoteText(value.value);
    case "integer":
    case "float":
    case "boolean":
      return secret ? KINDS[value.kind] : String(value.value);
    default:
      return KINDS[value.kind];
  }
}

/** A path of keys, `cluster.routes`; a key that is no plain word goes in quotes, to stay on its line. */
export function joinPath(path: string, key: string): string {
  const shown = PLAIN_KEY.test(key) ? key : quoteText(key);
  return path === "" ? shown : `${path}.${shown}`;
}

const PLAIN_KEY = /^[\w$-]{1,60}$/;

/** Text in quotes, cut and without what stands before an @, where URLs carry credentials. */
export function quoteText(text: string): string {
  const safe = text.replace(/^.*@/s, "[REDACTED]@");
  const cut = safe.length > SHOWN_TEXT_MAX ? `${safe.slice(0, SHOWN_TEXT_MAX)}…` : safe;
  return JSON.stringify(cut);
}
