// A message for those who do not take header blocks (client-protocol §8.2): the payload alone, with its size
// printed anew.

import { CR, LF, SPACE, writeDigits } from "../proto/ascii.ts";
import { Publish } from "../proto/publish.ts";

/** Room for a size and two line ends. */
const LINE_BYTES = 24;

/** The message from its reply subject on, without headers; its subject is not in there. */
export function withoutHeaders(message: Publish): Publish {
  const { bytes, replyAt, replyEnd, payloadAt, headerBytes, totalBytes } = message;
  const payloadBytes = totalBytes - headerBytes;
  const replyBytes = replyEnd - replyAt;
  const plain = Buffer.allocUnsafe(replyBytes + payloadBytes + LINE_BYTES);
  let at = 0;
  if (replyBytes > 0) {
    at += bytes.copy(plain, at, replyAt, replyEnd);
    plain[at++] = SPACE;
  }
  at = writeDigits(plain, at, payloadBytes);
  plain[at++] = CR;
  plain[at++] = LF;
  const stripped = new Publish();
  stripped.payloadAt = at;
  at += bytes.copy(plain, at, payloadAt + headerBytes, payloadAt + totalBytes + 2);
  stripped.bytes = plain;
  stripped.view = new DataView(plain.buffer, plain.byteOffset, at);
  stripped.replyEnd = replyBytes;
  stripped.tailEnd = at;
  stripped.totalBytes = payloadBytes;
  return stripped;
}
