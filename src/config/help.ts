// The help page: one screen, grouped and spelled the way NATS operators know it, made from the flag
// table.
import { dashed } from "./flags.ts";
import { FLAG_GROUPS, FLAGS, type Flag } from "./flag-table.ts";

const DESCRIPTION_COLUMN = 38;

export function renderHelp(): string {
  const groups = FLAG_GROUPS.map((group) => {
    const flags = Object.values<Flag>(FLAGS).filter((flag) => flag.group === group);
    return `${group}:\n${flags.map(helpLine).join("")}`;
  });
  return `\nUsage: midge [options]\n\n${groups.join("\n")}\n`;
}

/** `    -p, --port <port>                 Port for clients`; names without a letter move right. */
function helpLine(flag: Flag): string {
  const names = flag.alias.map(dashed);
  const indent = names[0]!.startsWith("--") ? "        " : "    ";
  const hint = hintOf(flag);
  const left = `${indent}${names.join(", ")}${hint}`;
  const width = DESCRIPTION_COLUMN - 1;
  const tooLong = left.length >= width ? `${left}\n` : "";
  return `${tooLong}${(tooLong ? "" : left).padEnd(width)}${flag.description}\n`;
}

/** `<…>` for what has to follow, `[…]` for what may. */
function hintOf({ valueHint, bare }: Flag): string {
  if (valueHint === undefined) return "";
  return bare === undefined ? ` <${valueHint}>` : ` [${valueHint}]`;
}
