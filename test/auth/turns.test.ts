// Who is next: lanes in turn, the newest of a lane first.

import { expect, test } from "bun:test";
import { Turns } from "../../src/auth/turns.ts";

/** Items are called by their lanes: `a/x/1` waits in lane x of lane a. */
function waiting(...items: string[]): Turns<string> {
  const turns = new Turns<string>();
  for (const item of items) turns.add(item, item.split("/").slice(0, -1));
  return turns;
}

function takeAll(turns: Turns<string>, isReady = (_item: string) => true): string[] {
  const taken: string[] = [];
  for (let item = turns.take(isReady); item !== undefined; item = turns.take(isReady)) {
    taken.push(item);
  }
  return taken;
}

test("in a lane the newest goes first", () => {
  expect(takeAll(waiting("1", "2", "3"))).toEqual(["3", "2", "1"]);
});

test("a crowded lane is in nobody else's way", () => {
  const taken = takeAll(waiting("a/1", "a/2", "a/3", "b/1", "a/4"));
  expect(taken.indexOf("b/1")).toBeLessThan(2);
  expect(taken.filter((item) => item.startsWith("a"))).toEqual(["a/4", "a/3", "a/2", "a/1"]);
});

test("lanes within a lane take turns as well, and share the turns of their lane", () => {
  const turns = waiting("a/x/1", "a/x/2", "a/x/3", "a/y/1", "b/x/1", "b/x/2");
  const firstFour = takeAll(turns).slice(0, 4);
  expect(firstFour.filter((item) => item.startsWith("b"))).toHaveLength(2);
  expect(firstFour).toContain("a/y/1");
});

test("who comes anew is soon next however many lanes wait, and none of them waits for ever", () => {
  const turns = new Turns<string>();
  for (let lane = 0; lane < 100; lane++) turns.add(`old ${lane}`, [`old ${lane}`]);
  const taken: (string | undefined)[] = [];
  for (let round = 0; round < 200; round++) {
    turns.add(`new ${round}`, [`new ${round}`]);
    taken.push(turns.take(() => true));
  }
  expect(taken).toContain("old 0");
  for (let round = 1; round < 200; round++) {
    expect([taken[round - 1], taken[round]].some((item) => item?.startsWith("new"))).toBe(true);
  }
  expect(taken.filter((item) => item?.startsWith("old"))).toHaveLength(100);
});

test("whoever is not ready is left out and costs its lane no turn", () => {
  const turns = waiting("a/1", "a/gone", "b/1", "b/gone", "b/2");
  expect(takeAll(turns, (item) => !item.endsWith("gone")).sort()).toEqual(["a/1", "b/1", "b/2"]);
  expect(turns.isEmpty).toBe(true);
});

test("what is not kept leaves nothing behind", () => {
  const turns = waiting("a/x/1", "a/y/2", "b/1", "2");
  turns.keep((item) => item.endsWith("1"));
  expect(takeAll(turns).sort()).toEqual(["a/x/1", "b/1"]);
  expect(turns.isEmpty).toBe(true);
});
