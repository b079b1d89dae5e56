// Midge against a real nats-server as a peer: the same random conversation on a route must sound the same to
// the other server and to a client, and end the route at the same word. MIDGE_COMPARE_SEED and
// MIDGE_ROUTE_COUNT choose other conversations or more of them.
import { describe, expect, test } from "bun:test";
import { greeting, type Node, startMidge, startOriginal } from "../cluster/nodes.ts";
import { describeWithPeer } from "../support/peer.ts";
import { connect } from "../support/wire.ts";
import { ROUTE_DIFFERENCES } from "./cluster-differences.ts";
import { makeRouteScript } from "./cluster-lines.ts";
import { hear, play } from "./cluster-stage.ts";

const COUNT = Number(process.env["MIDGE_ROUTE_COUNT"] ?? 240);
const SEED = Number(process.env["MIDGE_COMPARE_SEED"] ?? Date.now() % 1_000_000_000);
/** A conversation takes a few milliseconds on both servers; this is for busy machines. */
const PATIENCE_MS = 10_000 + COUNT * 100;
/** Enough to see a pattern, little enough to read. */
const SHOWN_MAX = 5;

/** The seeds of this run whose conversations differ, with what was heard. */
async function compare(original: Node, other: Node): Promise<void> {
  console.log(`comparing ${COUNT} conversations from seed ${SEED}`);
  const found: string[] = [];
  for (let seed = SEED; seed < SEED + COUNT; seed++) {
    const script = makeRouteScript(seed);
    const [wanted, got] = await Promise.all([play(original, script), play(other, script)]);
    const at = script.steps.findIndex((_, i) => !Bun.deepEquals(wanted[i], got[i]));
    if (at < 0) continue;
    const said = script.steps.slice(0, at + 1).map(({ who, says }) => `    ${who}: ${quote(says)}`);
    found.push(
      `seed ${seed}, ${quote(script.info)}:\n${said.join("\n")}\n` +
        `  original: ${quote(wanted[at])}\n  other:    ${quote(got[at])}`,
    );
  }
  if (found.length > 0) {
    throw new Error(
      `${found.length} of ${COUNT} differ (MIDGE_COMPARE_SEED and MIDGE_ROUTE_COUNT=1 play one ` +
        `again):\n${found.slice(0, SHOWN_MAX).join("\n")}`,
    );
  }
}

const quote = (value: unknown) => JSON.stringify(value);
const ONE_CONNECTION = "pool_size: -1\n compression: off";

describeWithPeer("a route compared with nats-server 2.15", "2.15", (path) => {
  test(
    "random conversations sound alike to Midge's peers and clients",
    async () => {
      await using original = await startOriginal(path, "N", [], ONE_CONNECTION);
      await using midge = await startMidge("N");
      await compare(original, midge);
    },
    PATIENCE_MS,
  );

  test(
    "the original agrees with itself: what is compared is what it promises",
    async () => {
      await using one = await startOriginal(path, "N", [], ONE_CONNECTION);
      await using two = await startOriginal(path, "N", [], ONE_CONNECTION);
      await compare(one, two);
    },
    PATIENCE_MS,
  );

  describe("named difference", () => {
    for (const { name, says, original, midge } of ROUTE_DIFFERENCES) {
      test(name, async () => {
        await using theirs = await startOriginal(path, "N", [], ONE_CONNECTION);
        await using ours = await startMidge("N");
        expect(await answers(theirs, says)).toEqual([...original]);
        expect(await answers(ours, says)).toEqual([...midge]);
      });
    }
  });
});

/** What a registered peer hears when it says this. */
async function answers(node: Node, says: string): Promise<string[]> {
  await using peer = await connect(node.clusterPort);
  await hear(peer, () => false, greeting("D"));
  return await hear(peer, (item) => !/^(PING|INFO|[RL]S[+-] )/.test(item), says);
}
