// Questions are answered one after the other, and only so many may wait (monitoring §21.1): who asks too much
// is not answered, and costs the others nothing.
import { expect, test } from "bun:test";
import { type Asker, Stage } from "./stage.ts";

const QUESTIONS = 10_000;
/** Of one ordinary account. */
const WAITING_MAX = 64;
const LEFT_OUT =
  /^Requests of account "B" such as "\$SYS\.REQ\.\S+" are not answered: 64 with \d+ bytes are waiting/;
const PAYLOAD_MAX = 1_048_576;

const flood = (subject: string, { inbox }: Asker) =>
  `PUB ${subject} ${inbox}.flood 0\r\n\r\n`.repeat(QUESTIONS);

/** How much of what `flooder` asked was answered, when none of it is waiting any more. */
async function answersTo(flooder: Asker, sys: Asker): Promise<number> {
  const answers = await answersBeforePong(flooder);
  // All questions stand in one line: those of the flood are before this one.
  await sys.asks("$SYS.REQ.USER.INFO");
  return answers + (await answersBeforePong(flooder));
}

async function answersBeforePong({ wire, inbox }: Asker): Promise<number> {
  await wire.says("PING\r\n");
  for (let answers = 0; ; answers++) {
    const item = await wire.hearsItem();
    if (item === "PONG\r\n") return answers;
    expect(item).toStartWith(`MSG ${inbox}.flood a `);
  }
}

test("a flood of an ordinary user's questions keeps nobody else waiting", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  await using adam = await stage.join("adam");
  await using bob = await stage.join("bob");
  await bob.wire.says(flood("$SYS.REQ.ACCOUNT.PING.CONNZ", bob));
  for (let round = 0; round < 10; round++) {
    await adam.wire.silent();
    expect((await adam.asks("$SYS.REQ.USER.INFO")).data.user).toBe("adam");
    expect((await sys.asks("$SYS.REQ.SERVER.PING")).statsz.connections).toBe(3);
  }
  const answers = await answersTo(bob, sys);
  expect(answers).toBeGreaterThanOrEqual(WAITING_MAX);
  expect(answers).toBeLessThan(QUESTIONS / 2);
  // Not a line for each.
  expect(stage.problems).toEqual([expect.stringMatching(LEFT_OUT)]);
  // What was left out costs nothing later.
  expect((await bob.asks("$SYS.REQ.ACCOUNT.PING.CONNZ")).data.connections).toHaveLength(1);
});

test("as many questions as may wait are all answered, and nothing is in the log", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  await using bob = await stage.join("bob");
  const line = `PUB $SYS.REQ.ACCOUNT.PING.STATZ ${bob.inbox}.flood 0\r\n\r\n`;
  await bob.wire.says(line.repeat(WAITING_MAX));
  expect(await answersTo(bob, sys)).toBe(WAITING_MAX);
  expect(stage.problems).toEqual([]);
});

test("a flood of an administrator's questions leaves ordinary users what they had", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  await using other = await stage.join("sys");
  await using adam = await stage.join("adam");
  await sys.wire.says(flood("$SYS.REQ.SERVER.PING.IDZ", sys));
  for (let round = 0; round < 5; round++) {
    await adam.wire.silent();
    expect((await adam.asks("$SYS.REQ.USER.INFO")).data.user).toBe("adam");
  }
  expect(await answersTo(sys, other)).toBeGreaterThanOrEqual(1024);
});

test("who asks and leaves is not waited for", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  for (let round = 0; round < 3; round++) {
    const bob = await stage.join("bob");
    await bob.wire.says(flood("$SYS.REQ.USER.INFO", bob));
    await bob[Symbol.asyncDispose]();
    expect((await sys.asks("$SYS.REQ.USER.INFO")).data.user).toBe("sys");
  }
  expect(stage.problems).toEqual([expect.stringMatching(LEFT_OUT)]);
});

test("a question that is nothing but garbage is refused in few words", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  for (const garbage of [
    "x".repeat(PAYLOAD_MAX),
    "\0".repeat(PAYLOAD_MAX),
    "\xff".repeat(PAYLOAD_MAX),
    "[".repeat(PAYLOAD_MAX),
    `{"a":`.repeat(PAYLOAD_MAX / 5),
    `"${"x".repeat(PAYLOAD_MAX - 2)}"`,
    `{"sort":["${"x".repeat(PAYLOAD_MAX - 16)}"]}`,
  ]) {
    await sys.sends("$SYS.REQ.SERVER.PING.CONNZ", garbage);
    const { payload } = await sys.hears();
    expect(payload.length).toBeLessThan(1_000);
    expect(JSON.parse(payload).error.code).toBe(400);
  }
  expect(stage.problems).toEqual([]);
});

test("options as long as a message may be do no harm", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  await using bob = await stage.join("bob");
  const long = "x".repeat(PAYLOAD_MAX - 100);
  const { data } = await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", { user: long, auth: true });
  expect(data.connections).toEqual([]);
  expect(await sys.asksInVain("$SYS.REQ.SERVER.PING.VARZ", { server_name: long })).toBe(true);
  expect((await bob.asks("$SYS.REQ.ACCOUNT.PING.CONNZ", { acc: long })).data.total).toBe(1);
  const many = { tags: Array.from({ length: 100_000 }, () => "az:1") };
  expect((await sys.asks("$SYS.REQ.SERVER.PING.VARZ", many)).server.name).toBe("one");
  await sys.sends("$SYS.DEBUG.SUBSCRIBERS", "a.".repeat(PAYLOAD_MAX / 2));
  expect((await sys.hears()).payload).toBe("0");
  expect(stage.problems).toEqual([]);
});

test("text that is none, and names that mean all, are nothing special", async () => {
  await using stage = await Stage.withPeople();
  await using bob = await stage.join("bob");
  await bob.sends("$SYS.REQ.SERVER.PING.CONNZ", '{"user":"\\ud800"}');
  expect(JSON.parse((await bob.hears()).payload).data.connections).toEqual([]);
  expect(stage.problems).toEqual([]);
});
