// The thread of a Churner. Each subscription lives a tenth of a second, long enough to be told to
// others, and each has a subject of its own, as inboxes have.
import { OVER } from "./churner.ts";
import { openClient, roundTrip, sendText, subscribeFrame, CRLF } from "./protocol.ts";

declare const self: Worker;

export interface Course {
  readonly port: number;
  /** SUBs a second, and as many UNSUBs. */
  readonly perSecond: number;
  readonly state: Int32Array;
}

const LIFE_SECONDS = 0.1;
const STEP_MILLISECONDS = 1;

self.onmessage = ({ data }: MessageEvent<Course>) => {
  try {
    self.postMessage(churn(data));
  } catch (error) {
    self.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
};

/** Returns the pace. */
function churn({ port, perSecond, state }: Course): number {
  const socket = openClient(port);
  const living = Math.ceil(LIFE_SECONDS * perSecond);
  let next = 0;
  const change = (count: number): void => {
    let text = "";
    for (const end = next + count; next < end; next++) {
      text += subscribeFrame(`bench.churn.${next}`, String(next));
      if (next >= living) text += `UNSUB ${next - living}${CRLF}`;
    }
    sendText(socket, text);
  };
  change(living);
  roundTrip(socket);
  self.postMessage("begun");
  const begin = Bun.nanoseconds();
  const elapsed = () => (Bun.nanoseconds() - begin) / 1e9;
  while (Atomics.load(state, 0) !== OVER) {
    const due = living + Math.floor(elapsed() * perSecond) - next;
    if (due > 0) change(due);
    Atomics.wait(state, 0, 0, STEP_MILLISECONDS);
  }
  roundTrip(socket);
  return (next - living) / elapsed();
}
