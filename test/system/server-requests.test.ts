// What an administrator asks a server, by its id or with all others (monitoring §21.1).
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Asker, type Json, password, Stage } from "./stage.ts";

let stage: Stage;
let sys: Asker;
let adam: Asker;

beforeAll(async () => {
  stage = await Stage.withPeople();
  sys = await stage.join("sys");
  adam = await stage.join("adam");
  await adam.wire.says("SUB foo.bar 1\r\n");
  await adam.wire.silent();
});

afterAll(async () => {
  await adam[Symbol.asyncDispose]();
  await sys[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** Each name, and what its answer has to tell. */
const ANSWERS: readonly (readonly [name: string, holds: (data: Json) => void])[] = [
  [
    "VARZ",
    (data) => {
      expect(data.server_id).toBe(stage.id);
      expect(data.system_account).toBe("SYS");
      expect(data.connections).toBe(2);
    },
  ],
  [
    "CONNZ",
    ({ connections, total }) => {
      expect(total).toBe(2);
      expect(connections.map(({ cid }: Json) => cid)).toEqual([sys.cid, adam.cid]);
    },
  ],
  ["SUBSZ", ({ num_subscriptions }) => expect(num_subscriptions).toBeGreaterThan(56)],
  ["ROUTEZ", (data) => expect([data.num_routes, data.routes]).toEqual([0, []])],
  ["ACCOUNTZ", ({ accounts }) => expect(accounts.toSorted()).toEqual(["$G", "A", "B", "SYS"])],
  ["LEAFZ", (data) => expect(data.leafnodes).toBe(0)],
  ["GATEWAYZ", (data) => expect(data.server_id).toBe(stage.id)],
  ["HEALTHZ", (data) => expect(data).toEqual({ status: "ok", status_code: 200 })],
  ["JSZ", (data) => expect(data.disabled).toBe(true)],
  ["RAFTZ", (data) => expect(data).toEqual({})],
  ["IPQUEUESZ", (data) => expect(data).toBeObject()],
  ["PROFILEZ", (data) => expect(data.error).toBe("Profile name not specified")],
  ["EXPVARZ", (data) => expect(Object.keys(data)).toEqual(["memstats", "cmdline"])],
];

describe("every server, and the one of this id, answers", () => {
  test.each(ANSWERS.map(([name, holds]) => [name, holds] as const))("%s", async (name, holds) => {
    for (const who of ["PING", stage.id]) {
      const { server, data, error } = await sys.asks(`$SYS.REQ.SERVER.${who}.${name}`);
      expect(error).toBeUndefined();
      expect(server).toMatchObject({ name: "one", id: stage.id, tags: ["az:1", "dc:x"] });
      holds(data);
    }
  });

  test("STATSZ, also to a mere PING, without an envelope of its own", async () => {
    for (const subject of ["PING", "PING.STATSZ", `${stage.id}.STATSZ`]) {
      const answer = await sys.asks(`$SYS.REQ.SERVER.${subject}`);
      expect(Object.keys(answer)).toEqual(["server", "statsz"]);
      const { connections, active_accounts, active_servers } = answer.statsz;
      expect([connections, active_accounts, active_servers]).toEqual([2, 2, 1]);
    }
  });

  test("IDZ with nothing but who it is, whatever the body says", async () => {
    const identity = { name: "one", host: stage.midge.options.host, id: stage.id };
    for (const body of ["", "{", "nonsense", { server_name: "other" }]) {
      expect(await sys.asks("$SYS.REQ.SERVER.PING.IDZ", body)).toEqual(identity);
      expect(await sys.asks(`$SYS.REQ.SERVER.${stage.id}.IDZ`, body)).toEqual(identity);
    }
  });
});

describe("nobody answers", () => {
  test("for another server", async () => {
    const other = `N${"A".repeat(55)}`;
    for (const name of ["VARZ", "STATSZ", "IDZ", "KICK", "RELOAD"]) {
      expect(await sys.asksNobody(`$SYS.REQ.SERVER.${other}.${name}`)).toBe(true);
    }
  });

  test("what no server knows", async () => {
    for (const subject of [
      "$SYS.REQ.SERVER.PING.NONSENSE",
      "$SYS.REQ.SERVER.PING.varz",
      "$SYS.REQ.SERVER.PING.VARZ.x",
      "$SYS.REQ.SERVER.PING.KICK",
      "$SYS.REQ.SERVER.PING.RELOAD",
      "$SYS.REQ.SERVER",
      `$SYS.REQ.SERVER.${stage.id}`,
      "$SYS.REQ.ACCOUNT.A.NONSENSE",
    ]) {
      expect([subject, await sys.asksNobody(subject)]).toEqual([subject, true]);
    }
  });

  test("where the filters mean another server, except for IDZ", async () => {
    for (const body of [
      { server_name: "two" },
      { tags: ["az:2"] },
      { host: "x", exact_match: true },
    ]) {
      for (const name of ["VARZ", "STATSZ", "CONNZ"]) {
        expect(await sys.asksInVain(`$SYS.REQ.SERVER.PING.${name}`, body)).toBe(true);
      }
    }
    const { server } = await sys.asks("$SYS.REQ.SERVER.PING.VARZ", { TAGS: ["AZ:1"], Host: "" });
    expect(server.name).toBe("one");
  });

  test("where there is no subject for an answer, or one with wildcards", async () => {
    await sys.wire.says("PUB $SYS.REQ.SERVER.PING.VARZ 0\r\n\r\n");
    await sys.wire.says(`PUB $SYS.REQ.SERVER.PING.VARZ ${sys.inbox}.* 0\r\n\r\n`);
    await sys.wire.says(`PUB $SYS.REQ.SERVER.PING.VARZ ${sys.inbox}.> 0\r\n\r\n`);
    expect((await sys.asks("$SYS.REQ.SERVER.PING.IDZ")).id).toBe(stage.id);
  });
});

describe("what can't be answered is told", () => {
  test("with 400 and no data where the body is of no use", async () => {
    for (const body of ["{", "[]", '{"auth":1}', '{"server_name":1}']) {
      const { error, ...rest } = await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", body);
      expect(error.code).toBe(400);
      expect(Object.keys(rest)).toEqual(["server"]);
    }
  });

  test("with 500 and null where an option is", async () => {
    const { data, error } = await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", { sort: "bad" });
    expect([data, error.code]).toEqual([null, 500]);
    expect(error.description).toContain("bad");
    const { error: subject } = await sys.asks("$SYS.REQ.SERVER.PING.SUBSZ", { test: "foo.*" });
    expect(subject.code).toBe(500);
  });

  test("with no one's connections where the state is out of range", async () => {
    for (const state of [3, -1, 2 ** 40]) {
      const { data } = await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", { state });
      expect([state, data.num_connections]).toEqual([state, 0]);
    }
  });

  test("offsets and limits out of range give what there is", async () => {
    const body = { offset: 2 ** 40, limit: 2 ** 50 };
    expect((await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", body)).data.connections).toEqual([]);
    const negative = await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", { offset: -1, limit: -1 });
    expect(negative.data.connections).toHaveLength(2);
  });
});

test("the documents never have a password in them", async () => {
  const asked: readonly (readonly [string, object])[] = [
    ["VARZ", {}],
    ["CONNZ", { auth: true, state: 2, subscriptions_detail: true }],
    ["ACCOUNTZ", { account: "A" }],
    ["EXPVARZ", {}],
  ];
  for (const [name, body] of asked) {
    await sys.sends(`$SYS.REQ.SERVER.PING.${name}`, body);
    const { payload } = await sys.hears();
    expect(payload).toContain(stage.id);
    expect(payload).not.toContain(password);
  }
  await sys.sends("$SYS.REQ.SERVER.PING.CONNZ", { auth: true });
  expect((await sys.hears()).payload).toContain('"authorized_user":"adam"');
});
