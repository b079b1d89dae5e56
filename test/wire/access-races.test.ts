// Reloads that come while a password is still being checked, and floods of what is refused or permitted:
// only the rules in force count, and neighbours notice nothing.
import { expect, test } from "bun:test";
import { A, bcrypt, may, users } from "../support/access-config.ts";
import { expectAdmitted, startConfigured } from "../support/configured.ts";
import { midgeOnly } from "../support/server.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";

/** Slow enough to be overtaken by a reload. */
const SLOW = 10;
const VIOLATION = "-ERR 'Authorization Violation'\r\n";
const LOGIN = { user: "a", pass: "p" };

test("a user that a reload removes while its password is checked does not get in", async () => {
  await using server = await startConfigured(
    users(`{ user: a, password: "${bcrypt("p", SLOW)}" }`, "{ user: b, password: p }"),
  );
  await using client = await connect(server.port);
  await client.says(connectLine(LOGIN) + "PING\r\n");
  await server.reload(users("{ user: b, password: p }"));
  await client.hears(VIOLATION);
  await client.hearsClose();
});

test("a login that a reload overtakes gets the rights of the newer rules", async () => {
  const hash = bcrypt("p", SLOW);
  const user = (permissions: string) => users(`{ user: a, password: "${hash}"${permissions} }`);
  await using server = await startConfigured(user(""));
  await using client = await connect(server.port);
  await client.says(connectLine(LOGIN) + "SUB foo 1\r\nPING\r\n");
  await server.reload(user(', permissions: { subscribe: "bar" }'));
  await client.hears(`-ERR 'Permissions Violation for Subscription to "foo"'\r\nPONG\r\n`);
});

midgeOnly(
  "of two reloads the second counts, whatever the check for the first still says",
  "nats-server checks passwords at once",
  async () => {
    await using server = await startConfigured(users(A));
    await using client = await join(server.port, LOGIN);
    await server.reload(users(`{ user: a, password: "${bcrypt("p", SLOW)}" }`));
    await server.reload(users(may('publish: "ok"')));
    await client.says("PUB secret 0\r\n\r\n");
    await client.hears(`-ERR 'Permissions Violation for Publish to "secret"'\r\n`);
    await client.says("PUB ok 0\r\n\r\nPING\r\n");
    await client.hears("PONG\r\n");
  },
);

midgeOnly(
  "what a user may not hear any more stops at once, also while its new hash is checked",
  "nats-server closes at once",
  async () => {
    await using server = await startConfigured(users(A, "{ user: b, password: p }"));
    await using client = await join(server.port, LOGIN);
    await using other = await join(server.port, { user: "b", pass: "p" });
    await client.says("SUB secret 1\r\n");
    await client.silent();
    const hash = bcrypt("p", SLOW);
    await server.reload(
      users(
        `{ user: a, password: "${hash}", permissions: { subscribe: { deny: "secret" } } }`,
        "{ user: b, password: p }",
      ),
    );
    await other.says("PUB secret 2\r\nhi\r\nPING\r\n");
    await other.hears("PONG\r\n");
    await client.hears(`-ERR 'Permissions Violation for Subscription to "secret" (sid "1")'\r\n`);
  },
);

midgeOnly(
  "who stays without a login through an open time is a stranger again after it",
  "nats-server closes it at the first reload",
  async () => {
    const closed = `authorization { timeout: 30, users: [ ${A} ] }`;
    await using server = await startConfigured(closed);
    await using client = await connect(server.port);
    await server.reload("");
    await client.says("SUB foo 1\r\n");
    await client.hears("+OK\r\n");
    await server.reload(closed);
    await client.hears(VIOLATION);
    await client.hearsClose();
  },
);

test("thousands of requests may wait for their answers, and each is permitted one", async () => {
  const responder = may('subscribe: "svc", allow_responses: true');
  await using server = await startConfigured(users(responder, "{ user: b, password: p }"));
  await using service = await join(server.port, LOGIN);
  await using requester = await join(server.port, { user: "b", pass: "p" });
  await service.says("SUB svc 1\r\n");
  await service.silent();
  const COUNT = 6000;
  const numbers = Array.from({ length: COUNT }, (_, i) => i);
  await requester.says(numbers.map((i) => `PUB svc in.${i} 0\r\n\r\n`).join(""));
  await service.hears(numbers.map((i) => `MSG svc 1 in.${i} 0\r\n\r\n`).join(""));
  await service.says(numbers.map((i) => `PUB in.${i} 0\r\n\r\n`).join("") + "PING\r\n");
  await service.hears("PONG\r\n");
  await service.says("PUB in.7 0\r\n\r\n");
  await service.hears(`-ERR 'Permissions Violation for Publish to "in.7"'\r\n`);
});

midgeOnly(
  "a flood of refused publishes leaves its neighbours their turns",
  "it is about our turns",
  async () => {
    await using server = await startConfigured(
      users(may('publish: "ok"'), "{ user: b, password: p }"),
    );
    await using flood = await join(server.port, LOGIN);
    await using neighbour = await join(server.port, { user: "b", pass: "p" });
    const COUNT = 50_000;
    await flood.says("PUB no 0\r\n\r\n".repeat(COUNT));
    expect(await longestRoundTrip(neighbour, 50)).toBeLessThan(150);
    await expectAdmitted(server.port, connectLine({ user: "b", pass: "p" }));
  },
);

/** Of so many PINGs one after the other, in ms. */
async function longestRoundTrip(client: WireClient, count: number): Promise<number> {
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await client.says("PING\r\n");
    await client.hears("PONG\r\n");
    longest = Math.max(longest, performance.now() - start);
  }
  return longest;
}
