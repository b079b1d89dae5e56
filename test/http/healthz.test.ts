// /healthz: for load balancers, which read the status, and exporters, which read the body.
import { describe, expect, test } from "bun:test";
import { TestMonitor } from "./ask.ts";

describe("a server that lets clients in", () => {
  test.each([
    "",
    "?js-enabled=1",
    "?js-enabled-only=true",
    "?js-server-only=1&js-meta-only=1",
    "?details=1",
    "?account=nope",
    "?account=a&stream=s&consumer=c",
  ])("is well, whatever else is asked: /healthz%s", async (query) => {
    await using monitor = await TestMonitor.open();
    const { status, type, text } = await monitor.ask(`/healthz${query}`);
    expect([status, type, text]).toEqual([200, "application/json", '{"status":"ok"}']);
  });
});

describe("a server that lets nobody in", () => {
  const error = "failed to be ready for connections after 1ms: server";

  test("says so in status, body and log", async () => {
    await using monitor = await TestMonitor.open();
    monitor.source.ready = false;
    const { status, type, text } = await monitor.ask("/healthz");
    expect([status, type, text]).toEqual([
      500,
      "application/json",
      `{"status":"error","error":"${error}"}`,
    ]);
    expect(monitor.log.at(-1)).toBe(`warn: Healthcheck failed: "${error}"`);
  });

  test("says so in details", async () => {
    await using monitor = await TestMonitor.open();
    monitor.source.ready = false;
    expect(await monitor.refusal("/healthz?details=1")).toEqual([
      500,
      `{"status":"error","errors":[{"type":"CONNECTION","error":"${error}"}]}`,
    ]);
  });
});

describe("questions that make no sense", () => {
  test.each([
    ["stream=s", "account", "stream"],
    ["consumer=c", "stream", "consumer"],
    ["account=a&consumer=c", "stream", "consumer"],
    ["stream=s&consumer=c", "account", "stream"],
  ])("?%s lacks %s", async (query, owner, what) => {
    await using monitor = await TestMonitor.open();
    const message = `"${owner}" must not be empty when checking ${what} health`;
    const [status, text] = await monitor.refusal(`/healthz?${query}`);
    expect([status, JSON.parse(text)]).toEqual([400, { status: "error", error: message }]);
    const [, detailed] = await monitor.refusal(`/healthz?${query}&details=1`);
    expect(JSON.parse(detailed)).toEqual({
      status: "error",
      errors: [{ type: "BAD_REQUEST", error: message }],
    });
  });

  test.each(["js-enabled", "js-enabled-only", "js-server-only", "js-meta-only", "details"])(
    "%s is a boolean",
    async (name) => {
      await using monitor = await TestMonitor.open();
      expect(await monitor.refusal(`/healthz?${name}=x`)).toEqual([
        400,
        `Error decoding boolean for '${name}': strconv.ParseBool: parsing "x": invalid syntax`,
      ]);
    },
  );
});
