// Midge and real nats-servers in one cluster: every kind of message in both directions, whoever dialled.
import { expect, test } from "bun:test";
import { describeWithPeer } from "../support/peer.ts";
import { join } from "../support/wire.ts";
import { meet, type Node, routeTo, startMidge, startOriginal } from "./nodes.ts";

/** Everything that one client can hear of the other, from `from` to `to`. */
async function exchange(from: Node, to: Node): Promise<void> {
  const quiet = { headers: true, no_responders: true };
  await using hearer = await join(to.port, quiet);
  await using speaker = await join(from.port, quiet);
  await hearer.says(
    "SUB plain 1\r\nSUB wild.> 2\r\nSUB work crew 3\r\nSUB both 4\r\nSUB both crew 5\r\n",
  );
  await hearer.silent();
  await meet(to, from);

  await speaker.says("PUB plain 5\r\nhello\r\n");
  await hearer.hears("MSG plain 1 5\r\nhello\r\n");
  await speaker.says("PUB wild.a.b inbox 2\r\nhi\r\n");
  await hearer.hears("MSG wild.a.b 2 inbox 2\r\nhi\r\n");
  await speaker.says("PUB work 1\r\nq\r\n");
  await hearer.hears("MSG work 3 1\r\nq\r\n");
  await speaker.says("PUB work back 1\r\nr\r\n");
  await hearer.hears("MSG work 3 back 1\r\nr\r\n");
  await speaker.says("PUB both 1\r\nb\r\n");
  await hearer.hears("MSG both 4 1\r\nb\r\nMSG both 5 1\r\nb\r\n");
  const headers = "NATS/1.0\r\nX: 1\r\n\r\n";
  await speaker.says(`HPUB plain inbox 18 20\r\n${headers}ok\r\n`);
  await hearer.hears(`HMSG plain 1 inbox 18 20\r\n${headers}ok\r\n`);
  await speaker.says(`HPUB work 18 20\r\n${headers}ok\r\n`);
  await hearer.hears(`HMSG work 3 18 20\r\n${headers}ok\r\n`);
  const large = "x".repeat(200_000);
  await speaker.says(`PUB plain 200000\r\n${large}\r\nPUB plain 0\r\n\r\n`);
  await hearer.hears(`MSG plain 1 200000\r\n${large}\r\nMSG plain 1 0\r\n\r\n`);
  const many = Array.from({ length: 500 }, (_, i) => String(i).padStart(3, "0"));
  await speaker.says(many.map((each) => `PUB plain 3\r\n${each}\r\n`).join(""));
  await hearer.hears(many.map((each) => `MSG plain 1 3\r\n${each}\r\n`).join(""));
  await hearer.silent();

  // A request, and its answer over the same way back.
  await hearer.says("SUB service 6\r\n");
  await hearer.silent();
  await meet(to, from);
  await speaker.says("SUB _INBOX.a.* 1\r\nPUB service _INBOX.a.1 2\r\nhi\r\n");
  await hearer.hears("MSG service 6 _INBOX.a.1 2\r\nhi\r\n");
  await hearer.says("PUB _INBOX.a.1 2\r\nok\r\n");
  await speaker.hears("MSG _INBOX.a.1 1 2\r\nok\r\n");

  // Nobody is there any more: the requester is told.
  await hearer.says("UNSUB 6\r\n");
  await hearer.silent();
  await meet(to, from);
  await speaker.says("PUB service _INBOX.a.2 0\r\n\r\n");
  const notice = await speaker.hearsMessage();
  expect(notice.headers).toStartWith("NATS/1.0 503");
}

/** Each of some messages reaches one member of the group in the whole cluster. */
async function shareWork(nodes: readonly Node[]): Promise<void> {
  const members = await Promise.all(nodes.map((node) => join(node.port)));
  for (const member of members) await member.says("SUB shared crew 1\r\nSUB done 2\r\nPING\r\n");
  for (const member of members) await member.hears("PONG\r\n");
  await meet(...nodes);
  await using speaker = await join(nodes[0]!.port);
  const count = 200;
  await speaker.says("PUB shared 1\r\nx\r\n".repeat(count) + "PUB done 0\r\n\r\n");
  let taken = 0;
  for (const member of members) {
    for (;;) {
      const { subject } = await member.hearsMessage();
      if (subject === "done") break;
      taken++;
    }
    await member.silent();
  }
  expect(taken).toBe(count);
  for (const member of members) member.close();
}

for (const level of ["2.15", "2.9"] as const) {
  describeWithPeer(`a cluster with nats-server ${level}`, level, (path) => {
    const kinds =
      level === "2.9"
        ? [["without pools", ""]]
        : [
            ["with one connection", "pool_size: -1\n compression: off"],
            ["with pools", ""],
          ];
    for (const [kind, extra] of kinds) {
      test(`Midge dials it ${kind}: every message arrives, both ways`, async () => {
        await using original = await startOriginal(path, "N", [], extra);
        await using midge = await startMidge("M", { routes: [routeTo(original)] });
        await meet(midge, original);
        await exchange(midge, original);
        await exchange(original, midge);
        await shareWork([midge, original]);
        await shareWork([original, midge]);
      }, 30_000);

      test(`it dials Midge ${kind}: every message arrives, both ways`, async () => {
        await using midge = await startMidge("M");
        await using original = await startOriginal(path, "N", [routeTo(midge)], extra);
        await meet(midge, original);
        await exchange(midge, original);
        await exchange(original, midge);
        await shareWork([midge, original]);
      }, 30_000);
    }

    test("Midge between two of them and each with each: all hear all, once", async () => {
      await using midge = await startMidge("M");
      await using one = await startOriginal(path, "N1", [routeTo(midge)]);
      await using two = await startOriginal(path, "N2", [routeTo(midge)]);
      await using other = await startMidge("M2", { routes: [routeTo(one)] });
      const nodes = [midge, one, two, other];
      await meet(...nodes);
      for (const from of nodes) {
        const hearers = await Promise.all(nodes.map((node) => join(node.port)));
        for (const hearer of hearers) await hearer.says("SUB all 1\r\nPING\r\n");
        for (const hearer of hearers) await hearer.hears("PONG\r\n");
        await meet(...nodes);
        await using speaker = await join(from.port);
        await speaker.says("PUB all 3\r\none\r\nPUB all 3\r\ntwo\r\n");
        for (const hearer of hearers) {
          await hearer.hears("MSG all 1 3\r\none\r\nMSG all 1 3\r\ntwo\r\n");
        }
        for (const hearer of hearers) hearer.close();
      }
      await shareWork(nodes);
    }, 30_000);
  });
}
