// How many subscriptions a subject reaches (monitoring §21.1): asked by administrators, and by one server of
// another.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Asker, Stage } from "./stage.ts";

let stage: Stage;
let sys: Asker;
let bob: Asker;

beforeAll(async () => {
  stage = await Stage.withPeople();
  sys = await stage.join("sys");
  bob = await stage.join("bob");
  await bob.wire.says(
    "SUB foo.bar 1\r\nSUB foo.* 2\r\nSUB foo.bar q 3\r\nSUB foo.> \xc3\xa9 4\r\n",
  );
  await bob.wire.silent();
  await sys.wire.says("SUB foo.bar 1\r\nSUB foo.bar q 2\r\n");
  await sys.wire.silent();
});

afterAll(async () => {
  await bob[Symbol.asyncDispose]();
  await sys[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

async function count(subject: string, body: unknown): Promise<string> {
  await sys.sends(subject, body);
  return (await sys.hears()).payload;
}

test("an administrator is told of the own account's", async () => {
  for (const [words, expected] of [
    ["foo.bar", "2"],
    ["  foo.bar\t", "2"],
    ["foo.bar q", "1"],
    ["foo.bar\tq", "1"],
    ["foo.bar  q", "0"],
    ["foo.>", "2"],
    ["*.bar", "2"],
    ["foo", "0"],
    ["", "0"],
    ["foo..", "0"],
    ["\0", "0"],
    ["$SYS.REQ.SERVER.PING", "0"],
  ] as const) {
    expect([words, await count("$SYS.DEBUG.SUBSCRIBERS", words)]).toEqual([words, expected]);
  }
});

test("a server is told of any account's", async () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  for (const [asked, expected] of [
    [{ acc: "B", subject: "foo.bar" }, "4"],
    [{ acc: "B", subject: "foo.bar", queue: base64("q") }, "1"],
    [{ acc: "B", subject: "foo.bar", queue: base64("\xe9") }, "1"],
    [{ acc: "B", subject: "foo.bar", queue: "" }, "0"],
    [{ acc: "B", subject: "foo.bar", queue: null }, "4"],
    [{ acc: "B", subject: "foo.x" }, "2"],
    [{ acc: "B", subject: "foo.>" }, "4"],
    [{ acc: "B" }, "0"],
    [{ acc: "A", subject: "foo.bar" }, "0"],
  ] as const) {
    const answer = await count("$SYS.REQ.ACCOUNT.NSUBS", asked);
    expect([JSON.stringify(asked), answer]).toEqual([JSON.stringify(asked), expected]);
  }
});

test("what no server would ask is not answered", async () => {
  for (const body of [
    "",
    "{",
    "[]",
    "{}",
    { subject: "foo.bar" },
    { acc: "nope", subject: "foo.bar" },
    { acc: "B", subject: "foo.bar", queue: "!" },
  ]) {
    expect(await sys.asksInVain("$SYS.REQ.ACCOUNT.NSUBS", body)).toBe(true);
  }
});
