// How this server encrypts when it is the one who dials: it shows its certificate, and asks for one of the
// configured authority. Loaded only where routes are encrypted.

import type { TLSOptions } from "bun";
import type { TlsOptions } from "../config/tls.ts";
import { loadAuthorities, loadPair } from "./tls-files.ts";
import { suiteList } from "./tls-suites.ts";

/** What a dialled socket needs to encrypt, for any host. */
export type DialSecrets = Omit<TLSOptions, "serverName">;

/** Reads and checks the files. Throws an Error for people: which file, what is wrong. */
export function loadDialSecrets(options: TlsOptions): DialSecrets {
  const warnings: string[] = [];
  const { certFile, keyFile, caFile, certs } = options;
  const pair = certs?.[0] ?? (certFile && keyFile ? { certFile, keyFile } : undefined);
  const loaded = pair === undefined ? undefined : loadPair(pair, warnings);
  const ciphers = suiteList(options.cipherSuites, warnings);
  return {
    ...(loaded === undefined ? {} : { cert: loaded.chain, key: loaded.key }),
    ...(caFile === undefined ? {} : { ca: loadAuthorities(caFile, warnings) }),
    ...(ciphers === undefined ? {} : { ciphers }),
    rejectUnauthorized: true,
  };
}
