// /accountz and /accstatz.
import { describe, expect, test } from "bun:test";
import { TestMonitor } from "./ask.ts";
import { fakeAccount, NO_STATS } from "./fake-source.ts";

const A = fakeAccount({
  name: "A",
  connections: 2,
  totalConnections: 7,
  subscriptionCount: 3,
  sent: { msgs: 11, bytes: 12 },
  received: { msgs: 13, bytes: 14 },
  slowConsumers: 1,
  treeStats: () => ({ ...NO_STATS, subscriptions: 3, inserts: 4, removes: 1 }),
});

async function withAccounts() {
  const monitor = await TestMonitor.open();
  const system = fakeAccount({ name: "$SYS", isSystem: true });
  monitor.source.accounts = [fakeAccount({ name: "$G" }), system, A];
  return monitor;
}

describe("/accountz", () => {
  test("names the accounts", async () => {
    await using monitor = await withAccounts();
    const { now: _now, ...shown } = await monitor.json("/accountz");
    expect(Object.entries(shown)).toEqual([
      ["server_id", "NAAA"],
      ["system_account", "$SYS"],
      ["accounts", ["$G", "$SYS", "A"]],
    ]);
  });

  test("does not name a system account that is off", async () => {
    await using monitor = await withAccounts();
    monitor.source.systemAccountName = "";
    expect(await monitor.json("/accountz")).not.toHaveProperty("system_account");
  });

  test("shows one of them in nats-server's order", async () => {
    await using monitor = await withAccounts();
    const { account_detail } = await monitor.json("/accountz?acc=A");
    expect(Object.entries(account_detail as object)).toEqual([
      ["account_name", "A"],
      ["update_time", "2026-11-23T08:33:29.835Z"],
      ["expired", false],
      ["complete", true],
      ["jetstream_enabled", false],
      ["leafnode_connections", 0],
      ["client_connections", 2],
      ["subscriptions", 3],
      [
        "imports",
        [
          imported("$SYS.REQ.ACCOUNT.A.CONNZ", "$SYS.REQ.ACCOUNT.PING.CONNZ"),
          imported("$SYS.REQ.ACCOUNT.A.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ"),
          imported("$SYS.REQ.ACCOUNT.A.STATZ", "$SYS.REQ.ACCOUNT.PING.STATZ"),
          { ...imported("$SYS.REQ.USER.A.INFO", "$SYS.REQ.USER.INFO"), share: true },
        ],
      ],
      ["name_tag", "A"],
      [
        "sublist_stats",
        {
          num_subscriptions: 3,
          num_cache: 0,
          num_inserts: 4,
          num_removes: 1,
          num_matches: 0,
          cache_hit_rate: 0,
          max_fanout: 0,
          avg_fanout: 0,
        },
      ],
    ]);
    const system = (await monitor.json("/accountz?acc=$SYS"))["account_detail"];
    expect(system).toMatchObject({ is_system: true });
  });

  test("does not know every account", async () => {
    await using monitor = await withAccounts();
    expect(await monitor.refusal("/accountz?acc=nope")).toEqual([
      400,
      "Account nope does not exist",
    ]);
  });
});

describe("/accstatz", () => {
  const none = { msgs: 0, bytes: 0 };

  test("shows accounts with clients: sent is what they were given", async () => {
    await using monitor = await withAccounts();
    const { account_statz } = await monitor.json("/accstatz");
    const [only, ...others] = account_statz as object[];
    expect(others).toEqual([]);
    expect(Object.entries(only!)).toEqual([
      ["acc", "A"],
      ["name", "A"],
      ["conns", 2],
      ["leafnodes", 0],
      ["total_conns", 2],
      ["num_subscriptions", 3],
      ["sent", { msgs: 11, bytes: 12, gateways: none, routes: none, leafs: none }],
      ["received", { msgs: 13, bytes: 14, gateways: none, routes: none, leafs: none }],
      ["slow_consumers", 1],
    ]);
  });

  test("shows the others on demand", async () => {
    await using monitor = await withAccounts();
    const { account_statz } = await monitor.json("/accstatz?unused=1");
    expect((account_statz as { acc: string }[]).map(({ acc }) => acc)).toEqual(["$G", "$SYS", "A"]);
    expect((await monitor.refusal("/accstatz?unused=x"))[0]).toBe(400);
  });
});

/** A service of the system account, under the name that it has in another one. */
function imported(subject: string, own: string) {
  return {
    subject,
    account: "$SYS",
    to: own,
    local_subject: own,
    type: "service",
    invalid: false,
    share: false,
    tracking: false,
  };
}
