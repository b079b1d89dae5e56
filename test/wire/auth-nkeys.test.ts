// Users known by a key pair, who sign the server's nonce, and who those are that say nothing about
// themselves (auth.md §1.3, §6, §7).
import { afterAll, describe, expect, test } from "bun:test";
import { expectAdmitted, startConfigured } from "../support/configured.ts";
import { base64url, newNkey, type Nkey, sign } from "../support/nkeys.ts";
import { secret } from "../support/secrets.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";

const VIOLATION = "-ERR 'Authorization Violation'\r\n";
const [key, other, stranger] = [newNkey(), newNkey(), newNkey()];
const password = secret();

/** The options of a login with this key and signature. */
function signed(client: WireClient, by: Nkey, as = by): { nkey: string; sig: string } {
  return { nkey: as.nkey, sig: base64url(sign(by, nonceOf(client))) };
}

const nonceOf = (client: WireClient) => String(client.info["nonce"]);

describe("users with nkeys", async () => {
  const server = await startConfigured(`authorization { users: [
    { nkey: ${key.nkey} }, { nkey: ${other.nkey}, permissions: { publish: "foo" } }
    { user: a, password: "${password}" }
  ] }`);
  afterAll(() => server[Symbol.asyncDispose]());

  /** Says the options that this makes, and hears a PONG or that it must go. */
  async function tries(options: (client: WireClient) => object, admitted: boolean): Promise<void> {
    await using client = await connect(server.port);
    await client.says(connectLine(options(client)) + "PING\r\n");
    await client.hears(admitted ? "PONG\r\n" : VIOLATION);
    if (!admitted) await client.hearsClose();
  }

  test("get a nonce of 15 characters, another one each time, and only once", async () => {
    const nonces = new Set<unknown>();
    for (let count = 0; count < 20; count++) {
      await using client = await connect(server.port);
      expect(client.info["nonce"]).toMatch(/^[\w-]{15}$/);
      nonces.add(client.info["nonce"]);
    }
    expect(nonces.size).toBe(20);
    await using client = await join(server.port, { user: "a", pass: password, protocol: 1 });
    expect(await client.hearsInfo()).not.toHaveProperty("nonce");
  });

  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const decoded = (client: WireClient) => Buffer.from(nonceOf(client), "base64url");

  const ADMITTED: Readonly<Record<string, (client: WireClient) => object>> = {
    "with a signature": (client) => signed(client, key),
    "with a signature in plain base64": (client) => ({
      nkey: key.nkey,
      sig: base64(sign(key, nonceOf(client))),
    }),
    "whatever else they say": (client) => ({ ...signed(client, key), user: "a", pass: "x" }),
    "beside users with passwords": () => ({ user: "a", pass: password }),
  };
  for (const [how, options] of Object.entries(ADMITTED))
    test(`log in ${how}`, () => tries(options, true));

  const REFUSED: Readonly<Record<string, (client: WireClient) => object>> = {
    "without a signature": () => ({ nkey: key.nkey }),
    "with an empty signature": () => ({ nkey: key.nkey, sig: "" }),
    "with what is no base64": () => ({ nkey: key.nkey, sig: "%%%" }),
    "with somebody else's signature": (client) => signed(client, other, key),
    "with a signature of another nonce": () => ({ nkey: key.nkey, sig: base64url(sign(key, "x")) }),
    "with a signature of the decoded nonce": (client) => ({
      nkey: key.nkey,
      sig: base64url(sign(key, decoded(client))),
    }),
    "with a padded signature that is no plain base64": (client) => ({
      nkey: key.nkey,
      sig: `${base64url(sign(key, nonceOf(client))).replace(/^./, "-")}==`,
    }),
    "with half of a signature": (client) => ({
      nkey: key.nkey,
      sig: base64url(sign(key, nonceOf(client)).subarray(0, 32)),
    }),
    "with a key that nobody knows": (client) => signed(client, stranger),
    "with a key that nobody knows and a right password": (client) => ({
      ...signed(client, stranger),
      user: "a",
      pass: password,
    }),
    "with a signature and no key": (client) => ({ sig: signed(client, key).sig }),
    "with the key as user": () => ({ user: key.nkey, pass: "" }),
    "with nothing": () => ({}),
  };
  for (const [how, options] of Object.entries(REFUSED))
    test(`do not log in ${how}`, () => tries(options, false));

  test("have their permissions and are named in the log", async () => {
    await using client = await connect(server.port);
    await client.says(`${connectLine(signed(client, other))}PUB foo 0\r\n\r\nPUB bar 0\r\n\r\n`);
    await client.hears(`-ERR 'Permissions Violation for Publish to "bar"'\r\n`);
    await server.logged(new RegExp(`"\\$G/nkey:${other.nkey}" - Publish Violation`));
  });

  test("stay who they are with a second CONNECT that says no more", async () => {
    await using client = await connect(server.port);
    await client.says(connectLine(signed(client, key)) + connectLine());
    await client.silent();
  });
});

test("no nonce is given where nobody has an nkey", async () => {
  await using server = await startConfigured(`authorization { user: a, password: b }`);
  await using client = await connect(server.port);
  expect(client.info).not.toHaveProperty("nonce");
});

describe("nobody in particular", () => {
  const RULES = `{ publish: "foo", subscribe: "foo" }`;
  const users = `authorization { users: [
    { user: n, password: "${password}", permissions: ${RULES} }
    { nkey: ${key.nkey}, permissions: ${RULES} }
    { user: all, password: "${password}" }
    { user: ws, password: "${password}", allowed_connection_types: ["WEBSOCKET"] }
  ] }`;

  async function hears(port: number, says: string, expected: string): Promise<void> {
    await using client = await connect(port);
    await client.says(says);
    await client.hears(expected);
    if (expected === VIOLATION) await client.hearsClose();
  }

  describe("is a user", async () => {
    const server = await startConfigured(`no_auth_user: n\n${users}`);
    afterAll(() => server[Symbol.asyncDispose]());
    const { port } = server;

    test("with that user's permissions, and INFO asks for no credentials", async () => {
      await using client = await join(port);
      expect(client.info).not.toHaveProperty("auth_required");
      await client.says("SUB foo 1\r\nPUB foo 2\r\nhi\r\nPUB bar 2\r\nhi\r\nSUB bar 2\r\n");
      await client.hears("MSG foo 1 2\r\nhi\r\n");
      await client.hears(`-ERR 'Permissions Violation for Publish to "bar"'\r\n`);
      await client.hears(`-ERR 'Permissions Violation for Subscription to "bar"'\r\n`);
    });

    test("without CONNECT, too", async () => {
      await hears(port, "PING\r\n", "PONG\r\n");
      await hears(port, "SUB foo 1\r\nPUB foo 2\r\nhi\r\n", "+OK\r\n+OK\r\nMSG foo 1 2\r\nhi\r\n");
      await hears(
        port,
        "PUB bar 0\r\n\r\n",
        `-ERR 'Permissions Violation for Publish to "bar"'\r\n`,
      );
      await hears(port, "FOO\r\n", "-ERR 'Unknown Protocol Operation'\r\n");
    });

    test("but not who gives credentials, as few as they be", async () => {
      for (const options of [
        { user: "n" },
        { user: "n", pass: "x" },
        { user: "x", pass: "x" },
        { pass: password },
        { auth_token: "x" },
      ])
        await hears(port, connectLine(options), VIOLATION);
    });

    test("unless they are right", async () => {
      await expectAdmitted(port, connectLine({ user: "n", pass: password }));
      await expectAdmitted(port, connectLine({ user: "all", pass: password }));
    });

    test("until a CONNECT says more", async () => {
      await using client = await connect(port);
      await client.says("PING\r\n" + connectLine({ user: "all", pass: password }));
      await client.hears("PONG\r\n");
      await client.says("SUB bar 1\r\nPUB bar 2\r\nhi\r\n");
      await client.hears("MSG bar 1 2\r\nhi\r\n");
    });

    test("until a CONNECT says something wrong", () =>
      hears(port, "PING\r\n" + connectLine({ user: "all", pass: "x" }), "PONG\r\n" + VIOLATION));
  });

  describe("has an nkey", async () => {
    const server = await startConfigured(`no_auth_user: ${key.nkey}\n${users}`);
    afterAll(() => server[Symbol.asyncDispose]());

    test("with its permissions and without its signature", async () => {
      await using client = await join(server.port);
      expect(client.info).not.toHaveProperty("auth_required");
      await client.says("SUB foo 1\r\nPUB foo 2\r\nhi\r\nPUB bar 2\r\nhi\r\n");
      await client.hears("MSG foo 1 2\r\nhi\r\n");
      await client.hears(`-ERR 'Permissions Violation for Publish to "bar"'\r\n`);
    });

    test("but only after CONNECT", () => hears(server.port, "PING\r\n", VIOLATION));
  });

  test("is of an account", async () => {
    await using server = await startConfigured(`no_auth_user: n
      accounts { A { users: [ { user: n, password: "${password}" } ] } }
      authorization { users: [ { user: g, password: "${password}" } ] }`);
    await using client = await join(server.port, { protocol: 1 });
    expect((await client.hearsInfo())["remote_account"]).toBe("A");
    await using elsewhere = await join(server.port, { user: "g", pass: password });
    await elsewhere.says("SUB foo 1\r\n");
    await elsewhere.silent();
    await client.says("PUB foo 0\r\n\r\n");
    await client.silent();
    await elsewhere.silent();
  });

  test("is nobody at all when its user may not connect like this", async () => {
    await using server = await startConfigured(`no_auth_user: ws\n${users}`);
    await hears(server.port, connectLine(), VIOLATION);
    await hears(server.port, "PING\r\n", VIOLATION);
  });

  test("is somebody in $G where only the system account has users", async () => {
    await using server = await startConfigured(
      `accounts { $SYS { users: [ { user: s, password: "${password}" } ] } }`,
    );
    await using client = await join(server.port, { protocol: 1 });
    expect(client.info["auth_required"]).toBe(true);
    expect((await client.hearsInfo())["remote_account"]).toBe("$G");
    await hears(server.port, "PING\r\n", "PONG\r\n");
    await hears(server.port, connectLine({ user: "s", pass: "x" }), VIOLATION);
    await hears(server.port, connectLine({ user: "x" }), VIOLATION);
    await hears(server.port, connectLine({ auth_token: "x" }), VIOLATION);
    await using system = await join(server.port, { user: "s", pass: password, protocol: 1 });
    expect(await system.hearsInfo()).toMatchObject({ remote_account: "$SYS", acc_is_sys: true });
  });
});
