// A node under load while interest comes and goes on the other node of its cluster: throughput and
// round trips, with and without.
import { Churner } from "./churner.ts";
import type { Sizes, Terms } from "./measure.ts";
import { meet } from "./meeting.ts";
import { Couple, TripTimes } from "./requests.ts";
import type { StreamLoad } from "./rows.ts";
import { runStream } from "./stream.ts";

/** All of the load is on the far node. Calm windows are half as long as churned ones. */
export async function runChurned(
  load: StreamLoad,
  perSecond: number,
  { port, farPort, ...rest }: Terms,
): Promise<Sizes> {
  const { seconds, warmSeconds } = rest;
  const terms: Terms = { ...rest, port: farPort, farPort };
  const calm = runStream(load, { ...terms, seconds: seconds / 2 });
  const couple = new Couple(farPort, "wildcard");
  const churned = new TripTimes();
  const churner = await Churner.start(port, perSecond);
  const { messages, ...usage } = runStream(load, { ...terms, warmSeconds: warmSeconds / 2 });
  couple.warm(0);
  couple.run(seconds, churned);
  const changes = await churner.stop();
  const begin = Bun.nanoseconds();
  meet(port, farPort);
  const behind = (Bun.nanoseconds() - begin) / 1e9;
  const rested = new TripTimes();
  couple.run(seconds / 2, rested);
  const [p99 = 0] = churned.at(0.99);
  const [calmP99 = 0] = rested.at(0.99);
  const sizes = {
    churned: messages / usage.seconds,
    calm: calm.messages / calm.seconds,
    "churned p99": p99,
    "calm p99": calmP99,
    "changes per second": changes,
    behind,
  };
  const { seconds: window, serverCpu, generatorCpu, otherCpu } = usage;
  return { kind: "sizes", sizes, usage: { seconds: window, serverCpu, generatorCpu, otherCpu } };
}
