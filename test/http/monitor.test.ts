// The monitor over HTTP: status codes, headers, counting, and a port that is taken.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMonitor, type Monitor } from "../../src/http/monitor.ts";
import { silentLogger } from "../../src/log/logger.ts";
import { fakeSource } from "./fake-source.ts";

const source = fakeSource({ httpPort: -1 });
const notices: string[] = [];
let monitor: Monitor;

beforeAll(() => {
  monitor = startMonitor(source, { ...silentLogger, notice: (text) => notices.push(text) });
});

afterAll(() => monitor.stop());

function ask(path: string, init?: RequestInit): Promise<Response> {
  return fetch(monitor.url + path, init);
}

test("a free port is picked, logged and told", () => {
  expect(monitor.port).toBeGreaterThan(0);
  expect(monitor.url).toBe(`http://127.0.0.1:${monitor.port}`);
  expect(notices).toEqual([`Starting http monitor on 127.0.0.1:${monitor.port}`]);
});

describe("/varz", () => {
  test("is JSON for everybody, one key per line", async () => {
    const response = await ask("/varz");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    const text = await response.text();
    expect(text).toStartWith('{\n  "server_id": "NAAA",\n  "server_name": "east-1",\n');
    expect(JSON.parse(text)).toMatchObject({ in_msgs: 11, out_bytes: 19 });
  });

  test("counts requests by path, its own first one included, and unknown paths not", async () => {
    const before = await counts();
    await ask("/healthz");
    await ask("/nope");
    const after = await counts();
    expect(after["/varz"]).toBe(before["/varz"]! + 1);
    expect(after["/healthz"]).toBe((before["/healthz"] ?? 0) + 1);
    expect(Object.keys(after)).toEqual(["/healthz", "/varz"]);
  });

  test("HEAD has the headers and no body", async () => {
    const response = await ask("/varz", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(1000);
    expect(await response.text()).toBe("");
  });

  test("a percent-encoded path is the same path, a query changes nothing", async () => {
    expect((await ask("/%76arz?x=1")).status).toBe(200);
  });

  async function counts(): Promise<Record<string, number>> {
    const { http_req_stats } = (await (await ask("/varz")).json()) as {
      http_req_stats: Record<string, number>;
    };
    return http_req_stats;
  }
});

describe("/healthz", () => {
  test("is one line of JSON, in health and otherwise", async () => {
    const well = await ask("/healthz");
    expect([well.status, await well.text()]).toEqual([200, '{"status":"ok"}']);
    source.ready = false;
    const ill = await ask("/healthz");
    source.ready = true;
    expect(ill.headers.get("content-type")).toBe("application/json");
    expect([ill.status, await ill.text()]).toEqual([
      500,
      '{"status":"error","error":"not accepting clients"}',
    ]);
  });
});

describe("everything else", () => {
  test.each(["/nope", "/varz/", "/VARZ", "/favicon.ico", "/%zz", "/__proto__"])(
    "%s is not found",
    async (path) => {
      const response = await ask(path);
      expect([response.status, await response.text()]).toEqual([404, "404 page not found\n"]);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    },
  );

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is not for the monitor", async (method) => {
    const response = await ask("/varz", { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    await response.body?.cancel();
  });
});

test("a port that is taken is told with address and cause", () => {
  const taken = fakeSource({ httpPort: monitor.port });
  expect(() => startMonitor(taken, silentLogger)).toThrow(
    `can't listen to the monitor port: 127.0.0.1:${monitor.port}: address already in use`,
  );
});

test("an address that is not ours is told with the cause", () => {
  const foreign = fakeSource({ httpHost: "192.0.2.1", httpPort: -1 });
  expect(() => startMonitor(foreign, silentLogger)).toThrow(
    /can't listen to the monitor port: 192/,
  );
});

test("a wildcard is told as an address that can be called", async () => {
  const everywhere = startMonitor(fakeSource({ host: "0.0.0.0", httpPort: -1 }), silentLogger);
  expect(everywhere.url).toBe(`http://127.0.0.1:${everywhere.port}`);
  expect((await fetch(`${everywhere.url}/healthz`)).status).toBe(200);
  await everywhere.stop();
});

test("a stopped monitor gives its port back at once", async () => {
  const first = startMonitor(fakeSource({ httpPort: -1 }), silentLogger);
  await first.stop();
  const second = startMonitor(fakeSource({ httpPort: first.port }), silentLogger);
  expect(second.port).toBe(first.port);
  await second.stop();
});
