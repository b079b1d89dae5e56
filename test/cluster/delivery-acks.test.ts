// Deliveries of a JetStream server's consumers: the stream's subject is behind the reply, and clients are shown
// the two apart (cluster §4.15; what counts as such a reply is what nats-server 2.15.1 was seen to do).
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { after, alone, heard, joinCluster, subscriber, wants } from "./delivery-peer.ts";
import { startMidge } from "./nodes.ts";

const node = await startMidge("A");
afterAll(() => node.stop());
beforeEach(() => alone(node));

const ACK = "$JS.ACK.S.C.1.2.3.1700000000.0";

describe("a delivery with its stream's subject behind the reply", () => {
  test.each([
    [`${ACK}@o.s`, `o.s 1 ${ACK}`],
    ["$JS.ACK.D.H.S.C.1.2.3.1700000000.0.r@o.s", "o.s 1 $JS.ACK.D.H.S.C.1.2.3.1700000000.0.r"],
    // The consumer or the subject may have an @ of its own.
    ["$JS.ACK.S@x.C.1.2.3.4.5@o.s", "o.s 1 $JS.ACK.S@x.C.1.2.3.4.5"],
    [`${ACK}@o@s`, `o@s 1 ${ACK}`],
  ])("%s is shown apart", async (reply, shown) => {
    await using peer = await joinCluster(node);
    await using client = await subscriber(node, "SUB d 1\r\n");
    const [said] = await after(peer, `RMSG $G d ${reply} 2\r\nhi\r\n`, client);
    expect(said).toBe(`MSG ${shown} 2\r\nhi\r\n`);
  });

  test.each([
    "$JS.ACK.a.b@o.s",
    "$JS.ACK.S.C.1.2.3.4@5.o.s",
    `${ACK}@`,
    ACK,
    "$JS.ACKS.C.1.2.3.1700000000.0.1@o",
    "other.1.2.3.4.5.6.7.8.9@o",
  ])("%s is another reply, and stays", async (reply) => {
    await using peer = await joinCluster(node);
    await using client = await subscriber(node, "SUB d 1\r\n");
    const [said] = await after(peer, `RMSG $G d ${reply} 2\r\nhi\r\n`, client);
    expect(said).toBe(`MSG d 1 ${reply} 2\r\nhi\r\n`);
  });

  test("every one of a run, to each subscriber, to patterns and groups, with headers and without", async () => {
    await using peer = await joinCluster(node);
    await using one = await subscriber(node, "SUB d 1\r\nSUB d g 2\r\n");
    await using two = await subscriber(node, "SUB * 3\r\n", { headers: false });
    const run = `RMSG $G d ${ACK}@o.s 2\r\nhi\r\n`.repeat(10);
    const [mine, theirs] = await after(peer, run, one, two);
    expect(mine).toBe(`MSG o.s 1 ${ACK} 2\r\nhi\r\n`.repeat(10));
    expect(theirs).toBe(`MSG o.s 3 ${ACK} 2\r\nhi\r\n`.repeat(10));
    const block = "NATS/1.0\r\nA: b\r\n\r\n";
    const more = await after(peer, `HMSG $G d + ${ACK}@o.s g 18 20\r\n${block}hi\r\n`, one, two);
    const rest = `${ACK} 18 20\r\n${block}hi\r\n`;
    expect(more).toEqual([`HMSG o.s 1 ${rest}HMSG o.s 2 ${rest}`, `MSG o.s 3 ${ACK} 2\r\nhi\r\n`]);
  });

  test("the next plain message on the same subject is as ever", async () => {
    await using peer = await joinCluster(node);
    await using client = await subscriber(node, "SUB d 1\r\n");
    const says = `RMSG $G d ${ACK}@o.s 2\r\nhi\r\nRMSG $G d r 2\r\nhi\r\n`;
    const [said] = await after(peer, says, client);
    expect(said).toBe(`MSG o.s 1 ${ACK} 2\r\nhi\r\nMSG d 1 r 2\r\nhi\r\n`);
  });

  test("goes on to a third server as it came", async () => {
    await using from = await joinCluster(node);
    await using third = await joinCluster(node);
    await wants(third, "RS+ $G d g 1\r\n");
    await from.says(`RMSG $G d + ${ACK}@o.s g 2\r\nhi\r\n`);
    await heard(from);
    expect(await heard(third)).toBe(`RMSG $G d + ${ACK}@o.s g 2\r\nhi\r\n`);
  });
});
