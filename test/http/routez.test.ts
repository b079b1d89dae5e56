// GET /routez, and what a cluster adds to /varz and /accstatz, from made-up numbers.
import { expect, test } from "bun:test";
import type { RemoteInterestView } from "../../src/http/route-source.ts";
import { type Json, TestMonitor } from "./ask.ts";
import { fakeCluster, fakeRoute } from "./fake-cluster.ts";
import { fakeAccount } from "./fake-source.ts";

const INTERESTS: readonly RemoteInterestView[] = [
  { account: "$G", subject: "foo.>", queue: null, origin: "" },
  { account: "$G", subject: "bar", queue: "q", origin: "" },
  { account: "$G", subject: "baz", queue: null, origin: "leafs" },
];

const wanting = (interests: readonly RemoteInterestView[]) => ({
  subscriptionCount: interests.length,
  interestViews: () => interests,
});

const routes = (answer: Json) => answer["routes"] as Json[];

test("a server without a cluster has no routes, an empty cluster and no clients' addresses", async () => {
  await using monitor = await TestMonitor.open();
  const { now: _, ...rest } = await monitor.json("/routez?subs=detail");
  expect(rest).toEqual({ server_id: "NAAA", server_name: "east-1", num_routes: 0, routes: [] });
  const varz = await monitor.json("/varz");
  expect(varz).toMatchObject({ cluster: {}, routes: 0, remotes: 0, in_msgs: 11, out_msgs: 17 });
  expect(varz).not.toHaveProperty("connect_urls");
});

test("a route has nats-server's keys in nats-server's order, and none that is empty", async () => {
  await using monitor = await TestMonitor.open();
  monitor.source.cluster = fakeCluster([fakeRoute()]);
  const [route] = routes(await monitor.json("/routez"));
  expect(Object.keys(route!)).toEqual(
    `rid remote_id remote_name did_solicit is_configured ip port start last_activity rtt uptime idle
    pending_size in_msgs out_msgs in_bytes out_bytes subscriptions compression`.split(/\s+/),
  );
  expect(route).toMatchObject({ rid: 5, remote_id: "NBBB", did_solicit: false, rtt: "381µs" });
});

test("a route shows what the other side says of its permissions, and its own account", async () => {
  await using monitor = await TestMonitor.open();
  const imports = { allow: ["foo.>"] };
  const exports = { deny: ["secret"] };
  monitor.source.cluster = fakeCluster([fakeRoute({ imports, exports, account: "ONE" })]);
  const answer = await monitor.json("/routez");
  expect(Object.keys(answer)).not.toContain("import");
  const [route] = routes(answer);
  expect(Object.keys(route!)).toEqual(
    `rid remote_id remote_name did_solicit is_configured ip port start last_activity rtt uptime idle
    import export pending_size in_msgs out_msgs in_bytes out_bytes subscriptions account
    compression`.split(/\s+/),
  );
  expect(route).toMatchObject({ import: imports, export: exports, account: "ONE" });
});

test("the permissions of this server stand before its routes", async () => {
  const permissions = { publish: { allow: ["a", "b.>"] }, subscribe: { deny: ["c"] } };
  await using monitor = await TestMonitor.open({ cluster: { permissions } });
  monitor.source.cluster = fakeCluster();
  const { text } = await monitor.ask("/routez");
  const answer = JSON.parse(text) as Json;
  expect(Object.keys(answer)).toEqual(
    "server_id server_name now import export num_routes routes".split(" "),
  );
  expect(answer).toMatchObject({ import: { allow: ["a", "b.>"] }, export: { deny: ["c"] } });
  expect(text).toContain('"b.\\u003e"');
});

test("subs=1 lists subjects, subs=detail each with its line, and neither shows an empty list", async () => {
  await using monitor = await TestMonitor.open();
  monitor.source.cluster = fakeCluster([
    fakeRoute({ rid: 7, ...wanting(INTERESTS) }),
    fakeRoute({ rid: 8 }),
  ]);
  const [listed, empty] = routes(await monitor.json("/routez?subs=1"));
  expect(listed).toMatchObject({ subscriptions: 3, subscriptions_list: ["foo.>", "bar", "baz"] });
  expect(empty).not.toHaveProperty("subscriptions_list");
  const [detailed] = routes(await monitor.json("/routez?subs=DETAIL"));
  expect(detailed).not.toHaveProperty("subscriptions_list");
  expect(detailed!["subscriptions_list_detail"]).toEqual([
    { subject: "foo.>", sid: "R $G foo.>", msgs: 0, cid: 7 },
    { subject: "bar", qgroup: "q", sid: "R $G bar q", msgs: 0, cid: 7 },
    { subject: "baz", sid: "L leafs $G baz", msgs: 0, cid: 7 },
  ]);
});

test("subjects of an old server are known without for whom they are", async () => {
  await using monitor = await TestMonitor.open();
  monitor.source.cluster = fakeCluster([fakeRoute({ ...wanting(INTERESTS), tellsKinds: false })]);
  const [route] = routes(await monitor.json("/routez?subs=detail"));
  const sids = ["$G foo.>", "$G bar q", "$G baz"].map((sid) => ({ sid }));
  expect(route!["subscriptions_list_detail"]).toMatchObject(sids);
});

test("a subject of an account that has its own route is known without the account", async () => {
  await using monitor = await TestMonitor.open();
  const own = [{ account: "ONE", subject: "bar", queue: "q", origin: "" }];
  monitor.source.cluster = fakeCluster([fakeRoute({ account: "ONE", ...wanting(own) })]);
  const [route] = routes(await monitor.json("/routez?subs=detail"));
  expect(route!["subscriptions_list_detail"]).toMatchObject([{ sid: "R bar q" }]);
});

test("very many subjects are listed all", async () => {
  await using monitor = await TestMonitor.open();
  const many = Array.from({ length: 20_000 }, (_, i) => ({ ...INTERESTS[0]!, subject: `s.${i}` }));
  monitor.source.cluster = fakeCluster([fakeRoute(wanting(many))]);
  const [route] = routes(await monitor.json("/routez?subs=1"));
  expect(route!["subscriptions_list"]).toEqual(many.map(({ subject }) => subject));
});

test("a bad value of subs is refused in nats-server's words, and not counted", async () => {
  await using monitor = await TestMonitor.open();
  expect(await monitor.refusal("/routez?subs=yes")).toEqual([
    400,
    `Error decoding boolean for 'subs': strconv.ParseBool: parsing "yes": invalid syntax`,
  ]);
  const { http_req_stats: counted } = await monitor.json("/varz");
  expect(counted).toEqual({ "/varz": 1 });
});

test("varz shows the cluster as it is configured, without logins", async () => {
  const cluster = {
    host: "10.0.0.1",
    routes: ["nats-route://u:pw@10.0.0.2:6222", "nats://[::1]:6222", "nats://east-3"],
    authorization: { user: "u", password: "pw", timeout: 1250 },
    poolSize: 5,
    writeDeadline: "3s",
  };
  await using monitor = await TestMonitor.open({ cluster });
  monitor.source.cluster = fakeCluster();
  const { text } = await monitor.ask("/varz");
  expect(text).not.toContain("pw");
  expect(JSON.stringify((JSON.parse(text) as Json)["cluster"])).toBe(
    JSON.stringify({
      name: "c1",
      addr: "10.0.0.1",
      cluster_port: 36_222,
      auth_timeout: 1.25,
      urls: ["10.0.0.2:6222", "[::1]:6222", "east-3"],
      tls_timeout: 2,
      pool_size: 5,
      write_deadline: 3_000_000_000,
    }),
  );
});

test("varz shows that routes are encrypted, and until when", async () => {
  const tls = { certFile: "cert.pem", keyFile: "key.pem", timeout: 700 };
  await using monitor = await TestMonitor.open({ cluster: { tls, poolSize: -1 } });
  const encrypted = fakeCluster();
  encrypted.tlsCertNotAfter = Date.UTC(2027, 0, 1);
  monitor.source.cluster = encrypted;
  const { cluster } = await monitor.json("/varz");
  expect(JSON.stringify(cluster)).toBe(
    JSON.stringify({
      name: "c1",
      addr: monitor.source.options.host,
      cluster_port: 36_222,
      auth_timeout: 1.7,
      tls_timeout: 0.7,
      tls_required: true,
      tls_verify: true,
      pool_size: -1,
      tls_cert_not_after: "2027-01-01T00:00:00Z",
    }),
  );
});

test("varz counts what goes over routes in its totals, and apart from clients", async () => {
  await using monitor = await TestMonitor.open({ cluster: {} });
  const met = fakeCluster([fakeRoute(), fakeRoute({ rid: 6, poolIndex: 1 })]);
  met.clientUrls = ["10.0.0.1:4222", "10.0.0.2:4222"];
  monitor.source.cluster = met;
  expect(await monitor.json("/varz")).toMatchObject({
    connect_urls: ["10.0.0.1:4222", "10.0.0.2:4222"],
    routes: 2,
    remotes: 1,
    in_msgs: 11 + 41,
    in_bytes: 13 + 43,
    in_client_msgs: 11,
    in_client_bytes: 13,
    out_msgs: 17 + 47,
    out_bytes: 19 + 53,
    out_client_msgs: 17,
    out_client_bytes: 19,
    subscriptions: 7 + 37,
  });
});

test("accstatz counts what an account exchanges with other servers, also apart", async () => {
  await using monitor = await TestMonitor.open();
  const routed = {
    sent: { msgs: 2, bytes: 20 },
    received: { msgs: 3, bytes: 30 },
    subscriptionCount: 4,
  };
  const account = fakeAccount({
    connections: 1,
    subscriptionCount: 5,
    sent: { msgs: 7, bytes: 70 },
    received: { msgs: 8, bytes: 80 },
    routed,
  });
  monitor.source.accounts = [account];
  const { account_statz: rows } = await monitor.json("/accstatz");
  expect(rows).toMatchObject([
    {
      num_subscriptions: 9,
      sent: { msgs: 9, bytes: 90, routes: { msgs: 2, bytes: 20 }, leafs: { msgs: 0, bytes: 0 } },
      received: { msgs: 11, bytes: 110, routes: { msgs: 3, bytes: 30 } },
    },
  ]);
  expect(await monitor.json("/accountz?acc=$G")).toMatchObject({
    account_detail: { subscriptions: 9 },
  });
});
