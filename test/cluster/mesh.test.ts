// How servers find each other and what clients are told of it (cluster §4.8–§4.10, §4.13), with Midge alone.
import { expect, test } from "bun:test";
import { connect, join, type WireClient } from "../support/wire.ts";
import { FakePeer, greeting, meet, type Node, routeTo, startMidge, startQuiet } from "./nodes.ts";
import { Midge } from "../../src/server.ts";
import type { MidgeOptions } from "../../src/config/options.ts";

/** A port that nobody listens on for now. */
function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** A registered peer that has heard what there is. */
async function registered(node: Node): Promise<WireClient> {
  const peer = await connect(node.clusterPort);
  await peer.says(greeting("D") + "PING\r\n");
  await peer.hears(`RS+ $G probe.${node.name}\r\nRS+ $G nobody.${node.name}\r\nPONG\r\n`);
  return peer;
}

/** Midge without a probe: where clients have to log in. */
function startGuarded(serverName: string, options: MidgeOptions, routes: string[] = []) {
  return Midge.start({
    serverName,
    port: -1,
    ...options,
    cluster: { port: -1, name: "c1", routes },
  });
}

const urlsOf = (...nodes: Node[]) => nodes.map(({ port }) => `127.0.0.1:${port}`).sort();

/** The client is told of exactly these servers, now or after what it is told before. */
async function learns(client: WireClient, urls: readonly string[]): Promise<void> {
  for (;;) {
    const info = await client.hearsInfo();
    const told = [...((info["connect_urls"] ?? []) as string[])].sort();
    if (Bun.deepEquals(told, urls)) return;
  }
}

test("servers that know one of them come to know all, and nobody hears anything twice", async () => {
  await using seed = await startMidge("S");
  const routes = [routeTo(seed)];
  await using one = await startMidge("A", { routes });
  await using two = await startMidge("B", { routes });
  await using three = await startMidge("C", { routes });
  await using four = await startMidge("D", { routes });
  const nodes = [seed, one, two, three, four];
  await meet(...nodes);
  for (const { midge } of nodes) expect(midge!.cluster!.remotes).toBe(4);
  const hearers = await Promise.all(nodes.map((node) => join(node.port)));
  for (const hearer of hearers) await hearer.says("SUB all.* 1\r\nPING\r\n");
  for (const hearer of hearers) await hearer.hears("PONG\r\n");
  await meet(...nodes);
  for (const node of nodes) {
    await using speaker = await join(node.port);
    await speaker.says(`PUB all.${node.name} 1\r\nx\r\n`);
    for (const hearer of hearers) await hearer.hears(`MSG all.${node.name} 1 1\r\nx\r\n`);
  }
  for (const hearer of hearers) {
    await hearer.silent();
    hearer.close();
  }
}, 20_000);

test("two servers that dial each other end up with one route", async () => {
  const ports = [freePort(), freePort()] as const;
  const url = (port: number) => `nats://127.0.0.1:${port}`;
  const [a, b] = await Promise.all([
    startMidge("A", { port: ports[0], routes: [url(ports[1])] }),
    startMidge("B", { port: ports[1], routes: [url(ports[0])] }),
  ]);
  await using one = a;
  await using two = b;
  await meet(one, two);
  expect([one.midge!.cluster!.remotes, two.midge!.cluster!.remotes]).toEqual([1, 1]);
}, 20_000);

test("of two connections to one server the newer goes, and the older inherits the dialling", async () => {
  await using peer = FakePeer.listen();
  await using node = await startQuiet("A");
  await using first = await registered(node);
  const { options } = node.midge!;
  await node.midge!.reload({ ...options, cluster: { ...options.cluster!, routes: [peer.url()] } });
  await peer.hearsLine();
  await peer.says(greeting("D").replace(/^.*\r\n/, ""));
  await node.logged(/Detected duplicate remote route "D"/);
  await node.logged(/Router connection closed: Duplicate Route/);
  await first.silent();
  expect(peer.accepted).toBe(1);
  first.close();
  for (let line = await peer.hearsLine(); !line.startsWith("CONNECT ");) {
    line = await peer.hearsLine();
  }
  expect(peer.accepted).toBe(2);
}, 10_000);

test("a route to itself is dropped for good", async () => {
  const port = freePort();
  await using node = await startMidge("A", { port, routes: [`nats://127.0.0.1:${port}`] });
  await node.logged(/Detected route to self/);
  await node.logged(/Router connection closed: Duplicate Route/);
  expect(node.midge!.cluster!.remotes).toBe(0);
});

test("a server that comes back is found again, and its interest with it", async () => {
  const port = freePort();
  const first = await startMidge("A", { port });
  await using other = await startMidge("B", { routes: [`nats://127.0.0.1:${port}`] });
  await meet(first, other);
  await using client = await join(other.port, { headers: true, no_responders: true });
  await first.stop();
  await other.logged(/Router connection closed: Client Closed - Remote: A/);
  // What it wanted is forgotten.
  await client.says("SUB _R.* 1\r\nPUB probe.A _R.1 0\r\n\r\n");
  expect((await client.hearsMessage()).headers).toStartWith("NATS/1.0 503");
  await using again = await startMidge("A", { port });
  await meet(other, again);
}, 20_000);

test("nobody there: tried again and again, and said once", async () => {
  const port = freePort();
  await using node = await startMidge("A", { routes: [`nats://u:T0pS3cr3t@127.0.0.1:${port}`] });
  await node.logged(
    /Error trying to connect to route \(attempt 1\) 127\.0\.0\.1:\d+: connection refused/,
  );
  await node.logged(/\(attempt 2\)/);
  expect(node.count(/T0pS3cr3t/)).toBe(0);
}, 10_000);

test("a peer that refuses is asked again later, and that is an error once", async () => {
  await using peer = FakePeer.listen();
  await using node = await startMidge("A", { routes: [peer.url()] });
  const refusal = greeting("X").replace(/^.*\r\n/, "") + "-ERR 'Authorization Violation'\r\n";
  for (const attempt of [1, 2]) {
    for (let line = ""; !line.startsWith("CONNECT ");) line = await peer.hearsLine();
    expect(peer.accepted).toBe(attempt);
    await peer.says(refusal);
  }
  await node.logged(/Error trying to connect to route .*'Authorization Violation'/);
  expect(node.count(/^Error .*Authorization Violation/)).toBe(1);
});

test("a server before 2.0 at the other end is refused in words", async () => {
  await using peer = FakePeer.listen();
  await using node = await startMidge("A", { routes: [peer.url()] });
  await peer.says(`INFO {"server_id":"X","version":"0.9.6","host":"0.0.0.0","port":6222} \r\n`);
  const said = [await peer.hearsLine(), await peer.hearsLine(), await peer.hearsLine()];
  expect(said[1]).toBe("-ERR 'Route protocol of servers before 2.0 is not supported'");
  await node.logged(/Error trying to connect to route .*before 2\.0/);
});

test("clients are told where else to go, when servers come and when they go", async () => {
  await using one = await startMidge("A");
  await using client = await join(one.port, { protocol: 1 });
  expect((await client.hearsInfo())["connect_urls"]).toBeUndefined();
  const two = await startMidge("B", { routes: [routeTo(one)] });
  await learns(client, urlsOf(one, two));
  await using three = await startMidge("C", { routes: [routeTo(one)] });
  await learns(client, urlsOf(one, two, three));
  await two.stop();
  await learns(client, urlsOf(one, three));
  await using late = await join(three.port, { protocol: 1 });
  expect([...((await late.hearsInfo())["connect_urls"] as string[])].sort()).toEqual(
    urlsOf(one, three),
  );
}, 20_000);

test("no_advertise keeps clients in the dark, here and there", async () => {
  await using one = await startMidge("A", { noAdvertise: true });
  await using two = await startMidge("B", { routes: [routeTo(one)] });
  await meet(one, two);
  await using here = await join(one.port, { protocol: 1 });
  await using there = await join(two.port, { protocol: 1 });
  expect(await here.hearsInfo()).not.toHaveProperty("connect_urls");
  expect((await there.hearsInfo())["connect_urls"]).toEqual(urlsOf(two));
});

test("a lame duck is no longer advertised, and serves its routes to the end", async () => {
  await using one = await startMidge("A");
  await using two = await startMidge(
    "B",
    { routes: [routeTo(one)] },
    { lameDuckDuration: 30_000, lameDuckGracePeriod: 20_000 },
  );
  await meet(one, two);
  await using here = await join(one.port, { protocol: 1 });
  await using there = await join(two.port, { protocol: 1 });
  await here.hearsInfo();
  await there.hearsInfo();
  void two.midge!.lameDuck();
  await learns(here, urlsOf(one));
  expect(await there.hearsInfo()).toMatchObject({ ldm: true, connect_urls: urlsOf(one) });
  await here.says("PUB probe.B 2\r\nhi\r\n");
  expect((await two.probe.hearsItem())!).toStartWith("MSG probe.B here 2");
});

test("a cluster without a name takes the one that was configured", async () => {
  await using named = await startMidge("A", { name: "east" });
  await using other = await startMidge("B", { name: "", routes: [routeTo(named)] });
  await other.logged(/Cluster name was dynamically generated/);
  await other.logged(/Cluster name updated to east/);
  await meet(named, other);
  expect(other.midge!.cluster!.clusterName).toBe("east");
}, 10_000);

test("two clusters without names agree on the greater one", async () => {
  const nameless = { name: "" };
  await using one = await startMidge("A", nameless);
  await using two = await startMidge("B", { ...nameless, routes: [routeTo(one)] });
  const names = [one, two].map(({ midge }) => midge!.cluster!.clusterName).sort();
  await meet(one, two);
  expect([one, two].map(({ midge }) => midge!.cluster!.clusterName)).toEqual([
    names[1]!,
    names[1]!,
  ]);
}, 10_000);

test("routes come and go with a reload, and nothing else of the cluster does", async () => {
  await using one = await startMidge("A");
  await using two = await startMidge("B");
  await using node = await startMidge("C", { routes: [routeTo(one)] });
  await meet(node, one);
  const { options } = node.midge!;
  const cluster = { ...options.cluster!, routes: [routeTo(two)] };
  await node.midge!.reload({ ...options, cluster });
  await node.logged(/Reloaded: cluster routes/);
  await node.logged(/Router connection closed: Route Removed - Remote: A/);
  await meet(node, two);
  await expect(
    node.midge!.reload({ ...options, cluster: { ...cluster, name: "c2" } }),
  ).rejects.toThrow("Cluster.Name: old=c1, new=c2");
}, 10_000);

test("permissions of a cluster keep interest in and out", async () => {
  const permissions = { publish: { deny: ["in.*"] }, subscribe: { deny: ["out.*"] } };
  await using node = await startQuiet("A", { permissions });
  await using client = await join(node.port);
  await using peer = await registered(node);
  await client.says("SUB in.a 1\r\nSUB ok 2\r\n");
  await peer.hears("RS+ $G ok\r\n");
  await peer.says("RS+ $G out.a\r\nRS+ $G fine\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await client.says("PUB out.a 0\r\n\r\nPUB fine 0\r\n\r\n");
  await peer.hears("RMSG $G fine 0\r\n\r\n");
});

test("accounts are apart on routes, too, and may have any name", async () => {
  const options = {
    accounts: {
      BÜRO: { users: [{ user: "b", password: "b" }] },
      OTHER: { users: [{ user: "o", password: "o" }] },
    },
  };
  await using one = await startGuarded("A", options);
  await using two = await startGuarded("B", options, [routeTo({ clusterPort: one.cluster!.port })]);
  await using mine = await join(one.port, { user: "b", pass: "b" });
  await using others = await join(one.port, { user: "o", pass: "o" });
  await using speaker = await join(two.port, {
    user: "b",
    pass: "b",
    headers: true,
    no_responders: true,
  });
  await mine.says("SUB x 1\r\n");
  await others.says("SUB x 1\r\n");
  await mine.silent();
  await speaker.says("SUB _R 1\r\n");
  for (;;) {
    await speaker.says("PUB x _R 1\r\n1\r\nPING\r\n");
    if ((await speaker.hearsItem()) === "PONG\r\n") break;
    await speaker.hears("PONG\r\n");
    await new Promise((resolve) => setImmediate(resolve));
  }
  await mine.hears("MSG x 1 _R 1\r\n1\r\n");
  await others.silent();
}, 10_000);

test("a burst from one server to another arrives whole and in order beside its own subscribers", async () => {
  await using one = await startMidge("A");
  await using two = await startMidge("B", { routes: [routeTo(one)] });
  const hearers = await Promise.all([one, two, two].map((node) => join(node.port)));
  for (const hearer of hearers) await hearer.says("SUB n 1\r\nPING\r\n");
  for (const hearer of hearers) await hearer.hears("PONG\r\n");
  await meet(one, two);
  await using speaker = await join(one.port);
  const count = 20_000;
  const numbers = Array.from({ length: count }, (_, i) => String(i).padStart(6, "0"));
  await speaker.says(numbers.map((each) => `PUB n 6\r\n${each}\r\n`).join(""));
  const expected = numbers.map((each) => `MSG n 1 6\r\n${each}\r\n`).join("");
  for (const hearer of hearers) {
    await hearer.hears(expected);
    hearer.close();
  }
}, 20_000);

test("a reload that allows more tells the others, and one that allows less takes it back", async () => {
  const options = (permissions: object) => ({
    serverName: "A",
    port: -1,
    cluster: { port: -1, name: "c1", permissions, poolSize: -1 },
  });
  const narrow = { publish: { allow: ["a"] }, subscribe: { allow: ["x"] } };
  await using node = await startMidge("A", { permissions: narrow, poolSize: -1 });
  await using peer = await connect(node.clusterPort);
  await using client = await join(node.port);
  await client.says("SUB a 1\r\nSUB b 2\r\n");
  await client.silent();
  await peer.says(`${greeting("P")}RS+ $G x\r\nRS+ $G y\r\nPING\r\n`);
  await peer.hears("RS+ $G a\r\nPONG\r\n");
  await client.says("PUB x 1\r\n1\r\nPUB y 1\r\n2\r\n");
  await peer.hears("RMSG $G x 1\r\n1\r\n");

  const wide = { publish: { allow: ["b"] }, subscribe: { allow: ["y"] } };
  await node.midge!.reload(options(wide));
  const heard = [await peer.hearsLine(), await peer.hearsLine(), await peer.hearsLine()].sort();
  expect(heard[0]).toStartWith("INFO ");
  expect(JSON.parse(heard[0]!.slice(5))).toMatchObject({ import: { allow: ["b"] } });
  expect(heard.slice(1)).toEqual(["RS+ $G b", "RS- $G a"]);
  await peer.says("RS+ $G y\r\nPING\r\n");
  await peer.hears("PONG\r\n");
  await client.says("PUB x 1\r\n1\r\nPUB y 1\r\n2\r\n");
  await peer.hears("RMSG $G y 1\r\n2\r\n");
});

test("when another server exports more than before, it hears again what is wanted here", async () => {
  await using node = await startQuiet("A", { poolSize: -1 });
  await using peer = await connect(node.clusterPort);
  await using client = await join(node.port);
  await client.says("SUB a 1\r\n");
  await client.silent();
  await peer.says(`${greeting("P", { export: { allow: ["b"] } })}PING\r\n`);
  const mine = "RS+ $G probe.A\r\nRS+ $G nobody.A\r\nRS+ $G a\r\n";
  await peer.hears(`${mine}PONG\r\n`);
  const [, info] = greeting("P", { export: { allow: ["a"] } }).split("\r\n");
  await peer.says(`${info}\r\nPING\r\n`);
  await peer.hears(`${mine}PONG\r\n`);
});

test("interest of others in an account that comes with a reload is not forgotten", async () => {
  const late = { users: [{ user: "late", password: "late" }] };
  const options = (accounts: object) => ({
    serverName: "A",
    port: -1,
    noAuthUser: "early",
    noSystemAccount: true,
    accounts: { EARLY: { users: [{ user: "early", password: "early" }] }, ...accounts },
    cluster: { port: -1, name: "c1", poolSize: -1 },
  });
  await using node = await startQuiet("A", { poolSize: -1 }, options({}));
  await using peer = await connect(node.clusterPort);
  await peer.says(`${greeting("P")}RS+ LATE news\r\nRS+ LATE old\r\nRS- LATE old\r\nPING\r\n`);
  await peer.hears("RS+ EARLY probe.A\r\nRS+ EARLY nobody.A\r\nPONG\r\n");
  await node.midge!.reload(options({ LATE: late }));
  await using client = await connect(node.port);
  await client.says(`CONNECT {"user":"late","pass":"late","verbose":false}\r\n`);
  await client.says("PUB old 1\r\n1\r\nPUB news 1\r\n2\r\n");
  await peer.hears("RMSG LATE news 1\r\n2\r\n");
});

test("a server that stops says so to those who want to know", async () => {
  await using node = await startMidge("A", { poolSize: -1 });
  await using peer = await connect(node.clusterPort);
  await peer.says(`${greeting("P")}RS+ $SYS $SYS.SERVER.*.SHUTDOWN\r\nPING\r\n`);
  while ((await peer.hearsItem()) !== "PONG\r\n");
  const { serverId } = node.midge!;
  await node.stop();
  const said = await peer.hearsUntilClose();
  const [line, payload] = said.split("\r\n");
  expect(line).toMatch(new RegExp(`^RMSG \\$SYS \\$SYS\\.SERVER\\.${serverId}\\.SHUTDOWN \\d+$`));
  expect(JSON.parse(payload!)).toMatchObject({ name: "A", id: serverId, cluster: "c1" });
});
