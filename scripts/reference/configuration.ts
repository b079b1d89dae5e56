// docs/configuration.md: every key of the configuration file.
import { SECTIONS, type Descriptions, type Section } from "../../src/config/describe.ts";
import { formatDuration } from "../../src/config/duration.ts";
import { factsOf, type Facts } from "./facts.ts";
import { findFlags, type FlagFacts } from "./flag-facts.ts";
import { findKeys, type FoundKey } from "./inventory.ts";
import { anchor, code, table } from "./markdown.ts";

export const DESCRIBED: Descriptions = Object.assign({}, ...SECTIONS.map(({ keys }) => keys));

interface Row {
  readonly path: string;
  readonly key: FoundKey;
  readonly facts: Facts;
}

const HEAD = ["Key", "What it does", "Value", "Unless given", "Reload", "`Midge.start`", "Flag"];

export function configurationPage(): string {
  const found = findKeys();
  const flags = findFlags();
  const sections = SECTIONS.map((section) => ({ section, rows: rowsOf(section, found) }));
  const kept = sections.filter(({ rows }) => rows.some(isFollowed));
  const all = sections.flatMap(({ rows }) => rows);
  return [
    INTRO,
    [...kept.map(({ section }) => section.title), LATER_TITLE, REFUSED_TITLE]
      .map((title) => `- [${title}](${anchor(title)})`)
      .join("\n"),
    ...kept.map(({ section, rows }) => chapter(section, rows.filter(isFollowed), flags)),
    unfollowed(all, found),
  ].join("\n\n");
}

const INTRO = `<!-- Made by \`bun scripts/reference.ts\` from the key tables in src/config; changes belong there. -->

# Configuration

A server reads the file that \`-c\` names, in the language of nats-server: \`key: value\`, \`key = value\` or
\`key value\`, blocks in braces, arrays in brackets, \`#\` and \`//\` before comments, \`include FILE\`, \`$NAME\` for a key
further up or an environment variable. Sizes may have a unit (\`64KB\` is 65536, \`64K\` is 64000), durations are text
(\`"1m30s"\`). Upper and lower case are the same in keys. \`midge -t -c FILE\` checks a file without starting a server. What
is wrong, and what has no effect, is told with line and column; a key that nobody knows or a wrong value ends the start.

A flag wins over the file ([flags.md](flags.md)). A program gives the same options to \`Midge.start\` in camelCase
([embedding.md](embedding.md)); a duration is text there, too, or a number of milliseconds, where a file's numbers are
seconds. In the tables each key stands above an example of it; \`[]\` is each element of an array, \`*\` any name. What
gnatsd 0.9.6 had is in [gnatsd-0.9.6.md](gnatsd-0.9.6.md).

After a change \`midge -sl reload=PID\`, or SIGHUP, reads the file again: where the column "Reload" says yes, the change is made
while clients stay connected; where it says no, it needs a restart, and the reload is refused as a whole and says so in the log.`;

function rowsOf({ keys }: Section, found: readonly FoundKey[]): Row[] {
  return Object.keys(keys).map((path) => {
    const key = found.find((each) => each.path === path);
    if (key === undefined) throw new Error(`${path} is described, and no key`);
    return { path, key, facts: factsOf(path, DESCRIBED) };
  });
}

const isFollowed = ({ facts }: Row) => facts.effect === "sets" || facts.effect === "none";

function chapter(
  { title, intro }: Section,
  rows: readonly Row[],
  flags: readonly FlagFacts[],
): string {
  const body = table(
    HEAD,
    rows.map((row) => cells(row, flags)),
  );
  return `## ${title}\n\n${intro === "" ? "" : `${intro}\n\n`}${body}`;
}

function cells({ path, key, facts }: Row, flags: readonly FlagFacts[]): string[] {
  const about = DESCRIBED[path]!;
  const like = about.like === undefined ? "" : ` Its keys are those of ${code(about.like)}.`;
  const names = facts.options.map((option) => code(option));
  // Of what a key brings along, its own option comes first; an address is host and port.
  const isAddress = key.takes === "a port or host:port";
  return [
    `${nameOf(key)}<br>${code(`${key.names[0]}: ${about.example}`)}`,
    about.does + like,
    key.takes,
    initialText(about.unset, facts, key.takes),
    facts.effect === "none" ? "–" : facts.reloads ? "yes" : "no",
    names.join(", ") || "–",
    flagsFor(path, isAddress ? facts.options : facts.options.slice(0, 1), flags)
      .map(code)
      .join(", ") || "–",
  ];
}

/** `**authorization.user**, username`: the path, and the other names of its last part. */
function nameOf({ path, names }: FoundKey): string {
  const others = names.slice(1).map(code);
  const name = `**${code(path)}**`;
  return others.length === 0 ? name : `${name} (${others.join(", ")})`;
}

const UNITS = ["bytes", "KiB", "MiB", "GiB"];

function initialText(unset: string | undefined, { initial }: Facts, takes: string): string {
  if (unset !== undefined) return unset;
  if (initial === undefined) throw new Error("nobody knows what goes for it unless given");
  if (typeof initial !== "number") return code(String(initial));
  if (takes.startsWith("a duration")) {
    return code(`"${formatDuration(initial).replace(/(?<=[hm])0[ms](?:0s)?/g, "")}"`);
  }
  if (!takes.startsWith("a size") || initial === 0) return code(String(initial));
  let [size, unit] = [initial, 0];
  while (size % 1024 === 0) [size, unit] = [size / 1024, unit + 1];
  return `${size} ${UNITS[unit]}`;
}

/** Flags that set what the key sets, or switch off the whole of it. */
export function flagsFor(
  path: string,
  options: readonly string[],
  flags: readonly FlagFacts[],
): string[] {
  const own = flags.filter(
    (each) =>
      each.options.some((option) => options.includes(option)) ||
      each.flag.switchesOff?.includes(path),
  );
  return own.map(({ names }) => names[0]!);
}

/** Whether the one key is in the other's block or array. */
export function isInside(path: string, outer: string): boolean {
  return path.startsWith(`${outer}.`) || path.startsWith(`${outer}[]`);
}

const LATER_TITLE = "Read, and without an effect yet";
const REFUSED_TITLE = "What refuses the start";

function unfollowed(all: readonly Row[], found: readonly FoundKey[]): string {
  const later = all.filter(({ facts }) => facts.effect === "later");
  const refused = all.filter(({ facts }) => facts.effect === "refused");
  const lines = (rows: readonly Row[]) =>
    table(
      ["Key", "What it is for", "Value", "What Midge says"],
      rows.map(({ path, key, facts }) => [
        `${nameOf(key)}<br>${code(`${key.names[0]}: ${DESCRIBED[path]!.example}`)}`,
        DESCRIBED[path]!.does,
        key.takes,
        facts.why,
      ]),
    );
  return `## ${LATER_TITLE}

Files for nats-server have these keys; Midge checks them, warns that they have no effect, and starts.

${lines(later)}

## ${REFUSED_TITLE}

What these keys ask for protects something, and Midge does not do it. It never starts with less protection than its
file asks for; without them it starts. Those that are for a list or a switch are refused only where they are not empty
or off.

${lines(refused)}

## Keys inside of those

They are checked as well: a key that nobody knows or a wrong value is a mistake. Blocks called \`tls\` and \`permissions\`
have the keys that they have elsewhere.

${table(
  ["In", "Keys"],
  [...later, ...refused].flatMap(({ path }) => {
    const inside = found.filter((each) => isInside(each.path, path));
    const names = inside
      .map((each) => each.path.slice(path.length).replace(/^(\[\])?\./, ""))
      .filter((name) => !/(^|\.)(tls|permissions)\./.test(name))
      .map(code);
    return names.length === 0 ? [] : [[code(path), names.join(" ")]];
  }),
)}
`;
}
