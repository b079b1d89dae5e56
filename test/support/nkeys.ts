// Users known by a key pair: made anew in every run, and how they sign a server's nonce.
import { createUser, fromSeed } from "@nats-io/nkeys";
import { secret } from "./secrets.ts";

/** A user's key pair in its text form: `U…` and `SU…`. */
export interface Nkey {
  readonly nkey: string;
  readonly seed: string;
}

export function newNkey(): Nkey {
  const key = createUser();
  return { nkey: key.getPublicKey(), seed: secret(Buffer.from(key.getSeed()).toString()) };
}

/** The signature over these bytes, which a login sends as base64url. */
export function sign({ seed }: Nkey, bytes: Uint8Array | string): Uint8Array {
  return fromSeed(Buffer.from(seed)).sign(Buffer.from(bytes));
}

export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
