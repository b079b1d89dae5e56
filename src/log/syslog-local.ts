// The syslog of this machine: a unix socket at one of three places, for datagrams or else for a stream.
// Bun has no unix datagrams, so that socket is made by the C library and written to as a descriptor.

import type { Library } from "bun:ffi";
import { closeSync, existsSync, writeSync } from "node:fs";
import { openLibc } from "../os/libc.ts";
import { codeOf, dialStream } from "./syslog-link.ts";
import type { Dial, Sent, SyslogLink } from "./syslog.ts";

export const SYSLOG_PATHS = ["/dev/log", "/var/run/syslog", "/var/run/log"] as const;

/** A full datagram socket tells nobody when it has room again. */
const RETRY_MS = 20;

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const ADDRESS_BYTES = 110;
/** The longest path of a unix socket, without its final zero; macOS has four bytes less. */
const PATH_BYTES_MAX = process.platform === "darwin" ? 103 : 107;

const FUNCTIONS = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
} as const;

type LibC = Library<typeof FUNCTIONS>;

export function dialLocal(paths: readonly string[] = SYSLOG_PATHS): Dial {
  return async (onReady) => {
    const present = paths.filter((path) => existsSync(path));
    const libc = present.length > 0 ? await loadLibC() : undefined;
    if (libc) {
      for (const path of present) {
        const fd = connectDatagrams(libc, path);
        if (fd !== undefined) return datagramLink(fd, onReady);
      }
    }
    for (const path of present) {
      try {
        return await dialStream({ unix: path })(onReady);
      } catch {
        // The next place may answer; the error below names all of them.
      }
    }
    throw new Error(`nothing listens on ${paths.join(", ")}`);
  };
}

let loaded: LibC | undefined;

/** Nothing where there is no such library: streams do without. */
async function loadLibC(): Promise<LibC | undefined> {
  loaded ??= await openLibc(FUNCTIONS);
  return loaded;
}

/** A connected descriptor, or nothing when nobody takes datagrams there. */
function connectDatagrams(libc: LibC, path: string): number | undefined {
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) return undefined;
  const darwin = process.platform === "darwin";
  const address = Buffer.alloc(ADDRESS_BYTES);
  const addressBytes = 2 + address.write(path, 2) + 1;
  if (darwin) address.set([addressBytes, AF_UNIX]);
  else new Uint16Array(address.buffer, address.byteOffset, 1)[0] = AF_UNIX;
  // Where the flags are missing, full datagram sockets fail rather than block.
  const flags = darwin ? 0 : SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = libc.symbols.socket(AF_UNIX, SOCK_DGRAM | flags, 0);
  if (fd < 0) return undefined;
  if (libc.symbols.connect(fd, address, addressBytes) === 0) return fd;
  closeSync(fd);
  return undefined;
}

function datagramLink(fd: number, onReady: () => void): SyslogLink {
  let retry: ReturnType<typeof setTimeout> | undefined;
  const send = (frame: Buffer): Sent => {
    try {
      writeSync(fd, frame);
      return "sent";
    } catch (error) {
      const code = codeOf(error);
      if (code === "EMSGSIZE") return "refused";
      if (code !== "EAGAIN" && code !== "ENOBUFS") return "broken";
      clearTimeout(retry);
      retry = setTimeout(onReady, RETRY_MS);
      return "blocked";
    }
  };
  const close = (): void => {
    clearTimeout(retry);
    closeSync(fd);
  };
  return { send, close };
}
