// What a user may publish and hear: allow and deny lists, queue groups, what is filtered out of wildcards
// (auth.md §5.1, §5.2).
import { afterAll, describe, test } from "bun:test";
import { startConfigured } from "../support/configured.ts";
import { join } from "../support/wire.ts";

/** A rule, and what it lets through and what not. Entries may name a queue group after a blank. */
interface Rule {
  /** As the file has it: `{ allow: …, deny: … }`, a list, a word. */
  readonly rule: string;
  readonly allows: readonly string[];
  readonly refuses: readonly string[];
}

const PUBLISH: readonly Rule[] = [
  { rule: `{}`, allows: ["foo", "a.b"], refuses: [] },
  { rule: `[]`, allows: ["foo", "a.b"], refuses: [] },
  { rule: `{ allow: [] }`, allows: ["foo", "a.b"], refuses: [] },
  { rule: `"foo"`, allows: ["foo"], refuses: ["foo.a", "fo", "FOO", "bar"] },
  {
    rule: `["foo.*", "req.>"]`,
    allows: ["foo.a", "foo.*", "req.a", "req.a.b"],
    refuses: ["foo", "foo.a.b", "req"],
  },
  { rule: `{ allow: ">" }`, allows: ["foo", "a.b.c"], refuses: ["a..b", "a.", ".a"] },
  { rule: `{ deny: "foo.*" }`, allows: ["foo", "foo.a.b", "x"], refuses: ["foo.a", "foo.*"] },
  { rule: `{ deny: ">" }`, allows: [], refuses: ["foo", "a.b"] },
  {
    rule: `{ allow: "foo.>", deny: ["foo.no", "foo.*.no"] }`,
    allows: ["foo.a", "foo.a.b"],
    refuses: ["foo.no", "foo.a.no", "x"],
  },
  { rule: `{ allow: [], deny: "foo" }`, allows: ["x"], refuses: ["foo"] },
];

const SUBSCRIBE: readonly Rule[] = [
  { rule: `{}`, allows: ["foo", ">", "foo q"], refuses: [] },
  { rule: `[]`, allows: ["foo", ">", "foo q"], refuses: [] },
  { rule: `foo`, allows: ["foo", "foo q"], refuses: ["bar", ">", "*"] },
  {
    rule: `["bar.>", "_INBOX.>"]`,
    allows: ["bar.x", "bar.*", "bar.>", "bar.x.>", "_INBOX.* q"],
    refuses: ["bar", ">", "*"],
  },
  { rule: `"foo.*"`, allows: ["foo.a", "foo.*", "foo.>"], refuses: ["foo", "foo.a.b", "*.a"] },
  { rule: `"foo v1"`, allows: ["foo v1"], refuses: ["foo", "foo v2"] },
  { rule: `["foo", "foo v1"]`, allows: ["foo", "foo v1"], refuses: ["foo v2"] },
  { rule: `"foo bar.*"`, allows: ["foo bar.fizz"], refuses: ["foo bar", "foo bar.a.b", "foo"] },
  { rule: `"> bar.>"`, allows: ["whizz bar.bang"], refuses: ["whizz", "whizz bar"] },
  { rule: `{ allow: ">", deny: "foo" }`, allows: ["bar", ">"], refuses: ["foo", "foo bar"] },
  { rule: `{ allow: ">", deny: "> >" }`, allows: ["foo"], refuses: ["foo bar", "foo a.b"] },
  {
    rule: `{ deny: "> *.dev" }`,
    allows: ["foo bar", "foo", "foo a.b.dev"],
    refuses: ["foo x.dev"],
  },
  { rule: `{ deny: "foo *" }`, allows: ["foo", "foo a.b"], refuses: ["foo a"] },
  { rule: `{ deny: ["foo", "foo q"] }`, allows: ["bar"], refuses: ["foo", "foo q", "foo r"] },
  { rule: `{ deny: "foo.y" }`, allows: ["foo.*", ">"], refuses: ["foo.y", "foo.y q"] },
  { rule: `{ deny: "foo.*" }`, allows: [">", "*.a", "foo"], refuses: ["foo.a", "foo.*", "foo.>"] },
  { rule: `{ deny: ">" }`, allows: [], refuses: ["foo", ">", "foo q"] },
];

/** One server with a user for each rule: `p0`, `p1`, …, and `all`, who may do anything. */
function userList(rules: readonly Rule[], section: string): string {
  const users = rules.map(
    ({ rule }, at) => `{ user: u${at}, password: p, permissions: { ${section}: ${rule} } }`,
  );
  return `authorization { users: [ ${users.join("\n")}\n { user: all, password: p } ] }`;
}

describe("publishing", async () => {
  const server = await startConfigured(userList(PUBLISH, "publish"));
  afterAll(() => server[Symbol.asyncDispose]());

  for (const [at, { rule, allows, refuses }] of PUBLISH.entries())
    test(`${rule} allows ${allows.join(", ") || "nothing"} and refuses ${refuses.join(", ") || "nothing"}`, async () => {
      await using client = await join(server.port, { user: `u${at}`, pass: "p" });
      for (const subject of allows) {
        await client.says(`PUB ${subject} 2\r\nhi\r\n`);
        await client.silent();
      }
      for (const subject of refuses) {
        await client.says(`PUB ${subject} 2\r\nhi\r\n`);
        await client.hears(`-ERR 'Permissions Violation for Publish to "${subject}"'\r\n`);
      }
      await client.silent();
    });
});

describe("subscribing", async () => {
  const server = await startConfigured(userList(SUBSCRIBE, "subscribe"));
  afterAll(() => server[Symbol.asyncDispose]());

  for (const [at, { rule, allows, refuses }] of SUBSCRIBE.entries())
    test(`${rule} allows ${allows.join(", ") || "nothing"} and refuses ${refuses.join(", ") || "nothing"}`, async () => {
      await using client = await join(server.port, { user: `u${at}`, pass: "p" });
      for (const [sid, wish] of allows.entries()) {
        await client.says(`SUB ${wish} ${sid}\r\n`);
        await client.silent();
      }
      for (const [sid, wish] of refuses.entries()) {
        const [subject, queue] = wish.split(" ");
        await client.says(`SUB ${wish} r${sid}\r\n`);
        const using = queue === undefined ? "" : ` using queue "${queue}"`;
        await client.hears(
          `-ERR 'Permissions Violation for Subscription to "${subject}"${using}'\r\n`,
        );
      }
      await client.silent();
    });

  test("a subscription that is refused hears nothing", async () => {
    await using client = await join(server.port, { user: "u2", pass: "p" });
    await client.says("SUB bar 1\r\nUNSUB 1\r\nSUB bar 2\r\n");
    const violation = `-ERR 'Permissions Violation for Subscription to "bar"'\r\n`;
    await client.hears(violation + violation);
    await client.says("PUB bar 0\r\n\r\n");
    await client.silent();
  });

  test("a subscription that is refused leaves an older one of its sid", async () => {
    await using client = await join(server.port, { user: "u2", pass: "p" });
    await client.says("SUB foo 1\r\nSUB bar 1\r\nPUB foo 2\r\nhi\r\n");
    await client.hears(`-ERR 'Permissions Violation for Subscription to "bar"'\r\n`);
    await client.hears("MSG foo 1 2\r\nhi\r\n");
  });

  test("nobody joins the queue that the servers keep for themselves", async () => {
    await using client = await join(server.port, { user: "all", pass: "p" });
    await client.says("SUB foo _sys_ 1\r\n");
    await client.hears(
      `-ERR 'Permissions Violation for Subscription to "foo" using queue "_sys_"'\r\n`,
    );
  });
});

describe("what is denied within a wildcard", async () => {
  const rules = `{ deny: ["foo.no", "deep.no.>", "bar.* q"] }`;
  const server = await startConfigured(`authorization { users: [
    { user: u, password: p, permissions: { subscribe: ${rules} } }
    { user: all, password: p }
  ] }`);
  afterAll(() => server[Symbol.asyncDispose]());

  /** Publishes to these subjects one after the other, and demands to hear just those. */
  async function heard(wish: string, published: string[], delivered: string[]): Promise<void> {
    await using client = await join(server.port, { user: "u", pass: "p" });
    await client.says(`SUB ${wish} 1\r\n`);
    await client.silent();
    await using publisher = await join(server.port, { user: "all", pass: "p" });
    await publisher.says(published.map((subject) => `PUB ${subject} 2\r\nhi\r\n`).join(""));
    await publisher.silent();
    await client.hears(delivered.map((subject) => `MSG ${subject} 1 2\r\nhi\r\n`).join(""));
    await client.silent();
  }

  test("is not delivered", async () => {
    await heard("foo.*", ["foo.no", "foo.yes"], ["foo.yes"]);
    await heard("foo.>", ["foo.no", "foo.no.more"], ["foo.no.more"]);
    await heard("*.no", ["foo.no", "bar.no"], ["bar.no"]);
    await heard(">", ["foo.no", "deep.no.x.y", "deep.no", "x"], ["deep.no", "x"]);
    await heard("deep.*.*", ["deep.no.x", "deep.yes.x"], ["deep.yes.x"]);
  });

  test("is not delivered to a queue, or not to the denied one", async () => {
    await heard("foo.* any", ["foo.no", "foo.yes"], ["foo.yes"]);
    await heard("> q", ["bar.a", "x"], ["x"]);
    await heard("> other", ["bar.a", "x"], ["bar.a", "x"]);
  });

  test("goes to another member of the queue", async () => {
    await using denied = await join(server.port, { user: "u", pass: "p" });
    await denied.says("SUB foo.* g 1\r\n");
    await denied.silent();
    await using member = await join(server.port, { user: "all", pass: "p" });
    await member.says("SUB foo.* g 1\r\n" + "PUB foo.no 2\r\nhi\r\n".repeat(10));
    await member.hears("MSG foo.no 1 2\r\nhi\r\n".repeat(10));
    await denied.silent();
  });

  test("does not count towards the end of a subscription", async () => {
    await using client = await join(server.port, { user: "u", pass: "p" });
    await client.says("SUB foo.* 1\r\nUNSUB 1 1\r\nPUB foo.no 2\r\nhi\r\n");
    await client.says("PUB foo.yes 2\r\nhi\r\nPUB foo.yes 2\r\nhi\r\n");
    await client.hears("MSG foo.yes 1 2\r\nhi\r\n");
    await client.silent();
  });

  test("makes a request one that nobody answers", async () => {
    await using client = await join(server.port, { user: "u", pass: "p" });
    await client.says("SUB foo.* 1\r\n");
    await client.silent();
    const options = { user: "all", pass: "p", headers: true, no_responders: true };
    await using asker = await join(server.port, options);
    await asker.says("SUB in 1\r\nPUB foo.no in 0\r\n\r\n");
    await asker.hears("HMSG in 1 38 38\r\nNATS/1.0 503\r\nNats-Subject: foo.no\r\n\r\n\r\n");
  });
});
