// Round-trip times read by Go's duration parser.
import { expect, test } from "bun:test";
import { formatRoundTrip } from "../../src/http/round-trip.ts";

test.each([
  [0, "0s"],
  [-1, "0s"],
  [0.00095, "950ns"],
  [0.001, "1µs"],
  [0.3819, "381µs"],
  [0.999999, "999µs"],
  [1, "1ms"],
  [44.663301, "44.663301ms"],
  [1500, "1.5s"],
  [62_500, "1m2.5s"],
  [3_600_000, "1h0m0s"],
  [3_661_000.000001, "1h1m1.000000001s"],
])("%p ms are %s", (ms, text) => {
  expect(formatRoundTrip(ms)).toBe(text);
});
