// Another server as a test plays it: it dials, is registered, says lines and hears what it is sent.
import { connect, join, type WireClient } from "../support/wire.ts";
import { greeting, type Node } from "./nodes.ts";

let nextPeer = 1;

/** A registered peer that has heard of all the interest there is. `info` are more fields of its INFO. */
export async function joinCluster(
  node: Node,
  info: object = {},
  id = `PEER${nextPeer++}`,
): Promise<WireClient> {
  const peer = await connect(node.clusterPort);
  await peer.says(greeting(id, info) + "PING\r\n");
  while ((await peer.hearsItem()) !== "PONG\r\n");
  return peer;
}

/** Says lines of interest, and waits until they are in force. */
export async function wants(peer: WireClient, lines: string): Promise<void> {
  await peer.says(lines);
  await heard(peer);
}

/** A client with these subscriptions, of which the peers know when it is there. */
export async function subscriber(
  node: Node,
  lines: string,
  options: object = { headers: true },
): Promise<WireClient> {
  const client = await join(node.port, options);
  await client.says(lines);
  await client.silent();
  return client;
}

/** All that was said until the PONG to a PING that goes out now, without the PINGs of the server. */
export async function heard(client: WireClient): Promise<string> {
  await client.says("PING\r\n");
  let said = "";
  for (;;) {
    const item = await client.hearsItem();
    if (item === "PONG\r\n") return said;
    if (item === undefined) throw new Error("closed");
    if (item !== "PING\r\n") said += item;
  }
}

/** Says it, and what the others heard because of it. */
export async function after(
  speaker: WireClient,
  says: string,
  ...others: readonly WireClient[]
): Promise<string[]> {
  await speaker.says(says);
  await heard(speaker);
  const said: string[] = [];
  for (const other of others) said.push(await heard(other));
  return said;
}

/** Waits until the server has forgotten the peers and clients of an earlier test. */
export async function alone({ midge }: Node): Promise<void> {
  while (midge!.cluster!.remotes > 0 || midge!.connections > 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
