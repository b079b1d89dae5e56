// The header block of a message: `NATS/1.0[ status[ description]]`, then `Key: Value` lines, then an empty
// one (client-protocol §7.2). The server passes blocks on unread; only tracing looks inside.

const VERSION_LINE = "NATS/1.0\r\n";

/** Values by key, in the order they came; keys as they were written. Null when it is no header block. */
export function readHeaders(block: string): Map<string, string[]> | null {
  if (!block.startsWith(VERSION_LINE)) return null;
  const headers = new Map<string, string[]>();
  let at = VERSION_LINE.length;
  while (at < block.length) {
    const colon = block.indexOf(":", at);
    if (colon === -1) break;
    const lineEnd = block.indexOf("\r\n", colon);
    if (lineEnd === -1) break;
    const key = block.slice(at, colon);
    const value = block.slice(colon + 1, lineEnd).trim();
    const values = headers.get(key);
    if (values === undefined) headers.set(key, [value]);
    else values.push(value);
    at = lineEnd + 2;
  }
  return headers;
}
