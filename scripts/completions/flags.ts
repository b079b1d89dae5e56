// The flags of the executable as the three shells need to know them, made from the table that the
// parser and the help page read.
import { FLAGS, type Flag } from "../../src/config/flag-table.ts";
import { dashed } from "../../src/config/flags.ts";

export interface CompletedFlag {
  /** With their dashes, as on the help page: -p, -DV, --port. */
  readonly names: readonly string[];
  readonly description: string;
  /** Whether a value follows: never for a boolean, which may have =true or =false attached. */
  readonly value: "none" | "needed" | "possible";
  /** What the help page calls the value. */
  readonly hint: string;
  /** What the value can be completed with. */
  readonly offers: "files" | "folders" | "nothing" | readonly string[];
}

/** What -sl can be told; =PID may follow. */
export const SIGNAL_COMMANDS: readonly string[] = [
  "reload",
  "reopen",
  "ldm",
  "quit",
  "term",
  "stop",
];

/** What may stand in place of flags. */
export const WORDS: readonly string[] = ["help", "version"];

export function completedFlags(): CompletedFlag[] {
  return Object.values<Flag>(FLAGS).map((flag) => {
    const { alias, description, type, bare, valueHint: hint = "" } = flag;
    const value = type === "boolean" ? "none" : bare === undefined ? "needed" : "possible";
    return { names: alias.map(dashed), description, value, hint, offers: offersOf(hint) };
  });
}

function offersOf(hint: string): CompletedFlag["offers"] {
  if (hint === "file") return "files";
  if (hint === "dir") return "folders";
  return hint.startsWith("cmd") ? SIGNAL_COMMANDS : "nothing";
}
