// The certificates of routes: what is shown to those who dial, and to those who are dialled. Both sides of a
// route show one (cluster §4.14). Loaded only where routes are encrypted.

import type { TlsOptions } from "../config/tls.ts";
import type { DialSecrets } from "../net/tls-dialer.ts";
import type { TlsServer } from "../net/tls-server.ts";

export interface ClusterSecrets {
  readonly server: TlsServer;
  readonly dialler: DialSecrets;
}

/** Reads and checks the files. Rejects with an Error for people: which file, what is wrong. */
export async function loadSecrets(tls: TlsOptions): Promise<ClusterSecrets> {
  const { TlsServer } = await import("../net/tls-server.ts");
  const { loadDialSecrets } = await import("../net/tls-dialer.ts");
  const server = await TlsServer.load({ ...tls, verify: true });
  return { server, dialler: loadDialSecrets(tls) };
}
