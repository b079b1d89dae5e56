// The transcript of cluster §4.20 and the table of §4.11 with a peer made of bytes: several connections to one
// server share the accounts out among them, and some accounts have one of their own.
import { expect, test } from "bun:test";
import { describeWithPeer } from "../support/peer.ts";
import { connect, join, type WireClient } from "../support/wire.ts";
import { greeting, startMidge, startOriginal } from "./nodes.ts";

/** The index of `$G` in a pool of three. */
const HOME = 2;
const POOL = { route_pool_size: 3 };

/** Another connection of the server "D" that has been registered, and what it heard before its PONG. */
async function member(port: number, info: object): Promise<{ peer: WireClient; heard: string[] }> {
  const peer = await connect(port);
  await peer.says(greeting("D", info) + "PING\r\n");
  return { peer, heard: await untilPong(peer) };
}

async function untilPong(peer: WireClient): Promise<string[]> {
  const heard: string[] = [];
  for (;;) {
    const line = await peer.hearsLine();
    if (line === "PONG") return heard;
    if (line !== "PING") heard.push(line);
  }
}

test("transcript §4.20: who is dialled says how many connections there may be, and nothing of one", async () => {
  await using midge = await startMidge("A");
  await using peer = await connect(midge.clusterPort);
  expect(peer.info).toMatchObject({ route_pool_size: 3, compression: "off", lnoc: true });
  for (const key of ["route_pool_idx", "route_account"]) expect(peer.info).not.toHaveProperty(key);
});

test("transcript §4.20: an account lives on one connection, and is heard of on any", async () => {
  await using midge = await startMidge("A");
  await using client = await join(midge.port);
  const members: WireClient[] = [];
  for (const index of [0, 1, HOME]) {
    const info = index === 0 ? POOL : { ...POOL, route_pool_idx: index };
    const { peer, heard } = await member(midge.clusterPort, info);
    expect(heard).toEqual(index === HOME ? ["RS+ $G probe.A", "RS+ $G nobody.A"] : []);
    members.push(peer);
  }
  const [first, second, home] = members as [WireClient, WireClient, WireClient];
  expect(midge.midge!.cluster!.remotes).toBe(1);

  await client.says("SUB foo 1\r\n");
  await home.hears("RS+ $G foo\r\n");
  for (const each of members) await each.says("RMSG $G foo 5\r\nhello\r\nPING\r\n");
  await client.hears("MSG foo 1 5\r\nhello\r\n".repeat(3));
  for (const each of members) await each.hears("PONG\r\n");

  // Where interest came from is where messages go.
  await second.says("RS+ $G there\r\nPING\r\n");
  await second.hears("PONG\r\n");
  await client.says("PUB there 2\r\nhi\r\n");
  await second.hears("RMSG $G there 2\r\nhi\r\n");
  await first.silent();
  await home.silent();
  for (const each of members) each.close();
});

test("transcript §4.20: a server that joins is told of once, whatever the connections", async () => {
  await using midge = await startMidge("A");
  const first = await member(midge.clusterPort, POOL);
  const second = await member(midge.clusterPort, { ...POOL, route_pool_idx: 1 });
  await using newcomer = await connect(midge.clusterPort);
  await newcomer.says(greeting("C", { ...POOL, port: 6224, nonce: "n" }) + "PING\r\n");
  await untilPong(newcomer);
  const told = [...(await saidTo(first.peer)), ...(await saidTo(second.peer))];
  expect(told).toHaveLength(1);
  const info = JSON.parse(told[0]!.slice("INFO ".length));
  expect(info).toMatchObject({ server_id: "C", ip: "nats-route://127.0.0.1:6224/" });
  for (const key of ["nonce", "route_pool_idx", "route_account"])
    expect(info).not.toHaveProperty(key);
  first.peer.close();
  second.peer.close();
});

test("transcript §4.20: others hear of a newcomer's connection for an account, too, and dial it", async () => {
  const accounts = { APP: { users: [{ user: "a", password: "a" }] } };
  await using midge = await startMidge("A", { accounts: ["APP"] }, { accounts, noAuthUser: "a" });
  const pooled = await member(midge.clusterPort, POOL);
  const pinned = await member(midge.clusterPort, { ...POOL, route_account: "APP" });
  for (const info of [POOL, { ...POOL, route_account: "APP" }]) {
    const newcomer = await connect(midge.clusterPort);
    await newcomer.says(greeting("C", { ...info, port: 6224 }) + "PING\r\n");
    await untilPong(newcomer);
  }
  const told = [...(await saidTo(pooled.peer)), ...(await saidTo(pinned.peer))]
    .filter((line) => line.startsWith("INFO "))
    .map((line) => JSON.parse(line.slice("INFO ".length)));
  expect(told.map(({ server_id, route_account }) => [server_id, route_account]).sort()).toEqual([
    ["C", undefined],
    ["C", "APP"],
  ]);
});

async function saidTo(peer: WireClient): Promise<string[]> {
  await peer.says("PING\r\n");
  return untilPong(peer);
}

/** A server that takes all connections and plays its part; gives what each said, by its place in the pool. */
function dialled(count: number) {
  const all = Promise.withResolvers<Map<number, string[]>>();
  const places = new Map<number, string[]>();
  const listener = Bun.listen<{ text: string; lines: string[] }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void (socket.data = { text: "", lines: [] }),
      data(socket, chunk) {
        const parts = (socket.data.text + chunk.toString("latin1")).split("\r\n");
        socket.data.text = parts.pop()!;
        for (const line of parts) {
          socket.data.lines.push(line.replace(/ .*/, ""));
          if (line.startsWith("CONNECT ")) socket.write(greeting("D", POOL).replace(/^.*\r\n/, ""));
          if (line === "PING") socket.write("PONG\r\n");
          if (!line.startsWith("INFO ")) continue;
          const info = JSON.parse(line.slice("INFO ".length));
          expect(info.route_pool_size).toBe(count);
          places.set(info.route_pool_idx ?? 0, socket.data.lines);
          if (places.size === count) all.resolve(places);
        }
      },
    },
  });
  return {
    url: `nats://127.0.0.1:${listener.port}`,
    places: all.promise,
    [Symbol.dispose]: () => listener.stop(true),
  };
}

test("who dials waits for the other's INFO, and then says for what each connection is", async () => {
  using peer = dialled(3);
  await using midge = await startMidge("A", { routes: [peer.url] });
  const places = await peer.places;
  expect([...places.keys()].sort()).toEqual([0, 1, 2]);
  // The others are dialled when the first one is proved to work.
  expect(places.get(0)!.slice(0, 3)).toEqual(["CONNECT", "INFO", "PING"]);
  expect(places.get(1)!.slice(0, 2)).toEqual(["CONNECT", "INFO"]);
  expect(midge.midge!.cluster!.remotes).toBe(1);
});

test("an account that is pinned has a connection of its own, without its name on every line", async () => {
  const accounts = { APP: { users: [{ user: "a", password: "a" }] } };
  const options = { accounts, noAuthUser: "a" };
  await using midge = await startMidge("A", { accounts: ["APP"] }, options);
  await using client = await join(midge.port);
  const pooled = await member(midge.clusterPort, POOL);
  expect(pooled.heard).toEqual([]);
  const pinned = await member(midge.clusterPort, { ...POOL, route_account: "APP" });
  expect(pinned.heard).toEqual(["RS+ probe.A", "RS+ nobody.A"]);
  const { peer } = pinned;
  await client.says("SUB foo 1\r\nSUB foo g 2\r\n");
  await peer.hears("RS+ foo\r\nRS+ foo g 1\r\n");
  await peer.says("RMSG foo 2\r\nhi\r\nRMSG foo + r g 2\r\nho\r\nRS+ bar q 1\r\n");
  await client.hears("MSG foo 1 2\r\nhi\r\nMSG foo 1 r 2\r\nho\r\nMSG foo 2 r 2\r\nho\r\n");
  await peer.silent();
  await client.says("PUB bar 2\r\nhi\r\nPUB bar r 2\r\nho\r\n");
  await peer.hears("RMSG bar | q 2\r\nhi\r\nRMSG bar + r q 2\r\nho\r\n");
  await client.says("UNSUB 1\r\nUNSUB 2\r\n");
  await peer.hears("RS- foo\r\nRS- foo g\r\n");
  await pooled.peer.silent();
  peer.close();
  pooled.peer.close();
});

/** Observed answers to a dialler's INFO; null: it is accepted. */
const ANSWERS = [
  ["no pool", {}, null],
  ["a pool of minus one", { route_pool_size: -1 }, null],
  ["a smaller pool", { route_pool_size: 1 }, null],
  ["a greater pool", { route_pool_size: 5 }, null],
  [
    "an index beyond the pool",
    { ...POOL, route_pool_idx: 3 },
    "Invalid route pool index: 3 - pool size is 3",
  ],
  [
    "an account without a pool",
    { route_account: "$SYS" },
    'Not possible to have a dedicated route for account "$SYS" between those servers',
  ],
  ["an account that is not pinned", { ...POOL, route_account: "$G" }, 'No route for account "$G"'],
  [
    "an account that nobody knows",
    { ...POOL, route_account: "NOPE" },
    'Unable to lookup account "NOPE": account missing',
  ],
] as const;

async function answerTo(port: number, info: object): Promise<string | null> {
  await using peer = await connect(port);
  await peer.says(greeting("D", info) + "PING\r\n");
  for (;;) {
    const item = await peer.hearsItem();
    if (item === undefined) return "";
    if (item === "PONG\r\n") return null;
    const error = /^-ERR '(.*)'\r\n$/.exec(item)?.[1];
    if (error !== undefined) return error;
  }
}

test.each(ANSWERS)("%s has its answer", async (_, info, answer) => {
  await using midge = await startMidge("A");
  expect(await answerTo(midge.clusterPort, info)).toBe(answer);
});

describeWithPeer("pools of nats-server 2.15", "2.15", (path) => {
  test("the same answers as Midge's", async () => {
    await using original = await startOriginal(path, "A");
    for (const [name, info, answer] of ANSWERS) {
      expect([name, await answerTo(original.clusterPort, info)]).toEqual([name, answer]);
    }
  });
});
