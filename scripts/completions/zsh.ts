// Completions for zsh: one line of _arguments for each flag, whose names exclude each other.
import { WORDS, type CompletedFlag } from "./flags.ts";

export function renderZsh(flags: readonly CompletedFlag[]): string {
  return `#compdef midge
# Completions of midge for zsh: put this file, with this name, into a folder of $fpath.
# Made from the table of flags; midge -h tells what they do.

_arguments \\
${flags.map((flag) => `  ${specificationOf(flag)} \\\n`).join("")}  '1:command:(${WORDS.join(" ")})'
`;
}

function specificationOf({ names, description, value, hint, offers }: CompletedFlag): string {
  // The value is the next word, or follows an equals sign.
  const spelled = value === "none" ? names : names.map((name) => `${name}=`);
  const exclusive = `'(${names.join(" ")})'`;
  const alternatives = spelled.length === 1 ? spelled[0] : `{${spelled.join(",")}}`;
  const explanation = `[${quoted(description, /[[\]\\]/g)}]`;
  const optional = value === "possible" ? ":" : "";
  const argument =
    value === "none" ? "" : `${optional}:${quoted(hint, /[:\\]/g)}:${action(offers)}`;
  return `${exclusive}${alternatives}'${explanation}${argument}'`;
}

function action(offers: CompletedFlag["offers"]): string {
  if (offers === "files") return "_files";
  if (offers === "folders") return "_files -/";
  return offers === "nothing" ? " " : `(${offers.join(" ")})`;
}

/** For inside single quotes, with a backslash before what _arguments would take for its own. */
function quoted(text: string, special: RegExp): string {
  return text.replace(special, String.raw`\$&`).replaceAll("'", String.raw`'\''`);
}
