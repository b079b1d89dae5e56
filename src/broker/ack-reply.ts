// Deliveries of a JetStream consumer cross a route on the consumer's subject, with the stream's own behind the
// reply: `$JS.ACK.<stream>.<consumer>.….<pending>@<subject>` (cluster §4.15). Clients are shown the two apart.

import { DOT, startsWith } from "../proto/ascii.ts";
import { Publish, writePlain } from "../proto/publish.ts";

const PREFIX = "$JS.ACK.";
const AT = 0x40;
/** An acknowledgement has nine words: an `@` before the last of them belongs to a name. */
const DOTS = 8;

/** Where the stream's subject begins in the reply; -1 when there is none. */
function subjectIn({ bytes, replyAt, replyEnd }: Publish): number {
  if (!startsWith(bytes, replyAt, replyEnd, PREFIX)) return -1;
  let dots = 0;
  for (let at = replyAt; at < replyEnd; at++) {
    const byte = bytes[at]!;
    if (byte === DOT) dots++;
    else if (byte === AT && dots >= DOTS) return at + 1 < replyEnd ? at + 1 : -1;
  }
  return -1;
}

/** The message has another subject behind its reply. */
export function hasAckReply(message: Publish): boolean {
  return subjectIn(message) !== -1;
}

/** The message as clients get it: on the stream's subject, with a reply that acknowledges it. */
export function uncovered(message: Publish): Publish {
  const { bytes, replyAt, replyEnd, payloadAt, tailEnd, headerBytes, totalBytes } = message;
  const subjectAt = subjectIn(message);
  const words = [
    bytes.latin1Slice(subjectAt, replyEnd),
    bytes.latin1Slice(replyAt, subjectAt - 1),
    ...(headerBytes > 0 ? [String(headerBytes)] : []),
    String(totalBytes),
  ];
  const shown = new Publish();
  const memory = writePlain(shown, words, headerBytes, totalBytes, true);
  bytes.copy(memory, shown.payloadAt, payloadAt, tailEnd);
  return shown;
}
