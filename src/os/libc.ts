// The few calls of the C library that Bun does not offer. Loading the bridge costs milliseconds and
// about a megabyte, so nobody asks for it before the server is ready.
import type { FFIFunction, Library } from "bun:ffi";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`],
  darwin: ["libSystem.B.dylib"],
};

/** The named functions, or undefined where this platform's C library can't be opened. */
export async function openLibc<F extends Record<string, FFIFunction>>(
  functions: F,
): Promise<Library<F> | undefined> {
  const { dlopen } = await import("bun:ffi");
  for (const name of NAMES[process.platform] ?? []) {
    try {
      return dlopen(name, functions);
    } catch {
      // Not this libc: try the next name.
    }
  }
  return undefined;
}
