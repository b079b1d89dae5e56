// What the log tells of logins: who was refused, who does something, and never a secret (auth.md §15).
import { afterAll, expect, test } from "bun:test";
import { startConfigured } from "../support/configured.ts";
import { CANARY, secret } from "../support/secrets.ts";
import { connect, connectLine, join } from "../support/wire.ts";

const [password, token] = [secret(), secret()];
const server = await startConfigured(`debug: true\ntrace: true
  authorization { users: [ { user: ${CANARY}, password: "${password}" } ] }`);
afterAll(() => server[Symbol.asyncDispose]());

/** The log line of this client with this text in it, without where the client is. */
async function line(cid: unknown, text: string): Promise<string> {
  const found = await server.logged(new RegExp(`cid:${String(cid)} - .*${text}`));
  return found.replace(/\S+ - cid:\d+ - /, "");
}

const WHO: readonly [options: object, says: string][] = [
  [{ user: "a", pass: password }, ` - User "a"`],
  [{ user: 'a"b', pass: password }, ` - User "a\\"b"`],
  [{ user: "a", auth_token: token }, ` - User "a"`],
  [{ auth_token: token }, ` - Token "[REDACTED]"`],
  [{ nkey: "UABC", sig: token, user: "a" }, ` - Nkey "UABC"`],
  [{ pass: password }, ""],
  [{}, ""],
];
for (const [options, who] of WHO)
  test(`tells who was refused:${who || " nobody in particular"}, said ${Object.keys(options).join(" and ") || "nothing"}`, async () => {
    await using client = await connect(server.port);
    await client.says(connectLine(options));
    await client.hearsUntilClose();
    const { client_id: cid } = client.info;
    expect(await line(cid, "authentication error")).toBe(`[ERR] authentication error${who}`);
    await line(cid, "Client connection closed: Authentication Failure$");
  });

test("names the user in each line after the login, and the client as it introduced itself", async () => {
  await using client = await join(server.port, {
    user: CANARY,
    pass: password,
    name: "n",
    lang: "go",
    version: "1.2",
  });
  await client.says("PUB foo _R_.x 0\r\n\r\n");
  expect(await line(client.info["client_id"], "Publish Violation")).toBe(
    `[ERR] "v1.2:go:n" - "$G/user:${CANARY}" - Publish Violation - Reply "_R_.x"`,
  );
});

test("traces a login without what is secret in it", async () => {
  await using client = await connect(server.port);
  const options = { user: "a", pass: password, auth_token: token, nkey: "UABC", sig: token };
  await client.says(connectLine(options));
  await client.hearsUntilClose();
  const traced = await line(client.info["client_id"], "CONNECT");
  expect(traced).toContain("[REDACTED]");
  expect(traced).not.toContain(password);
  expect(traced).not.toContain(token);
});

for (const [warned, name, config] of [
  [true, "one plain password", `authorization { user: a, password: b }`],
  [true, "a plain password of many", `authorization { users: [ { user: a, password: b } ] }`],
  [true, "an account's plain password", `accounts { A { users: [ { user: a, password: b } ] } }`],
  [
    false,
    "hashes",
    `authorization { user: a, password: "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq" }`,
  ],
  [false, "a plain token", `authorization { token: t }`],
  [false, "no access control", ""],
] as const)
  test(`${warned ? "warns" : "does not warn"} of ${name}`, async () => {
    await using other = await startConfigured(config);
    const first = await other.logged(/Plaintext passwords|Server is ready/);
    if (warned) expect(first).toBe("[WRN] Plaintext passwords detected, use nkeys or bcrypt");
    else expect(first).toEndWith("Server is ready");
  });
