// A reload that changes what users may do and what accounts may use: clients keep what they may keep, and
// hear of what they lost (auth.md §10).
import { describe, expect, test } from "bun:test";
import { A, account, accounts, B, bcrypt, may, users } from "../support/access-config.ts";
import { startConfigured } from "../support/configured.ts";
import { newNkey } from "../support/nkeys.ts";
import { inScene, joinWithKey } from "../support/reload-scene.ts";
import { midgeOnly } from "../support/server.ts";
import { join, type WireClient } from "../support/wire.ts";

const MESSAGE = "PUB foo 2\r\nhi\r\n";
const HEARD = "MSG foo 1 2\r\nhi\r\n";
const LOGIN = { user: "a", pass: "p" };
const key = newNkey();

describe("what one may do", () => {
  const lost = (subject: string, sid: string, queue?: string) =>
    `-ERR 'Permissions Violation for Subscription to "${subject}"` +
    `${queue === undefined ? "" : ` using queue "${queue}"`} (sid "${sid}")'\r\n`;

  test("ends subscriptions that are allowed no more, and says which", () =>
    inScene(users(A), LOGIN, async (client, server) => {
      await client.says('SUB bar q 2\r\nSUB ok 3\r\nSUB odd"s q" s"4\r\n');
      await client.silent();
      await server.reload(users(may(`subscribe: "ok"`)));
      const wanted = [lost("foo", "1"), lost("bar", "2", "q"), lost('odd\\"s', 's\\"4', 'q\\"')];
      const heard = [await client.hearsItem(), await client.hearsItem(), await client.hearsItem()];
      expect(heard.sort()).toEqual(wanted.sort());
      await client.says("PUB foo 2\r\nhi\r\nPUB bar 2\r\nhi\r\nPUB ok 2\r\nhi\r\n");
      await client.hears("MSG ok 3 2\r\nhi\r\n");
      await client.silent();
    }));

  test("ends only the denied queue", () =>
    inScene(users(A), LOGIN, async (client, server) => {
      await client.says("SUB foo q 2\r\n");
      await client.silent();
      await server.reload(users(may(`subscribe: { deny: "foo q" }`)));
      await client.hears(lost("foo", "2", "q"));
      await client.says(MESSAGE);
      await client.hears(HEARD);
      await client.silent();
    }));

  test("makes nobody hear what is denied within a wildcard, until it is allowed again", () =>
    inScene(users(A), LOGIN, async (client, server) => {
      await client.says("SUB x.* 2\r\nPUB x.no 2\r\nhi\r\n");
      await client.hears("MSG x.no 2 2\r\nhi\r\n");
      await server.reload(users(may(`subscribe: { deny: "x.no" }`)));
      await client.says("PUB x.no 2\r\nhi\r\nPUB x.yes 2\r\nhi\r\n");
      await client.hears("MSG x.yes 2 2\r\nhi\r\n");
      await server.reload(users(A));
      await client.says("PUB x.no 2\r\nhi\r\n");
      await client.hears("MSG x.no 2 2\r\nhi\r\n");
    }));

  test("is less or more from the next publish on", () =>
    inScene(users(A), LOGIN, async (client, server) => {
      await server.reload(users(may(`publish: { deny: "foo" }`)));
      await client.says(MESSAGE);
      await client.hears(`-ERR 'Permissions Violation for Publish to "foo"'\r\n`);
      await server.reload(users(may(`publish: "foo"`)));
      await client.says(MESSAGE);
      await client.hears(HEARD);
    }));

  test("follows the defaults", () =>
    inScene(users(A), LOGIN, async (client, server) => {
      await server.reload(
        `authorization { users: [ ${A} ], default_permissions: { subscribe: "x" } }`,
      );
      await client.hears(lost("foo", "1"));
      await client.silent();
    }));

  test("counts for nobody in particular, too", () =>
    inScene(`no_auth_user: a\n${users(A)}`, {}, async (client, server) => {
      await server.reload(`no_auth_user: a\n${users(may(`subscribe: "x"`))}`);
      await client.hears(lost("foo", "1"));
      await client.silent();
    }));

  test("counts for a user whose password is a hash, too", () =>
    inScene(users(`{ user: a, password: "${bcrypt("p")}" }`), LOGIN, async (client, server) => {
      await server.reload(
        users(`{ user: a, password: "${bcrypt("p")}", permissions: { subscribe: "x" } }`),
      );
      await client.hears(lost("foo", "1"));
      await client.silent();
    }));

  test("counts for an nkey, too", async () => {
    await using server = await startConfigured(users(`{ nkey: ${key.nkey} }`));
    await using client = await joinWithKey(server, key);
    await client.says("SUB foo 1\r\n");
    await client.silent();
    await server.reload(users(`{ nkey: ${key.nkey}, permissions: { subscribe: "x" } }`));
    await client.hears(lost("foo", "1"));
    await client.silent();
  });

  test("forgets which answers were allowed", async () => {
    const responder = may(`subscribe: "svc", allow_responses: true`);
    await using server = await startConfigured(users(responder, B));
    await using client = await join(server.port, LOGIN);
    await client.says("SUB svc 1\r\n");
    await client.silent();
    await using asker = await join(server.port, { user: "b", pass: "p" });
    await asker.says("PUB svc in 2\r\nhi\r\n");
    await client.hears("MSG svc 1 in 2\r\nhi\r\n");
    await server.reload(users(may(`subscribe: "svc", publish: "x"`), B));
    await client.says("PUB in 2\r\nhi\r\n");
    await client.hears(`-ERR 'Permissions Violation for Publish to "in"'\r\n`);
  });
});

describe("what an account may use", () => {
  const X = (limits = "") => accounts(account("X", A, limits));

  test("counts for payloads at once", () =>
    inScene(X("max_payload: 2"), LOGIN, async (client, server) => {
      await server.reload(X("max_payload: 4"));
      await client.says("PUB foo 4\r\nabcd\r\n");
      await client.hears("MSG foo 1 4\r\nabcd\r\n");
      await server.reload(X("max_payload: 3"));
      await client.says("PUB foo 4\r\n");
      await client.hears("-ERR 'Maximum Payload Violation'\r\n");
      await client.hearsClose();
    }));

  test("counts for new subscriptions", () =>
    inScene(X("max_subs: 1"), LOGIN, async (client, server) => {
      await client.says("SUB bar 2\r\n");
      await client.hears("-ERR 'maximum subscriptions exceeded'\r\n");
      await server.reload(X("max_subs: 2"));
      await client.says("SUB bar 2\r\nPUB bar 2\r\nhi\r\n");
      await client.hears("MSG bar 2 2\r\nhi\r\n");
    }));

  test("sends away who has more subscriptions", () =>
    inScene(X(), LOGIN, async (client, server) => {
      await client.says("SUB bar 2\r\n");
      await client.silent();
      await server.reload(X("max_subs: 1"));
      await client.hears("-ERR 'maximum subscriptions exceeded'\r\n");
      await client.hearsClose();
    }));

  midgeOnly(
    "leaves alone who has just as many subscriptions as it may",
    "nats-server often sends it away whatever is changed",
    () =>
      inScene(X("max_subs: 1"), LOGIN, async (client, server) => {
        await server.reload(accounts(account("X", `${A}, ${B}`, "max_subs: 1")));
        await client.says(MESSAGE);
        await client.hears(HEARD);
        await client.silent();
      }),
  );

  test("lets in more connections", () =>
    inScene(X("max_connections: 1"), LOGIN, async (client, server) => {
      await server.reload(X("max_connections: 2"));
      await using second = await join(server.port, LOGIN);
      await second.silent();
      await client.silent();
    }));

  test("sends away connections that are too many, and no others", async () => {
    await using server = await startConfigured(accounts(account("X", A), account("Y", B)));
    await using other = await join(server.port, { user: "b", pass: "p" });
    await using stack = new AsyncDisposableStack();
    const crowd: WireClient[] = [];
    for (let count = 0; count < 5; count++) crowd.push(stack.use(await join(server.port, LOGIN)));
    await server.reload(accounts(account("X", A, "max_connections: 2"), account("Y", B)));
    const said = await Promise.all(
      crowd.map(async (client) => {
        await client.says("PING\r\n");
        return client.hearsLine();
      }),
    );
    expect(said.sort()).toEqual([
      ...Array(3).fill("-ERR 'maximum account active connections exceeded'"),
      ...Array(2).fill("PONG"),
    ]);
    await other.silent();
  });
});
