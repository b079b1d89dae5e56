// Loads that are no load: what a server's memory is when little or nothing happens.
import { Crowd } from "./crowd.ts";
import { sizeOf, type Sizes, type Terms } from "./measure.ts";
import { residentBytes } from "./meters.ts";
import { closeClient, openClient } from "./protocol.ts";

/** Time for a server to tidy up before its memory is read; the same for all. */
const SETTLE_MILLISECONDS = 1500;

/** Resident memory of a server that had one client. */
export async function runIdle(terms: Terms): Promise<Sizes> {
  return sizeOf(await residentAfterOne(terms));
}

/** What each of many silent connections with one subscription adds to the resident memory. */
export async function runConnections(count: number, terms: Terms): Promise<Sizes> {
  const before = await residentAfterOne(terms);
  const crowd = new Crowd({ connections: count, subscriptions: count }, terms.port);
  await Bun.sleep(SETTLE_MILLISECONDS);
  const after = residentBytes(terms.serverPid);
  crowd.close();
  return sizeOf((after - before) / count);
}

async function residentAfterOne({ port, serverPid }: Terms): Promise<number> {
  closeClient(openClient(port));
  await Bun.sleep(SETTLE_MILLISECONDS);
  return residentBytes(serverPid);
}
