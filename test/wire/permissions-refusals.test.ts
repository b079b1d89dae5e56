// What one hears and the log says when something is not allowed (auth.md §5.4), and who has which permissions
// where users have none of their own.
import { afterAll, describe, expect, test } from "bun:test";
import { startConfigured } from "../support/configured.ts";
import { join } from "../support/wire.ts";

describe("a refusal", async () => {
  const limited = `{ publish: "foo", subscribe: "foo" }`;
  const server = await startConfigured(`max_payload: 100\nauthorization { users: [
    { user: u, password: p, permissions: ${limited} }
    { user: all, password: p }
  ] }`);
  afterAll(() => server[Symbol.asyncDispose]());
  const user = { user: "u", pass: "p" };

  /** Says this with these options on top, hears just that, and may go on. */
  async function hears(says: string, expected: string, options: object = {}): Promise<void> {
    await using client = await join(server.port, { ...user, ...options });
    await client.says(says);
    await client.hears(expected);
    await client.silent();
  }

  test("is told once for each operation, and the connection stays", () =>
    hears(
      "PUB x 2\r\nhi\r\nPUB foo 2\r\nhi\r\nPUB y 2\r\nhi\r\nSUB y 1\r\nSUB foo 2\r\nPUB foo 2\r\nhi\r\n",
      `-ERR 'Permissions Violation for Publish to "x"'\r\n` +
        `-ERR 'Permissions Violation for Publish to "y"'\r\n` +
        `-ERR 'Permissions Violation for Subscription to "y"'\r\n` +
        "MSG foo 2 2\r\nhi\r\n",
    ));

  test("takes the place of +OK", async () => {
    await using client = await join(server.port, user);
    await client.says('CONNECT {"verbose":true,"pedantic":false}\r\n');
    await client.says("PUB x 2\r\nhi\r\nSUB x 1\r\nPUB foo _R_.x 2\r\nhi\r\nPUB foo 2\r\nhi\r\n");
    await client.hears(
      "+OK\r\n" +
        `-ERR 'Permissions Violation for Publish to "x"'\r\n` +
        `-ERR 'Permissions Violation for Subscription to "x"'\r\n` +
        `-ERR 'Permissions Violation for Publish with Reply of "_R_.x"'\r\n` +
        "+OK\r\n",
    );
  });

  test("comes after what a pedantic client hears of a subject", () =>
    hears(
      "PUB x.* 2\r\nhi\r\n",
      `-ERR 'Invalid Publish Subject'\r\n-ERR 'Permissions Violation for Publish to "x.*"'\r\n`,
      { pedantic: true },
    ));

  test("comes before any look at a subscription's subject", () =>
    hears("SUB x..y 1\r\n", `-ERR 'Permissions Violation for Subscription to "x..y"'\r\n`));

  test("comes before a reserved reply, and a payload that is too large before it", async () => {
    await hears("PUB x _R_.x 0\r\n\r\n", `-ERR 'Permissions Violation for Publish to "x"'\r\n`);
    await using client = await join(server.port, user);
    await client.says("PUB x 101\r\n");
    await client.hears("-ERR 'Maximum Payload Violation'\r\n");
    await client.hearsClose();
  });

  test("quotes what it names", () =>
    hears(
      'PUB a"b\\c\x01\xff 0\r\n\r\nSUB "\xff q" 1\r\n',
      `-ERR 'Permissions Violation for Publish to "a\\"b\\\\c\\x01\\xff"'\r\n` +
        `-ERR 'Permissions Violation for Subscription to "\\"\\xff" using queue "q\\""'\r\n`,
    ));

  test("holds for headers, too", () =>
    hears(
      "HPUB x 12 14\r\nNATS/1.0\r\n\r\nhi\r\nSUB foo 1\r\nHPUB foo 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
      `-ERR 'Permissions Violation for Publish to "x"'\r\nHMSG foo 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n`,
      { headers: true },
    ));

  test("is told in a trace of the message, if that may be published", async () => {
    const block = "NATS/1.0\r\nNats-Trace-Dest: foo\r\n\r\n";
    const says = (subject: string) =>
      `HPUB ${subject} ${block.length} ${block.length}\r\n${block}\r\n`;
    await using client = await join(server.port, { ...user, headers: true });
    await client.says(`SUB foo 1\r\n${says("bar")}`);
    const text = 'Permissions Violation for Publish to "bar"';
    await client.hears(`-ERR '${text}'\r\n`);
    const { payload } = await client.hearsMessage();
    expect(JSON.parse(payload).events).toMatchObject([{ type: "in", subj: "bar", error: text }]);
  });

  test("is told for a trace that would go where nothing may be published, and nothing is done", () =>
    hears(
      "SUB foo 1\r\nHPUB foo 32 32\r\nNATS/1.0\r\nNats-Trace-Dest: x\r\n\r\n\r\n",
      `-ERR 'Permissions Violation for Publish to "x"'\r\n`,
      { headers: true },
    ));

  const LOGGED: readonly [says: string, line: string][] = [
    ["PUB x 0\r\n\r\n", 'Publish Violation - Subject "x"'],
    ["PUB foo _R_.x 0\r\n\r\n", 'Publish Violation - Reply "_R_.x"'],
    ["SUB y 7\r\n", 'Subscription Violation - Subject "y", SID 7'],
    ["SUB y q 8\r\n", 'Subscription Violation - Subject "y", Queue: "q", SID 8'],
  ];
  for (const [says, line] of LOGGED)
    test(`is logged: ${line}`, async () => {
      await using client = await join(server.port, user);
      await client.says(says);
      const logged = await server.logged(
        new RegExp(`cid:${String(client.info["client_id"])} - .*Violation`),
      );
      expect(logged.replace(/\S+ - cid:\d+ - /, "")).toBe(`[ERR] "$G/user:u" - ${line}`);
    });
});

describe("default permissions", () => {
  const USERS = `users: [ { user: plain, password: p }
    { user: own, password: p, permissions: { publish: "own" } }, { user: free, password: p, permissions: {} } ]`;
  const DEFAULTS = `{ publish: "foo" }`;
  for (const [where, config] of Object.entries({
    "after the users": `authorization { ${USERS}\n default_permissions: ${DEFAULTS} }`,
    "before the users": `authorization { default_permission: ${DEFAULTS}\n ${USERS} }`,
    "by their short name": `authorization { permissions: ${DEFAULTS}\n ${USERS} }`,
    "of an account": `accounts { A { ${USERS}\n default_permissions: ${DEFAULTS} } }`,
  }))
    test(`${where} are for users without their own`, async () => {
      await using server = await startConfigured(config);
      for (const [user, allowed, refused] of [
        ["plain", ["foo"], ["own", "x"]],
        ["own", ["own"], ["foo", "x"]],
        ["free", ["foo", "own", "x"], []],
      ] as const) {
        await using client = await join(server.port, { user, pass: "p" });
        for (const subject of [...allowed, ...refused])
          await client.says(`PUB ${subject} 0\r\n\r\n`);
        for (const subject of refused)
          await client.hears(`-ERR 'Permissions Violation for Publish to "${subject}"'\r\n`);
        await client.silent();
      }
    });

  test("are replaced with a second login as somebody else", async () => {
    await using server = await startConfigured(
      `authorization { ${USERS}, permissions: ${DEFAULTS} }`,
    );
    await using client = await join(server.port, { user: "plain", pass: "p" });
    await client.says(
      'CONNECT {"user":"free"}\r\nPUB x 0\r\n\r\nCONNECT {"user":"own"}\r\nPUB x 0\r\n\r\n',
    );
    await client.hears(`-ERR 'Permissions Violation for Publish to "x"'\r\n`);
    await client.silent();
  });
});
