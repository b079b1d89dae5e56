// How soon a server is there: from the start of its process to its first INFO, and as a node of a
// cluster to where it knows what the clients of another node want.
import { Flow } from "./flow.ts";
import { median } from "./judge.ts";
import { sizeOf, type Sizes } from "./measure.ts";
import { meet } from "./meeting.ts";
import { freePort, knock, spawnSilent, stop } from "./processes.ts";
import { openClient, roundTrip, sendText } from "./protocol.ts";
import type { Server } from "./servers.ts";
import { close, discardNow, Poll, POLLIN, POLLOUT, sendNow } from "./sockets.ts";

const READ_BYTES = 1024 * 1024;
const STALLED_MILLISECONDS = 1000;

/**
 * Makes a node of a server. Its clients hear nothing of other nodes, because an INFO in the middle of
 * a load would be counted as messages.
 */
export function clusterFlags(port: number, seed?: number): string[] {
  const url = (at: number) => `nats-route://127.0.0.1:${at}`;
  const own = ["--cluster", url(port || freePort()), "--cluster_name", "bench", "--no_advertise"];
  return seed === undefined ? own : [...own, "--routes", url(seed)];
}

/** Spawn to first INFO, in seconds, the median of some starts. */
export async function measureStart(command: readonly string[], times: number): Promise<Sizes> {
  const seconds: number[] = [];
  for (let i = 0; i < times; i++) {
    const port = freePort();
    const begin = Bun.nanoseconds();
    const child = spawnSilent([...command, ...listeningOn(port)]);
    try {
      knock(port);
      seconds.push((Bun.nanoseconds() - begin) / 1e9);
    } finally {
      await stop(child);
    }
  }
  return sizeOf(median(seconds) ?? 0);
}

/**
 * From the spawn of a node until it knows all subscriptions of a client of the node it joins, in
 * seconds. One message to each of them afterwards shows that it did; rejects when it did not.
 */
export async function measureJoin(server: Server, subscriptions: number): Promise<Sizes> {
  const [port, farPort, routes] = [freePort(), freePort(), freePort()];
  const children = [
    spawnSilent([...server.command, ...listeningOn(port), ...clusterFlags(routes)]),
  ];
  try {
    knock(port);
    const flow = new Flow(
      {
        payload: 16,
        publishers: 1,
        receivers: 1,
        queue: false,
        subjects: subscriptions,
        wildcard: false,
      },
      0,
    );
    const receiver = openClient(port);
    sendText(receiver, flow.subscriptions);
    roundTrip(receiver);
    const command = server.farCommand ?? server.command;
    const flags = [...listeningOn(farPort), ...clusterFlags(0, routes)];
    const begin = Bun.nanoseconds();
    children.push(spawnSilent([...command, ...flags]));
    knock(farPort);
    meet(port, farPort);
    const seconds = (Bun.nanoseconds() - begin) / 1e9;
    discardNow(receiver, READ_BYTES); // word of the newcomer, where a server says it
    checkAllKnown(flow, farPort, receiver);
    close(receiver);
    return sizeOf(seconds);
  } finally {
    await Promise.all(children.map(stop));
  }
}

/** Publishes one message to each subject. */
function checkAllKnown(flow: Flow, port: number, receiver: number): void {
  const publisher = openClient(port);
  const poll = new Poll([publisher, receiver]);
  poll.want(1, POLLIN);
  const whole = flow.ring.bytes.length;
  while (flow.sent < whole || flow.owed > 0) {
    poll.want(0, flow.sent < whole && flow.hasRoom ? POLLOUT : 0);
    if (!poll.wait(STALLED_MILLISECONDS)) {
      throw new Error(`the newcomer did not know everything, ${flow.owed} bytes are missing`);
    }
    if (poll.ready(0) !== 0) {
      flow.sent += sendNow(
        publisher,
        flow.ring.address + flow.at,
        Math.min(flow.length, whole - flow.sent),
      );
    }
    if (poll.ready(1) !== 0) flow.received += discardNow(receiver, READ_BYTES);
  }
  flow.checkNothingExtra();
  close(publisher);
}

const listeningOn = (port: number): string[] => ["-a", "127.0.0.1", "-p", String(port)];
