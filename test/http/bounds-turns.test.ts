// What one turn of the event loop may do for the monitor, however much there is to look at.
import { expect, test } from "bun:test";
import { ConnectionDetails } from "../../src/http/live-detail.ts";
import type { SubscriptionView } from "../../src/http/source.ts";
import { Turns } from "../../src/http/turns.ts";
import { fakeSubscription } from "./fake-source.ts";
import { sourceOf } from "./live-source.ts";

const MANY = 200_000;

test("a client with very many subscriptions is looked at in turns, and the busiest are found", async () => {
  let turn = 0;
  let isLooking = true;
  const count = (): void => {
    turn++;
    if (isLooking) setImmediate(count);
  };
  setImmediate(count);
  const seenIn = new Map<number, number>();
  function* subscriptionViews(): Iterable<SubscriptionView> {
    for (let i = 0; i < MANY; i++) {
      seenIn.set(turn, (seenIn.get(turn) ?? 0) + 1);
      yield fakeSubscription({ delivered: i });
    }
  }
  const source = sourceOf([{ subscriptionCount: MANY, subscriptionViews }]);
  const detail = await new ConnectionDetails(source, new Turns()).detail(1);
  isLooking = false;
  expect(detail?.subscriptions[0]?.delivered).toBe(MANY - 1);
  expect(seenIn.size).toBeGreaterThan(3);
  expect(Math.max(...seenIn.values())).toBeLessThan(MANY / 2);
});
