// /varz: names, order, units.
import { describe, expect, test } from "bun:test";
import { UsageMeter } from "../../src/http/usage.ts";
import { MIDGE_VERSION, NATS_LEVEL } from "../../src/proto/version.ts";
import { TestMonitor } from "./ask.ts";
import type { MidgeOptions } from "../../src/config/options.ts";

/** As recorded from nats-server 2.15.1 without cluster, accounts and JetStream; `midge` is ours. */
const NAMES = `server_id server_name version midge proto go host port max_connections ping_interval
  ping_max http_host http_port http_base_path https_port auth_timeout max_control_line max_payload
  max_pending cluster gateway leaf mqtt websocket jetstream tls_timeout write_deadline start now
  uptime mem cores gomaxprocs cpu connections total_connections routes remotes leafnodes in_msgs
  in_bytes in_client_msgs in_client_bytes out_msgs out_bytes out_client_msgs out_client_bytes
  slow_consumers stale_connections stalled_clients subscriptions http_req_stats config_load_time
  config_digest system_account slow_consumer_stats stale_connection_stats
  disk_io_wait_stats`.split(/\s+/);

/** What a server with these options shows. */
async function shownWith(options: MidgeOptions) {
  await using monitor = await TestMonitor.open(options);
  return await monitor.json(`${options.httpBasePath ?? ""}/varz`);
}

describe("varz", () => {
  test("has nats-server's names in nats-server's order", async () => {
    expect(Object.keys(await shownWith({}))).toEqual(NAMES);
  });

  test("shows the server, what it did and when", async () => {
    await using monitor = await TestMonitor.open();
    Object.assign(monitor.source, { configDigest: "sha256:00", startedAt: Date.now() - 61_500 });
    const shown = await monitor.json("/varz");
    expect(shown).toMatchObject({
      server_id: "NAAA",
      server_name: "east-1",
      version: NATS_LEVEL,
      midge: MIDGE_VERSION,
      port: 34_222,
      uptime: "1m1s",
      connections: 3,
      total_connections: 5,
      subscriptions: 7,
      in_msgs: 11,
      in_bytes: 13,
      out_msgs: 17,
      out_bytes: 19,
      slow_consumers: 23,
      slow_consumer_stats: { clients: 23, routes: 0, gateways: 0, leafs: 0 },
      stale_connections: 29,
      stale_connection_stats: { clients: 29, routes: 0, gateways: 0, leafs: 0 },
      stalled_clients: 31,
      config_load_time: "2026-11-23T08:33:29.835Z",
      config_digest: "sha256:00",
      http_req_stats: { "/varz": 1 },
    });
    for (const key of ["start", "now"]) {
      expect(shown[key]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/);
    }
  });

  test("shows options in NATS' units: durations as whole nanoseconds, time-outs as seconds", async () => {
    const given = {
      host: "127.0.0.1",
      maxConnections: 10,
      maxSubscriptions: 4,
      pingInterval: "2m",
      writeDeadline: "250us",
      maxPayload: 512,
      maxPending: 2048,
      maxControlLine: 1024,
      httpBasePath: "/nats",
      authorization: { user: "a", password: "b", timeout: 500 },
    } as const;
    expect(await shownWith(given)).toMatchObject({
      http_host: "127.0.0.1",
      http_port: -1,
      http_base_path: "/nats",
      max_connections: 10,
      max_subscriptions: 4,
      ping_interval: 120_000_000_000,
      write_deadline: 250_000,
      max_payload: 512,
      max_pending: 2048,
      max_control_line: 1024,
      auth_timeout: 0.5,
      tls_timeout: 2,
    });
  });

  test("shows what clients must do, where they must", async () => {
    await using monitor = await TestMonitor.open();
    Object.assign(monitor.source, {
      authRequired: true,
      tlsRequired: true,
      tlsVerify: true,
      tlsCertNotAfter: Date.UTC(2027, 0, 2),
      systemAccountName: "",
    });
    const shown = await monitor.json("/varz");
    const names = NAMES.toSpliced(8, 0, "auth_required", "tls_required", "tls_verify");
    names.splice(names.indexOf("system_account"), 1);
    expect(Object.keys(shown)).toEqual([...names, "tls_cert_not_after"]);
    expect(shown).toMatchObject({
      auth_required: true,
      tls_required: true,
      tls_verify: true,
      tls_cert_not_after: "2027-01-02T00:00:00Z",
    });
  });

  test("the time for CONNECT follows the time for the handshake", async () => {
    const tls = { certFile: "cert.pem", keyFile: "key.pem", timeout: 3500 };
    expect(await shownWith({ tls })).toMatchObject({ auth_timeout: 4.5, tls_timeout: 3.5 });
  });

  test("every number is one that typed readers take", async () => {
    const { cpu: _cpu, ...rest } = await shownWith({});
    const numbers = Object.values(rest).filter((value) => typeof value === "number");
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.every(Number.isSafeInteger)).toBe(true);
  });

  test("never shows what opens the monitor", async () => {
    await using monitor = await TestMonitor.open({ monitorAuthorization: { token: "t0ken" } });
    const headers = { Authorization: "Bearer t0ken" };
    expect((await monitor.ask("/varz", { headers })).text).not.toContain("t0ken");
  });
});

test("the usage meter knows this process", () => {
  const { mem, cpu, cores } = new UsageMeter().read();
  expect(mem).toBeGreaterThan(1_000_000);
  expect(cpu).toBeGreaterThan(0);
  expect(cores).toBeGreaterThan(0);
});
