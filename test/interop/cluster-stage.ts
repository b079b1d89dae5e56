// A server on which conversations of a route are played: another server made of bytes on one side, a client on
// the other. What both hear after each step is written down in a form that two servers can be compared by.
import { greeting, type Node } from "../cluster/nodes.ts";
import { connect, join, type WireClient } from "../support/wire.ts";
import type { RouteScript } from "./cluster-lines.ts";

/** What both have heard after a step, and how the route fares. */
export interface Heard {
  readonly peer: readonly string[];
  readonly client: readonly string[];
}

export async function play(node: Node, script: RouteScript): Promise<Heard[]> {
  await using peer = await connect(node.clusterPort);
  await using client = await join(node.port, { headers: true, no_responders: true });
  const id = `P${script.prefix}`;
  await peer.says(greeting(id, script.info));
  await hear(peer, isOurs(script));
  const all: Heard[] = [];
  for (const { who, says } of script.steps) {
    // Who speaks is asked first, so that what it caused is there when the other one is asked.
    const hearPeer = () => hear(peer, isOurs(script), who === "peer" ? says : "");
    const hearClient = () => hear(client, () => true, who === "client" ? says : "");
    if (who === "peer") all.push({ peer: await hearPeer(), client: await hearClient() });
    else {
      const heard = await hearClient();
      all.push({ peer: await hearPeer(), client: heard });
    }
    if (peer.closed) break;
  }
  return all;
}

/**
 * Says this and gives everything heard up to then, in an order of its own: several subscriptions may be served
 * in any. All is said in one piece: bytes to a server that has closed would cost what it said before.
 */
export async function hear(
  side: WireClient,
  wanted: (item: string) => boolean,
  says = "",
): Promise<string[]> {
  await side.says(`${says}PING\r\n`);
  const items: string[] = [];
  for (;;) {
    const item = await side.hearsItem();
    if (item === undefined) return [...items.sort(), "closed"];
    if (item === "PONG\r\n") return items.sort();
    if (wanted(item)) items.push(sortedQueues(withoutChoice(item)));
  }
}

/** Of all that a real server tells its peers only what this conversation is about. */
const isOurs =
  ({ prefix }: RouteScript) =>
  (item: string) =>
    item !== "PING\r\n" &&
    !item.startsWith("INFO ") &&
    (!/^(RS|LS)[+-] /.test(item) || item.includes(`${prefix}.`));

/** The notice that nobody is there comes to any one of several subscriptions. */
const withoutChoice = (item: string) =>
  item.replace(/^(HMSG \S+) \d+ (?=\d+ \d+\r\nNATS\/1\.0 503)/, "$1 any ");

/** Groups are named in any order. */
function sortedQueues(item: string): string {
  const end = item.indexOf("\r\n");
  const words = item.slice(0, end).split(" ");
  const at = words[3] === "|" ? 4 : words[3] === "+" ? 5 : -1;
  if (at < 0) return item;
  const sizesAt = words.length - (words[0] === "RMSG" ? 1 : 2);
  const sorted = words.slice(at, sizesAt).sort();
  return [...words.slice(0, at), ...sorted, ...words.slice(sizesAt)].join(" ") + item.slice(end);
}
