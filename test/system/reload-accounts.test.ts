// A reload makes accounts: their users may ask about them at once, and others as before (monitoring §21.1).
import { expect, test } from "bun:test";
import { PEOPLE, password, Stage } from "./stage.ts";

const INFO = "$SYS.REQ.USER.INFO";
const CONNZ = "$SYS.REQ.ACCOUNT.PING.CONNZ";

const withAccount = (name: string, user: string) => ({
  ...PEOPLE,
  port: -1,
  maxConnections: 1000,
  accounts: { ...PEOPLE.accounts, [name]: { users: [{ user, password }] } },
});

test("users of an account that a reload makes may ask about it at once", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  await using bob = await stage.join("bob");
  await stage.midge.reload(withAccount("NEW", "nora"));
  await using nora = await stage.join("nora");
  expect((await nora.asks(INFO)).data).toMatchObject({ user: "nora", account: "NEW" });
  const { data } = await nora.asks(CONNZ);
  expect([data.num_connections, data.connections[0].cid]).toEqual([1, nora.cid]);
  expect(await nora.asksNobody("$SYS.REQ.SERVER.PING")).toBe(true);
  expect((await sys.asks("$SYS.REQ.ACCOUNT.NEW.CONNZ")).data.num_connections).toBe(1);
  expect((await sys.asks("$SYS.REQ.SERVER.PING.ACCOUNTZ")).data.accounts).toContain("NEW");
  expect((await bob.asks(INFO)).data.account).toBe("B");
});

test("events tell of an account that a reload makes", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener("$SYS.ACCOUNT.NEW.>");
  await stage.midge.reload(withAccount("NEW", "nora"));
  await using _nora = await stage.join("nora");
  expect(await listener.hearsSubjects(2)).toEqual([
    "$SYS.ACCOUNT.NEW.SERVER.CONNS",
    "$SYS.ACCOUNT.NEW.CONNECT",
  ]);
});

test("a reload asks and answers nothing twice", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  await using bob = await stage.join("bob");
  const count = async () => (await sys.asks("$SYS.REQ.SERVER.PING.SUBSZ")).data.num_subscriptions;
  const before = await count();
  for (let round = 0; round < 3; round++) {
    await stage.midge.reload({ ...PEOPLE, port: -1, maxConnections: 1000 + round });
  }
  expect(await count()).toBe(before);
  expect((await bob.asks(INFO)).data.user).toBe("bob");
  await bob.wire.silent();
});

test("who is sent away by a reload is told of as one who left", async () => {
  await using stage = await Stage.withPeople();
  await using bob = await stage.join("bob");
  await using listener = await stage.listener("$SYS.ACCOUNT.B.DISCONNECT");
  const { A, SYS } = PEOPLE.accounts;
  const accounts = { A, SYS, B: { users: [{ user: "bert", password }] } };
  await stage.midge.reload({ ...PEOPLE, port: -1, maxConnections: 1000, accounts });
  const { document } = await listener.hears();
  expect(document.client).toMatchObject({ id: bob.cid, user: "bob", acc: "B" });
  expect(document.reason).toBe("Client Closed");
  await bob.wire.hearsUntilClose();
});

test("an account that a reload drops is nobody's any more", async () => {
  await using stage = await Stage.open({ ...withAccount("OLD", "olga") });
  await using sys = await stage.join("sys");
  const olga = await stage.join("olga");
  await stage.midge.reload({ ...PEOPLE, port: -1, maxConnections: 1000 });
  await olga.wire.hearsUntilClose();
  await using again = await stage.join("sys");
  const { data } = await again.asks("$SYS.REQ.ACCOUNT.OLD.CONNZ");
  expect(data.num_connections).toBe(0);
  expect((await sys.asks(INFO)).data.user).toBe("sys");
});
