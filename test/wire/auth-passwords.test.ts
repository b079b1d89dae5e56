// Passwords and tokens that are bcrypt hashes in the configuration: what is a hash, and what
// matches it (auth.md §2).
import { afterAll, describe, test } from "bun:test";
import { bcrypt } from "../support/access-config.ts";
import { expectAdmitted, expectRefused, startConfigured } from "../support/configured.ts";
import { secret } from "../support/secrets.ts";
import { connect, connectLine } from "../support/wire.ts";

const PASSWORD = secret("IW@$6v(y1(t@fhPDvf!5^%");
const HASH = secret("$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq");
// The vector of the specification: it is sent as a user name elsewhere, so it is none of the secrets looked for.
const TOKEN = "0uhJOSr3GW7xvHvtd^K6pa";
const TOKEN_HASH = secret("$2a$04$u5ZClXpcjHgpfc61Ee0VKuwI1K3vTC4zq7SjphjnlHMeb1Llkb5Y6");
const LONG = "0123456789".repeat(8);

const respelled = (kind: string) => HASH.replace("$2a$", `$2${kind}$`);
const login = (user: string, pass: string) => connectLine({ user, pass });

describe("users whose passwords are hashes", async () => {
  const server = await startConfigured(`authorization { users: [
    ${["a", "b", "x", "y", "z", "A"].map((kind) => `{ user: 2${kind}, password: "${respelled(kind)}" }`).join("\n")}
    { user: short, password: "$2a$04$short" }, { user: digit, password: "$2a$4$${HASH.slice(7)}" }
    { user: long, password: "${bcrypt(LONG.slice(0, 72))}" }, { user: "unicode", password: "${bcrypt("漢字 é")}" }
    { user: plain, password: "plain text" }
  ] }`);
  afterAll(() => server[Symbol.asyncDispose]());
  const { port } = server;

  for (const kind of ["a", "b", "x", "y"])
    test(`log in with the password of a $2${kind}$ hash and not with the hash`, async () => {
      await expectAdmitted(port, login(`2${kind}`, PASSWORD));
      await expectRefused(port, login(`2${kind}`, `${PASSWORD}x`));
      await expectRefused(port, login(`2${kind}`, ""));
      await expectRefused(port, login(`2${kind}`, respelled(kind)));
    });

  for (const kind of ["z", "A"])
    test(`have $2${kind}$ and what follows as a plain password`, async () => {
      await expectRefused(port, login(`2${kind}`, PASSWORD));
      await expectAdmitted(port, login(`2${kind}`, respelled(kind)));
    });

  test("cannot log in at all with what begins like a hash and is none", async () => {
    await expectRefused(port, login("short", "$2a$04$short"));
    await expectRefused(port, login("short", "x"));
  });

  test("have a hash whose cost is one digit as a plain password", () =>
    expectAdmitted(port, login("digit", `$2a$4$${HASH.slice(7)}`)));

  test("need the first 72 bytes of a long password", async () => {
    await expectAdmitted(port, login("long", LONG.slice(0, 72)));
    await expectAdmitted(port, login("long", LONG));
    await expectRefused(port, login("long", LONG.slice(0, 71)));
    await expectRefused(port, login("long", `${LONG.slice(0, 71)}x`));
  });

  test("may have passwords in any script", async () => {
    await expectAdmitted(port, login("unicode", "漢字 é"));
    await expectRefused(port, login("unicode", "漢字 e"));
  });

  test("cannot hide behind a NUL", () => expectRefused(port, login("2a", `${PASSWORD}\0`)));

  test("may be beside users with plain passwords", async () => {
    await expectAdmitted(port, login("plain", "plain text"));
    await expectRefused(port, login("plain", PASSWORD));
  });

  test("are served in order what they said in one packet", async () => {
    await using client = await connect(port);
    await client.says(
      `${login("2a", PASSWORD)}PING\r\nSUB foo 1\r\nPUB foo 2\r\nhi\r\n` +
        `${login("2y", PASSWORD)}PUB foo 2\r\nhi\r\nSUB bar 2\r\nPUB bar 2\r\nhi\r\n`,
    );
    await client.hears("PONG\r\nMSG foo 1 2\r\nhi\r\nMSG bar 2 2\r\nhi\r\n");
  });

  test("are served in order what they said byte by byte", async () => {
    await using client = await connect(port);
    for (const byte of `${login("2a", PASSWORD)}SUB foo 1\r\nPUB foo 2\r\nhi\r\n`)
      await client.says(byte);
    await client.hears("MSG foo 1 2\r\nhi\r\n");
  });

  test("hear all that they have earned when they end their side at once", async () => {
    await using client = await connect(port);
    await client.says(`${login("2a", PASSWORD)}SUB foo 1\r\nPUB foo 2\r\nhi\r\nPING\r\n`);
    client.shutdown();
    await client.hears("MSG foo 1 2\r\nhi\r\nPONG\r\n");
    await client.hearsClose();
  });

  test("hear of a wrong password when they end their side at once", async () => {
    await using client = await connect(port);
    await client.says(login("2a", "x"));
    client.shutdown();
    await client.hears("-ERR 'Authorization Violation'\r\n");
    await client.hearsClose();
  });

  test("are forgotten when they leave before they were judged", async () => {
    for (let count = 0; count < 20; count++) {
      await using client = await connect(port);
      await client.says(login("2a", PASSWORD));
    }
    await expectAdmitted(port, login("2a", PASSWORD));
  });
});

test("one user and a token may have hashes, too", async () => {
  await using one = await startConfigured(`authorization { user: a, password: "${HASH}" }`);
  await expectAdmitted(one.port, login("a", PASSWORD));
  await expectRefused(one.port, login("a", HASH));
  await expectRefused(one.port, login("b", PASSWORD));

  await using many = await startConfigured(`authorization { token: "${TOKEN_HASH}" }`);
  await expectAdmitted(many.port, connectLine({ auth_token: TOKEN }));
  await expectRefused(many.port, connectLine({ auth_token: TOKEN_HASH }));
  await expectRefused(many.port, connectLine({ auth_token: PASSWORD }));
});

test("a hash stands in the file with or without quotes, or comes from the environment", async () => {
  await using server = await startConfigured(
    `authorization { users: [ { user: a, password: ${HASH} }, { user: b, password: $MIDGE_TEST_HASH } ] }`,
    { MIDGE_TEST_HASH: `'${HASH}'` },
  );
  await expectAdmitted(server.port, login("a", PASSWORD));
  await expectAdmitted(server.port, login("b", PASSWORD));
  await expectRefused(server.port, login("b", HASH));
});
