// The monitor of the executable, as far as tools and health checks rely on it.
import { expect, test } from "bun:test";
import { connect as open } from "../support/wire.ts";
import { Broker, freePort, until } from "./support.ts";

const NUMBERS = [
  "connections",
  "total_connections",
  "subscriptions",
  "in_msgs",
  "out_msgs",
] as const;

test("-m serves /varz with counters that move, and /healthz", async () => {
  const port = await freePort();
  await using broker = await Broker.start({ flags: ["-m", String(port)] });
  const base = `http://127.0.0.1:${port}`;
  await broker.line(new RegExp(String.raw`Starting http monitor on 127\.0\.0\.1:${port}$`));
  const varz = async (): Promise<Record<string, unknown>> => {
    const response = await fetch(`${base}/varz`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    return (await response.json()) as Record<string, unknown>;
  };

  await using client = await open(broker.port);
  const idle = await varz();
  expect(idle).toMatchObject({
    server_id: client.info.server_id,
    server_name: client.info.server_name,
    version: client.info.version,
    host: "127.0.0.1",
    port: broker.port,
    http_port: port,
    max_payload: 1_048_576,
    connections: 1,
    in_msgs: 0,
  });
  expect(String(idle.version)).toMatch(/^2\.15\./);
  for (const name of [...NUMBERS, "in_bytes", "out_bytes", "mem", "cpu", "slow_consumers"])
    expect(idle[name]).toBeNumber();
  expect(Date.parse(String(idle.start))).toBeLessThanOrEqual(Date.now());

  await client.says("SUB a 1\r\nSUB a 2\r\nPUB a 5\r\nhello\r\nPING\r\n");
  await until(async () => (await varz()).out_msgs === 2, "the counters have moved");
  const before = Number(idle.subscriptions);
  const busy = await varz();
  expect(busy).toMatchObject({ in_msgs: 1, in_bytes: 5, out_msgs: 2, out_bytes: 10 });
  expect(busy.subscriptions).toBe(before + 2);

  client.close();
  await until(async () => (await varz()).connections === 0, "the client has left");
  expect(await varz()).toMatchObject({ total_connections: 1, in_msgs: 1 });
});

test("/healthz says ok, and an unknown path is not found", async () => {
  await using broker = await Broker.start({ flags: ["-m", "-1"] });
  const line = await broker.line(/Starting http monitor on 127\.0\.0\.1:\d+$/);
  const base = `http://127.0.0.1:${line.split(":").at(-1)}`;
  const health = await fetch(`${base}/healthz`);
  expect(health.status).toBe(200);
  expect(await health.json()).toEqual({ status: "ok" });
  expect((await fetch(`${base}/no/such/page`)).status).toBe(404);
});

test("without -m nothing listens for the monitor", async () => {
  await using broker = await Broker.start();
  expect(broker.lines.join("\n")).not.toContain("monitor");
});

test("a monitor port that is taken is an error with its address, and exit code 1", async () => {
  await using holder = await Broker.start();
  const second = new Broker({ flags: ["-m", String(holder.port)] });
  await second.line(new RegExp(String.raw`\[FTL\] .*127\.0\.0\.1:${holder.port}`));
  expect(await second.child.exited).toBe(1);
});
