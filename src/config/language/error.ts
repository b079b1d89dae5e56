// What the language throws when a text cannot be parsed, and the care it takes of secrets: what
// stands under a key that may hold one is never repeated in a message.
import { formatProblem } from "../problem.ts";
import type { ConfigProblem, Position } from "../value.ts";

/** A text that is no configuration; the message has one line `file:line:column: …` per problem. */
export class ConfigSyntaxError extends Error {
  override readonly name = "ConfigSyntaxError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

export function syntaxError(position: Position | null, message: string): ConfigSyntaxError {
  return new ConfigSyntaxError([{ position, message }]);
}

const SECRET_KEY = /pass|token|secret|seed|nkey|jwt|cred|private|auth|user|bcrypt|(^|_)e?k(ey)?$/i;

/** Whether what this key holds may be nobody's business; rather too often than once too seldom. */
export function looksSecret(key: string): boolean {
  return SECRET_KEY.test(key);
}
