// Go's duration texts, both ways.
import { describe, expect, test } from "bun:test";
import { formatDuration, parseDuration } from "../../src/config/duration.ts";

describe("reading", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["250ms", 250],
    ["10s", 10_000],
    ["1.5s", 1500],
    [".5s", 500],
    ["1.s", 1000],
    ["2m", 120_000],
    ["1h30m", 5_400_000],
    ["1h0m0.25s", 3_600_250],
    ["500us", 0.5],
    ["500µs", 0.5],
    ["500μs", 0.5],
    ["1000ns", 0.001],
    ["-2s", -2000],
    ["+2s", 2000],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  test.each(["", "10", "s", "1 s", "10x", "1s2", "2m ", "-", "1d", ".s", "abc", "1e3s"])(
    "%j is no duration",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe("writing", () => {
  test.each([
    [0, "0s"],
    [0.000001, "1ns"],
    [0.0005, "500ns"],
    [0.25, "250µs"],
    [250, "250ms"],
    [1500, "1.5s"],
    [10_000, "10s"],
    [120_000, "2m0s"],
    [5_400_000, "1h30m0s"],
    [-10_000, "-10s"],
  ])("%d ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("what is written is read back", () => {
    for (const ms of [1, 999, 1000, 61_001, 3_599_999, 90_061_001]) {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }
  });
});
