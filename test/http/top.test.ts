// The first few of many, compared with sorting all of them.
import { expect, test } from "bun:test";
import { Top } from "../../src/http/top.ts";
import { seeded } from "../support/random.ts";

const random = seeded(5);
const below = (bound: number) => Math.floor(random() * bound);

function taken<T>(top: Top<T>): T[] {
  const items: T[] = [];
  for (let last = top.pop(); last !== undefined; last = top.pop()) items.push(last);
  return items.reverse();
}

for (const isDescending of [true, false])
  test(`the first few are those that a whole sort has first (descending: ${isDescending})`, () => {
    for (let round = 0; round < 200; round++) {
      const items = Array.from({ length: below(60) }, (_, at) => ({ at, key: below(10) }));
      const limit = below(70);
      const top = new Top<{ at: number; key: number }>(limit, isDescending);
      const left = items
        .map((item) => top.add(item, item.key))
        .filter((item) => item !== undefined);
      const sign = isDescending ? -1 : 1;
      const sorted = [...items].sort((a, b) => sign * (a.key - b.key) || a.at - b.at);
      expect(top.sorted()).toEqual(sorted.slice(0, limit));
      expect(taken(top)).toEqual(sorted.slice(0, limit));
      expect(left.sort((a, b) => a.at - b.at)).toEqual(
        sorted.slice(limit).sort((a, b) => a.at - b.at),
      );
    }
  });

test("items may come in any order, when they say where their places are", () => {
  const keys = Array.from({ length: 500 }, () => below(7));
  for (const isDescending of [true, false]) {
    const forward = new Top<number>(20, isDescending);
    const backward = new Top<number>(20, isDescending);
    keys.forEach((key, at) => forward.add(at, key));
    for (let at = keys.length - 1; at >= 0; at--) backward.add(at, keys[at]!, at);
    expect(backward.sorted()).toEqual(forward.sorted());
  }
});

test("text is ordered by its characters", () => {
  const top = new Top<string>(2, false);
  for (const name of ["pear", "apple", "fig"]) top.add(name, name);
  expect(top.sorted()).toEqual(["apple", "fig"]);
});

test("all of them may be asked for, and none", () => {
  for (const [limit, found] of [
    [Infinity, [1, 2, 3]],
    [0, []],
  ] as const) {
    const top = new Top<number>(limit, false);
    for (const each of [3, 1, 2]) top.add(each, each);
    expect(taken(top)).toEqual([...found]);
  }
});

test("a place that was made free by taking one away is taken again", () => {
  const top = new Top<number>(2, false);
  for (const each of [1, 2]) top.add(each, each);
  expect(top.pop()).toBe(2);
  expect(top.add(9, 9)).toBeUndefined();
  expect(top.sorted()).toEqual([1, 9]);
});
