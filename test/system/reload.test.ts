// An administrator tells the executable to read its file again (monitoring §21.1, RELOAD): what the file says
// now counts, or the answer says why it does not.
import { expect } from "bun:test";
import { secret } from "../support/secrets.ts";
import { Broker, midgeTest } from "../e2e/support.ts";
import { join } from "../support/wire.ts";
import { Asker, password } from "./stage.ts";

const config = (rest: string) => `${rest}
accounts {
  A { users: [ { user: adam, password: "${password}" } ] }
  SYS { users: [ { user: sys, password: "${password}" } ] }
}
system_account: SYS
`;

const reloadOf = ({ wire }: Asker) => `$SYS.REQ.SERVER.${String(wire.info["server_id"])}.RELOAD`;

midgeTest("what the file says now counts when the answer is there", async () => {
  await using broker = await Broker.start({ config: config("max_payload: 1MB") });
  await using sys = await Asker.join(broker.port, "sys");
  await using adam = await Asker.join(broker.port, "adam");
  broker.rewriteConfig(config("max_payload: 1KB"));
  expect(await adam.asksNobody(reloadOf(sys))).toBe(true);
  const answer = await sys.asks(reloadOf(sys));
  expect(Object.keys(answer)).toEqual(["server"]);
  await adam.wire.says(`PUB a 1025\r\n${"x".repeat(1025)}\r\n`);
  await adam.wire.hears("-ERR 'Maximum Payload Violation'\r\n");
  await broker.line(/Reloaded: max_payload = 1024$/);
  await using fresh = await join(broker.port, { user: "adam", pass: password });
  expect(fresh.info["max_payload"]).toBe(1024);
});

midgeTest("a file that makes no sense changes nothing, and the answer says where", async () => {
  await using broker = await Broker.start({ config: config("max_payload: 1MB") });
  await using sys = await Asker.join(broker.port, "sys");
  const hidden = secret();
  broker.rewriteConfig(`${config("max_payload: nonsense")}authorization { token: ${hidden}`);
  await sys.sends(reloadOf(sys));
  const { payload } = await sys.hears();
  expect(payload).not.toContain(hidden);
  expect(payload).not.toContain(password);
  const { error, ...rest } = JSON.parse(payload);
  expect(Object.keys(rest)).toEqual(["server"]);
  expect(error.code).toBe(500);
  expect(error.description).toContain("midge.conf");
  await broker.line(/\[ERR\] Failed to reload server configuration/);
  await using fresh = await join(broker.port, { user: "adam", pass: password });
  expect(fresh.info["max_payload"]).toBe(1_048_576);
});

midgeTest(
  "users that the file names now may ask, and those it names no more are gone",
  async () => {
    await using broker = await Broker.start({ config: config("") });
    await using sys = await Asker.join(broker.port, "sys");
    await using adam = await Asker.join(broker.port, "adam");
    const more = config("")
      .replace("adam", "anna")
      .replace("system_account", "debug: true\nsystem_account");
    broker.rewriteConfig(more);
    await sys.asks(reloadOf(sys));
    await adam.wire.hearsUntilClose();
    await using anna = await Asker.join(broker.port, "anna");
    expect((await anna.asks("$SYS.REQ.USER.INFO")).data).toMatchObject({
      user: "anna",
      account: "A",
    });
  },
);

midgeTest("without a file the answer says so", async () => {
  await using broker = await Broker.start();
  await using nobody = await Asker.join(broker.port);
  const { server, data } = await nobody.asks("$SYS.REQ.USER.INFO");
  expect([server.id, data.account]).toEqual([nobody.wire.info["server_id"], "$G"]);
  expect(await nobody.asksNobody(reloadOf(nobody))).toBe(true);
});
