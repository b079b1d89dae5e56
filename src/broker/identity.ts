// Who this server is: fresh keys at every start, shown as nkeys.

import { generateKeyPairSync } from "node:crypto";
import { encodePublicNkey } from "../proto/nkey.ts";

export interface Identity {
  /** 56 characters, N first. */
  readonly serverId: string;
  /** The server's public curve key: 56 characters, X first. */
  readonly xkey: string;
}

/** Both public keys end their DER form with the 32 bytes of the key. */
function publicKeyBytes(type: "ed25519" | "x25519"): Uint8Array {
  const options = {
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  } as const;
  const { publicKey } =
    type === "ed25519"
      ? generateKeyPairSync("ed25519", options)
      : generateKeyPairSync("x25519", options);
  return publicKey.subarray(publicKey.length - 32);
}

export function createIdentity(): Identity {
  return {
    serverId: encodePublicNkey("server", publicKeyBytes("ed25519")),
    xkey: encodePublicNkey("curve", publicKeyBytes("x25519")),
  };
}
