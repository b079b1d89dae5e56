// The bounded heap, compared with sorting.
import { expect, test } from "bun:test";
import { Ranking } from "../../src/http/ranking.ts";
import { Dice } from "../support/dice.ts";

function first(size: number, numbers: readonly number[]): number[] {
  const ranking = new Ranking<number>(size, (left, right) => left < right);
  for (const each of numbers) ranking.add(each);
  const taken: number[] = [];
  for (let last = ranking.pop(); last !== undefined; last = ranking.pop()) taken.push(last);
  return taken.reverse();
}

test("the first of many are those that sorting finds, for any number of them", () => {
  const dice = new Dice(5);
  for (let round = 0; round < 200; round++) {
    const numbers = Array.from({ length: dice.below(60) }, () => dice.below(20));
    const size = dice.below(70);
    const sorted = numbers.toSorted((left, right) => left - right);
    expect(first(size, numbers)).toEqual(sorted.slice(0, size));
  }
});

test("all of them may be asked for", () => {
  expect(first(Infinity, [3, 1, 2])).toEqual([1, 2, 3]);
  expect(first(0, [3, 1, 2])).toEqual([]);
});
