// A client that is connected while the server's configuration changes.
import { type ConfiguredServer, startConfigured } from "./configured.ts";
import { base64url, type Nkey, sign } from "./nkeys.ts";
import { connect, connectLine, join, type WireClient } from "./wire.ts";

/** A client that logged in with these options and subscribed to foo with sid 1, and its server. */
export async function inScene(
  before: string,
  options: object,
  play: (client: WireClient, server: ConfiguredServer) => Promise<void>,
): Promise<void> {
  await using server = await startConfigured(before);
  await using client = await join(server.port, options);
  await client.says("SUB foo 1\r\n");
  await client.silent();
  await play(client, server);
}

/** Somebody who logs in with this key. */
export async function joinWithKey(server: ConfiguredServer, key: Nkey): Promise<WireClient> {
  const client = await connect(server.port);
  const sig = base64url(sign(key, String(client.info["nonce"])));
  await client.says(connectLine({ nkey: key.nkey, sig }));
  await client.silent();
  return client;
}
