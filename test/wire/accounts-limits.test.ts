// What all clients of an account may use together or each: connections, subscriptions, payloads (auth.md §8.1).
import { afterAll, describe, expect, test } from "bun:test";
import { expectRefused, startConfigured } from "../support/configured.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";

describe("an account's limit", async () => {
  const server =
    await startConfigured(`debug: true\nmax_payload: 64\nmax_subscriptions: 4\naccounts {
    TWO { limits: { max_connections: 2 }, users: [ { user: two, password: p }, { user: too, password: p } ] }
    NONE { limits: { max_conn: 0 }, users: [ { user: none, password: p } ] }
    ANY { limits: { max_connections: -1, max_subs: -1, max_pay: -1 }, users: [ { user: any, password: p } ] }
    SUBS { limits: { max_subscriptions: 1 }, users: [ { user: subs, password: p } ] }
    NOSUBS { limits: { max_subs: 0 }, users: [ { user: nosubs, password: p } ] }
    PAY { limits: { max_payload: 4 }, users: [ { user: pay, password: p } ] }
    BIG { limits: { max_payload: 1000, max_subs: 100 }, users: [ { user: big, password: p } ] }
  }`);
  afterAll(() => server[Symbol.asyncDispose]());
  const FULL = "maximum account active connections exceeded";
  const TOO_MANY = "-ERR 'maximum subscriptions exceeded'\r\n";
  const enter = (user: string, options: object = {}): Promise<WireClient> =>
    join(server.port, { user, pass: "p", ...options });
  const closed = (client: WireClient, reason: string): Promise<string> =>
    server.logged(
      new RegExp(`cid:${String(client.info["client_id"])} - .*connection closed: ${reason}$`),
    );

  test("of connections counts those of all its users, and those that leave make room", async () => {
    await using first = await enter("two");
    {
      await using second = await enter("too");
      await using third = await connect(server.port);
      await third.says(connectLine({ user: "two", pass: "p" }));
      await third.hears(`-ERR '${FULL}'\r\n`);
      await third.hearsClose();
      await closed(third, "Maximum Account Connections Exceeded");
      await expectRefused(server.port, connectLine({ user: "two", pass: "x" }));
      await second.silent();
      second.shutdown();
      await second.hearsClose();
      await closed(second, "Client Closed");
    }
    await using fourth = await enter("too");
    await fourth.silent();
    await first.silent();
  });

  test("of connections holds for who comes from another account", async () => {
    await using mover = await enter("any");
    await using first = await enter("two");
    await using second = await enter("two");
    await mover.says(connectLine({ user: "two" }));
    await mover.hears(`-ERR '${FULL}'\r\n`);
    await mover.hearsClose();
    await closed(mover, "Maximum Account Connections Exceeded");
    for (const client of [first, second]) {
      await client.silent();
      client.shutdown();
      await client.hearsClose();
      await closed(client, "Client Closed");
    }
  });

  test("of connections that is 0 lets in nobody, a negative one anybody", async () => {
    await expectRefused(server.port, connectLine({ user: "none", pass: "p" }), FULL);
    await using client = await enter("any");
    await client.silent();
  });

  test("of subscriptions counts those of each connection", async () => {
    await using first = await enter("subs");
    await using second = await enter("subs");
    for (const client of [first, second]) {
      await client.says("SUB foo 1\r\nSUB bar 2\r\n");
      await client.hears(TOO_MANY);
      await client.says("UNSUB 1\r\nSUB bar 2\r\nPUB bar 2\r\nhi\r\n");
      await client.hears("MSG bar 2 2\r\nhi\r\n");
      await client.says("UNSUB 2\r\n");
      await client.silent();
    }
  });

  test("of subscriptions that is 0 sends everybody away", async () => {
    await using client = await connect(server.port);
    await client.says(connectLine({ user: "nosubs", pass: "p" }));
    await client.hears(TOO_MANY);
    await client.hearsClose();
    await closed(client, "Maximum Subscriptions Exceeded");
  });

  test("of a payload is told in INFO and kept", async () => {
    await using client = await enter("pay", { protocol: 1 });
    expect(client.info["max_payload"]).toBe(64);
    expect((await client.hearsInfo())["max_payload"]).toBe(4);
    await client.says("PUB x 4\r\nabcd\r\n");
    await client.silent();
    await client.says("PUB x 5\r\nabcde\r\n");
    await client.hears("-ERR 'Maximum Payload Violation'\r\n");
    await client.hearsClose();
    await closed(client, "Maximum Message Payload Exceeded");
  });

  test("of a payload holds for a payload in the same packet as the login", async () => {
    await using client = await connect(server.port);
    await client.says(`${connectLine({ user: "pay", pass: "p" })}PUB x 5\r\nabcde\r\n`);
    await client.hears("-ERR 'Maximum Payload Violation'\r\n");
    await client.hearsClose();
  });

  test("beyond the server's does not count", async () => {
    for (const user of ["big", "any"]) {
      await using client = await enter(user, { protocol: 1 });
      expect((await client.hearsInfo())["max_payload"]).toBe(64);
      await client.says("SUB x 1\r\nSUB x 2\r\nSUB x 3\r\nSUB x 4\r\nSUB x 5\r\n");
      await client.hears(TOO_MANY);
      await client.says("PUB y 65\r\n");
      await client.hears("-ERR 'Maximum Payload Violation'\r\n");
      await client.hearsClose();
    }
  });

  test("changes with the account", async () => {
    await using client = await enter("pay");
    await client.says(`${connectLine({ user: "any" })}PUB x 5\r\nabcde\r\n`);
    await client.silent();
    await client.says(`${connectLine({ user: "pay" })}PUB x 5\r\nabcde\r\n`);
    await client.hears("-ERR 'Maximum Payload Violation'\r\n");
    await client.hearsClose();
  });
});
