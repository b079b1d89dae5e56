// Long answers are written in parts and turns, and are the same text as if they were not.
import { describe, expect, test } from "bun:test";
import { jsonNumber, LongList, LongObject, render } from "../../src/http/json.ts";
import { Turns } from "../../src/http/turns.ts";

async function textOf(value: LongObject): Promise<string> {
  const made = await render(value, new Turns());
  return typeof made === "string" ? made : (await Array.fromAsync(made)).join("");
}

const plain = (value: unknown) => JSON.stringify(value, null, 2);

describe("a long answer", () => {
  test.each([0, 1, 15, 16, 17, 5000])("with %d items reads as any JSON", async (count) => {
    const items = Array.from({ length: count }, (_, i) => ({ i, text: "x\ny", list: [i, []] }));
    const shown = await textOf(new LongObject({ a: 1, b: {}, items: new LongList(items), c: [] }));
    expect(shown).toBe(plain({ a: 1, b: {}, items, c: [] }));
  });

  test("may have long items with long lists in them, among short ones", async () => {
    const subjects = Array.from({ length: 100 }, (_, i) => `s.${i}`);
    const long = { cid: 1, subjects, tag: "t" };
    const items = [{ cid: 0 }, new LongObject({ ...long, subjects: new LongList(subjects) }), 7];
    const shown = await textOf(new LongObject({ items: new LongList(items) }));
    expect(shown).toBe(plain({ items: [{ cid: 0 }, long, 7] }));
  });

  test("leaves out what is undefined: fields that are missing, items that were not found yet", async () => {
    const items = [undefined, 1, undefined, undefined, 2, undefined];
    const shown = await textOf(new LongObject({ a: undefined, items: new LongList(items) }));
    expect(shown).toBe(plain({ items: [1, 2] }));
  });

  test("escapes what could end a script, in keys and texts, also in parts", async () => {
    const items = Array.from({ length: 5000 }, () => "</script>&\u2028");
    const shown = await textOf(new LongObject({ "<": new LongList(items) }));
    expect(shown).not.toMatch(/[<>&\u2028]/);
    expect(JSON.parse(shown)).toEqual({ "<": items });
  });

  test("has numbers that doubles don't have", async () => {
    const shown = await textOf(new LongObject({ limit: jsonNumber(2n ** 63n - 1n) }));
    expect(shown).toBe('{\n  "limit": 9223372036854775807\n}');
  });

  test("comes as a whole when it is short, else in parts that are not small", async () => {
    const ofLength = (length: number) =>
      new LongObject({ a: new LongList(Array(length).fill("x")) });
    expect(await render(ofLength(3), new Turns())).toBeString();
    const parts = await render(ofLength(50_000), new Turns());
    const sizes = (await Array.fromAsync(parts)).map((part) => part.length);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(64 << 10);
    expect(Math.max(...sizes)).toBeLessThan(70 << 10);
  });
});

describe("turns", () => {
  test("let the event loop go round between two of them, however many ask", async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const work = async (name: string) => {
      for (let i = 0; i < 3; i++) {
        await turns.next();
        seen.push(name);
      }
    };
    const others = (async () => {
      for (let i = 0; i < 6; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push("-");
      }
    })();
    await Promise.all([work("a"), work("b"), others]);
    // Never two pieces of work in one round.
    expect(seen.join("")).toMatch(/^-?([ab]-?)+$/);
    expect(seen.join("")).not.toMatch(/[ab]{2,}-/);
  });

  test("long answers leave room: timers come while 200,000 items are written", async () => {
    const items = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    const parts = await render(new LongObject({ items: new LongList(items) }), new Turns());
    let rounds = 0;
    let isDone = false;
    const count = () => {
      rounds++;
      if (!isDone) setImmediate(count);
    };
    count();
    await Array.fromAsync(parts);
    isDone = true;
    expect(rounds).toBeGreaterThan(20);
  });
});
