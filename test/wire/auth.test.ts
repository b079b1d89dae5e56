// Logging in with a user name or a token: when that is required, in which time, and what those hear who
// must go (auth.md §1, §15, §16).
import { afterAll, describe, expect, test } from "bun:test";
import { expectAdmitted, expectRefused, startConfigured } from "../support/configured.ts";
import { secret } from "../support/secrets.ts";
import { connect, connectLine, join } from "../support/wire.ts";

const VIOLATION = "-ERR 'Authorization Violation'\r\n";
const login = (user: string, pass: string) => connectLine({ user, pass });

describe("credentials are required", () => {
  const ANSWERS: readonly { name: string; config: string; required: boolean }[] = [
    { name: "by one user", config: `authorization { user: a, password: b }`, required: true },
    { name: "by one user without a password", config: `authorization { user: a }`, required: true },
    { name: "by a token", config: `authorization { token: t }`, required: true },
    {
      name: "by a list of users",
      config: `authorization { users: [ { user: a, password: b } ] }`,
      required: true,
    },
    {
      name: "by users of an account",
      config: `accounts { A { users: [ { user: a, password: b } ] } }`,
      required: true,
    },
    { name: "not without access control", config: "", required: false },
    {
      name: "not by an empty list of users",
      config: `authorization { users: [] }`,
      required: false,
    },
    { name: "not by accounts without users", config: `accounts: [A, B]`, required: false },
    { name: "not by a time-out alone", config: `authorization { timeout: 1 }`, required: false },
  ];

  for (const { name, config, required } of ANSWERS)
    test(`${name}, and INFO says so`, async () => {
      await using server = await startConfigured(config);
      await using client = await connect(server.port);
      expect(client.info["auth_required"]).toBe(required ? true : undefined);
      if (required) {
        await expectRefused(server.port, connectLine());
        await expectRefused(server.port, login("x", "y"));
        await expectRefused(server.port, connectLine({ auth_token: "x" }));
      } else {
        await expectAdmitted(server.port, connectLine());
        await expectAdmitted(server.port, login("x", "y"));
        await expectAdmitted(server.port, connectLine({ auth_token: "x" }));
        await expectAdmitted(server.port, "");
      }
    });
});

describe("one user", async () => {
  const password = secret();
  const server = await startConfigured(`authorization { user: a, password: "${password}" }`);
  afterAll(() => server[Symbol.asyncDispose]());
  const { port } = server;

  test("logs in and can do everything", async () => {
    await using client = await join(port, { user: "a", pass: password });
    await client.says("SUB > 1\r\nPUB foo 2\r\nhi\r\n");
    await client.hears("MSG foo 1 2\r\nhi\r\n");
  });

  for (const [name, options] of Object.entries({
    "a wrong password": { user: "a", pass: "x" },
    "a password that begins right": { user: "a", pass: password.slice(0, -1) },
    "a password with more after it": { user: "a", pass: `${password}x` },
    "a wrong user": { user: "b", pass: password },
    "the user in upper case": { user: "A", pass: password },
    "no password": { user: "a" },
    "no user": { pass: password },
    "a token": { auth_token: password },
    "an account to log in to": { user: "a", pass: password, account: "A" },
    "the wish for a new account": { user: "a", pass: password, new_account: true },
  }))
    test(`does not log in with ${name}`, () => expectRefused(port, connectLine(options)));

  for (const [name, words] of Object.entries({
    PING: "PING\r\n",
    "a publish": "PUB foo 2\r\nhi\r\n",
    "a subscription": "SUB foo 1\r\n",
    "an unknown word": "FOO\r\n",
    "an empty line": "\r\n",
    "a byte of TLS": "\x16\x03\x01",
    "a first byte alone": "P",
  }))
    test(`nobody begins with ${name}`, () => expectRefused(port, words));

  test("only the first byte is looked at before the login", () =>
    expectRefused(port, "CONX\r\n", "Unknown Protocol Operation"));

  test("the verb may come in small letters and byte by byte", async () => {
    await using client = await connect(port);
    for (const byte of `connect {"verbose":false,"user":"a","pass":"${password}"}\r\n`)
      await client.says(byte);
    await client.silent();
  });

  test("what follows a login in the same packet counts", async () => {
    await using client = await connect(port);
    await client.says(`${login("a", password)}SUB foo 1\r\nPUB foo 2\r\nhi\r\nPING\r\n`);
    await client.hears("MSG foo 1 2\r\nhi\r\nPONG\r\n");
  });

  test("what follows a refused login in the same packet does not", async () => {
    await using witness = await join(port, { user: "a", pass: password });
    await witness.says("SUB foo 1\r\n");
    await witness.silent();
    await expectRefused(port, `${login("a", "x")}PUB foo 2\r\nhi\r\n`);
    await expectRefused(port, `${login("a", "x")}${login("a", password)}PUB foo 2\r\nhi\r\n`);
    await witness.silent();
  });

  test("a second CONNECT is judged with what the first one said", async () => {
    await using client = await join(port, { user: "a", pass: password });
    await client.says(connectLine());
    await client.silent();
    await client.says(connectLine({ pass: "x" }));
    await client.hears(VIOLATION);
    await client.hearsClose();
  });

  test("a second CONNECT drops the subscriptions", async () => {
    await using client = await join(port, { user: "a", pass: password });
    await client.says(`SUB foo 1\r\n${login("a", password)}PUB foo 2\r\nhi\r\n`);
    await client.silent();
  });

  test("a wrong password is worse than a protocol that there is not", async () => {
    await expectRefused(port, connectLine({ user: "a", pass: "x", protocol: 2 }));
    const right = { user: "a", pass: password, protocol: 2 };
    await expectRefused(port, connectLine(right), "invalid client protocol");
  });

  test("who logged in verbosely hears +OK", async () => {
    await using client = await connect(port);
    await client.says(`CONNECT {"user":"a","pass":"${password}"}\r\n`);
    await client.hears("+OK\r\n");
  });
});

describe("a token", async () => {
  // Sent as a user name it shows up in the log, as user names do: it is none of the secrets looked for.
  // Also sent as a user name, which logs show: too short to be looked for as a secret.
  const token = "tok-en";
  const server = await startConfigured(`authorization { token: "${token}" }`);
  afterAll(() => server[Symbol.asyncDispose]());

  test("lets in who has it, whatever else is said", async () => {
    await expectAdmitted(server.port, connectLine({ auth_token: token }));
    await expectAdmitted(server.port, connectLine({ auth_token: token, user: "a", pass: "b" }));
  });

  for (const [name, options] of Object.entries({
    "another one": { auth_token: "x" },
    "an empty one": { auth_token: "" },
    "it as user": { user: token },
    "it as password": { pass: token },
    "it as both": { user: token, pass: token },
  }))
    test(`keeps out who has ${name}`, () => expectRefused(server.port, connectLine(options)));
});

describe("users", async () => {
  const [one, two] = [secret(), secret()];
  const server = await startConfigured(`authorization { users: [
    { user: one, password: "${one}" }, { username: "two words", pass: "${two}" }, { user: none }
    { user: ws, password: "${one}", allowed_connection_types: ["WEBSOCKET", "MQTT"] }
    { user: std, password: "${one}", allowed_connection_types: ["standard"] }
  ] }`);
  afterAll(() => server[Symbol.asyncDispose]());

  test("log in with their own passwords", async () => {
    await expectAdmitted(server.port, login("one", one));
    await expectAdmitted(server.port, login("two words", two));
    await expectRefused(server.port, login("one", two));
    await expectRefused(server.port, login("two words", one));
    await expectRefused(server.port, login("three", one));
  });

  test("without a password log in with an empty one", async () => {
    await expectAdmitted(server.port, connectLine({ user: "none" }));
    await expectAdmitted(server.port, login("none", ""));
    await expectRefused(server.port, login("none", "x"));
  });

  test("log in only by the kinds of connection that they are allowed", async () => {
    await expectRefused(server.port, login("ws", one));
    await expectAdmitted(server.port, login("std", one));
  });

  test("whose names every object has are not there", async () => {
    for (const name of ["__proto__", "constructor", "toString"])
      await expectRefused(server.port, login(name, ""));
  });

  test("change with a second CONNECT, which is judged in full", async () => {
    await using client = await join(server.port, { user: "one", pass: one });
    await client.says(login("two words", two));
    await client.silent();
    await client.says(connectLine({ user: "one" }));
    await client.hears(VIOLATION);
    await client.hearsClose();
  });
});

describe("the time to log in", () => {
  const config = `debug: true\nauthorization { user: a, password: b, timeout: 0.15 }`;

  test("ends for who says nothing, or half of a CONNECT", async () => {
    await using server = await startConfigured(config);
    await using silent = await connect(server.port);
    await using slow = await connect(server.port);
    await slow.says('CONNECT {"user":"a","pa');
    for (const client of [silent, slow]) {
      await client.hears("-ERR 'Authentication Timeout'\r\n");
      await client.hearsClose();
    }
    await server.logged(/Client connection closed: Authentication Timeout$/);
  });

  test("is of no matter to who has logged in, or need not", async () => {
    await using server = await startConfigured(config);
    await using open = await startConfigured("authorization { timeout: 0.05 }");
    await using client = await join(server.port, { user: "a", pass: "b" });
    await using anybody = await connect(open.port);
    await using late = await connect(server.port);
    await late.hears("-ERR 'Authentication Timeout'\r\n");
    await client.silent();
    await anybody.says("PING\r\n");
    await anybody.hears("PONG\r\n");
  });

  test("may be written as a duration", async () => {
    await using server = await startConfigured(`authorization { token: t, timeout: "50ms" }`);
    await using client = await connect(server.port);
    await client.hears("-ERR 'Authentication Timeout'\r\n");
    await client.hearsClose();
  });
});
