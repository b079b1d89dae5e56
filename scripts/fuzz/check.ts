// What must hold for everything the broker says, and when two answers are the same.
import { quote } from "../../test/support/wire.ts";
import type { Outcome } from "./session.ts";

/**
 * A MSG or HMSG line; the last group is its size, the one before it the rest after the sid. One oddity of
 * nats-server is let pass: a subject to publish to may begin with a LF, the only place where one belongs
 * to an argument.
 */
const MESSAGE = /^(H?MSG \n?[^ \n]*) [^ \n]+ ((?:[^ \n]+ )?(?:\d+ )?(\d+))\r\n/;
const ANYTHING_ELSE = /^(\+OK|PONG|-ERR '[^\r\n]*'|INFO \{.*\} )\r\n$/;

/** All that is said must be whole lines and whole messages, as clients read them. */
export function checkOutput(heard: Buffer): void {
  splitItems(heard);
}

/** Lines, and messages with their payloads. */
function splitItems(heard: Buffer): string[] {
  const items: string[] = [];
  for (let at = 0; at < heard.length;) {
    const lineEnd = heard.indexOf("\r\n", at) + 2;
    if (lineEnd === 1) throw new Error(`half a line: ${quote(heard.toString("latin1", at))}`);
    const line = heard.toString("latin1", at, lineEnd);
    const size = MESSAGE.exec(line)?.[3];
    const end = size === undefined ? lineEnd : lineEnd + Number(size) + 2;
    if (size === undefined && !ANYTHING_ELSE.test(line))
      throw new Error(`nothing that a server says: ${quote(line)}`);
    if (heard.toString("latin1", end - 2, end) !== "\r\n")
      throw new Error(`a message without its end: ${quote(line)}`);
    items.push(heard.toString("latin1", at, end));
    at = end;
  }
  return items;
}

/** True when two answers are equal but for times, and the order of the copies of one message. */
export function isSame(one: Outcome, two: Outcome): boolean {
  return (
    one.closeReason === two.closeReason &&
    sounds(one.heard, two.heard) &&
    sounds(one.overheard, two.overheard)
  );
}

function sounds(one: Buffer, two: Buffer): boolean {
  return one.equals(two) || ordered(one) === ordered(two);
}

function ordered(heard: Buffer): string {
  const items = splitItems(heard).map(maskTrace);
  let text = "";
  for (let at = 0; at < items.length;) {
    const kind = copyKind(items[at]!);
    let upto = at + 1;
    while (kind !== null && upto < items.length && copyKind(items[upto]!) === kind) upto++;
    text += items.slice(at, upto).sort().join("");
    at = upto;
  }
  return text;
}

/** What the server tells of a traced message holds times. */
function maskTrace(item: string): string {
  return item.replace(/^(MSG [^\r]* )\d+\r\n\{"server":[^]*/, "$1…");
}

/** Equal for copies of one message: all but the sid. */
function copyKind(item: string): string | null {
  const parts = MESSAGE.exec(item);
  return parts === null ? null : `${parts[1]} ${parts[2]} ${item.slice(parts[0].length)}`;
}
