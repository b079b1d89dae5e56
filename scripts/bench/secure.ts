// The loads over TLS: a stream of messages like the one over plain TCP, and connections that are
// opened for their handshake only.
import { Flow } from "./flow.ts";
import { Measure, type Rate, type Terms } from "./measure.ts";
import type { StreamLoad } from "./rows.ts";
import { SecureClient } from "./secure-client.ts";

/** Connections that are being opened at any time, enough to keep a server busy. */
const VISITORS = 8;
const STALLED_MILLISECONDS = 5000;

/** One publisher and its receivers. */
export async function runSecureStream(load: StreamLoad, ca: string, terms: Terms): Promise<Rate> {
  if (load.publishers !== 1 || load.receivers === 0) {
    throw new Error("over TLS there is one publisher, and somebody receives");
  }
  const flow = new Flow(load, 0);
  const publisher = await SecureClient.open(terms.port, ca);
  const receivers = await Promise.all(
    Array.from({ length: load.receivers }, () => SecureClient.open(terms.port, ca)),
  );
  const clients = [publisher, ...receivers];
  for (const receiver of receivers) receiver.send(flow.subscriptions);
  // The first PONG may be followed by one more INFO; after another round trip the line is quiet.
  await Promise.all(clients.map((client) => client.roundTrip()));
  const measure = new Measure(terms);
  try {
    const driven = drive(publisher, receivers, flow, measure);
    await Promise.race([driven, ...clients.map((client) => client.broken)]);
  } finally {
    for (const client of clients) client.close();
  }
  flow.checkNothingExtra();
  return measure.rate;
}

/** Resolves when the time is over and everything published has come back. */
function drive(
  publisher: SecureClient,
  receivers: readonly SecureClient[],
  flow: Flow,
  measure: Measure,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let publishing = true;
  const publish = (): void => {
    while (publishing && flow.hasRoom) {
      const { at, length } = flow;
      const taken = publisher.write(flow.ring.bytes, at, length);
      flow.sent += taken;
      if (taken < length) return; // drain comes
    }
  };
  const receive = (chunk: Buffer): void => {
    flow.received += chunk.length;
    publishing &&= measure.running(flow.done);
    publish();
    if (!publishing && flow.owed <= 0) resolve();
  };
  publisher.onData = () => {}; // a PING of the server, left without an answer
  publisher.onDrain = publish;
  for (const receiver of receivers) receiver.onData = receive;
  publish();
  let before = -1;
  const watch = setInterval(() => {
    if (flow.received === before) {
      reject(new Error(`the server stopped in the middle and owes ${flow.owed} bytes`));
    }
    before = flow.received;
  }, STALLED_MILLISECONDS);
  watch.unref();
  return promise;
}

/** New connections without end, each one closed when the server has answered its first PING. */
export async function runHandshakes(ca: string, terms: Terms): Promise<Rate> {
  const measure = new Measure(terms);
  let done = 0;
  let running = true;
  const visit = async (): Promise<void> => {
    while (running) {
      const client = await SecureClient.open(terms.port, ca);
      client.close();
      done++;
      running &&= measure.running(done);
    }
  };
  try {
    await Promise.all(Array.from({ length: VISITORS }, visit));
  } finally {
    running = false;
  }
  return measure.rate;
}
