// Who this server is: fresh at every start, shown as nkeys. Nothing is signed or sealed with these keys, so
// only their public halves are made: loading the key machinery would cost megabytes and milliseconds.

import { encodePublicNkey } from "../proto/nkey.ts";

export interface Identity {
  /** 56 characters, N first. */
  readonly serverId: string;
  /** The server's public curve key: 56 characters, X first. */
  readonly xkey: string;
}

const KEY_BYTES = 32;

export function createIdentity(): Identity {
  return {
    serverId: encodePublicNkey("server", crypto.getRandomValues(new Uint8Array(KEY_BYTES))),
    xkey: encodePublicNkey("curve", crypto.getRandomValues(new Uint8Array(KEY_BYTES))),
  };
}
