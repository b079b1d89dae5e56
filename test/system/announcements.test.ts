// What a server tells administrators of itself without being asked (monitoring §21.3): its figures, and that
// it leaves.
import { expect, test } from "bun:test";
import { Stage } from "./stage.ts";

const FIGURES = "$SYS.SERVER.*.STATSZ";

test("its figures come by themselves soon after the start", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener(FIGURES);
  const { subject, document } = await listener.hears();
  expect(subject).toBe(`$SYS.SERVER.${stage.id}.STATSZ`);
  expect(Object.keys(document)).toEqual(["server", "statsz"]);
  expect(document.statsz).toMatchObject({ connections: 1, active_accounts: 1, slow_consumers: 0 });
  expect(document.server).toMatchObject({ name: "one", id: stage.id });
});

test("its figures come at once when they are asked for without a subject for an answer", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener(FIGURES);
  await using sys = await stage.join("sys");
  const subjects = ["PING", "PING.STATSZ", `${stage.id}.STATSZ`];
  // By the clock alone so many would take minutes.
  for (let round = 0; round < 4; round++) {
    for (const name of subjects) await sys.wire.says(`PUB $SYS.REQ.SERVER.${name} 0\r\n\r\n`);
    for (const _ of subjects) {
      expect((await listener.hears()).document.statsz.connections).toBe(2);
    }
  }
});

test("its figures count what clients sent and heard", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  await using bob = await stage.join("bob");
  const figures = async () => (await sys.asks("$SYS.REQ.SERVER.PING.STATSZ")).statsz;
  const before = await figures();
  await bob.wire.says("SUB x 1\r\nPUB x 5\r\nhello\r\nPUB y 3\r\nabc\r\n");
  await bob.wire.hears("MSG x 1 5\r\nhello\r\n");
  await bob.wire.silent();
  const after = await figures();
  // The second question is one more.
  expect(after.received.msgs - before.received.msgs).toBe(3);
  expect(after.received.bytes - before.received.bytes).toBe(8);
  expect(after.sent.msgs - before.sent.msgs).toBe(2);
  expect(after.subscriptions - before.subscriptions).toBe(1);
  expect([after.active_accounts, after.total_connections]).toEqual([2, 2]);
});

test("that clients should go elsewhere is heard", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener("$SYS.SERVER.*.LAMEDUCK");
  const left = stage.midge.lameDuck();
  const { subject, document } = await listener.hears();
  expect(subject).toBe(`$SYS.SERVER.${stage.id}.LAMEDUCK`);
  expect(document).toMatchObject({ name: "one", id: stage.id });
  expect(document.server).toBeUndefined();
  await stage.midge.stop();
  await left;
});

test("that it stops is the last that is heard", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener("$SYS.ACCOUNT.>", "$SYS.SERVER.*.SHUTDOWN");
  await using bob = await stage.join("bob");
  expect((await listener.hearsSubjects(2)).at(-1)).toBe("$SYS.ACCOUNT.B.CONNECT");
  await stage.midge.stop();
  const { subject, document } = await listener.hears();
  expect(subject).toBe(`$SYS.SERVER.${stage.id}.SHUTDOWN`);
  expect(document).toMatchObject({ name: "one", id: stage.id });
  await listener.wire.hearsClose();
  await bob.wire.hearsUntilClose();
});

test("a server that stops twice says so once", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener("$SYS.SERVER.*.SHUTDOWN");
  await Promise.all([stage.midge.stop(), stage.midge.stop()]);
  await listener.hears();
  await listener.wire.hearsClose();
});
