// How late the event loop is.
import { expect, test } from "bun:test";
import { LOOP_DELAY_BOUNDS_MS, LOOP_DELAY_TICK_MS, LoopDelay } from "../../src/http/loop-delay.ts";

const BLOCKED_MS = 3 * LOOP_DELAY_TICK_MS;

test("work that keeps the loop busy shows, at once and afterwards", async () => {
  const delay = new LoopDelay();
  const idle = delay.sample();
  expect(idle.p50Ms).toBeGreaterThanOrEqual(0);
  expect(idle.maxMs).toBeGreaterThanOrEqual(idle.p99Ms);
  const until = performance.now() + BLOCKED_MS;
  while (performance.now() < until);
  expect(delay.sample().maxMs).toBeGreaterThan(BLOCKED_MS / 2);
  while (delay.totals.count === 0) await new Promise((resolve) => setImmediate(resolve));
  const { counts, count, sumMs } = delay.totals;
  expect(counts).toHaveLength(LOOP_DELAY_BOUNDS_MS.length);
  expect(counts[LOOP_DELAY_BOUNDS_MS.indexOf(50)]).toBeLessThan(count);
  expect(counts.at(-1)).toBe(count);
  expect(sumMs).toBeGreaterThan(BLOCKED_MS / 2);
  expect(delay.sample().maxMs).toBeGreaterThan(BLOCKED_MS / 2);
  delay.stop();
});
