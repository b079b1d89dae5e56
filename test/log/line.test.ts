// The line format that log shippers parse.
import { describe, expect, test } from "bun:test";
import { microseconds } from "../../src/log/clock.ts";
import { lineFormat, type Level } from "../../src/log/line.ts";

/** Local time, as the log shows it. */
const moment = new Date(2026, 10, 3, 4, 5, 6).getTime() * 1000;
const bare = { pid: 17, times: false, colours: false };

describe("a line", () => {
  test("has pid, local time with microseconds, tag and text", () => {
    const format = lineFormat({ ...bare, times: true }, () => moment + 42);
    expect(format("notice", "Server is ready")).toBe(
      "[17] 2026/11/03 04:05:06.000042 [INF] Server is ready\n",
    );
  });

  test("has no time when times are off", () => {
    expect(lineFormat(bare)("notice", "Server is ready")).toBe("[17] [INF] Server is ready\n");
  });

  test("gets one newline, also when it brings its own", () => {
    const format = lineFormat(bare);
    expect(format("notice", "a\n")).toBe("[17] [INF] a\n");
    expect(format("notice", "a\nb")).toBe("[17] [INF] a\nb\n");
    expect(format("notice", "")).toBe("[17] [INF] \n");
  });

  test("moves on with the clock, back and forth", () => {
    let now = moment + 999_999;
    const format = lineFormat({ ...bare, times: true }, () => now);
    const time = () => format("notice", "").slice(16, 31);
    expect(time()).toBe("04:05:06.999999");
    now += 1;
    expect(time()).toBe("04:05:07.000000");
    now += 3_600_000_000;
    expect(time()).toBe("05:05:07.000000");
    now -= 3_600_000_001;
    expect(time()).toBe("04:05:06.999999");
  });
});

test.each<[Level, string, string]>([
  ["notice", "[INF]", "[\x1b[32mINF\x1b[0m]"],
  ["debug", "[DBG]", "[\x1b[36mDBG\x1b[0m]"],
  ["warn", "[WRN]", "[\x1b[0;93mWRN\x1b[0m]"],
  ["error", "[ERR]", "[\x1b[31mERR\x1b[0m]"],
  ["fatal", "[FTL]", "[\x1b[31mFTL\x1b[0m]"],
  ["trace", "[TRC]", "[\x1b[33mTRC\x1b[0m]"],
])("level %s is tagged, with and without colour", (level, tag, coloured) => {
  expect(lineFormat(bare)(level, "x")).toBe(`[17] ${tag} x\n`);
  expect(lineFormat({ ...bare, colours: true })(level, "x")).toBe(`[17] ${coloured} x\n`);
});

test("the clock is the wall clock, in steps finer than a millisecond", () => {
  expect(Math.abs(microseconds() / 1000 - Date.now())).toBeLessThan(25);
  const fractions = Array.from({ length: 100 }, () => microseconds() % 1000);
  expect(fractions.some((fraction) => fraction !== 0)).toBe(true);
});
