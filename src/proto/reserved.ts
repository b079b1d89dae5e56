// Subjects that belong to the servers (client-protocol §20): a client may not publish to them, nor ask
// for replies on them.

import { startsWith } from "./ascii.ts";

/** True when clients may not publish to bytes[at, end); those of the system account may to some. */
export function isReservedSubject(
  bytes: Uint8Array,
  at: number,
  end: number,
  isSystem = false,
): boolean {
  const first = bytes[at];
  if (first === 0x5f) return startsWith(bytes, at, end, "_GR_.") && end - at > "_GR_.".length;
  return !isSystem && first === 0x24 && startsWith(bytes, at, end, "$NRG.");
}

/** With at least one more byte behind, but for `_R_.`, which is one by itself. */
const RESERVED_REPLIES = ["$JS.ACK.", "_GR_."];

/** True when clients may not name it as a reply subject. */
export function isReservedReply(reply: string): boolean {
  if (reply.startsWith("_R_.")) return true;
  return RESERVED_REPLIES.some((prefix) => reply.startsWith(prefix) && reply !== prefix);
}
