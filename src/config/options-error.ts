// What is wrong with options, in words: `<key> must be <what was expected>, not <what was found>`. What may
// be a secret is found as its kind only.
import type { BaseIssue } from "valibot";
import { joinPath } from "./problem.ts";
import { NOT_AN_OPTION } from "./schema-parts.ts";

export interface OptionProblem {
  readonly key: string;
  /** The whole sentence: key, what was expected, what was found. */
  readonly message: string;
}

/** Everything that is wrong with the options given, at once. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
  readonly problems: readonly OptionProblem[];

  constructor(problems: readonly OptionProblem[]) {
    super(problems.map((problem) => problem.message).join("\n"));
    this.problems = problems;
  }
}

/**
 * How to call an option in a message: by its key, with what is inside as `tls.certFile` or
 * `authorization.users[0]`, or as the flag or file position it came from.
 */
export type OptionNamer = (key: string) => string;

const SECRET_KEYS: ReadonlySet<string> = new Set([
  "authorization",
  "accounts",
  "monitorAuthorization",
  // Passwords, and routes with a login in their URL.
  "cluster",
]);

/** What a schema complains of. */
export function problemOf(issue: BaseIssue<unknown>, nameOf: OptionNamer): OptionProblem {
  const [first, ...inner] = issue.path ?? [];
  const key = String(first?.key ?? "options");
  const name = nameOf(inner.reduce((outer, step) => stepInto(outer, step.key), key));
  if (issue.message.startsWith(NOT_AN_OPTION)) return { key, message: `${name} ${issue.message}` };
  const found = describe((inner.at(-1) ?? first)?.value, SECRET_KEYS.has(key));
  return { key, message: `${name} must be ${issue.message}, not ${found}` };
}

function stepInto(outer: string, key: unknown): string {
  return typeof key === "number" ? `${outer}[${key}]` : joinPath(outer, String(key));
}

const SHOWN_TEXT_MAX = 60;

/** What was found, short enough for one line. */
export function describe(value: unknown, secret = false): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  if (secret && value !== undefined && value !== null) return `a ${typeof value}`;
  if (typeof value === "string") {
    const shown = value.length > SHOWN_TEXT_MAX ? `${value.slice(0, SHOWN_TEXT_MAX)}…` : value;
    return JSON.stringify(shown);
  }
  return typeof value === "bigint" ? `${value}n` : String(value);
}
