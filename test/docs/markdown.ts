// Reads as much of Markdown as the checks of the documentation need: code blocks, headings and links.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const root = dirname(dirname(import.meta.dir));

/** Pages that people read, by their paths from the root. */
export function pages(): string[] {
  return globSync(["*.md", "docs/**/*.md", "examples/**/*.md"], {
    cwd: root,
    exclude: (path) => path.includes("node_modules"),
  }).sort();
}

export interface Block {
  readonly page: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
  /** The word behind the fence: the language. */
  readonly info: string;
  readonly text: string;
  /** Why it is not checked, from a comment before it: `<!-- not run: reason -->`. */
  readonly excuse: string | undefined;
  /** How lines begin that alone are not checked: `<!-- not run: \`command\`, reason -->`. */
  readonly excused: readonly string[];
}

export interface Link {
  readonly line: number;
  readonly target: string;
}

export class Page {
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  /** Where links may lead, in GitHub's spelling. */
  readonly anchors: ReadonlySet<string>;

  constructor(path: string, text = readFileSync(join(root, path), "utf8")) {
    this.path = path;
    const { blocks, prose } = takeApart(path, text);
    this.blocks = blocks;
    this.links = prose.flatMap((line, i) =>
      linksIn(line).map((target) => ({ line: i + 1, target })),
    );
    this.anchors = anchorsOf(prose);
  }
}

const FENCE = /^(\s*)(`{3,})\s*(\S*)/;
const EXCUSE = /^\s*<!-- not run: (?:`([^`]+)`, )?(.+?) -->\s*$/;

/** Blocks, and the lines with those of the blocks left empty. */
function takeApart(page: string, text: string): { blocks: Block[]; prose: string[] } {
  const blocks: Block[] = [];
  const prose: string[] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const [, indent = "", fence, info = ""] = FENCE.exec(lines[i]!) ?? [];
    if (fence === undefined) {
      prose.push(lines[i]!);
      continue;
    }
    const [, command, reason] =
      EXCUSE.exec(prose.findLast((line) => line.trim() !== "") ?? "") ?? [];
    const excuse = command === undefined ? reason : undefined;
    const excused = command === undefined ? [] : [command];
    const end = lines.findIndex((line, at) => at > i && line.trim() === fence);
    if (end < 0) throw new Error(`${page}:${i + 1}: this block has no end`);
    const inside = lines.slice(i + 1, end).map((line) => line.replace(indent, ""));
    blocks.push({ page, line: i + 1, info, text: inside.join("\n"), excuse, excused });
    for (; i < end; i++) prose.push("");
    prose.push("");
  }
  return { blocks, prose };
}

/** Targets of links and pictures, also of pictures inside of links. */
function linksIn(line: string): string[] {
  const plain = line.replace(/`[^`]*`/g, "``");
  return [...plain.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target!);
}

function anchorsOf(prose: readonly string[]): Set<string> {
  const anchors = new Set<string>();
  for (const line of prose) {
    for (const [, id] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id!);
    const title = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (title === undefined) continue;
    const slug = slugOf(title);
    let name = slug;
    for (let n = 1; anchors.has(name); n++) name = `${slug}-${n}`;
    anchors.add(name);
  }
  return anchors;
}

/** `My "big" title: 1.0` is `my-big-title-10`. */
export function slugOf(title: string): string {
  const text = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** What is wrong with a link of a page, or undefined. `pageAt` gives the page of a path. */
export function brokenLink(
  { path }: Page,
  { target }: Link,
  pageAt: (path: string) => Page,
): string | undefined {
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return undefined;
  const [file = "", anchor] = target.split("#");
  const aim = file === "" ? path : join(dirname(path), decodeURI(file));
  if (!existsSync(join(root, aim))) return `there is no ${aim}`;
  if (anchor === undefined || !aim.endsWith(".md")) return undefined;
  return pageAt(aim).anchors.has(anchor) ? undefined : `${aim} has no heading #${anchor}`;
}
