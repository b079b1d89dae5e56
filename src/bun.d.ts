// Members that the runtime has and bun-types does not know yet.

import type {} from "bun";

declare module "bun" {
  interface TCPSocketListenOptions<Data = undefined> {
    /** Listen on IPv6 only. */
    ipv6Only?: boolean;
  }
  interface TCPSocketListener<Data = unknown> {
    /** File descriptor of the listening socket. */
    readonly fd: number;
  }
}

declare global {
  interface Buffer {
    /** The bytes as a string of one character each. */
    latin1Slice(start?: number, end?: number): string;
    /** Writes one byte per character; returns how many. */
    latin1Write(text: string, offset?: number, length?: number): number;
    utf8Slice(start?: number, end?: number): string;
  }
}
