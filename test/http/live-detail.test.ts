// One connection in all its details.
import { expect, test } from "bun:test";
import { ConnectionDetails } from "../../src/http/live-detail.ts";
import { fakeConnection, fakeSubscription, subscribed } from "./fake-source.ts";
import { HandClock, sourceOf, turns } from "./live-source.ts";

test("an open one shows its row, its subscriptions by what they were given, and is asked for its rtt", async () => {
  const clock = new HandClock();
  let pings = 0;
  const subscriptions = [
    fakeSubscription({ subject: "few", delivered: 1 }),
    fakeSubscription({ subject: "gr\xc3\xbcn", queue: "q", sid: "2", delivered: 9, max: 10 }),
  ];
  const source = sourceOf([{ stalls: 3, ping: () => pings++, ...subscribed(subscriptions) }]);
  const details = new ConnectionDetails(source, turns, clock.now);
  const first = await details.detail(1);
  expect(first).toMatchObject({ stalls: 3, tls: null, row: { cid: 1, inMsgsRate: null } });
  expect(first!.subscriptions).toEqual([
    { subject: "grün", queue: "q", sid: "2", delivered: 9, max: 10 },
    { subject: "few", queue: null, sid: "1", delivered: 1, max: 0 },
  ]);
  expect(pings).toBe(1);
  source.open[0]!.inMsgs = 50;
  clock.ms += 2000;
  expect((await details.detail(1))!.row.inMsgsRate).toBe(25);
});

test("a closed one shows why and when, and is not asked for anything", async () => {
  const source = sourceOf([]);
  const ping = () => {
    throw new Error("it is closed");
  };
  source.closed = [fakeConnection({ cid: 7, reason: "Stale Connection", stoppedAt: 9, ping })];
  const detail = await new ConnectionDetails(source, turns).detail(7);
  expect(detail!.row).toMatchObject({ cid: 7, reason: "Stale Connection", stoppedAt: 9 });
});

test("nobody is null", async () => {
  expect(await new ConnectionDetails(sourceOf([]), turns).detail(7)).toBeNull();
});

test("of thousands of subscriptions it shows the busiest two hundred", async () => {
  const many = Array.from({ length: 5000 }, (_, i) =>
    fakeSubscription({ sid: String(i), delivered: i }),
  );
  const source = sourceOf([subscribed(many)]);
  const detail = await new ConnectionDetails(source, turns).detail(1);
  expect(detail!.row.subscriptions).toBe(5000);
  expect(detail!.subscriptions).toHaveLength(200);
  expect(detail!.subscriptions[0]!.delivered).toBe(4999);
});

test("TLS shows with version and cipher, and a certificate that makes no sense without a name", async () => {
  const tls = { version: "1.3", cipher: "AES", first: true, certificate: new Uint8Array([1, 2]) };
  const detail = await new ConnectionDetails(sourceOf([{ tls }]), turns).detail(1);
  expect(detail!.tls).toEqual({ version: "1.3", cipher: "AES", first: true, certificate: "" });
  expect(detail!.row.encrypted).toBe(true);
});
