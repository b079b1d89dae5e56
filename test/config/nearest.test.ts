// Suggestions for mistyped names.
import { describe, expect, test } from "bun:test";
import { editDistance, nearest } from "../../src/config/nearest.ts";

const known = ["p", "P", "port", "debug", "trace", "maxPayload", "maxPending", "http_port"];

describe("a name close to a known one", () => {
  test.each([
    ["prot", "port"],
    ["trase", "trace"],
    ["max_payload", "maxPayload"],
    ["MAXPAYLOADS", "maxPayload"],
    ["maxPendng", "maxPending"],
    ["http-port", "http_port"],
    ["Debug", "debug"],
  ])("%s suggests %s", (typed, expected) => {
    expect(nearest(typed, known)).toBe(expected);
  });
});

describe("a name far from all of them", () => {
  test.each(["badflag", "x", "zz", "", "jetstream", "portcullis"])("%j suggests none", (typed) => {
    expect(nearest(typed, known)).toBeUndefined();
  });
});

describe("distance", () => {
  test.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "abd", 1],
    ["abc", "acb", 1],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
  ])("from %j to %j is %d", (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
    expect(editDistance(right, left)).toBe(distance);
  });
});
