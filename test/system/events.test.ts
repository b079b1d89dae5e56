// What a server tells administrators of clients that come and go (monitoring §21.3): in which order, and
// nothing where nobody listens.
import { expect, test } from "bun:test";
import { connect, connectLine, join } from "../support/wire.ts";
import { secret } from "../support/secrets.ts";
import { type Event, type Json, password, PEOPLE, Stage } from "./stage.ts";

const CAME = [
  "$SYS.SERVER.ACCOUNT.B.CONNS",
  "$SYS.ACCOUNT.B.SERVER.CONNS",
  "$SYS.ACCOUNT.B.CONNECT",
];
const WENT = [CAME[0]!, CAME[1]!, "$SYS.ACCOUNT.B.DISCONNECT"];
/** Connections of the account in these. */
const COUNTS = [1, 1, undefined, 0, 0, undefined];
/** All that concerns accounts, without the server's own figures. */
const ACCOUNTS = ["$SYS.ACCOUNT.>", "$SYS.SERVER.ACCOUNT.>"];

const subjectsOf = (events: readonly Event[]) => events.map(({ subject }) => subject);

async function hear(count: number, hears: () => Promise<Event>): Promise<Event[]> {
  const events: Event[] = [];
  while (events.length < count) events.push(await hears());
  return events;
}

test("who comes and who goes is told with the account's connections first", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener(...ACCOUNTS);
  const bob = await stage.join("bob", { lang: "ts", version: "1.2.3" });
  const came = await hear(3, () => listener.hears());
  expect(subjectsOf(came)).toEqual(CAME);
  const [first, second, connected] = came.map(({ document }) => document);
  expect([first.acc, first.conns, first.total_conns]).toEqual(["B", 1, 1]);
  expect([second.id, second.timestamp]).toEqual([first.id, first.timestamp]);
  expect(connected.type).toBe("io.nats.server.advisory.v1.client_connect");
  expect(connected.client).toMatchObject({
    id: bob.cid,
    acc: "B",
    user: "bob",
    name: "bob",
    lang: "ts",
    ver: "1.2.3",
    host: "127.0.0.1",
    kind: "Client",
  });
  expect(connected.client.stop).toBeUndefined();
  await bob.wire.says("SUB x 1\r\nPUB x 5\r\nhello\r\n");
  await bob.wire.hears("MSG x 1 5\r\nhello\r\n");
  bob.wire.close();
  const went = await hear(3, () => listener.hears());
  expect(subjectsOf(went)).toEqual(WENT);
  expect(went[0]!.document.conns).toBe(0);
  const { type, client, reason, sent, received } = went[2]!.document;
  expect(type).toBe("io.nats.server.advisory.v1.client_disconnect");
  expect([client.id, reason]).toEqual([bob.cid, "Client Closed"]);
  expect(client.stop).toBeString();
  expect([sent, received]).toEqual([
    { msgs: 1, bytes: 5 },
    { msgs: 1, bytes: 5 },
  ]);
  for (const { text } of [...came, ...went]) expect(text).not.toContain(password);
});

test("the reason of a close is the one that the monitor tells", async () => {
  await using stage = await Stage.withPeople({ maxControlLine: 512 });
  await using sys = await stage.join("sys");
  await using listener = await stage.listener("$SYS.ACCOUNT.B.DISCONNECT");
  await using long = await stage.join("bob");
  await long.wire.says(`SUB ${"x".repeat(600)} 1\r\n`);
  expect((await listener.hears()).document.reason).toBe("Maximum Control Line Exceeded");
  await using kicked = await stage.join("bob");
  await sys.asks(`$SYS.REQ.SERVER.${stage.id}.KICK`, { cid: kicked.cid });
  const { document } = await listener.hears();
  expect([document.reason, document.client.id]).toEqual(["Kicked", kicked.cid]);
});

test("a client that leaves in the packet in which it came is told of as any other", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener(...ACCOUNTS);
  // What makes events is loaded for the first of these.
  for (let round = 0; round < 3; round++) {
    const hasty = await connect(stage.midge.port);
    await hasty.says(`${connectLine({ user: "bob", pass: password })}NONSENSE\r\n`);
    const events = await hear(6, () => listener.hears());
    expect(subjectsOf(events)).toEqual([...CAME, ...WENT]);
    // Those for which something had to be loaded first tell how things are when that is done.
    if (round > 0) expect(events.map(({ document }) => document.conns)).toEqual(COUNTS);
    expect(events.at(-1)!.document.reason).toBe("Protocol Violation");
    await hasty.hearsUntilClose();
  }
});

test("a slow consumer's end has its reason", async () => {
  await using stage = await Stage.withPeople({ maxPending: 1_048_576 });
  await using listener = await stage.listener("$SYS.ACCOUNT.B.DISCONNECT");
  await using slow = await stage.join("bob");
  await using quick = await stage.join("bob");
  await slow.wire.says("SUB flood 1\r\n");
  await slow.wire.silent();
  slow.wire.pause();
  const line = `PUB flood 65536\r\n${"x".repeat(65_536)}\r\n`;
  let gone: Event | undefined;
  const heard = listener.hears().then((event) => (gone = event));
  for (let sent = 0; gone === undefined && sent < 1024; sent++) {
    await quick.wire.says(line);
    await quick.wire.silent();
  }
  const { document } = await heard;
  expect(document.reason).toBe("Slow Consumer (Pending Bytes)");
  expect(document.client.id).toBe(slow.cid);
});

test("who is not let in is told of, first to those who watch the server, and never the password", async () => {
  await using stage = await Stage.withPeople();
  const hopeful = secret();
  await using listener = await stage.listener(...ACCOUNTS, "$SYS.SERVER.*.CLIENT.AUTH.ERR");
  for (const [given, user] of [
    [{ user: "bob", pass: hopeful }, "bob"],
    [{ auth_token: hopeful }, "[REDACTED]"],
    [{}, undefined],
  ] as const) {
    const stranger = await connect(stage.midge.port);
    await stranger.says(connectLine(given));
    await stranger.hears("-ERR 'Authorization Violation'\r\n");
    await stranger.hearsClose();
    const events = await hear(2, () => listener.hears());
    expect(subjectsOf(events)).toEqual([
      `$SYS.SERVER.${stage.id}.CLIENT.AUTH.ERR`,
      "$SYS.ACCOUNT.$G.DISCONNECT",
    ]);
    for (const { document, text } of events) {
      expect(document.reason).toBe("Authentication Failure");
      expect(document.client.user).toBe(user);
      expect(document.client.acc).toBe("$G");
      expect(text).not.toContain(hopeful);
    }
    expect(events[0]!.document.id).not.toBe(events[1]!.document.id);
  }
});

test("who never logs in is told of only once the time for that is over", async () => {
  await using stage = await Stage.withPeople({ authorization: { timeout: 50 } });
  await using listener = await stage.listener(...ACCOUNTS, "$SYS.SERVER.*.CLIENT.AUTH.ERR");
  const silent = await connect(stage.midge.port);
  const { subject, document } = await listener.hears();
  expect([subject, document.reason]).toEqual([
    "$SYS.ACCOUNT.$G.DISCONNECT",
    "Authentication Timeout",
  ]);
  await silent.hearsUntilClose();
});

test("clients of nobody's account come and go without a count of them", async () => {
  const accounts = { SYS: PEOPLE.accounts.SYS };
  const authorization = { users: [{ user: "guest", password }] };
  await using stage = await Stage.open({ systemAccount: "SYS", accounts, authorization });
  await using listener = await stage.listener(...ACCOUNTS);
  const guest = await join(stage.midge.port, { user: "guest", pass: password });
  guest.close();
  expect(await listener.hearsSubjects(2)).toEqual([
    "$SYS.ACCOUNT.$G.CONNECT",
    "$SYS.ACCOUNT.$G.DISCONNECT",
  ]);
});

test("all that a server says of itself is numbered, without a gap", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener(...ACCOUNTS, `$SYS.SERVER.${stage.id}.>`);
  await using sys = await stage.join("sys");
  const numbers: number[] = [];
  const note = ({ server }: Json) => void numbers.push(server.seq);
  const bob = await stage.join("bob");
  for (const name of ["VARZ", "STATSZ", "HEALTHZ"])
    note(await sys.asks(`$SYS.REQ.SERVER.PING.${name}`));
  note(await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", "{"));
  note(await bob.asks("$SYS.REQ.USER.INFO"));
  note(await sys.asks("$SYS.REQ.ACCOUNT.B.CONNS"));
  bob.wire.close();
  for (let event = await listener.hears(); ; event = await listener.hears()) {
    note(event.document);
    if (event.subject === "$SYS.ACCOUNT.B.DISCONNECT") break;
  }
  const inOrder = numbers.toSorted((a, b) => a - b);
  expect(inOrder).toEqual(inOrder.map((_, at) => inOrder[0]! + at));
  expect(numbers.length).toBeGreaterThanOrEqual(6 + 9);
});

test("where nobody listens no event is made", async () => {
  await using stage = await Stage.withPeople();
  await using sys = await stage.join("sys");
  let { seq } = (await sys.asks("$SYS.REQ.USER.INFO")).server;
  for (let round = 0; round < 3; round++) {
    const bob = await stage.join("bob");
    const stranger = await connect(stage.midge.port);
    await stranger.says(connectLine({ user: "bob", pass: "wrong" }));
    await stranger.hearsUntilClose();
    await sys.asks("$SYS.REQ.SERVER.PING.IDZ");
    await sys.wire.says("PUB $SYS.REQ.SERVER.PING.STATSZ 0\r\n\r\n");
    bob.wire.close();
  }
  // Each of these questions takes one number, and nothing else does.
  for (let closed = 0; closed < 6;) {
    const { server, data } = await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", { state: 1 });
    expect(server.seq).toBe(++seq);
    closed = data.total;
  }
});

test("what a client calls itself breaks no event", async () => {
  await using stage = await Stage.withPeople();
  await using listener = await stage.listener("$SYS.ACCOUNT.B.*");
  const name = 'x"\r\nMSG a 1 2\r\nhi\0é😀';
  const about = { user: "bob", pass: password, name, lang: "\r\n", version: "\\" };
  const bob = await join(stage.midge.port, about);
  const came = (await listener.hears()).document;
  expect(came.client).toMatchObject({ name, lang: "\r\n", ver: "\\" });
  bob.close();
  expect((await listener.hears()).document.client.name).toBe(name);
});
