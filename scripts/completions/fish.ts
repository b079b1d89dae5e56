// Completions for fish: one command for each flag.
import { WORDS, type CompletedFlag } from "./flags.ts";

export function renderFish(flags: readonly CompletedFlag[]): string {
  return `# Completions of midge for fish: put this file into ~/.config/fish/completions.
# Made from the table of flags; midge -h tells what they do.

complete -c midge -f
complete -c midge -n __fish_is_first_token -a '${WORDS.join(" ")}'
${flags.map(commandOf).join("")}`;
}

function commandOf({ names, description, value, offers }: CompletedFlag): string {
  const spelled = names.map((name) => `${option(name)} ${name.replace(/^-+/, "")}`);
  return `complete -c midge ${spelled.join(" ")}${argument(value, offers)} -d ${quoted(description)}\n`;
}

/** With two dashes or one. Fish would bundle short ones, as in -Dp, which this program does not. */
function option(name: string): string {
  return name.startsWith("--") ? "-l" : "-o";
}

function argument(value: CompletedFlag["value"], offers: CompletedFlag["offers"]): string {
  if (value !== "needed") return "";
  if (offers === "files") return " -r -F";
  if (offers === "folders") return " -x -a '(__fish_complete_directories)'";
  return offers === "nothing" ? " -x" : ` -x -a '${offers.join(" ")}'`;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, String.raw`\$&`)}'`;
}
