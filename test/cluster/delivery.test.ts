// Who gets a message when other servers want it, too (cluster §4.15): groups with members here and there,
// what comes over a route, and who is told that nobody is there.
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "../support/wire.ts";
import { after, alone, heard, joinCluster, subscriber, wants } from "./delivery-peer.ts";
import { startMidge } from "./nodes.ts";

const node = await startMidge("A");
afterAll(() => node.stop());
beforeEach(() => alone(node));

const times = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

describe("a queue group with members here and there", () => {
  test("one here and three there: three of four messages go there", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G q g 3\r\n");
    await using here = await subscriber(node, "SUB q g 1\r\n");
    await using publisher = await join(node.port);
    const count = 2000;
    const [mine, theirs] = await after(publisher, "PUB q 1\r\nx\r\n".repeat(count), here, peer);
    const there = times(theirs!, /RMSG \$G q \| g 1/g);
    expect(times(mine!, /MSG q 1 1/g) + there).toBe(count);
    expect(Math.abs(there - count * 0.75)).toBeLessThan(120);
  });

  test("servers get their share by weight, and a message goes to one of them", async () => {
    await using one = await joinCluster(node);
    await using two = await joinCluster(node);
    await wants(one, "RS+ $G q g 1\r\n");
    await wants(two, "RS+ $G q g 4\r\n");
    await using publisher = await join(node.port);
    const count = 2000;
    const [first, second] = await after(publisher, "PUB q 1\r\nx\r\n".repeat(count), one, two);
    const share = times(first!, /RMSG/g);
    expect(share + times(second!, /RMSG/g)).toBe(count);
    expect(Math.abs(share - count * 0.2)).toBeLessThan(120);
  });

  test("who does not hear itself leaves it to the members elsewhere", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G q g 1\r\n");
    await using selfish = await subscriber(node, "SUB q g 1\r\n", { echo: false });
    await selfish.says("PUB q 1\r\nx\r\n".repeat(100));
    expect(await heard(selfish)).toBe("");
    expect(times(await heard(peer), /RMSG \$G q \| g 1/g)).toBe(100);
  });

  test("a member here that has had enough leaves the rest to those elsewhere", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G q g 1\r\n");
    await using here = await subscriber(node, "SUB q g 1\r\nUNSUB 1 2\r\n");
    await using publisher = await join(node.port);
    const [mine, theirs] = await after(publisher, "PUB q 1\r\nx\r\n".repeat(100), here, peer);
    expect(times(mine!, /MSG/g)).toBe(2);
    expect(times(theirs!, /RMSG \$G q \| g 1/g)).toBe(98);
  });

  test("without members elsewhere, or with a weight of 0 there, all stays here", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G q g 0\r\nRS+ $G q other 1\r\nRS- $G q other\r\n");
    await using here = await subscriber(node, "SUB q g 1\r\n");
    await using publisher = await join(node.port);
    const [mine, theirs] = await after(publisher, "PUB q 1\r\nx\r\n".repeat(20), here, peer);
    expect(times(mine!, /MSG/g)).toBe(20);
    expect(theirs).not.toContain("RMSG");
  });

  test("a server that left gets nothing more, and its share goes to the others", async () => {
    await using peer = await joinCluster(node);
    await using other = await joinCluster(node, {}, "LEAVER");
    await wants(peer, "RS+ $G q g 1\r\n");
    await wants(other, "RS+ $G q g 1\r\n");
    other.close();
    await node.logged(/Router connection closed: Client Closed - Remote: LEAVER/);
    await using publisher = await join(node.port);
    const [theirs] = await after(publisher, "PUB q 1\r\nx\r\n".repeat(50), peer);
    expect(times(theirs!, /RMSG/g)).toBe(50);
  });
});

describe("one line to a server", () => {
  test("serves its plain subscriptions and its groups, with a reply and with headers", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G f\r\nRS+ $G f g1 1\r\nRS+ $G f g2 2\r\nRS+ $G p.*\r\n");
    await using publisher = await join(node.port, { headers: true });
    const block = "NATS/1.0\r\nA: b\r\n\r\n";
    const published = [
      "PUB f 2\r\nhi\r\n",
      "PUB f a.reply 2\r\nhi\r\n",
      `HPUB f 18 20\r\n${block}hi\r\n`,
      `HPUB f a.reply 18 20\r\n${block}hi\r\n`,
      "PUB p.1 2\r\nhi\r\n",
      "PUB p.1 a.reply 2\r\nhi\r\n",
      `HPUB p.1 a.reply 18 20\r\n${block}hi\r\n`,
    ];
    const [said] = await after(publisher, published.join(""), peer);
    expect(said!.replaceAll("g2 g1", "g1 g2")).toBe(
      [
        "RMSG $G f | g1 g2 2\r\nhi\r\n",
        "RMSG $G f + a.reply g1 g2 2\r\nhi\r\n",
        `HMSG $G f | g1 g2 18 20\r\n${block}hi\r\n`,
        `HMSG $G f + a.reply g1 g2 18 20\r\n${block}hi\r\n`,
        "RMSG $G p.1 2\r\nhi\r\n",
        "RMSG $G p.1 a.reply 2\r\nhi\r\n",
        `HMSG $G p.1 a.reply 18 20\r\n${block}hi\r\n`,
      ].join(""),
    );
  });

  test("carries large payloads whole, between small ones, with groups and replies", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G f g1 1\r\n");
    await using publisher = await join(node.port);
    const large = "L".repeat(200_000);
    const says = `PUB f r 1\r\n1\r\nPUB f r 200000\r\n${large}\r\nPUB f 200000\r\n${large}\r\nPUB f r 1\r\n2\r\n`;
    const [said] = await after(publisher, says, peer);
    const named = "RMSG $G f + r g1 1\r\n";
    const expected = `${named}1\r\nRMSG $G f + r g1 200000\r\n${large}\r\nRMSG $G f | g1 200000\r\n${large}\r\n${named}2\r\n`;
    expect(said === expected).toBe(true);
  });

  test("has no headers where the other server takes none, and says the size that is left", async () => {
    await using peer = await joinCluster(node, { headers: false });
    await wants(peer, "RS+ $G f g1 1\r\nRS+ $G p\r\n");
    await using publisher = await join(node.port, { headers: true });
    const block = "NATS/1.0\r\nA: b\r\n\r\n";
    const published = [
      `HPUB f r 18 20\r\n${block}hi\r\n`,
      `HPUB f 18 20\r\n${block}hi\r\n`,
      `HPUB p r 18 20\r\n${block}hi\r\n`,
      `HPUB p 18 18\r\n${block}\r\n`,
    ];
    const [said] = await after(publisher, published.join(""), peer);
    expect(said).toBe(
      "RMSG $G f + r g1 2\r\nhi\r\nRMSG $G f | g1 2\r\nhi\r\nRMSG $G p r 2\r\nhi\r\nRMSG $G p 0\r\n\r\n",
    );
    const [route] = [...node.midge!.cluster!.routes];
    expect([route!.outMsgs, route!.outBytes]).toEqual([4, 6]);
  });
});

describe("a message from another server", () => {
  test("is for every plain subscription, and for no group that it does not name", async () => {
    await using peer = await joinCluster(node);
    await using client = await subscriber(node, "SUB f 1\r\nSUB f.> 2\r\nSUB f g 3\r\nSUB > 4\r\n");
    const [said] = await after(peer, "RMSG $G f 2\r\nhi\r\n", client);
    expect(said).toBe("MSG f 4 2\r\nhi\r\nMSG f 1 2\r\nhi\r\n");
  });

  test("goes to one member of each group that it names", async () => {
    await using peer = await joinCluster(node);
    await using client = await subscriber(
      node,
      "SUB f g 1\r\nSUB f g 2\r\nSUB f h 3\r\nSUB f i 4\r\n",
    );
    const [said] = await after(peer, "RMSG $G f + r g h nobody 2\r\nhi\r\n".repeat(100), client);
    expect(times(said!, /MSG f 1 r 2/g) + times(said!, /MSG f 2 r 2/g)).toBe(100);
    expect(times(said!, /MSG f 1 /g)).toBeGreaterThan(20);
    expect(times(said!, /MSG f 2 /g)).toBeGreaterThan(20);
    expect(times(said!, /MSG f 3 r 2/g)).toBe(100);
    expect(times(said!, /MSG f 4/g)).toBe(0);
  });

  test("prefers the members here, and goes on to a third server only without them", async () => {
    await using from = await joinCluster(node);
    await using third = await joinCluster(node);
    await wants(from, "RS+ $G f g 5\r\nRS+ $G f\r\n");
    await wants(third, "RS+ $G f g 1\r\nRS+ $G f\r\nRS+ $G f h 1\r\n");
    await using client = await subscriber(node, "SUB f g 1\r\n");
    const here = await after(from, "RMSG $G f + r g 2\r\nhi\r\n".repeat(20), client, third);
    expect(here).toEqual(["MSG f 1 r 2\r\nhi\r\n".repeat(20), "RS+ $G f g 1\r\n"]);
    await client.says("UNSUB 1\r\n");
    await client.silent();
    const block = "NATS/1.0\r\nA: b\r\n\r\n";
    const said = await after(
      from,
      `RMSG $G f + r g h 2\r\nhi\r\nHMSG $G f | g 18 20\r\n${block}hi\r\nRMSG $G f 2\r\nhi\r\n`,
      third,
    );
    expect(said[0]!.replace("h g", "g h")).toBe(
      `RS- $G f g\r\nRMSG $G f + r g h 2\r\nhi\r\nHMSG $G f | g 18 20\r\n${block}hi\r\n`,
    );
    expect(await heard(from)).not.toContain("MSG");
  });

  test("is larger than any client may send, and arrives", async () => {
    await using peer = await joinCluster(node);
    await using client = await subscriber(node, "SUB f 1\r\n");
    const size = 2 << 20;
    const payload = "P".repeat(size);
    const [said] = await after(peer, `RMSG $G f ${size}\r\n${payload}\r\n`, client);
    expect(said === `MSG f 1 ${size}\r\n${payload}\r\n`).toBe(true);
  });

  test("loses its headers on the way to a client without them, and counts as what it got", async () => {
    await using peer = await joinCluster(node);
    await using client = await subscriber(node, "SUB f 1\r\nSUB f g 2\r\n", { headers: false });
    const block = "NATS/1.0\r\nA: b\r\n\r\n";
    const [said] = await after(
      peer,
      `HMSG $G f + r g 18 20\r\n${block}hi\r\nHMSG $G f 18 18\r\n${block}\r\n`,
      client,
    );
    expect(said).toBe("MSG f 1 r 2\r\nhi\r\nMSG f 2 r 2\r\nhi\r\nMSG f 1 0\r\n\r\n");
    const [route] = [...node.midge!.cluster!.routes];
    expect([route!.inMsgs, route!.inBytes]).toEqual([2, 38]);
  });
});

describe("nobody is there", () => {
  const asks = "SUB _R 1\r\nPUB svc _R 2\r\nhi\r\n";
  const none = /^HMSG _R 1 \d+ \d+\r\nNATS\/1\.0 503\r\n/;

  test("not as long as another server has a subscriber, and again when that is gone", async () => {
    await using peer = await joinCluster(node);
    for (const interest of ["svc", "*", "svc g 1"]) {
      await wants(peer, `RS+ $G ${interest}\r\n`);
      await using client = await subscriber(node, "", { headers: true, no_responders: true });
      const mark = interest.includes(" ") ? "+ _R g 2" : "_R 2";
      const said = await after(client, asks, peer);
      expect(said[0]).toBe(`RS+ $G _R\r\nRMSG $G svc ${mark}\r\nhi\r\n`);
      await wants(peer, `RS- $G ${interest.replace(/ 1$/, "")}\r\n`);
      await client.says("PUB svc _R 2\r\nhi\r\n");
      expect(await heard(client)).toMatch(none);
      client.close();
      await wants(peer, "");
    }
  });

  test("a group without members is nobody", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G svc g 2\r\nRS+ $G svc g 0\r\n");
    await using client = await subscriber(node, "", { headers: true, no_responders: true });
    await client.says(asks);
    expect(await heard(client)).toMatch(none);
    expect(await heard(peer)).not.toContain("RMSG");
  });
});

describe("what a client says goes to a server in the order it was said", () => {
  test("reply interest before the request that names it", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G svc\r\nRS+ $G all g 1\r\n");
    await using client = await join(node.port);
    const line = (i: number) =>
      `SUB _R.${i} ${i}\r\nPUB svc _R.${i} 2\r\nhi\r\nPUB all _R.${i} 2\r\nhi\r\nUNSUB ${i}\r\n`;
    const told = (i: number) =>
      `RS+ $G _R.${i}\r\nRMSG $G svc _R.${i} 2\r\nhi\r\nRMSG $G all + _R.${i} g 2\r\nhi\r\nRS- $G _R.${i}\r\n`;
    const numbers = Array.from({ length: 200 }, (_, i) => i + 1);
    const [said] = await after(client, numbers.map(line).join(""), peer);
    expect(said).toBe(numbers.map(told).join(""));
  });

  test("interest between runs of messages, and payloads that are written from where they lie", async () => {
    await using peer = await joinCluster(node);
    await wants(peer, "RS+ $G n\r\n");
    await using client = await join(node.port);
    const large = "L".repeat(100_000);
    const says: string[] = [];
    const told: string[] = [];
    for (let i = 1; i <= 20; i++) {
      says.push("PUB n 1\r\na\r\n".repeat(300), `SUB s.${i} ${i}\r\n`);
      told.push("RMSG $G n 1\r\na\r\n".repeat(300), `RS+ $G s.${i}\r\n`);
      says.push(`PUB n 100000\r\n${large}\r\n`, `UNSUB ${i}\r\n`, "PUB n 1\r\nb\r\n");
      told.push(`RMSG $G n 100000\r\n${large}\r\n`, `RS- $G s.${i}\r\n`, "RMSG $G n 1\r\nb\r\n");
    }
    const [said] = await after(client, says.join(""), peer);
    expect(said === told.join("")).toBe(true);
  });
});
