// What is asked about accounts (monitoring §21.1): by an administrator about any, by others about their own
// only, and by anybody about who one is.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { secret } from "../support/secrets.ts";
import { Asker, type Json, password, Stage } from "./stage.ts";

let stage: Stage;
let sys: Asker;
let alice: Asker;
let adam: Asker;
let bob: Asker;

beforeAll(async () => {
  stage = await Stage.withPeople();
  sys = await stage.join("sys");
  alice = await stage.join("alice");
  adam = await stage.join("adam");
  bob = await stage.join("bob");
  await adam.wire.says("SUB foo.bar 1\r\nSUB foo.* q 2\r\n");
  await adam.wire.silent();
});

afterAll(async () => {
  for (const each of [sys, alice, adam, bob]) await each[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const cids = (data: Json): number[] => data.connections.map(({ cid }: Json) => cid);

describe("an administrator is told of one account", () => {
  test("its connections, whatever account the body names", async () => {
    const { data } = await sys.asks("$SYS.REQ.ACCOUNT.A.CONNZ", { acc: "B", account: "B" });
    expect(cids(data)).toEqual([alice.cid, adam.cid]);
    expect(cids((await sys.asks("$SYS.REQ.ACCOUNT.nobody.CONNZ")).data)).toEqual([]);
  });

  test("its subscriptions, always with a list", async () => {
    const { data } = await sys.asks("$SYS.REQ.ACCOUNT.A.SUBSZ", { subscriptions: false });
    const subjects = data.subscriptions_list.map(({ subject }: Json) => subject);
    expect(subjects).toContain("foo.*");
    expect(subjects).toContain(`${alice.inbox}.*`);
    expect(subjects).not.toContain(`${bob.inbox}.*`);
  });

  test("its description, or that there is none", async () => {
    const { data } = await sys.asks("$SYS.REQ.ACCOUNT.B.INFO");
    expect([data.account_name, data.client_connections, data.is_system]).toEqual([
      "B",
      1,
      undefined,
    ]);
    const { data: none, error } = await sys.asks("$SYS.REQ.ACCOUNT.nope.INFO");
    expect([none, error.code]).toEqual([null, 500]);
    expect(error.description).toContain("nope");
  });

  test("its figures, which those without connections have only when they are asked for", async () => {
    const { data } = await sys.asks("$SYS.REQ.ACCOUNT.A.STATZ", { accounts: ["B"] });
    expect(data.account_statz).toHaveLength(1);
    expect(data.account_statz[0]).toMatchObject({ acc: "A", conns: 2 });
    expect(await sys.asksInVain("$SYS.REQ.ACCOUNT.$G.STATZ")).toBe(true);
    const unused = await sys.asks("$SYS.REQ.ACCOUNT.$G.STATZ", { include_unused: true });
    expect(unused.data.account_statz[0]).toMatchObject({ acc: "$G", conns: 0 });
  });

  test("its number of connections, where it has some", async () => {
    const event = await sys.asks("$SYS.REQ.ACCOUNT.A.CONNS", { server_name: "two" });
    expect(event).toMatchObject({ acc: "A", conns: 2, server: { id: stage.id } });
    for (const subject of ["$SYS.REQ.ACCOUNT.$G.CONNS", "$SYS.REQ.ACCOUNT.nope.CONNS"]) {
      expect(await sys.asksInVain(subject)).toBe(true);
    }
    expect(await sys.asksInVain("$SYS.REQ.ACCOUNT.A.CONNS", "{")).toBe(true);
  });

  test("that it has no JetStream and no leaf nodes", async () => {
    const { error } = await sys.asks("$SYS.REQ.ACCOUNT.A.JSZ");
    expect([error.code, error.description]).toEqual([500, "jetstream not enabled"]);
    expect((await sys.asks("$SYS.REQ.ACCOUNT.A.LEAFZ")).data.leafnodes).toBe(0);
  });

  test("that its claims don't come over the wire", async () => {
    for (const subject of ["$SYS.REQ.ACCOUNT.A.CLAIMS.UPDATE", "$SYS.ACCOUNT.A.CLAIMS.UPDATE"]) {
      const { error } = await sys.asks(subject, "no claims");
      expect([error.account, error.code]).toEqual(["A", 500]);
    }
    for (const name of ["UPDATE", "LIST", "DELETE", "PACK"]) {
      expect(await sys.asksNobody(`$SYS.REQ.CLAIMS.${name}`)).toBe(true);
    }
  });
});

test("an administrator is told the figures of all accounts, or of those that are named", async () => {
  const names = ({ data }: Json) => data.account_statz.map(({ acc }: Json) => acc).toSorted();
  expect(names(await sys.asks("$SYS.REQ.ACCOUNT.PING.STATZ"))).toEqual(["A", "B", "SYS"]);
  const named = { accounts: ["B", "nope"] };
  expect(names(await sys.asks("$SYS.REQ.ACCOUNT.PING.STATZ", named))).toEqual(["B"]);
  expect(await sys.asksInVain("$SYS.REQ.ACCOUNT.PING.STATZ", { accounts: ["nope"] })).toBe(true);
});

describe("an ordinary user", () => {
  test("is told of the own account only, whatever the body says", async () => {
    for (const subject of ["$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ"]) {
      for (const body of ["", { acc: "A" }, { account: "SYS" }, { acc: "" }, { state: 2 }]) {
        expect(cids((await bob.asks(subject, body)).data)).toEqual([bob.cid]);
      }
      expect(cids((await bob.asks(subject, { cid: alice.cid })).data)).toEqual([]);
      expect(cids((await bob.asks(subject, { user: "alice", auth: true })).data)).toEqual([]);
    }
    const { data } = await bob.asks("$SYS.REQ.ACCOUNT.PING.STATZ", { accounts: ["A", "SYS"] });
    expect(data.account_statz.map(({ acc }: Json) => acc)).toEqual(["B"]);
  });

  test("reaches nothing else", async () => {
    for (const subject of [
      "$SYS.REQ.SERVER.PING",
      "$SYS.REQ.SERVER.PING.VARZ",
      "$SYS.REQ.SERVER.PING.IDZ",
      `$SYS.REQ.SERVER.${stage.id}.CONNZ`,
      `$SYS.REQ.SERVER.${stage.id}.RELOAD`,
      `$SYS.REQ.SERVER.${stage.id}.KICK`,
      "$SYS.REQ.ACCOUNT.B.CONNZ",
      "$SYS.REQ.ACCOUNT.A.CONNZ",
      "$SYS.REQ.ACCOUNT.PING.SUBSZ",
      "$SYS.REQ.ACCOUNT.NSUBS",
      "$SYS.REQ.USER.bob.INFO",
      "$SYS.DEBUG.SUBSCRIBERS",
    ]) {
      expect([subject, await bob.asksNobody(subject)]).toEqual([subject, true]);
    }
  });

  test("without the right to ask is refused as for any subject", async () => {
    for (const subject of ["$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.SERVER.PING", "foo.secret"]) {
      await alice.wire.says(`PUB ${subject} answer.none 0\r\n\r\n`);
      await alice.wire.hears(`-ERR 'Permissions Violation for Publish to "${subject}"'\r\n`);
      await alice.wire.silent();
    }
  });

  test("hears nothing of what is told to administrators", async () => {
    await using listener = await stage.join("bob");
    await listener.wire.says("SUB > all\r\nSUB $SYS.> system\r\n");
    await listener.wire.silent();
    await using witness = await stage.listener("$SYS.ACCOUNT.A.>");
    await using guest = await stage.join("adam");
    expect(guest.cid).toBeGreaterThan(bob.cid);
    expect(await witness.hearsSubjects(2)).toEqual([
      "$SYS.ACCOUNT.A.SERVER.CONNS",
      "$SYS.ACCOUNT.A.CONNECT",
    ]);
    await listener.wire.silent();
  });

  test("can't speak in the server's place to administrators", async () => {
    await using listener = await stage.listener("$SYS.>");
    await bob.wire.says(`PUB $SYS.ACCOUNT.B.CONNECT 2\r\n{}\r\n`);
    await bob.wire.says(`PUB $SYS.SERVER.${stage.id}.SHUTDOWN 2\r\n{}\r\n`);
    await bob.wire.silent();
    await listener.wire.silent();
  });

  test("hears of a question for which nobody waits nothing", async () => {
    await bob.wire.says("PUB $SYS.REQ.ACCOUNT.PING.CONNZ 0\r\n\r\n");
    await bob.wire.says(`PUB $SYS.REQ.ACCOUNT.PING.CONNZ ${bob.inbox}.* 0\r\n\r\n`);
    expect((await bob.asks("$SYS.REQ.USER.INFO")).data.user).toBe("bob");
  });
});

describe("who one is", () => {
  const INFO = "$SYS.REQ.USER.INFO";

  test("is told with the account, and nothing of a password", async () => {
    for (const body of ["", "{", { server_name: "two" }, { user: "alice" }]) {
      await bob.sends(INFO, body);
      const { payload } = await bob.hears();
      expect(payload).not.toContain(password);
      const { server, data } = JSON.parse(payload);
      expect(server.id).toBe(stage.id);
      expect(data).toEqual({ user: "bob", account: "B", account_name: "B" });
    }
    expect((await sys.asks(INFO)).data.account).toBe("SYS");
  });

  test("is told with the permissions of those who have some", async () => {
    const { data } = await alice.asks(INFO);
    expect(data).toEqual({
      user: "alice",
      account: "A",
      account_name: "A",
      permissions: {
        publish: { allow: ["foo.>", INFO], deny: ["foo.secret"] },
        subscribe: { allow: ["answer.>", "foo.>", "$SYS.>"] },
        responses: { max: 3, ttl: 2_000_000_000 },
      },
    });
  });

  test("is nobody by the name of somebody else", async () => {
    const { data } = await sys.asks("$SYS.REQ.USER.alice.INFO");
    expect(data).toEqual({ user: "", account: "" });
  });

  test("is nobody where nobody logs in", async () => {
    await using open = await Stage.open();
    await using asker = await open.join();
    expect((await asker.asks(INFO)).data).toMatchObject({ user: "", account: "$G" });
    await using named = await open.join("carol");
    await named.sends(INFO);
    const { payload } = await named.hears();
    expect(JSON.parse(payload).data).toMatchObject({ user: "carol", account: "$G" });
    expect(payload).not.toContain(password);
  });

  test("is never told with a token", async () => {
    const token = secret();
    await using guarded = await Stage.open({ authorization: { token } });
    await using asker = await guarded.join(undefined, { auth_token: token });
    for (const [subject, body] of [
      [INFO, ""],
      ["$SYS.REQ.ACCOUNT.PING.CONNZ", { auth: true, state: 2 }],
    ] as const) {
      await asker.sends(subject, body);
      const { payload } = await asker.hears();
      expect(payload).toContain(`"[REDACTED]"`);
      expect(payload).not.toContain(token);
    }
  });
});
