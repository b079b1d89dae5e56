// What the servers of a test run give away, and what they must not. `scripts/test.ts` names a folder for
// the run; the helpers that start servers write there what came out of them, tests write there which
// passwords, tokens and seeds they used, and at the end the one is searched for the other. A harmless
// canary must turn up in every kind of output, or else nothing was really collected.
import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The ways in which a server says something. */
export const OUTPUT_KINDS = [
  /** stderr of running executables, and what was traced there. */
  "log",
  "trace",
  "log-file",
  /** All that an executable prints that runs to its end, as one that refuses its configuration. */
  "ended",
  /** What an embedding program is told: lines for its logger, and the errors of a start. */
  "embedded-log",
  "embedded-trace",
  "embedded-error",
  /** `-ERR` on the wire, and what clients make of it. */
  "wire",
  "client",
  "monitor",
] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

/** Names the folder; without it nothing is collected. */
export const OUTPUTS_VARIABLE = "MIDGE_TEST_OUTPUTS";
/** Stands where a name, subject or key stands that servers like to repeat. */
export const CANARY = "harmless_canary";
const SECRETS_FILE = "secrets.jsonl";
/** Shorter ones would be found by accident. */
const SECRET_LENGTH_MIN = 8;
const RANDOM_BYTES = 12;

/** Keeps this piece of output for the search at the end of the run. */
export function collect(kind: OutputKind, text: string): void {
  append(`${kind}.txt`, text);
}

/** Keeps a log line of an executable. */
export function collectLine(line: string): void {
  collect(line.includes("[TRC]") ? "trace" : "log", line);
}

/**
 * Remembers a password, token, seed, hash or private key that no output may contain, and gives it back;
 * a random one unless given.
 */
export function secret(text = randomBytes(RANDOM_BYTES).toString("hex")): string {
  if (text.length < SECRET_LENGTH_MIN) throw new Error("Too short to be searched for");
  append(SECRETS_FILE, JSON.stringify(text));
  return text;
}

export function isCollecting(): boolean {
  return folder() !== undefined;
}

/** What is wrong with all that was collected in this folder so far, in words that give nothing away. */
export function findLeaks(path: string): string[] {
  const problems: string[] = [];
  const secrets = readSecrets(path);
  if (secrets.length === 0) problems.push("no test has named a secret");
  for (const kind of OUTPUT_KINDS) {
    const file = join(path, `${kind}.txt`);
    const output = existsSync(file) ? readFileSync(file, "latin1") : "";
    if (!output.includes(CANARY)) problems.push(`${kind}: the canary is missing in what was kept`);
    for (const text of secrets) {
      const spelling = spellings(text).find((candidate) => output.includes(candidate));
      if (spelling !== undefined)
        problems.push(`${kind}: a secret in ${quoteAround(output, spelling)}`);
    }
  }
  return problems;
}

/** The same secret as different outputs would write it, read as latin1 like the files. */
function spellings(text: string): string[] {
  const bytes = Buffer.from(text, "utf8");
  const plain = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
  return [
    ...plain.map((spelling) => Buffer.from(spelling, "utf8").toString("latin1")),
    // The end depends on the padding and on what follows.
    bytes.toString("base64").replace(/.?.?=*$/, ""),
    bytes.toString("hex"),
  ];
}

/** The line of the leak, without the leak. */
function quoteAround(output: string, found: string): string {
  const at = output.indexOf(found);
  const line = output.slice(output.lastIndexOf("\n", at) + 1).split("\n", 1)[0] ?? "";
  return JSON.stringify(line.replaceAll(found, "<SECRET>").slice(0, 500));
}

function readSecrets(path: string): string[] {
  const file = join(path, SECRETS_FILE);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return [...new Set(lines)].map((line) => String(JSON.parse(line)));
}

function append(name: string, text: string): void {
  const path = folder();
  if (path !== undefined) appendFileSync(join(path, name), `${text}\n`);
}

function folder(): string | undefined {
  return process.env[OUTPUTS_VARIABLE];
}
