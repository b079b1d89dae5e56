// Loads that are no load: what a server's memory is when little or nothing happens.
import type { Size, Terms } from "./measure.ts";
import { residentBytes } from "./meters.ts";
import { closeClient, openClient, roundTrip, sendText, subscribeFrame } from "./protocol.ts";
import { close, resetOnClose } from "./sockets.ts";

/** Time for a server to tidy up before its memory is read; the same for all. */
const SETTLE_MILLISECONDS = 1500;

/** Resident memory of a server that had one client. */
export async function runIdle(terms: Terms): Promise<Size> {
  closeClient(openClient(terms.port));
  await Bun.sleep(SETTLE_MILLISECONDS);
  return { kind: "size", value: residentBytes(terms.serverPid) };
}

/** What each of many silent connections with one subscription adds to the resident memory. */
export async function runConnections(count: number, terms: Terms): Promise<Size> {
  const before = await runIdle(terms);
  const sockets: number[] = [];
  for (let i = 0; i < count; i++) {
    const socket = openClient(terms.port);
    resetOnClose(socket);
    sendText(socket, subscribeFrame(`bench.idle.${i}`, "1"));
    roundTrip(socket);
    sockets.push(socket);
  }
  await Bun.sleep(SETTLE_MILLISECONDS);
  const after = residentBytes(terms.serverPid);
  for (const socket of sockets) close(socket);
  return { kind: "size", value: (after - before.value) / count };
}
