// What goes wrong elsewhere is nobody's trouble here: a server that does not answer, names that are no part of
// a subject, replies in any script.
import { expect, test } from "bun:test";
import { joinCluster, wants } from "../cluster/delivery-peer.ts";
import { startMidge } from "../cluster/nodes.ts";
import { ACCOUNTS, Pair } from "./cluster-stage.ts";
import { Asker, password, Stage } from "./stage.ts";

test("who waits for a silent server keeps nobody else waiting", async () => {
  await using node = await startMidge(
    "one",
    {},
    { systemAccount: "SYS", accounts: ACCOUNTS, noAuthUser: "guest" },
  );
  await using peer = await joinCluster(node);
  await wants(peer, "RS+ SYS $SYS.REQ.ACCOUNT.NSUBS\r\n");
  await using sys = await Asker.join(node.port, "sys");
  await sys.sends("$SYS.DEBUG.SUBSCRIBERS", "foo");
  const askedAt = performance.now();
  await using bob = await Asker.join(node.port, "bob");
  expect((await bob.asks("$SYS.REQ.USER.INFO")).data.user).toBe("bob");
  expect((await bob.asks("$SYS.REQ.ACCOUNT.PING.STATZ")).data.account_statz).toHaveLength(1);
  expect(performance.now() - askedAt).toBeLessThan(1_000);
});

test("answers of all servers find a reply in any script", async () => {
  await using pair = await Pair.open();
  await using bob = await pair.join(pair.one, "bob");
  await bob.wire.says(
    "SUB r\u00e9 1\r\nPUB $SYS.REQ.ACCOUNT.PING.STATZ r\u00e9 23\r\n" +
      '{"include_unused":true}\r\n',
  );
  const heard: string[] = [];
  while (heard.length < 2) heard.push((await bob.wire.hearsItem())!);
  for (const item of heard) expect(item).toMatch(/^MSG r(\u00e9|\u00c3\u00a9) 1 /);
});

test("an account whose name means all of them cannot ask about all of them", async () => {
  const users = (user: string) => ({ users: [{ user, password }] });
  const accounts = { PING: users("ping"), B: users("bob"), SYS: users("sys") };
  await using stage = await Stage.open({ systemAccount: "SYS", accounts });
  await using ping = await stage.join("ping");
  expect(await ping.asksNobody("$SYS.REQ.ACCOUNT.PING.STATZ")).toBe(true);
});

test("an account whose name is no part of a subject is told of to nobody", async () => {
  const users = (user: string) => ({ users: [{ user, password }] });
  const accounts = {
    "a b": users("blank"),
    "c\r\nd": users("line"),
    B: users("bob"),
    SYS: users("sys"),
  };
  await using stage = await Stage.open({ systemAccount: "SYS", accounts });
  await using sys = await stage.join("sys");
  await sys.wire.says("SUB $SYS.ACCOUNT.> e\r\nSUB $SYS.SERVER.> e\r\n");
  await sys.wire.silent();
  for (const user of ["blank", "line", "bob"])
    await (await stage.join(user))[Symbol.asyncDispose]();
  for (;;) {
    const item = (await sys.wire.hearsItem())!;
    expect(item).toMatch(/^MSG \$SYS\.(SERVER\.ACCOUNT\.B\.CONNS|ACCOUNT\.B\.\S+) e \d+\r\n/);
    if (item.includes(".DISCONNECT ")) break;
  }
});
