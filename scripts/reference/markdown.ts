// Tables and code in Markdown, which a formatter lays out afterwards.

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Text of which nothing is markup. */
export function plain(text: string): string {
  return text.replace(/[<*_`]/g, "\\$&");
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** The address of a heading on the same page. */
export function anchor(title: string): string {
  return `#${title
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-")}`;
}

/** As `bun fmt` lays it out. */
export async function formatted(markdown: string, path: string): Promise<string> {
  const child = Bun.spawn([process.execPath, "fmt", `--stdin-filepath=${path}`], {
    stdin: new Blob([markdown]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [text, complaint] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(complaint);
  return text;
}
