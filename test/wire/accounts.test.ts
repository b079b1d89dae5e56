// Accounts: subject spaces that know nothing of one another (auth.md §8).
import { afterAll, describe, expect, test } from "bun:test";
import { expectRefused, startConfigured } from "../support/configured.ts";
import { connectLine, join, type WireClient } from "../support/wire.ts";

const MESSAGE = "PUB foo 2\r\nhi\r\n";
const heard = (sid = 1) => `MSG foo ${sid} 2\r\nhi\r\n`;

describe("accounts", async () => {
  const server = await startConfigured(`debug: true\naccounts {
    A { users: [ { user: a, password: p }, { user: a2, password: p } ] }
    B { users: [ { user: b, password: p } ] }
  }
  authorization { users: [ { user: g, password: p } ] }`);
  afterAll(() => server[Symbol.asyncDispose]());

  const enter = (user: string, options: object = {}): Promise<WireClient> =>
    join(server.port, { user, pass: "p", ...options });

  /** Enters and subscribes. */
  async function listen(user: string, ...wishes: readonly string[]): Promise<WireClient> {
    const client = await enter(user);
    for (const [at, wish] of wishes.entries()) await client.says(`SUB ${wish} ${at + 1}\r\n`);
    await client.silent();
    return client;
  }

  test("hear what is published in them and nothing of others", async () => {
    await using a = await listen("a", ">");
    await using b = await listen("b", ">");
    await using g = await listen("g", ">");
    await using publisher = await enter("a2");
    await publisher.says(MESSAGE);
    await publisher.silent();
    await a.hears(heard());
    for (const client of [a, b, g]) await client.silent();
    await b.says(MESSAGE);
    await b.hears(heard());
    await g.says(MESSAGE);
    await g.hears(heard());
    for (const client of [a, b, g]) await client.silent();
  });

  test("have queue groups of their own", async () => {
    await using a = await listen("a", "foo g");
    await using b = await listen("b", "foo g");
    await using publisher = await enter("a2");
    await publisher.says(MESSAGE.repeat(10));
    await publisher.silent();
    await a.hears(heard().repeat(10));
    await a.silent();
    await b.silent();
  });

  test("have nobody who answers for another account", async () => {
    await using b = await listen("b", "foo");
    await using asker = await enter("a", { headers: true, no_responders: true });
    await asker.says("SUB in 1\r\nPUB foo in 0\r\n\r\n");
    await asker.hears("HMSG in 1 35 35\r\nNATS/1.0 503\r\nNats-Subject: foo\r\n\r\n\r\n");
    await b.silent();
  });

  test("keep apart what a wildcard of one and a subject of another have in common", async () => {
    await using a = await listen("a", "foo.*", "*.bar");
    await using b = await listen("b", "foo.bar");
    await b.says("PUB foo.bar 2\r\nhi\r\n");
    await b.hears("MSG foo.bar 1 2\r\nhi\r\n");
    await a.silent();
    await b.says("UNSUB 1\r\nPUB foo.bar 2\r\nhi\r\n");
    await b.silent();
    await a.says("PUB foo.bar 2\r\nhi\r\n");
    const copies = [await a.hearsMessage(), await a.hearsMessage()];
    expect(copies.map(({ sid }) => sid).sort()).toEqual(["1", "2"]);
  });

  test("are named in the INFO after the login", async () => {
    for (const [user, account] of [
      ["a", "A"],
      ["g", "$G"],
    ] as const) {
      await using client = await enter(user, { protocol: 1 });
      const info = await client.hearsInfo();
      expect(info).toMatchObject({ connect_info: true, remote_account: account });
      expect(info).not.toHaveProperty("acc_is_sys");
    }
  });

  test("are not for a client to choose", () =>
    expectRefused(server.port, connectLine({ user: "a", pass: "p", account: "B" })));

  test("are changed with a second CONNECT, and all subscriptions go", async () => {
    await using a = await listen("a2", "foo");
    await using b = await listen("b", "foo");
    await using client = await listen("a", "foo");
    await client.says(connectLine({ user: "b" }) + MESSAGE);
    await client.silent();
    await b.hears(heard());
    await a.silent();
    await a.says(MESSAGE);
    await a.hears(heard());
    await client.says("SUB foo 2\r\n" + MESSAGE);
    await client.hears(heard(2));
    await b.hears(heard());
    await a.silent();
  });

  test("lose the subscriptions of a client that leaves", async () => {
    await using a = await enter("a2", { headers: true, no_responders: true });
    {
      await using leaving = await listen("a", "foo");
      leaving.shutdown();
      await leaving.hearsClose();
      await server.logged(
        new RegExp(
          `cid:${String(leaving.info["client_id"])} - .*Client connection closed: Client Closed`,
        ),
      );
    }
    await a.says("SUB in 1\r\nPUB foo in 0\r\n\r\n");
    await a.hears("HMSG in 1 35 35\r\nNATS/1.0 503\r\nNats-Subject: foo\r\n\r\n\r\n");
  });
});

describe("the system account", () => {
  test("keeps its subjects to itself", async () => {
    await using server = await startConfigured(`system_account: SYS\naccounts {
      SYS { users: [ { user: s, password: p } ] }, A { users: [ { user: a, password: p } ] }
    }`);
    await using system = await join(server.port, { user: "s", pass: "p", protocol: 1 });
    expect(await system.hearsInfo()).toMatchObject({ remote_account: "SYS", acc_is_sys: true });
    await system.says("SUB $SYS.foo 1\r\n");
    await system.silent();
    await using client = await join(server.port, { user: "a", pass: "p" });
    await client.says("SUB $SYS.foo 1\r\nPUB $SYS.foo 2\r\nhi\r\n");
    await client.hears("MSG $SYS.foo 1 2\r\nhi\r\n");
    await system.silent();
    await system.says("PUB $SYS.foo 2\r\nhi\r\n");
    await system.hears("MSG $SYS.foo 1 2\r\nhi\r\n");
    await client.silent();
  });

  test("alone may publish what the servers elect with", async () => {
    await using server = await startConfigured(`system_account: SYS\naccounts {
      SYS { users: [ { user: s, password: p } ] }, A { users: [ { user: a, password: p } ] }
    }`);
    await using system = await join(server.port, { user: "s", pass: "p" });
    await system.says("PUB $NRG.x 0\r\n\r\n");
    await system.silent();
    await using client = await join(server.port, { user: "a", pass: "p" });
    await client.says("PUB $NRG.x 0\r\n\r\n");
    await client.hears(`-ERR 'Permissions Violation for Publish to "$NRG.x"'\r\n`);
  });

  test("with users beside an account without any lets nobody in without credentials", async () => {
    await using server = await startConfigured(
      `accounts { $SYS { users: [ { user: s, password: p } ] }, A {} }`,
    );
    await expectRefused(server.port, connectLine());
    await expectRefused(server.port, "PING\r\n");
  });
});
