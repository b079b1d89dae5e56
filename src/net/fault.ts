// Errors of sockets: which came over the wire, and what they are called.

/** Whether an error came over the wire; any other one is a bug of ours. */
export function isWireFault(error: Error): boolean {
  const code = codeOf(error);
  return code === "EPROTO" || code === "ECONNRESET";
}

/** Why a connection broke off that should have gone on. */
export function breakReason(error: Error | null): string {
  return codeOf(error) === "ECONNRESET" ? "read: connection reset by peer" : "EOF";
}

/** The code of a system's or the runtime's error, empty when it has none. */
export function codeOf(error: Error | null): string {
  return error !== null && "code" in error ? String(error.code) : "";
}
