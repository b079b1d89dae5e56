// Samples and the ten minutes that are kept of them.
import { expect, test } from "bun:test";
import { SampleRing, Sampler } from "../../src/http/live-history.ts";
import { SAMPLE_FIELDS, type Sample } from "../../src/http/live-shapes.ts";
import { fakeSource } from "./fake-source.ts";
import { HandClock } from "./live-source.ts";

const usage = { read: () => ({ mem: 50e6, cpu: 12.5, cores: 2 }) };
const loopDelay = { sample: () => ({ p50Ms: 0.123, p99Ms: 2, maxMs: 3.456 }) };

function sampleAt(time: number): Sample {
  return Object.fromEntries(SAMPLE_FIELDS.map((field) => [field, time])) as unknown as Sample;
}

test("a sample has rates of the time since the last one, and what is now", () => {
  const clock = new HandClock();
  const source = fakeSource();
  const sampler = new Sampler(source, usage, loopDelay, clock.now);
  source.inMsgs += 5000;
  source.outBytes += 1_000_000;
  source.slowConsumers += 2;
  source.ready = false;
  clock.ms += 2000;
  const { sample, totals, ready } = sampler.tick();
  expect(sample).toMatchObject({
    inMsgs: 2500,
    outMsgs: 0,
    outBytes: 500_000,
    connections: 3,
    subscriptions: 7,
    slowConsumers: 2,
    cpu: 12.5,
    memory: 50e6,
    loopP50: 0.12,
    loopP99: 2,
    loopMax: 3.46,
  });
  expect(Object.keys(sample)).toEqual([...SAMPLE_FIELDS]);
  expect(totals).toMatchObject({ inMsgs: 5011, connections: 5, slowConsumers: 25 });
  expect(ready).toBe(false);
  clock.ms += 1000;
  expect(sampler.tick().sample).toMatchObject({ inMsgs: 0, slowConsumers: 0 });
});

test("the ring gives what it has, oldest first, and forgets what is older than its size", () => {
  const ring = new SampleRing(3);
  expect(ring.history().time).toEqual([]);
  ring.add(sampleAt(1));
  ring.add(sampleAt(2));
  expect(ring.history().cpu).toEqual([1, 2]);
  for (const time of [3, 4, 5]) ring.add(sampleAt(time));
  const history = ring.history();
  expect(Object.keys(history)).toEqual([...SAMPLE_FIELDS]);
  for (const field of SAMPLE_FIELDS) expect(history[field]).toEqual([3, 4, 5]);
});
