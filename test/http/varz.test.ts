// /varz and /healthz as objects: names, order, units.
import { describe, expect, test } from "bun:test";
import { healthz } from "../../src/http/healthz.ts";
import { UsageMeter } from "../../src/http/usage.ts";
import { varz } from "../../src/http/varz.ts";
import { MIDGE_VERSION, NATS_LEVEL } from "../../src/proto/version.ts";
import { fakeSource, STARTED_AT } from "./fake-source.ts";

const usage = { mem: 1_000_000, cpu: 1.5, cores: 2 };

/** As recorded from nats-server 2.15.1 without cluster, accounts and JetStream; `midge` is ours. */
const NAMES = `server_id server_name version midge proto go host port max_connections ping_interval
  ping_max http_host http_port http_base_path https_port auth_timeout max_control_line max_payload
  max_pending cluster gateway leaf mqtt websocket jetstream tls_timeout write_deadline start now
  uptime mem cores gomaxprocs cpu connections total_connections routes remotes leafnodes in_msgs
  in_bytes in_client_msgs in_client_bytes out_msgs out_bytes out_client_msgs out_client_bytes
  slow_consumers stale_connections stalled_clients subscriptions http_req_stats config_load_time
  config_digest slow_consumer_stats stale_connection_stats disk_io_wait_stats`.split(/\s+/);

describe("varz", () => {
  test("has nats-server's names in nats-server's order", () => {
    expect(Object.keys(varz(fakeSource(), usage, {}, STARTED_AT))).toEqual(NAMES);
  });

  test("shows the server, what it did and when", () => {
    const requests = { "/varz": 2, "/healthz": 1 };
    const shown = varz(fakeSource(), usage, requests, STARTED_AT + 61_000.25);
    expect(shown).toMatchObject({
      server_id: "NAAA",
      server_name: "east-1",
      version: NATS_LEVEL,
      midge: MIDGE_VERSION,
      port: 34_222,
      start: "2026-11-23T08:33:29.834Z",
      now: "2026-11-23T08:34:30.83425Z",
      uptime: "1m1s",
      mem: 1_000_000,
      cpu: 1.5,
      cores: 2,
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
      stalled_clients: 31,
    });
    expect(Object.entries(shown.http_req_stats)).toEqual([
      ["/healthz", 1],
      ["/varz", 2],
    ]);
  });

  test("shows options in NATS' units: durations as whole nanoseconds", () => {
    const given = {
      host: "0.0.0.0",
      httpPort: -1,
      maxConnections: 10,
      maxSubscriptions: 4,
      pingInterval: "2m",
      writeDeadline: "250us",
      maxPayload: 512,
      maxPending: 2048,
      maxControlLine: 1024,
    } as const;
    expect(varz(fakeSource(given), usage, {}, STARTED_AT)).toMatchObject({
      host: "0.0.0.0",
      http_host: "0.0.0.0",
      http_port: -1,
      max_connections: 10,
      max_subscriptions: 4,
      ping_interval: 120_000_000_000,
      write_deadline: 250_000,
      max_payload: 512,
      max_pending: 2048,
      max_control_line: 1024,
    });
  });

  test("every number is one that typed readers take", () => {
    const { cpu: _cpu, ...rest } = varz(fakeSource(), usage, {}, STARTED_AT);
    const numbers = Object.values(rest).filter((value) => typeof value === "number");
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.every(Number.isSafeInteger)).toBe(true);
  });
});

describe("healthz", () => {
  test("says ok while clients are let in", () => {
    expect(healthz({ ready: true })).toEqual({ code: 200, body: { status: "ok" } });
  });

  test("says why not when they are not", () => {
    expect(healthz({ ready: false })).toEqual({
      code: 500,
      body: { status: "error", error: "not accepting clients" },
    });
  });
});

test("the usage meter knows this process", () => {
  const { mem, cpu, cores } = new UsageMeter().read();
  expect(mem).toBeGreaterThan(1_000_000);
  expect(cpu).toBeGreaterThan(0);
  expect(cores).toBeGreaterThan(0);
});
