// Subjects that belong to the servers (client-protocol §20): a client may not publish to them, nor ask
// for replies on them.

/** True when clients may not publish to it. */
export function isReservedSubject(subject: string): boolean {
  return (
    (subject.startsWith("_GR_.") && subject.length > "_GR_.".length) || subject.startsWith("$NRG.")
  );
}

const RESERVED_REPLIES = ["_R_.", "$JS.ACK.", "_GR_."];

/** True when clients may not name it as a reply subject. */
export function isReservedReply(reply: string): boolean {
  return RESERVED_REPLIES.some((prefix) => reply.startsWith(prefix));
}
