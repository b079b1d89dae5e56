// nats-top: how it prints one snapshot of a server, and what is in it.
const ANSWER_MS = 10_000;
/** Stands in no value. */
const DELIMITER = ";";

export interface Snapshot {
  readonly code: number;
  readonly complaint: string;
  /** Like "Load", "In" and "Out", each with its values by name. */
  readonly head: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly polled: number;
  /** By the names of the columns. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}

export async function snapshot(path: string, ...flags: string[]): Promise<Snapshot> {
  const words = [path, "-s", "127.0.0.1", "-o", "-", "-l", DELIMITER, "-b", "-u", ...flags];
  const child = Bun.spawn(words, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: ANSWER_MS,
  });
  const [code, text, complaint] = await Promise.all([
    child.exited,
    child.stdout.text(),
    child.stderr.text(),
  ]);
  return { code, complaint, ...parse(text) };
}

function parse(text: string): Pick<Snapshot, "head" | "polled" | "rows"> {
  const lines = text.split("\n").map((line) => line.split(DELIMITER));
  const start = lines.findIndex(([first]) => first === "HOST");
  const columns = lines[start] ?? [];
  const head: Record<string, Record<string, string>> = {};
  let polled = -1;
  for (const [title = "", ...values] of start < 0 ? [] : lines.slice(0, start)) {
    if (title === "Connections Polled:") polled = Number(values[0]);
    const named: Record<string, string> = {};
    for (let at = 0; at + 1 < values.length; at += 2)
      named[bare(values[at])] = values[at + 1] ?? "";
    if (title !== "") head[bare(title)] = named;
  }
  const rows = (start < 0 ? [] : lines.slice(start + 1))
    .filter((line) => line.length > 1)
    .map((line) => Object.fromEntries(columns.map((column, at) => [column, line[at] ?? ""])));
  return { head, polled, rows };
}

const bare = (title = ""): string => title.replace(/:$/, "");
