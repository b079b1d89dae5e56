// A reload that changes who may log in: every client is judged anew by what it said at its login, and stays,
// or hears that it is wrong now, or has to come back as somebody else (auth.md §10).
import { describe, test } from "bun:test";
import { A, account, accounts, B, bcrypt, users } from "../support/access-config.ts";
import { expectAdmitted, expectRefused, startConfigured } from "../support/configured.ts";
import { newNkey } from "../support/nkeys.ts";
import { inScene, joinWithKey } from "../support/reload-scene.ts";
import { midgeOnly } from "../support/server.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";

const VIOLATION = "-ERR 'Authorization Violation'\r\n";
const MESSAGE = "PUB foo 2\r\nhi\r\n";
const HEARD = "MSG foo 1 2\r\nhi\r\n";
const LOGIN = { user: "a", pass: "p" };
const key = newNkey();

describe("who may log in no longer is told so and sent away", () => {
  const CHANGES: readonly [what: string, before: string, options: object, after: string][] = [
    ["another password", users(A), LOGIN, users(`{ user: a, password: q }`)],
    [
      "a hash of another password",
      users(A),
      LOGIN,
      users(`{ user: a, password: "${bcrypt("q")}" }`),
    ],
    [
      "another hash",
      users(`{ user: a, password: "${bcrypt("p")}" }`),
      LOGIN,
      users(`{ user: a, password: "${bcrypt("q")}" }`),
    ],
    [
      "another token",
      `authorization { token: t }`,
      { auth_token: "t" },
      `authorization { token: u }`,
    ],
    [
      "other kinds of connection",
      users(A),
      LOGIN,
      users(`{ user: a, password: p, connection_types: ["WEBSOCKET"] }`),
    ],
    ["users where there were none", "", {}, users(A)],
    ["a token where there was none", "", {}, `authorization { token: t }`],
  ];
  for (const [what, before, options, after] of CHANGES)
    test(`with ${what}`, () =>
      inScene(before, options, async (client, server) => {
        await server.reload(after);
        await client.hears(VIOLATION);
        await client.hearsClose();
        await expectRefused(server.port, connectLine(options));
      }));

  test("also who never said CONNECT", async () => {
    await using server = await startConfigured("");
    await using client = await connect(server.port);
    await client.says("SUB foo 1\r\n");
    await client.hears("+OK\r\n");
    await server.reload(users(A));
    await client.hears(VIOLATION);
    await client.hearsClose();
  });
});

describe("who is gone or somewhere else is sent away without a word", () => {
  const CHANGES: readonly [what: string, before: string, after: string, back: boolean][] = [
    ["its user is removed", users(A, B), users(B), false],
    ["its user is renamed", users(A), users(`{ user: c, password: p }`), false],
    [
      "its account is removed",
      accounts(account("X", A), account("Y", B)),
      accounts(account("Y", B)),
      false,
    ],
    [
      "its user is moved to another account",
      accounts(account("X", A), account("Y", B)),
      accounts(account("X", B), account("Y", A)),
      true,
    ],
    ["its user is moved into an account", users(A), accounts(account("X", A)), true],
    ["its user is moved out of an account", accounts(account("X", A)), users(A), true],
  ];
  for (const [what, before, after, back] of CHANGES)
    test(`when ${what}`, () =>
      inScene(before, LOGIN, async (client, server) => {
        await server.reload(after);
        await client.hearsClose();
        await (back ? expectAdmitted : expectRefused)(server.port, connectLine(LOGIN));
      }));

  test("when its nkey is removed", async () => {
    await using server = await startConfigured(users(A, `{ nkey: ${key.nkey} }`));
    await using client = await joinWithKey(server, key);
    await server.reload(users(A));
    await client.hearsClose();
  });
});

describe("who is still right stays and notices nothing", () => {
  const hash = bcrypt("p");
  const CHANGES: readonly [what: string, before: string, options: object, after: string][] = [
    ["nothing is changed", users(A), LOGIN, users(A)],
    ["somebody is added", users(A), LOGIN, users(A, B)],
    ["somebody else is removed", users(A, B), LOGIN, users(A)],
    [
      "somebody else has another password",
      users(A, B),
      LOGIN,
      users(A, `{ user: b, password: q }`),
    ],
    ["one user becomes one of many", `authorization { user: a, password: p }`, LOGIN, users(A, B)],
    [
      "its hash stays",
      users(`{ user: a, password: "${hash}" }`),
      LOGIN,
      users(B, `{ user: a, password: "${hash}" }`),
    ],
    ["its password becomes a hash", users(A), LOGIN, users(`{ user: a, password: "${hash}" }`)],
    [
      "its hash becomes another of the same password",
      users(`{ user: a, password: "${hash}" }`),
      LOGIN,
      users(`{ user: a, password: "${bcrypt("p")}" }`),
    ],
    [
      "its token stays",
      `authorization { token: t }`,
      { auth_token: "t" },
      `authorization { token: t, timeout: 1 }`,
    ],
    [
      "an account is added",
      accounts(account("X", A)),
      LOGIN,
      accounts(account("X", A), account("Y", B)),
    ],
    [
      "nobody stays the same user",
      `no_auth_user: a\n${users(A, B)}`,
      {},
      `no_auth_user: a\n${users(A)}`,
    ],
    ["users appear that it had named before", "", LOGIN, users(A)],
    ["an open server stays open", "", {}, "max_payload: 1000"],
  ];
  for (const [what, before, options, after] of CHANGES)
    test(`when ${what}`, () =>
      inScene(before, options, async (client, server) => {
        await server.reload(after);
        await client.says(MESSAGE);
        await client.hears(HEARD);
        await expectAdmitted(server.port, connectLine(options));
        await client.silent();
      }));

  test("when its nkey stays", async () => {
    await using server = await startConfigured(users(A, `{ nkey: ${key.nkey} }`));
    await using client = await joinWithKey(server, key);
    await server.reload(users(B, `{ nkey: ${key.nkey} }`));
    await client.says("SUB foo 1\r\n" + MESSAGE);
    await client.hears(HEARD);
  });

  midgeOnly("when the server becomes open", "nats-server sends away whoever gave a name", () =>
    inScene(users(A), LOGIN, async (client, server) => {
      await server.reload("");
      await client.says(MESSAGE);
      await client.hears(HEARD);
      await expectAdmitted(server.port, "");
    }),
  );

  test("and some hundred of them with hashes, while others talk", async () => {
    const hashed = users(`{ user: a, password: "${hash}" }`, B);
    await using server = await startConfigured(hashed);
    await using stack = new AsyncDisposableStack();
    const crowd: WireClient[] = [];
    for (let count = 0; count < 200; count++) crowd.push(stack.use(await join(server.port, LOGIN)));
    await using neighbour = await join(server.port, { user: "b", pass: "p" });
    await server.reload(users(`{ user: a, password: "${bcrypt("p")}" }`, B));
    await neighbour.says("SUB foo 1\r\n" + MESSAGE);
    await neighbour.hears(HEARD);
    for (const client of crowd) await client.silent();
  });
});

midgeOnly(
  "who has not logged in yet is judged by the new configuration",
  "nats-server sends away who did not come to log in",
  async () => {
    await using server = await startConfigured(users(A));
    await using early = await connect(server.port);
    await using other = await connect(server.port);
    await server.reload(users(B));
    await early.says(connectLine({ user: "b", pass: "p" }));
    await early.silent();
    await other.says(connectLine(LOGIN));
    await other.hears(VIOLATION);
    await other.hearsClose();
  },
);
