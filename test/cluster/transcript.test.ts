// The transcripts of cluster §4.19 and §4.21 with a peer made of bytes: interest, messages and gossip, word by
// word. What pools add is in transcript-pooled.test.ts.
import { expect, test } from "bun:test";
import { connect, join } from "../support/wire.ts";
import { greeting, startQuiet } from "./nodes.ts";

test("transcript §4.19: interest by first and last, weights, requests, queues, headers", async () => {
  await using midge = await startQuiet("A");
  await using client = await join(midge.port, { headers: true });
  await using other = await join(midge.port);
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D") + "PING\r\n");
  // What the test's own client asked for comes first.
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");

  await client.says("SUB foo 1\r\n");
  await peer.hears("RS+ $G foo\r\n");
  await other.says("SUB foo 9\r\n");
  await other.silent();
  await peer.says("RMSG $G foo 5\r\nhello\r\n");
  await client.hears("MSG foo 1 5\r\nhello\r\n");
  await other.hears("MSG foo 9 5\r\nhello\r\n");
  await other.says("UNSUB 9\r\n");
  await other.silent();
  await peer.silent();
  await client.says("UNSUB 1\r\n");
  await peer.hears("RS- $G foo\r\n");

  // A limit counts here: the others may send more.
  await client.says("SUB bar 2\r\nUNSUB 2 1\r\n");
  await peer.hears("RS+ $G bar\r\n");
  await peer.says("RMSG $G bar 1\r\nx\r\nRMSG $G bar 1\r\ny\r\n");
  await peer.hears("RS- $G bar\r\n");
  await client.hears("MSG bar 2 1\r\nx\r\n");
  await client.silent();

  await client.says("SUB svc 3\r\n");
  await peer.hears("RS+ $G svc\r\n");
  await peer.says("RS+ $G _INBOX.1\r\nRMSG $G svc _INBOX.1 2\r\nhi\r\n");
  await client.hears("MSG svc 3 _INBOX.1 2\r\nhi\r\n");
  await client.says("PUB _INBOX.1 2\r\nok\r\n");
  await peer.hears("RMSG $G _INBOX.1 2\r\nok\r\n");

  await client.says("SUB q g 4\r\nSUB q g 5\r\n");
  await other.says("SUB q g 6\r\n");
  await peer.hears("RS+ $G q g 1\r\nRS+ $G q g 2\r\nRS+ $G q g 3\r\n");
  await peer.says(
    "RMSG $G q | g 1\r\n1\r\nRMSG $G q + r.1 g nobody 1\r\n2\r\nRMSG $G q 1\r\n3\r\n",
  );
  await peer.says("PING\r\n");
  await peer.hears("PONG\r\n");
  await client.says("PING\r\n");
  await other.says("PING\r\n");
  const heard: string[] = [];
  for (const each of [client, other]) {
    for (let item = await each.hearsItem(); item !== "PONG\r\n"; item = await each.hearsItem()) {
      heard.push(item!.replace(/ [456] /, " "));
    }
  }
  expect(heard.sort()).toEqual(["MSG q 1\r\n1\r\n", "MSG q r.1 1\r\n2\r\n"]);

  // Who leaves is told of once for each subject.
  client.close();
  await peer.hears("RS- $G svc\r\nRS+ $G q g 1\r\n");
  await other.says("UNSUB 6\r\n");
  await peer.hears("RS- $G q g\r\n");
});

test("messages for groups elsewhere name them, in one line with the plain copy", async () => {
  await using midge = await startQuiet("A");
  await using client = await join(midge.port, { headers: true });
  await using peer = await connect(midge.clusterPort);
  await peer.says(
    greeting("D") + "RS+ $G q\r\nRS+ $G q g 1\r\nRS+ $G h | 2\r\nRS+ $G only g2 3\r\nPING\r\n",
  );
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await client.says("PUB q 1\r\n0\r\nPUB q r.1 1\r\n1\r\nPUB only 1\r\n2\r\n");
  await peer.hears(
    "RMSG $G q | g 1\r\n0\r\nRMSG $G q + r.1 g 1\r\n1\r\nRMSG $G only | g2 1\r\n2\r\n",
  );
  const headers = "NATS/1.0\r\nX: 1\r\n\r\n";
  await client.says(`HPUB q rr 18 20\r\n${headers}ok\r\nHPUB q 18 20\r\n${headers}ok\r\n`);
  await peer.hears(
    `HMSG $G q + rr g 18 20\r\n${headers}ok\r\nHMSG $G q | g 18 20\r\n${headers}ok\r\n`,
  );
  await peer.says("RS- $G q g\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await client.says(`HPUB q 18 20\r\n${headers}ok\r\nPUB q 0\r\n\r\n`);
  await peer.hears(`HMSG $G q 18 20\r\n${headers}ok\r\nRMSG $G q 0\r\n\r\n`);
  // Nothing wants it any more.
  await peer.says("RS- $G q\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await client.says("PUB q 0\r\n\r\n");
  await client.silent();
  await peer.silent();
});

test("a peer without headers gets payloads alone", async () => {
  await using midge = await startQuiet("A");
  await using client = await join(midge.port, { headers: true });
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D", { headers: false }) + "RS+ $G h\r\nPING\r\n");
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await client.says("HPUB h r 18 20\r\nNATS/1.0\r\nX: 1\r\n\r\nok\r\n");
  await peer.hears("RMSG $G h r 2\r\nok\r\n");
});

test("what leaf nodes of others want and say passes without harm", async () => {
  await using midge = await startQuiet("A");
  await using client = await join(midge.port, { headers: true });
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("D", { lnocu: true }));
  await peer.says(
    "LS+ L $G onL\r\nLS+ L $G onL g 1\r\nLS+ L $G $LDS.4hPT\r\nA+ $G\r\nA- $G\r\n+OK\r\nPING\r\n",
  );
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await client.says("SUB onB 1\r\nSUB onB g 2\r\n");
  await peer.hears("RS+ $G onB\r\nRS+ $G onB g 1\r\n");
  await peer.says(
    "LMSG L $G onB | g 0 2\r\nhi\r\nLMSG L $G onB rr 18 20\r\nNATS/1.0\r\nX: 1\r\n\r\nok\r\n",
  );
  await client.hears("MSG onB 1 2\r\nhi\r\nMSG onB 2 2\r\nhi\r\n");
  await client.hears("HMSG onB 1 rr 18 20\r\nNATS/1.0\r\nX: 1\r\n\r\nok\r\n");
  await client.says("PUB onL 2\r\nho\r\n");
  await peer.hears("RMSG $G onL | g 2\r\nho\r\n");
  await peer.says("LS- L $G onL\r\nLS- L $G onL g\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await client.says("PUB onL 2\r\nho\r\n");
  await client.silent();
  await peer.silent();
});

test("transcript §4.19: others are told where a newcomer is, and nothing when it leaves", async () => {
  await using midge = await startQuiet("A");
  await using first = await connect(midge.clusterPort);
  await first.says(greeting("B") + "PING\r\n");
  await first.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await using third = await connect(midge.clusterPort);
  const info = { port: 6224, nonce: "R6TK", connect_urls: ["127.0.0.1:4224"], whatever: [1] };
  await third.says(greeting("C", info) + "PING\r\n");
  await third.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  const line = await first.hearsLine();
  expect(line).toStartWith("INFO ");
  const { nonce: _, ...said } = info;
  const told = JSON.parse(line.slice("INFO ".length));
  expect(told).toMatchObject({ server_id: "C", ip: "nats-route://127.0.0.1:6224/", ...said });
  expect(told).not.toHaveProperty("nonce");
  third.close();
  await midge.logged(/Router connection closed: Client Closed - Remote: C/);
  await first.silent();
});

test("transcript §4.19: the first PING comes a second after the start, and any PONG will do", async () => {
  await using midge = await startQuiet("A");
  const startedAt = Date.now();
  await using peer = await connect(midge.clusterPort);
  await peer.says(greeting("B") + "PING\r\n");
  await peer.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await peer.hears("PING\r\n");
  const tookMs = Date.now() - startedAt;
  expect(tookMs).toBeGreaterThanOrEqual(950);
  await peer.says("PONG\r\n");
  await peer.silent();
});
