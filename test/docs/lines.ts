// The lines of a `sh` block as somebody types them, one after the other, and what kind of a command each is.
import type { Block } from "./markdown.ts";
import { HERE } from "./ports.ts";

export interface Line {
  readonly page: string;
  /** On the page, counted from 1. */
  readonly number: number;
  /** Of the block's first line: what runs from an earlier block has been stopped by then. */
  readonly block: number;
  /** Without its comment. */
  readonly text: string;
  /** Where it is typed: what a comment `# on NAME` before it says. */
  readonly machine: string;
}

const MACHINE = /^\s*# on ([^,:]+)/;
const WORD = /(?:"[^"]*"|'[^']*'|[^\s"'])+/g;

/** The commands of a block, without those that its excuse names. */
export function linesOf(block: Block): Line[] {
  const lines: Line[] = [];
  let machine = HERE;
  let begun = "";
  block.text.split("\n").forEach((typed, i) => {
    machine = MACHINE.exec(typed)?.[1]?.trim() ?? machine;
    const text = `${begun}${withoutComment(typed).trimStart()}`.trim();
    begun = text.endsWith("\\") ? `${text.slice(0, -1).trimEnd()} ` : "";
    if (begun !== "" || text === "" || block.excused.some((each) => text.startsWith(each))) return;
    lines.push({ page: block.page, number: block.line + 1 + i, block: block.line, text, machine });
  });
  return lines;
}

/** A comment begins where a word could, outside of quotes. */
function withoutComment(typed: string): string {
  const comment = typed.matchAll(WORD).find(([word]) => word.startsWith("#"));
  return typed.slice(0, comment?.index);
}

/** The last command of a line, without variables for its environment. */
export function lastCommand(text: string): string {
  const last = text.split(/&&|;/).at(-1) ?? "";
  return last.trim().replace(/^(?:[A-Z_]+=\S* )*/, "");
}

export const isMidge = (text: string): boolean => /^(?:\S*\/)?midge\b/.test(lastCommand(text));

const ENDS_BY_ITSELF = / --?(?:t|sl|signal|v|version|h|help|healthcheck)\b/;

/** Whether it goes on until somebody stops it. */
export function stays(text: string): boolean {
  const command = lastCommand(text);
  if (isMidge(text)) return !ENDS_BY_ITSELF.test(command);
  return /^(?:npm|bun(?: run)?) start\b/.test(command) || /^nats .*\bsub\b/.test(command);
}

/** Whether it talks with a broker that has to be there before. */
export function asks(text: string): boolean {
  const command = lastCommand(text);
  if (isMidge(text)) return / --?(?:sl|signal|healthcheck)\b/.test(command);
  return /^(?:curl|nats)\b/.test(command);
}
