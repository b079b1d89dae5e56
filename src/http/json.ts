// JSON text of answers that may be long. An answer is a plain object; a part of it that may be long is a
// LongList, whose items are made and written in turns, and read on by nobody faster than the client does.
import { toJson } from "../proto/format.ts";
import type { Parts } from "./reply.ts";
import type { Turns } from "./turns.ts";

/** Items that are made and written between two looks at the clock. */
const BATCH = 16;
/** Characters that are sent at a time; a shorter answer is sent as a whole, with its length. */
const PART_CHARACTERS = 64 << 10;

const INDENT = 2;

/**
 * A list of which an answer may have very many items. Where finding the next one takes long, it has an
 * `undefined` now and then, which is left out: time to look at the clock.
 */
export class LongList {
  readonly items: Iterable<unknown>;

  constructor(items: Iterable<unknown>) {
    this.items = items;
  }
}

/** An object with a LongList among its values, directly or in such an object. */
export class LongObject {
  readonly fields: object;

  constructor(fields: object) {
    this.fields = fields;
  }
}

/** The number, also where JavaScript has none so exact. */
export function jsonNumber(value: number | bigint): unknown {
  return typeof value === "number" ? value : rawJson.rawJSON(String(value));
}

/** What ES2026 has and the types don't. */
const rawJson: { rawJSON(text: string): unknown } = JSON as never;

/** The whole text where it is short, else its parts. */
export async function render(value: LongObject, turns: Turns): Promise<string | Parts> {
  const parts = gather(write(value, 0, turns));
  const first = await parts.next();
  if (first.done) return "";
  const second = await parts.next();
  return second.done ? first.value : resume([first.value, second.value], parts);
}

async function* resume(made: readonly string[], rest: Parts): Parts {
  yield* made;
  yield* rest;
}

/** Puts small parts together. */
async function* gather(parts: Parts): Parts {
  let text = "";
  for await (const part of parts) {
    text += part;
    if (text.length < PART_CHARACTERS) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

async function* write(value: unknown, depth: number, turns: Turns): Parts {
  if (value instanceof LongList) yield* writeList(value, depth, turns);
  else if (value instanceof LongObject) yield* writeFields(value, depth, turns);
  else yield indented(toJson(value, INDENT), depth);
}

async function* writeFields({ fields }: LongObject, depth: number, turns: Turns): Parts {
  let before = `{${lineAt(depth + 1)}`;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    yield `${before}${toJson(key)}: `;
    yield* write(value, depth + 1, turns);
    before = `,${lineAt(depth + 1)}`;
  }
  yield `${lineAt(depth)}}`;
}

async function* writeList({ items }: LongList, depth: number, turns: Turns): Parts {
  let before = "[";
  for (const batch of batches(items)) {
    if (batch instanceof LongObject || batch.length > 0) {
      yield before + lineAt(depth + 1);
      if (batch instanceof LongObject) yield* write(batch, depth + 1, turns);
      else yield listed(batch, depth);
      before = ",";
    }
    if (turns.isOver) await turns.next();
  }
  yield before === "[" ? "[]" : `${lineAt(depth)}]`;
}

/** Items to be written together, with an empty batch wherever the list says that it is still looking. */
function* batches(items: Iterable<unknown>): Generator<readonly unknown[] | LongObject> {
  let batch: unknown[] = [];
  for (const item of items) {
    const isShort = item !== undefined && !(item instanceof LongObject);
    if (isShort && batch.push(item) < BATCH) continue;
    yield batch;
    batch = [];
    if (item instanceof LongObject) yield item;
  }
  yield batch;
}

/** The items of a list without its brackets. */
function listed(batch: readonly unknown[], depth: number): string {
  const text = toJson(batch, INDENT);
  return indented(text.slice(1 + 1 + INDENT, -2), depth);
}

/** A line end stands between tokens only: in texts it is escaped. */
function indented(text: string, depth: number): string {
  return depth === 0 ? text : text.replaceAll("\n", lineAt(depth));
}

function lineAt(depth: number): string {
  return `\n${" ".repeat(INDENT * depth)}`;
}
