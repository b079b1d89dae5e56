// What an administrator tells a server to do (monitoring §21.1): to close a connection, to send a client
// elsewhere, to read its configuration again.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Asker, Stage } from "./stage.ts";

let stage: Stage;
let sys: Asker;

beforeAll(async () => {
  stage = await Stage.withPeople();
  sys = await stage.join("sys");
});

afterAll(async () => {
  await sys[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const command = (name: string) => `$SYS.REQ.SERVER.${stage.id}.${name}`;

describe("KICK", () => {
  test("closes the connection, and the monitor remembers why", async () => {
    await using bob = await stage.join("bob");
    await using other = await stage.join("bob");
    const answer = await sys.asks(command("KICK"), { cid: bob.cid });
    expect(Object.keys(answer)).toEqual(["server"]);
    await bob.wire.hearsClose();
    await other.wire.silent();
    const { data } = await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", { state: 1, cid: bob.cid });
    expect(data.connections).toHaveLength(1);
    expect(data.connections[0]).toMatchObject({ cid: bob.cid, reason: "Kicked" });
  });

  test("says so where there is no such connection, and closes nobody", async () => {
    for (const body of ["{}", "null", { cid: 987_654 }, { cid: 0 }, { cid: null }]) {
      const { server, error, ...rest } = await sys.asks(command("KICK"), body);
      expect(server.id).toBe(stage.id);
      expect(error).toEqual({ code: 500, description: "no such client or leafnode id" });
      expect(rest).toEqual({});
    }
    await sys.wire.silent();
  });

  test("is not answered, nor done, without a body that makes sense", async () => {
    for (const body of ["", "{", "7", `{"cid":"${sys.cid}"}`, `{"cid":-1}`, "[]"]) {
      expect(await sys.asksInVain(command("KICK"), body)).toBe(true);
    }
  });

  test("is done by the server that is meant only, and not without a reply subject", async () => {
    await using bob = await stage.join("bob");
    const body = { cid: bob.cid, server_name: "two" };
    expect(await sys.asksInVain(command("KICK"), body)).toBe(true);
    const text = JSON.stringify({ cid: bob.cid });
    await sys.wire.says(`PUB ${command("KICK")} ${text.length}\r\n${text}\r\n`);
    expect((await sys.asks("$SYS.REQ.USER.INFO")).data.user).toBe("sys");
    await bob.wire.silent();
  });

  test("takes no order from ordinary users", async () => {
    await using bob = await stage.join("bob");
    await using adam = await stage.join("adam");
    expect(await bob.asksNobody(command("KICK"), { cid: adam.cid })).toBe(true);
    await adam.wire.silent();
  });

  test("may be of the one who asks", async () => {
    await using second = await stage.join("sys");
    await second.sends(command("KICK"), { cid: second.cid });
    await second.wire.hearsUntilClose();
    const { data } = await sys.asks("$SYS.REQ.SERVER.PING.CONNZ", { state: 1, cid: second.cid });
    expect(data.connections[0].reason).toBe("Kicked");
  });
});

describe("LDM", () => {
  test("tells that client alone to go elsewhere, and closes nothing", async () => {
    await using bob = await stage.join("bob");
    await using other = await stage.join("bob");
    const answer = await sys.asks(command("LDM"), { cid: bob.cid });
    expect(Object.keys(answer)).toEqual(["server"]);
    expect(await bob.wire.hearsInfo()).toMatchObject({ ldm: true, client_id: bob.cid });
    await bob.wire.silent();
    await other.wire.silent();
    await sys.wire.silent();
  });

  test("says so where there is no such client", async () => {
    const { error, ...rest } = await sys.asks(command("LDM"), { cid: 987_654 });
    expect(error).toEqual({ code: 500, description: "no such client id" });
    expect(Object.keys(rest)).toEqual(["server"]);
    for (const body of ["", "{"]) expect(await sys.asksInVain(command("LDM"), body)).toBe(true);
  });
});

describe("RELOAD", () => {
  test("says so where the configuration came from no file", async () => {
    const { error, ...rest } = await sys.asks(command("RELOAD"));
    expect(error.code).toBe(500);
    expect(error.description).toContain("file");
    expect(Object.keys(rest)).toEqual(["server"]);
  });

  test("reads the file, once for each time that it is asked to", async () => {
    await using own = await Stage.withPeople();
    await using admin = await own.join("sys");
    let reads = 0;
    own.midge.reloadFile = () => Promise.resolve(void reads++);
    const subject = `$SYS.REQ.SERVER.${own.id}.RELOAD`;
    for (const body of ["", "{}"]) {
      expect(Object.keys(await admin.asks(subject, body))).toEqual(["server"]);
    }
    expect(reads).toBe(2);
    const { error } = await admin.asks(subject, "{");
    expect(error.code).toBe(400);
    expect(await admin.asksInVain(subject, { server_name: "two" })).toBe(true);
    expect(reads).toBe(2);
  });

  test("says why it failed", async () => {
    await using own = await Stage.withPeople();
    await using admin = await own.join("sys");
    own.midge.reloadFile = () => Promise.reject(new Error("line 3 makes no sense"));
    const { error } = await admin.asks(`$SYS.REQ.SERVER.${own.id}.RELOAD`);
    expect(error).toEqual({ code: 500, description: "line 3 makes no sense" });
    expect(own.problems).toEqual([]);
  });
});

test("nothing of this is a mistake of the server's", () => expect(stage.problems).toEqual([]));
