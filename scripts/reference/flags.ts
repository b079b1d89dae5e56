// docs/flags.md: every flag, grouped as the help page has them.
import { FLAG_GROUPS } from "../../src/config/flag-table.ts";
import { DESCRIBED } from "./configuration.ts";
import { factsOf } from "./facts.ts";
import { findFlags, type FlagFacts } from "./flag-facts.ts";
import { code, plain, table } from "./markdown.ts";

export function flagsPage(): string {
  const flags = findFlags();
  const keys = Object.keys(DESCRIBED).map((path) => ({
    path,
    options: factsOf(path, DESCRIBED).options,
  }));
  const groups = FLAG_GROUPS.map((group) => {
    const rows = flags.filter(({ flag }) => flag.group === group);
    const body = table(
      ["Flag", "What it does", "Example", "Key of the file"],
      rows.map((each) => [
        each.names.map(code).join(", "),
        plain(each.flag.description),
        code(`midge ${each.example.map(quoted).join(" ")}`),
        keysFor(each, keys).map(code).join(", ") || "–",
      ]),
    );
    return `## ${group}\n\n${body}`;
  });
  return [INTRO, ...groups].join("\n\n");
}

const INTRO = `<!-- Made by \`bun scripts/reference.ts\` from the flag table in src/config; changes belong there. -->

# Flags

One dash or two, a blank or \`=\` before the value: \`-p 4333\`, \`--port=4333\`. Flags that switch something take a value only
after \`=\`: \`-T=false\`. Numbers may be written as in Go, \`0x10ED\` or \`4_333\`. Of the same flag the last one counts. A flag wins
over the file, also after a reload ([configuration.md](configuration.md)). After a mistake in its flags Midge says what is
wrong and exits with 1; \`midge version\` and \`midge help\` are words for \`-v\` and \`-h\`.`;

/** The keys that set nothing else than what the flag sets, too. */
function keysFor(
  { flag, options, key }: FlagFacts,
  keys: readonly { path: string; options: readonly string[] }[],
): string[] {
  if (flag.switchesOff) return [...flag.switchesOff];
  const same = keys.filter(
    (each) =>
      options.includes(each.options[0] ?? "") &&
      each.options.every((name) => options.includes(name)),
  );
  if (same.length > 0) return same.map(({ path }) => path);
  const spelled = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return spelled in DESCRIBED ? [spelled] : [];
}

function quoted(argument: string): string {
  return /[\s$&*?]/.test(argument) ? `'${argument}'` : argument;
}
