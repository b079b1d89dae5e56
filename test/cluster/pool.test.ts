// Several connections to one server, among which the accounts are shared out (cluster §4.11): which there
// are, what goes over which, what happens when one of them goes, and servers that differ about it.
import { expect, test } from "bun:test";
import { type Cluster } from "../../src/cluster/cluster.ts";
import { hashAccount } from "../../src/cluster/slot.ts";
import { CloseReason } from "../../src/proto/errors.ts";
import { connect } from "../support/wire.ts";
import { FakePeer, greeting, meet, type Node, routeTo, startMidge } from "./nodes.ts";

const clusterOf = ({ midge }: Node): Cluster => midge!.cluster!;

/** Two accounts; who does not log in is in the quiet one. */
const LOUD = {
  accounts: {
    LOUD: { users: [{ user: "loud", password: "loud" }] },
    QUIET: { users: [{ user: "quiet", password: "quiet" }] },
  },
  noAuthUser: "quiet",
};

const LOGIN = `CONNECT {"user":"loud","pass":"loud","verbose":false,"headers":true}\r\n`;

/** The places that are taken, in order: numbers of the pool, then accounts. */
function placesOf(node: Node): string[] {
  const registered = [...clusterOf(node).routes].filter(({ isRegistered }) => isRegistered);
  return registered.map(({ slot }) => String(slot)).sort();
}

/** Waits until this is so; asked again after whatever the loop has to do. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

const hasPlaces = (node: Node, places: readonly string[]) => () =>
  Bun.deepEquals(placesOf(node), places);

test("names are hashed as nats-server hashes them", () => {
  expect(hashAccount("$G")).toBe(0x7abc619c);
  expect(hashAccount("$G") % 3).toBe(2);
});

test("two servers have three connections and one for the system's account", async () => {
  await using a = await startMidge("A");
  await using b = await startMidge("B", { routes: [routeTo(a)] });
  await until(hasPlaces(a, ["$SYS", "0", "1", "2"]));
  expect(placesOf(b)).toEqual(["$SYS", "0", "1", "2"]);
  await meet(a, b);
  expect(clusterOf(a).remotes).toBe(1);
});

test("servers that dial each other share one pool", async () => {
  await using a = await startMidge("A");
  await using b = await startMidge("B", { routes: [routeTo(a)] });
  await a.midge!.reload({
    serverName: "A",
    port: -1,
    cluster: { port: -1, name: "c1", routes: [routeTo(b)] },
  });
  await a.logged(/Detected duplicate remote route/);
  await until(hasPlaces(a, ["$SYS", "0", "1", "2"]));
  await until(hasPlaces(b, ["$SYS", "0", "1", "2"]));
  await meet(a, b);
});

test("an account of its own connection goes over that one, without its name", async () => {
  await using a = await startMidge("A", { accounts: ["LOUD"] }, LOUD);
  await using peer = await connect(a.clusterPort);
  await peer.says(greeting("P", { route_pool_size: 3, route_account: "LOUD" }));
  await peer.says("RS+ shout\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await using client = await connect(a.port);
  await client.says(`${LOGIN}SUB whisper 1\r\n`);
  await peer.hears("RS+ whisper\r\n");
  await client.says("PUB shout 2\r\nhi\r\nHPUB shout re 12 14\r\nNATS/1.0\r\n\r\nho\r\n");
  await peer.hears("RMSG shout 2\r\nhi\r\nHMSG shout re 12 14\r\nNATS/1.0\r\n\r\nho\r\n");
  await peer.says("RMSG whisper 2\r\nps\r\nRMSG whisper + re g 2\r\nst\r\n");
  await client.hears("MSG whisper 1 2\r\nps\r\nMSG whisper 1 re 2\r\nst\r\n");
});

test("interest goes over the connection of its account only, and is heard on any", async () => {
  await using a = await startMidge("A");
  await using first = await connect(a.clusterPort);
  await first.says(`${greeting("P", { route_pool_size: 3 })}PING\r\n`);
  await first.hears("PONG\r\n");
  await using third = await connect(a.clusterPort);
  await third.says(`${greeting("P", { route_pool_size: 3, route_pool_idx: 2 })}PING\r\n`);
  await third.hears("RS+ $G probe.A\r\nRS+ $G nobody.A\r\nPONG\r\n");
  await first.says("RS+ $G odd\r\nPING\r\n");
  await first.hears("PONG\r\n");
  await using client = await connect(a.port);
  await client.says(`CONNECT {"verbose":false}\r\nSUB even 1\r\nPUB odd 1\r\nx\r\n`);
  await third.hears("RS+ $G even\r\n");
  await first.hears("RMSG $G odd 1\r\nx\r\n");
});

test("a place is given once, and numbers outside of the pool are refused", async () => {
  await using a = await startMidge("A", { poolSize: 2 });
  const refused = async (info: object): Promise<string> => {
    await using peer = await connect(a.clusterPort);
    await peer.says(greeting("P", info));
    return await peer.hearsUntilClose();
  };
  await using peer = await connect(a.clusterPort);
  await peer.says(`${greeting("P", { route_pool_size: 2, route_pool_idx: 1 })}PING\r\n`);
  await peer.hears("PONG\r\n");
  expect(await refused({ route_pool_size: 2, route_pool_idx: 1 })).not.toContain("-ERR");
  const errors: readonly (readonly [info: object, text: string])[] = [
    [{ route_pool_size: 2, route_pool_idx: 2 }, "Invalid route pool index: 2 - pool size is 2"],
    [{ route_pool_size: 2, route_pool_idx: -1 }, "Invalid route pool index: -1 - pool size is 2"],
    [{ route_pool_idx: 1 }, "Route pool index should not be set but is set to 1"],
    [{ route_pool_size: 2, route_account: "$G" }, 'No route for account "$G"'],
    [
      { route_pool_size: 2, route_account: "NOPE" },
      'Unable to lookup account "NOPE": account missing',
    ],
    [
      { route_account: "$SYS" },
      'Not possible to have a dedicated route for account "$SYS" between those servers',
    ],
  ];
  for (const [info, text] of errors) expect(await refused(info)).toContain(`-ERR '${text}'`);
});

test("a connection of the pool that is lost comes back, the others stay", async () => {
  await using a = await startMidge("A");
  await using b = await startMidge("B", { routes: [routeTo(a)], pingInterval: 50 });
  await until(hasPlaces(b, ["$SYS", "0", "1", "2"]));
  const lost = [...clusterOf(b).routes].find(({ slot }) => slot === 2)!;
  lost.close(CloseReason.readError);
  expect(clusterOf(b).remotes).toBe(1);
  await until(hasPlaces(b, ["$SYS", "0", "1", "2"]));
  await meet(a, b);
});

test("an account that only one of them sets apart goes with the others", async () => {
  await using a = await startMidge("A", {}, LOUD);
  await using b = await startMidge("B", { routes: [routeTo(a)], accounts: ["LOUD"] }, LOUD);
  await b.logged(/No route for account "LOUD"/);
  await using here = await connect(a.port);
  await using there = await connect(b.port);
  await there.says(`${LOGIN}SUB shout 1\r\n`);
  await until(() =>
    [...clusterOf(a).routes].some(({ interests }) => {
      return [...interests.all].some(({ subject }) => subject === "shout");
    }),
  );
  await here.says(`${LOGIN}PUB shout 2\r\nhi\r\n`);
  await there.hears("MSG shout 1 2\r\nhi\r\n");
});

test("without a pool on either side there is one connection for everything", async () => {
  await using a = await startMidge("A", { poolSize: -1 });
  await using b = await startMidge("B", { routes: [routeTo(a)] });
  await meet(a, b);
  expect(placesOf(a)).toEqual(["0"]);
  expect(placesOf(b)).toEqual(["0"]);
});

test("who dials waits with its INFO until it knows whether there is a pool", async () => {
  await using peer = FakePeer.listen();
  await using node = await startMidge("A", { routes: [peer.url()] });
  expect(await peer.hearsLine()).toStartWith("CONNECT {");
  const info = {
    server_id: "P",
    server_name: "P",
    proto: 2,
    host: "127.0.0.1",
    port: 1,
    cluster: "c1",
  };
  await peer.says(`INFO ${JSON.stringify({ ...info, headers: true, route_pool_size: 3 })} \r\n`);
  const own = JSON.parse((await peer.hearsLine()).slice("INFO ".length));
  expect(own).toMatchObject({ route_pool_size: 3, compression: "off" });
  expect(own).not.toHaveProperty("route_pool_idx");
  expect(own).not.toHaveProperty("route_account");
  expect(placesOf(node)).toEqual(["0"]);
});

test("a changed size is agreed on anew", async () => {
  await using a = await startMidge("A", { poolSize: 1 });
  await using b = await startMidge("B", { poolSize: 1, routes: [routeTo(a)] });
  await until(hasPlaces(b, ["$SYS", "0"]));
  const cluster = { port: -1, name: "c1", routes: [routeTo(a)], poolSize: 2 };
  await b.midge!.reload({ serverName: "B", port: -1, cluster });
  await b.logged(/Reloaded: cluster/);
  await until(hasPlaces(b, ["$SYS", "0", "1"]));
  await meet(a, b);
});
