// Answers that are made once for all who ask.
import { expect, test } from "bun:test";
import { Shared } from "../../src/http/live-shared.ts";
import { HandClock } from "./live-source.ts";

test("the same question is answered from one computation until the period is over", async () => {
  const clock = new HandClock();
  const shared = new Shared<number>(1000, clock.now);
  let computed = 0;
  const ask = () => shared.get("how many?", () => ++computed);
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  clock.ms += 999;
  expect(await ask()).toBe(1);
  clock.ms += 1;
  expect(await ask()).toBe(2);
  expect(await shared.get("another?", () => 7)).toBe(7);
});

test("what takes long to compute is not computed again for fifty times as long", async () => {
  const clock = new HandClock();
  const shared = new Shared<number>(1000, clock.now);
  let computed = 0;
  const ask = () =>
    shared.get("all of them?", () => {
      clock.ms += 100;
      return ++computed;
    });
  await ask();
  clock.ms += 4999;
  expect(await ask()).toBe(1);
  clock.ms += 1;
  expect(await ask()).toBe(2);
});

test("a failure is told and not kept", async () => {
  const shared = new Shared<number>(1000);
  const failing = shared.get("?", () => {
    throw new Error("no idea");
  });
  expect(failing).rejects.toThrow("no idea");
  await failing.catch(() => {});
  expect(await shared.get("?", () => 1)).toBe(1);
});

test("a thousand different questions are not all remembered", async () => {
  const clock = new HandClock();
  const shared = new Shared<number>(1000, clock.now);
  for (let i = 0; i < 1000; i++) await shared.get(String(i), () => i);
  expect(await shared.get("999", () => -1)).toBe(999);
  expect(await shared.get("0", () => -1)).toBe(-1);
});
