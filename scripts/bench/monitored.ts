// What it costs to be watched: round trips while the monitor is asked, the CPU of its page, and how
// soon a probe gets its answer from a busy server.
import { type Answer, Asker } from "./asker.ts";
import { Crowd, FIRST_PING_SECONDS } from "./crowd.ts";
import type { Sizes, Terms } from "./measure.ts";
import { readClocks, type Usage, usageBetween } from "./meters.ts";
import { Couple, TripTimes } from "./requests.ts";
import type { CrowdSize, StreamLoad } from "./rows.ts";
import { runStream } from "./stream.ts";
import { Viewer } from "./viewer.ts";

const POLL_SECONDS = 1;
const PROBE_SECONDS = 0.02;
/** Clocks tick in hundredths of a second: per cents need windows longer than those of a load. */
const PAGE_WINDOWS = 5;
/** A garbage collector may come back this late for what the opening of the crowd left behind. */
const SETTLE_SECONDS = 15;
/** Enough for every panel of every page to have asked twice. */
const LOOK_SECONDS = 4;

/**
 * Round trips on a server with many clients, half of the time while its monitor is asked: left alone,
 * asked, left alone again.
 */
export async function runPolled(
  size: CrowdSize,
  questions: readonly string[],
  { port, monitor, serverPids, warmSeconds, seconds }: Terms,
): Promise<Sizes> {
  const crowd = new Crowd(size, port);
  const couple = new Couple(port, "wildcard");
  const urls = questions.map((question) => monitor + question);
  const asker = new Asker(urls, POLL_SECONDS, true);
  await Bun.sleep(0); // lets the thread start
  asker.ask();
  couple.warm(Math.max(warmSeconds, FIRST_PING_SECONDS));
  asker.rest();
  crowd.answerPings();
  const alone = new TripTimes();
  const asked = new TripTimes();
  const begin = readClocks(serverPids);
  couple.run(seconds / 2, alone);
  asker.ask();
  couple.run(seconds, asked);
  asker.rest();
  couple.run(seconds / 2, alone);
  const usage = usageBetween(begin, readClocks(serverPids));
  const answers = await asker.end();
  crowd.close();
  const [p99 = 0, worst = 0] = asked.at(0.99, 1);
  const [aloneP99 = 0] = alone.at(0.99);
  const sizes = { p99, worst, "not asked p99": aloneP99, ratio: p99 / aloneP99 };
  return { kind: "sizes", sizes: { ...sizes, ...summary(answers) }, usage };
}

/** CPU of a server with many silent clients: with nobody at its page, and with some. */
export async function runPage(size: CrowdSize, viewers: number, terms: Terms): Promise<Sizes> {
  const crowd = new Crowd(size, terms.port);
  await Bun.sleep(FIRST_PING_SECONDS * 1e3);
  crowd.answerPings();
  await Bun.sleep((SETTLE_SECONDS - FIRST_PING_SECONDS) * 1e3);
  const alone = await watchCpu(terms);
  const open: Viewer[] = [];
  for (let i = 0; i < viewers; i++) {
    open.push(await Viewer.open(terms.monitor));
    await Bun.sleep((LOOK_SECONDS / viewers) * 1e3); // people do not come all at once
  }
  const viewed = await Promise.race([watchCpu(terms), ...open.map((viewer) => viewer.broken)]);
  const leastSamples = Math.min(...open.map(({ samples }) => samples));
  for (const viewer of open) viewer.close();
  crowd.close();
  if (leastSamples < viewed.seconds - 1) throw new Error("some pages did not get every sample");
  const sizes = { "no viewer": shareOf(alone), [`${viewers} viewers`]: shareOf(viewed) };
  return { kind: "sizes", sizes, usage: viewed };
}

/** How long probes wait, each over a new connection, while messages keep the server busy. */
export async function runHealth(load: StreamLoad, terms: Terms): Promise<Sizes> {
  const asker = new Asker([`${terms.monitor}/healthz`], PROBE_SECONDS, false);
  await Bun.sleep(0);
  asker.ask();
  const { seconds, serverCpu, generatorCpu, otherCpu } = runStream(load, terms);
  const times = (await asker.end()).map((answer) => answer.seconds).sort((a, b) => a - b);
  const sizes = {
    p50: times[times.length >> 1] ?? 0,
    worst: times.at(-1) ?? Infinity,
    probes: times.length,
  };
  return { kind: "sizes", sizes, usage: { seconds, serverCpu, generatorCpu, otherCpu } };
}

async function watchCpu({ serverPids, seconds }: Terms): Promise<Usage> {
  const begin = readClocks(serverPids);
  await Bun.sleep(PAGE_WINDOWS * seconds * 1e3);
  return usageBetween(begin, readClocks(serverPids));
}

const shareOf = ({ serverCpu, seconds }: Usage): number => serverCpu / seconds;

/** For the file that keeps everything. */
function summary(answers: readonly Answer[]): Record<string, number> {
  const seconds = answers.map((answer) => answer.seconds).sort((a, b) => a - b);
  return {
    answers: answers.length,
    "answer p50": seconds[seconds.length >> 1] ?? 0,
    "answer bytes": answers.reduce((sum, { bytes }) => sum + bytes, 0) / answers.length,
  };
}
