// Bun listens with room for 512 connections that wait to be accepted. In a burst of thousands the kernel
// then falls back to SYN cookies and loses some that their clients believe to be open. Listening again on
// the same socket raises the limit; where libc can't be called, 512 it stays.

/** The kernel lowers it to its own limit (net.core.somaxconn, usually 4096). */
const BACKLOG = 65535;

const LIBC: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`],
  darwin: ["libSystem.B.dylib"],
};

/** Loaded when the first connections come: a server that nobody calls does without. */
export async function raiseBacklog(descriptor: number): Promise<void> {
  const { dlopen } = await import("bun:ffi");
  for (const name of LIBC[process.platform] ?? []) {
    try {
      const libc = dlopen(name, { listen: { args: ["i32", "i32"], returns: "i32" } });
      libc.symbols.listen(descriptor, BACKLOG);
      libc.close();
      return;
    } catch {
      // Not this libc: try the next name.
    }
  }
}
