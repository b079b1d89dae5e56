// Bun listens with room for 512 connections that wait to be accepted. In a burst of thousands the kernel
// then falls back to SYN cookies and loses some that their clients believe to be open. Listening again on
// the same socket raises the limit; where libc can't be called, 512 it stays.
import { openLibc } from "../os/libc.ts";

/** The kernel lowers it to its own limit (net.core.somaxconn, usually 4096). */
const BACKLOG = 65535;

/** Called when the first connections come: a server that nobody calls does without. */
export async function raiseBacklog(descriptor: number): Promise<void> {
  const libc = await openLibc({ listen: { args: ["i32", "i32"], returns: "i32" } });
  libc?.symbols.listen(descriptor, BACKLOG);
  libc?.close();
}
