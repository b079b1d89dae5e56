// Timestamps, uptimes and JSON as monitoring tools parse them.
import { describe, expect, test } from "bun:test";
import { formatTime, formatUptime, toJson } from "../../src/proto/format.ts";

const noon = Date.UTC(2026, 10, 23, 12, 0, 0);

describe("timestamps", () => {
  test.each([
    [noon, "2026-11-23T12:00:00Z"],
    [noon + 250, "2026-11-23T12:00:00.25Z"],
    [noon + 1, "2026-11-23T12:00:00.001Z"],
    [noon + 0.25, "2026-11-23T12:00:00.00025Z"],
    [noon + 999.9999, "2026-11-23T12:00:01Z"],
    [0, "1970-01-01T00:00:00Z"],
  ])("%d is %s", (ms, text) => {
    expect(formatTime(ms)).toBe(text);
  });
});

describe("uptimes", () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  test.each([
    [0, "0s"],
    [999, "0s"],
    [22 * second, "22s"],
    [4 * minute + 22 * second, "4m22s"],
    [hour, "1h0m0s"],
    [4 * hour + 4 * minute + 22 * second, "4h4m22s"],
    [32 * day + 4 * hour + 4 * minute + 22 * second, "32d4h4m22s"],
    [(22 * 365 + 32) * day + 4 * hour + 4 * minute + 22 * second, "22y32d4h4m22s"],
    [365 * day, "1y0d0h0m0s"],
    [-5, "0s"],
  ])("%d ms is %s", (ms, text) => {
    expect(formatUptime(ms)).toBe(text);
  });
});

describe("JSON", () => {
  test("escapes what Go escapes", () => {
    const value = { subject: "a.>", html: "<&\u2028\u2029" };
    const text = toJson(value, 0);
    expect(text).toBe(String.raw`{"subject":"a.\u003e","html":"\u003c\u0026\u2028\u2029"}`);
    expect(JSON.parse(text)).toEqual(value);
    expect(toJson("é", 0)).toBe('"é"');
  });

  test("has one key per line, empty objects and lists on one", () => {
    expect(toJson({ a: {}, b: [], c: 1 }, 2)).toBe('{\n  "a": {},\n  "b": [],\n  "c": 1\n}');
  });
});
