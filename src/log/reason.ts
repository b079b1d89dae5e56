// System errors in words: "ENOENT: no such file or directory, open 'x'" is a sentence about the
// call, and Bun's "Failed to start server" is none about the cause. People want to read why it
// failed.

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "no such address on this machine",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "no answer",
  EACCES: "permission denied",
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ENOSPC: "no space left on device",
  EROFS: "read-only file system",
  ENOTFOUND: "unknown host name",
  DNS_ENOTFOUND: "unknown host name",
};

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return WORDS[code] ?? error.message;
}
