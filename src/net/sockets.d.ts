// Members of sockets that the runtime has and bun-types does not know yet.

import type {} from "bun";

declare module "bun" {
  interface TCPSocketListenOptions<Data = undefined> {
    /** An open listening socket to go on with, instead of an address. */
    fd?: number;
  }
  interface TLSOptions {
    /** The native part of what `tls.createSecureContext` makes. */
    secureContext?: unknown;
  }
  interface TLSUpgradeOptions<Data> {
    isServer?: boolean;
    /** Bytes of the peer that were read already. */
    initialData?: Uint8Array;
  }
  interface SocketHandler<Data = unknown, DataBinaryType extends BinaryType = "buffer"> {
    /** A client named the host it wants: the native context to go on with, or undefined for the first. */
    serverName?(data: Data, name: string): unknown;
  }
}
