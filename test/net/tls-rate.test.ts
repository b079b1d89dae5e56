// So many in a second, and a word about the rest.

import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { RateLimit } from "../../src/net/tls-rate.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const admitted = (limit: RateLimit, tries: number) =>
  Array.from({ length: tries }, () => limit.admits()).filter(Boolean).length;

test("without a limit everyone is admitted", () => {
  expect(admitted(new RateLimit(0), 10_000)).toBe(10_000);
});

test("a limit holds for a second, then it begins anew", () => {
  const limit = new RateLimit(3);
  expect(admitted(limit, 10)).toBe(3);
  jest.advanceTimersByTime(999);
  expect(admitted(limit, 10)).toBe(0);
  jest.advanceTimersByTime(1);
  expect(admitted(limit, 10)).toBe(3);
});

test("who was turned away is counted once a second, and only then", () => {
  const limit = new RateLimit(1);
  const told: number[] = [];
  limit.onRefused = (count) => told.push(count);
  admitted(limit, 5);
  expect(told).toEqual([]);
  jest.advanceTimersByTime(1000);
  expect(told).toEqual([4]);
  jest.advanceTimersByTime(10_000);
  admitted(limit, 3);
  jest.advanceTimersByTime(1000);
  expect(told).toEqual([4, 2]);
});
