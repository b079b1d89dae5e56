// The monitor over HTTP: ports, paths, methods, headers, counting.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMonitor } from "../../src/http/monitor.ts";
import { silentLogger } from "../../src/log/logger.ts";
import { TestMonitor } from "./ask.ts";
import { fakeSource } from "./fake-source.ts";
import { rawAsk, rawGet, readBody, readHead } from "./raw.ts";

let monitor: TestMonitor;

beforeAll(async () => {
  monitor = await TestMonitor.open();
});

afterAll(() => monitor[Symbol.asyncDispose]());

describe("ports", () => {
  test("a free port is picked, logged and told", () => {
    const { port, url } = monitor.monitor;
    expect(port).toBeGreaterThan(0);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(monitor.log[0]).toBe(`notice: Starting http monitor on 127.0.0.1:${port}`);
  });

  test("a port that is taken is told with address and cause", async () => {
    const taken = fakeSource({ httpPort: monitor.monitor.port });
    await expect(startMonitor(taken, silentLogger)).rejects.toThrow(
      `can't listen to the monitor port: 127.0.0.1:${monitor.monitor.port}: address already in use`,
    );
  });

  test("an address that is not ours is told with the cause", async () => {
    const foreign = fakeSource({ httpHost: "192.0.2.1", httpPort: -1 });
    await expect(startMonitor(foreign, silentLogger)).rejects.toThrow(
      /can't listen to the monitor port: 192/,
    );
  });

  test("a wildcard is told as an address that can be called", async () => {
    await using everywhere = await TestMonitor.open({ host: "0.0.0.0" });
    expect(everywhere.monitor.url).toBe(`http://127.0.0.1:${everywhere.monitor.port}`);
    expect((await everywhere.ask("/healthz")).status).toBe(200);
  });

  test("a stopped monitor gives its port back at once", async () => {
    const first = await TestMonitor.open();
    await first.monitor.stop();
    await using second = await TestMonitor.open({ httpPort: first.monitor.port });
    expect(second.monitor.port).toBe(first.monitor.port);
  });
});

describe("paths", () => {
  test.each(["/nope", "/varz/", "/VARZ", "/favicon.ico", "/__proto__", "/varz%00", "/a%2fvarz"])(
    "%s is not found",
    async (path) => {
      const { status, text, headers } = await monitor.ask(path);
      expect([status, text]).toEqual([404, "404 page not found\n"]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    },
  );

  test("a percent-encoded path is the same path, a query changes nothing", async () => {
    expect((await monitor.ask("/%76arz?x=1")).status).toBe(200);
  });

  test("a broken percent is a bad request", async () => {
    expect(await monitor.refusal("/%zz")).toEqual([400, "400 Bad Request"]);
  });

  test.each([
    ["//varz", "/varz"],
    ["//varz?a=<b>&c=1", "/varz?a=%3Cb%3E&c=1"],
    ["/%2e%2e//nope", "/nope"],
    ["//evil.example//", "/evil.example/"],
    ["//a%0d%0aX-Evil:%201", "/a%0D%0AX-Evil:%201"],
  ])("%s has moved to its clean form", async (path, location) => {
    const answer = await rawGet(monitor.monitor.port, path);
    expect(readHead(answer, "location")).toEqual([301, location]);
    expect(readHead(answer, "x-evil")).toEqual([301, ""]);
    expect(readBody(answer)).toMatch(/^<a href="\/[^"<>]*">Moved Permanently<\/a>\.\n\n$/);
  });

  test("HTTP/1.0 without a host is served", async () => {
    const answer = await rawAsk(monitor.monitor.port, "GET /healthz?x=1 HTTP/1.0\r\n\r\n");
    expect(readHead(answer, "content-type")).toEqual([200, "application/json"]);
    expect(readBody(answer)).toBe('{"status":"ok"}');
  });
});

describe("methods", () => {
  test.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])(
    "%s is as good as GET",
    async (method) => {
      const answer = await rawGet(monitor.monitor.port, "/healthz", method);
      expect([readHead(answer, "x")[0], readBody(answer)]).toEqual([200, '{"status":"ok"}']);
    },
  );

  test("HEAD has the headers and no body", async () => {
    const { status, text, headers } = await monitor.ask("/varz", { method: "HEAD" });
    expect([status, text]).toEqual([200, ""]);
    expect(Number(headers.get("content-length"))).toBeGreaterThan(1000);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("date")).toMatch(/GMT$/);
  });

  test("a body is read by nobody", async () => {
    const body = "x".repeat(10_000);
    expect((await monitor.ask("/varz", { method: "POST", body })).status).toBe(200);
  });
});

describe("counting", () => {
  const counts = async () => (await monitor.json("/varz"))["http_req_stats"] as Counted;

  test("is by path, /varz counts itself, and both names of /subsz are one", async () => {
    const before = await counts();
    for (const path of ["/healthz", "/subsz", "/subscriptionsz", "/"]) await monitor.ask(path);
    const after = await counts();
    const grown = Object.keys(after).filter((path) => after[path] !== before[path]);
    expect(grown).toEqual(["/", "/healthz", "/subsz", "/varz"]);
    expect(after["/subsz"]).toBe((before["/subsz"] ?? 0) + 2);
    expect(after["/varz"]).toBe(before["/varz"]! + 1);
  });

  test("leaves out unknown paths and what nats-server leaves out", async () => {
    const before = await counts();
    const paths = ["/nope", "//varz", "/stacksz", "/ipqueuesz", "/raftz", "/debug/vars"];
    for (const path of paths) await rawGet(monitor.monitor.port, path);
    expect(await counts()).toEqual({ ...before, "/varz": before["/varz"]! + 1 });
  });

  test("requests with parameters that can't be read count, but for connections and routes", async () => {
    const before = await counts();
    const asked = ["/connz?auth=x", "/routez?subs=x", "/subsz?subs=x", "/jsz?limit=x"];
    for (const path of [...asked, "/connz?sort=x", "/healthz?details=x"]) await monitor.ask(path);
    const after = await counts();
    const grown = (path: string) => (after[path] ?? 0) - (before[path] ?? 0);
    expect(["/connz", "/routez", "/subsz", "/jsz", "/healthz"].map(grown)).toEqual([1, 0, 1, 1, 1]);
  });
});

type Counted = Record<string, number>;

describe("headers", () => {
  test("data may be read by pages of other sites, words and errors not", async () => {
    const origin = async (path: string) =>
      (await monitor.ask(path)).headers.get("access-control-allow-origin");
    expect(await origin("/varz")).toBe("*");
    expect(await origin("/healthz")).toBe("*");
    expect(await origin("/stacksz")).toBe("*");
    expect(await origin("/connz?sort=x")).toBeNull();
    expect(await origin("/debug/vars")).toBeNull();
    expect(await origin("/raftz")).toBeNull();
    expect(await origin("/nope")).toBeNull();
    expect(await origin("/")).toBeNull();
    expect(await origin("/metrics")).toBeNull();
  });

  test("JSON has no charset and no line end, errors are plain text", async () => {
    const { type, text } = await monitor.ask("/varz");
    expect(type).toBe("application/json");
    expect(text).toStartWith('{\n  "server_id": "NAAA",\n  "server_name": "east-1",\n');
    expect(text).toEndWith("}");
    const error = await monitor.ask("/connz?sort=foo");
    expect([error.status, error.type, error.text]).toEqual([
      400,
      "text/plain; charset=utf-8",
      "invalid sorting option: foo",
    ]);
  });
});

describe("a callback", () => {
  test("is called with the data, without a semicolon", async () => {
    const { type, text, headers } = await monitor.ask("/healthz?callback=a.b$_[0]");
    expect(type).toBe("application/javascript");
    expect(text).toBe('a.b$_[0]({"status":"ok"})');
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("wraps long answers, too", async () => {
    const { text } = await monitor.ask("/connz?callback=f");
    expect(text).toStartWith('f({\n  "server_id"');
    expect(text).toEndWith("})");
  });

  test.each(["alert(1)//", "f%0a", "<script>", "f;g", "f g", "é", `${"f".repeat(257)}`])(
    "that is no name is refused: %s",
    async (callback) => {
      const [status, text] = await monitor.refusal(
        `/varz?callback=${encodeURIComponent(callback)}`,
      );
      expect(status).toBe(400);
      expect(text).toStartWith("invalid callback");
    },
  );

  test("that is empty is none, and errors and pages have none", async () => {
    expect((await monitor.ask("/healthz?callback=")).text).toBe('{"status":"ok"}');
    expect((await monitor.ask("/connz?sort=x&callback=f")).text).toBe("invalid sorting option: x");
    expect((await monitor.ask("/?callback=f")).text).toStartWith("<!doctype html>");
  });
});

describe("a base path", () => {
  test("is in front of everything, and nothing is anywhere else", async () => {
    await using based = await TestMonitor.open({ httpBasePath: "nats/" });
    const status = async (path: string) => (await based.ask(path)).status;
    for (const path of ["/nats", "/nats/varz", "/nats/healthz", "/nats/live/servers"]) {
      expect([path, await status(path)]).toEqual([path, 200]);
    }
    for (const path of ["/", "/varz", "/nats/", "/nats/varz/", "/natsvarz", "/healthz"]) {
      expect([path, await status(path)]).toEqual([path, 404]);
    }
    const varz = await based.json("/nats/varz");
    expect(varz["http_base_path"]).toBe("nats/");
    expect(Object.keys(varz["http_req_stats"] as object)).toEqual(["/", "/healthz", "/varz"]);
  });

  test("is in the links of the root", async () => {
    await using based = await TestMonitor.open({ httpBasePath: "/a b" });
    expect((await based.ask("/a%20b")).text).toContain('href="./a%20b/varz"');
    expect((await monitor.ask("/")).text).toContain('href="./varz"');
  });
});

describe("the root", () => {
  test("is a list of links for programs, in nats-server's order", async () => {
    const { type, text } = await monitor.ask("/");
    expect(type).toBe("text/html; charset=utf-8");
    const links = [...text.matchAll(/href="\.(\/[^"]+)"/g)].map(([, path]) => path);
    expect(links.join(" ")).toBe(
      "/varz /jsz /connz /accountz /accstatz /subsz /routez /leafz /gatewayz /raftz /healthz /debug/vars /metrics",
    );
    for (const path of links) expect((await monitor.ask(path!)).status).toBeOneOf([200, 404]);
  });
});

test("a bug is an answer without a trace of the code, and a line in the log", async () => {
  await using broken = await TestMonitor.open();
  broken.source.accountViews = () => {
    throw new Error("secret inside");
  };
  const { status, text } = await broken.ask("/accountz");
  expect([status, text]).toEqual([500, "500 internal error\n"]);
  expect(broken.log.at(-1)).toStartWith("error: Internal error in the monitor");
  expect(broken.log.at(-1)).toContain("secret inside");
  expect((await broken.ask("/varz")).status).toBe(200);
});
