// The probe for images without a shell: one line, and a verdict within two seconds.
import { afterAll, describe, expect, test } from "bun:test";
import { healthcheck } from "../../src/http/healthcheck.ts";
import { TestAuthority } from "../support/certificates.ts";
import { TestMonitor } from "./ask.ts";

const servers: { stop(force: boolean): unknown }[] = [];
afterAll(() => servers.forEach((server) => server.stop(true)));

/** A server that answers everything in this way. */
function serving(answer: () => Response | Promise<Response>): string {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
  servers.push(server);
  return `http://127.0.0.1:${server.port}/healthz`;
}

describe("a server", () => {
  test("that is well is healthy", async () => {
    await using monitor = await TestMonitor.open();
    const url = `${monitor.monitor.url}/healthz`;
    expect(await healthcheck(url)).toEqual({ ok: true, line: `healthy: ${url}: {"status":"ok"}` });
  });

  test("that lets nobody in is not, and says why", async () => {
    await using monitor = await TestMonitor.open();
    monitor.source.ready = false;
    const { ok, line } = await healthcheck(`${monitor.monitor.url}/healthz`);
    expect(ok).toBe(false);
    expect(line).toMatch(
      /^not healthy, status 500: http:.*: {"status":"error","error":"failed to be/,
    );
  });

  test("is asked for its health where no path is given", async () => {
    await using monitor = await TestMonitor.open();
    monitor.source.ready = false;
    expect((await healthcheck(monitor.monitor.url)).ok).toBe(false);
  });

  test("may have a password: its health is open", async () => {
    await using monitor = await TestMonitor.open({ monitorAuthorization: { token: "x" } });
    expect((await healthcheck(`${monitor.monitor.url}/healthz`)).ok).toBe(true);
    const { line } = await healthcheck(`${monitor.monitor.url}/varz`);
    expect(line).toContain("not healthy, status 401");
  });

  test("of which this machine's name is not in the certificate is asked all the same", async () => {
    using authority = await TestAuthority.create();
    const { cert, key } = await authority.issue({ hosts: ["nats.example"] });
    const options = { httpPort: 0, httpsPort: -1 };
    await using monitor = await TestMonitor.open(options, { tls: { cert, key } });
    expect((await healthcheck(`${monitor.monitor.url}/healthz`)).ok).toBe(true);
  });
});

test("a proxy in the environment is not asked for this machine", async () => {
  const proxy = serving(() => new Response("from the proxy"));
  await using monitor = await TestMonitor.open();
  const { http_proxy, NO_PROXY } = process.env;
  process.env["http_proxy"] = proxy;
  const { line } = await healthcheck(monitor.monitor.url);
  expect(process.env["NO_PROXY"]).toBe(NO_PROXY);
  if (http_proxy === undefined) delete process.env["http_proxy"];
  else process.env["http_proxy"] = http_proxy;
  expect(line).toEndWith('{"status":"ok"}');
});

describe("what is no health", () => {
  test("a redirect is not followed", async () => {
    const url = serving(() => Response.redirect("http://127.0.0.1:1/", 302));
    expect((await healthcheck(url)).line).toStartWith("not healthy, status 302");
  });

  test("nobody listening", async () => {
    await using monitor = await TestMonitor.open();
    const { url } = monitor.monitor;
    await monitor.monitor.stop();
    const { ok, line } = await healthcheck(`${url}/healthz`);
    expect([ok, line]).toEqual([false, `not healthy: ${url}/healthz: connection refused`]);
  });

  test("no answer in time, and one that does not end", async () => {
    const silent = healthcheck(serving(() => new Promise<Response>(() => {})));
    const endless = healthcheck(
      serving(() => new Response(new ReadableStream({ start: (to) => to.enqueue("x") }))),
    );
    for (const { ok, line } of await Promise.all([silent, endless])) {
      expect([ok, line]).toEqual([false, expect.stringMatching(/healthz: no answer in 2 s$/)]);
    }
  });

  test.each(["nonsense", "nats://127.0.0.1:4222", "file:///etc/passwd", "", "127.0.0.1:8222"])(
    "an address that is none: '%s'",
    async (url) => {
      const { ok, line } = await healthcheck(url);
      expect([ok, line]).toEqual([false, "not healthy: what was given is no http or https URL"]);
    },
  );
});

test("a page that says nothing of health is none, whatever its status", async () => {
  const { ok } = await healthcheck(serving(() => new Response("<!doctype html>")));
  expect(ok).toBe(false);
});

describe("the line", () => {
  test("is one line and a short one, whatever the server says", async () => {
    const url = serving(() => new Response(`a\r\nb\u001b[2J\n${"x".repeat(10_000)}`));
    const { line } = await healthcheck(url);
    expect(line).toStartWith(`not healthy, status 200: ${url}: a b [2J xxx`);
    expect(line.length).toBeLessThan(300);
    expect(line).not.toMatch(/[\p{C}]/u);
  });

  test("never shows a password", async () => {
    const url = serving(() => new Response("ok")).replace("://", "://user:s3cret@");
    expect((await healthcheck(url)).line).not.toContain("s3cret");
    for (const odd of ["ftp://user:s3cret@host/", "http://user:s3/cret@h:1", "ftp:u:s3cret@h"]) {
      expect((await healthcheck(odd)).line).not.toContain("s3");
    }
  });
});
