// When one node of a cluster knows what clients of another one subscribed to: nodes tell each other
// everything in order, so whoever hears a message has heard of the interest announced before it.
import { openClient, publishFrame, roundTrip, sendText, subscribeFrame } from "./protocol.ts";
import { close, Poll, POLLIN } from "./sockets.ts";

const SUBJECT = "bench.meet";
/** Until the next attempt. */
const PATIENCE_MILLISECONDS = 1;
const DEADLINE_SECONDS = 10;

/**
 * Waits until the server at `listeningPort` knows what clients subscribed to at `speakingPort` before
 * this call, as far as that has answered them. At once where both are the same server.
 */
export function meet(speakingPort: number, listeningPort: number): void {
  if (speakingPort === listeningPort) return;
  const listener = openClient(listeningPort);
  sendText(listener, subscribeFrame(SUBJECT, "1"));
  roundTrip(listener);
  const poll = new Poll([listener]);
  poll.want(0, POLLIN);
  const speaker = openClient(speakingPort);
  const until = Bun.nanoseconds() + DEADLINE_SECONDS * 1e9;
  do {
    if (Bun.nanoseconds() > until) throw new Error("the nodes of the cluster never met");
    sendText(speaker, publishFrame(SUBJECT, ""));
    roundTrip(speaker);
  } while (!poll.wait(PATIENCE_MILLISECONDS));
  close(speaker);
  close(listener);
}
