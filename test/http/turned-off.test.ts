// What this server does not have is answered as by a nats-server that has it turned off, letter by letter.
import { expect, test } from "bun:test";
import { TestMonitor } from "./ask.ts";

const ANSWERS = {
  "/routez": {
    server_id: "NAAA",
    server_name: "east-1",
    now: "T",
    num_routes: 0,
    routes: [],
  },
  "/gatewayz": { server_id: "NAAA", now: "T", outbound_gateways: {}, inbound_gateways: {} },
  "/leafz": { server_id: "NAAA", now: "T", leafnodes: 0, leafs: [] },
  "/jsz": {
    memory: 0,
    storage: 0,
    reserved_memory: 0,
    reserved_storage: 0,
    accounts: 0,
    ha_assets: 0,
    api: { level: 0, total: 0, errors: 0 },
    server_id: "NAAA",
    now: "T",
    disabled: true,
    config: { max_memory: 0, max_storage: 0 },
    streams: 0,
    consumers: 0,
    messages: 0,
    bytes: 0,
    total: 0,
  },
};

test.each(Object.entries(ANSWERS))("%s", async (path, expected) => {
  await using monitor = await TestMonitor.open();
  for (const query of ["", "?subs=1", "?acc=nope&limit=-1&offset=3&accs=1&gw_name=x&consumers=1"]) {
    const { status, text } = await monitor.ask(path + query);
    expect(status).toBe(200);
    expect(text.replace(/"now": "[^"]+Z"/, '"now": "T"')).toBe(JSON.stringify(expected, null, 2));
  }
});

test("/ipqueuesz", async () => {
  await using monitor = await TestMonitor.open();
  expect((await monitor.ask("/ipqueuesz?all=1&queues=send")).text).toBe("{}");
});

test.each(["/raftz", "/raftz?acc=A", "/raftz?group=x"])("%s", async (path) => {
  await using monitor = await TestMonitor.open();
  const { status, type, text } = await monitor.ask(path);
  expect([status, type, text]).toEqual([
    404,
    "text/plain; charset=utf-8",
    "No Raft nodes registered",
  ]);
});

test.each([
  ["/routez?subs=x", "boolean", "subs", "ParseBool"],
  ["/gatewayz?accs=x", "boolean", "accs", "ParseBool"],
  ["/gatewayz?subs=x&accs=y", "boolean", "subs", "ParseBool"],
  ["/leafz?subs=x", "boolean", "subs", "ParseBool"],
  ["/jsz?direct-consumers=x", "boolean", "direct-consumers", "ParseBool"],
  ["/jsz?offset=x", "int", "offset", "Atoi"],
  ["/jsz?limit=x&raft=x", "int", "limit", "Atoi"],
  ["/jsz?stream-leader-only=x&leader-only=1", "boolean", "stream-leader-only", "ParseBool"],
  ["/ipqueuesz?all=x", "boolean", "all", "ParseBool"],
])("%s is a 400 in words", async (path, type, name, parser) => {
  await using monitor = await TestMonitor.open();
  expect(await monitor.refusal(path)).toEqual([
    400,
    `Error decoding ${type} for '${name}': strconv.${parser}: parsing "x": invalid syntax`,
  ]);
});

test("details of leaf nodes are no boolean", async () => {
  await using monitor = await TestMonitor.open();
  expect((await monitor.refusal("/leafz?subs=detail"))[0]).toBe(400);
  expect((await monitor.ask("/routez?subs=detail")).status).toBe(200);
  expect((await monitor.ask("/gatewayz?subs=detail&acc_name=x")).status).toBe(200);
});

test("only a leader answers leaders' questions", async () => {
  await using monitor = await TestMonitor.open();
  expect(await monitor.refusal("/jsz?leader-only=1")).toEqual([
    400,
    "filtered response: not leader",
  ]);
});

test("/debug/vars has the runtime's memory in Go's layout, and no arguments", async () => {
  await using monitor = await TestMonitor.open();
  const { type, text } = await monitor.ask("/debug/vars");
  expect(type).toBe("application/json; charset=utf-8");
  expect(text).toMatch(/^{\n"cmdline": \[.*\],\n"memstats": {.*}\n}\n$/);
  const { cmdline, memstats } = JSON.parse(text) as { cmdline: string[]; memstats: object };
  expect(cmdline.length).toBe(1);
  expect(Object.keys(memstats)).toEqual(["Alloc", "HeapAlloc", "HeapSys", "Sys", "NumGC"]);
});

test("/stacksz is text that is called JSON, and shows no code", async () => {
  await using monitor = await TestMonitor.open();
  const { status, type, text } = await monitor.ask("/stacksz");
  expect([status, type]).toEqual([200, "application/json"]);
  expect(text).toContain("3 connections");
  expect(text).not.toMatch(/\.ts|node_modules|\bat /);
});
