// The same questions to every cluster, whatever servers it is made of: does each message reach everybody it
// is for, once, and nobody else?
import { expect } from "bun:test";
import { join, type WireClient } from "../support/wire.ts";
import { meet, type Node } from "./nodes.ts";

const QUIET = { headers: true, no_responders: true };
const HEADERS = "NATS/1.0\r\nX: 1\r\n\r\n";
const LARGE = "x".repeat(200_000);
const WORK_COUNT = 60;

/** A client at each node. */
interface Scene extends AsyncDisposable {
  readonly nodes: readonly Node[];
  readonly clients: readonly WireClient[];
}

/** All nodes are there and know each other; then every kind of message goes from each to all. */
export async function deliversEverything(...nodes: readonly Node[]): Promise<void> {
  await meet(...nodes);
  const clients = await Promise.all(nodes.map((node) => join(node.port, QUIET)));
  await using scene: Scene = {
    nodes,
    clients,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.close();
    },
  };
  await reachesAll(scene);
  await sharesWork(scene);
  await answersRequests(scene);
}

/** All say this; afterwards every node knows of it. */
async function allSay({ nodes, clients }: Scene, says: string): Promise<void> {
  for (const client of clients) await client.says(`${says}PING\r\n`);
  for (const client of clients) await client.hears("PONG\r\n");
  await meet(...nodes);
}

/** Plain messages, with and without a reply, headers or much to say, in the order of their sender. */
async function reachesAll(scene: Scene): Promise<void> {
  const { clients } = scene;
  await allSay(scene, "SUB plain 1\r\nSUB wild.> 2\r\n");
  const many = Array.from({ length: 100 }, (_, i) => String(i).padStart(3, "0"));
  for (const speaker of clients) {
    await speaker.says(
      "PUB plain 5\r\nhello\r\nPUB wild.a.b inbox 2\r\nhi\r\n" +
        `HPUB plain inbox 18 20\r\n${HEADERS}ok\r\nHPUB wild.c 18 18\r\n${HEADERS}\r\n` +
        `PUB plain ${LARGE.length}\r\n${LARGE}\r\nPUB plain 0\r\n\r\nPUB nobody.wants.it 0\r\n\r\n` +
        many.map((each) => `PUB plain 3\r\n${each}\r\n`).join(""),
    );
    for (const hearer of clients) {
      await hearer.hears(
        "MSG plain 1 5\r\nhello\r\nMSG wild.a.b 2 inbox 2\r\nhi\r\n" +
          `HMSG plain 1 inbox 18 20\r\n${HEADERS}ok\r\nHMSG wild.c 2 18 18\r\n${HEADERS}\r\n` +
          `MSG plain 1 ${LARGE.length}\r\n${LARGE}\r\nMSG plain 1 0\r\n\r\n` +
          many.map((each) => `MSG plain 1 3\r\n${each}\r\n`).join(""),
      );
    }
    for (const hearer of clients) await hearer.silent();
  }
  // Who wants nothing any more hears nothing.
  await allSay(scene, "UNSUB 1\r\nUNSUB 2\r\n");
  for (const speaker of clients) await speaker.says("PUB plain 0\r\n\r\nPUB wild.a 0\r\n\r\n");
  await meet(...scene.nodes);
  for (const hearer of clients) await hearer.silent();
}

/** One member of a group takes each piece of work, wherever it came from and wherever the members are. */
async function sharesWork(scene: Scene): Promise<void> {
  const { clients } = scene;
  await allSay(scene, "SUB work crew 3\r\nSUB work.* crew 4\r\nSUB done 5\r\n");
  for (const [from, speaker] of clients.entries()) {
    const pieces = Array.from({ length: WORK_COUNT }, (_, i) => `${from}-${i}`);
    await speaker.says(
      `${pieces.map((each) => `PUB work ${each.length}\r\n${each}\r\n`).join("")}PUB done 0\r\n\r\n`,
    );
    const taken: string[] = [];
    for (const member of clients) {
      for (;;) {
        const { subject, payload } = await member.hearsMessage();
        if (subject === "done") break;
        taken.push(payload);
      }
      await member.silent();
    }
    expect(taken.sort()).toEqual(pieces.sort());
  }
  await allSay(scene, "UNSUB 3\r\nUNSUB 4\r\nUNSUB 5\r\n");
}

/** Requests find their service and answers the way back; where nobody is, that is said at once. */
async function answersRequests({ nodes, clients }: Scene): Promise<void> {
  for (const [at, service] of clients.entries()) {
    await service.says("SUB service 6\r\n");
    await service.silent();
    await meet(...nodes);
    for (const [from, asker] of clients.entries()) {
      const inbox = `_INBOX.${at}.${from}`;
      await asker.says(`SUB ${inbox}.* 7\r\nHPUB service ${inbox}.1 18 20\r\n${HEADERS}hi\r\n`);
      await service.hears(`HMSG service 6 ${inbox}.1 18 20\r\n${HEADERS}hi\r\n`);
      await service.says(`PUB ${inbox}.1 2\r\nok\r\n`);
      await asker.hears(`MSG ${inbox}.1 7 2\r\nok\r\n`);
      await asker.says("UNSUB 7\r\n");
      await asker.silent();
    }
    await service.says("UNSUB 6\r\n");
    await service.silent();
    await meet(...nodes);
    for (const asker of clients) {
      await asker.says("SUB _INBOX.none 8\r\nPUB service _INBOX.none 0\r\n\r\n");
      const notice = await asker.hearsMessage();
      expect(notice.headers).toStartWith("NATS/1.0 503");
      await asker.says("UNSUB 8\r\n");
      await asker.silent();
    }
  }
}
