// The page and its questions over HTTP.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { MidgeOptions } from "../../src/config/options.ts";
import type { Hello, Tick } from "../../src/http/live-shapes.ts";
import { EventReader } from "../../src/http/page/events.ts";
import { secret } from "../support/secrets.ts";
import { TestMonitor } from "./ask.ts";
import { fakeConnection, fakeSource } from "./fake-source.ts";

let monitor: TestMonitor;

beforeAll(async () => {
  monitor = await TestMonitor.open();
  monitor.source.open = [fakeConnection({ cid: 5, name: "<b>five</b>" })];
});

afterAll(() => monitor[Symbol.asyncDispose]());

/** Events of a stream as they come. */
async function* events(
  url: string,
  init: RequestInit = {},
): AsyncGenerator<{ name: string; data: unknown }> {
  const response = await fetch(url, init);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = new EventReader();
  const decoder = new TextDecoder();
  for await (const piece of response.body!) {
    for (const { name, data } of reader.read(decoder.decode(piece, { stream: true })))
      yield { name, data: JSON.parse(data) };
  }
}

describe("the root", () => {
  test("is the page for a browser", async () => {
    const browser = { headers: { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" } };
    const { status, type, text, headers } = await monitor.ask("/", browser);
    expect([status, type]).toEqual([200, "text/html; charset=utf-8"]);
    expect(text).toContain("<title>Midge</title>");
    expect(headers.get("vary")).toContain("Accept");
  });

  test("is a list of links for everybody else", async () => {
    const { text } = await monitor.ask("/", { headers: { Accept: "*/*" } });
    expect(text).toContain("varz");
    expect(text).not.toContain("<script");
  });
});

describe("the stream", () => {
  test("begins with the server and goes on with a sample each second", async () => {
    let greeting: Hello | undefined;
    for await (const { name, data } of events(`${monitor.monitor.url}/live`)) {
      if (name === "hello") {
        greeting = data as Hello;
        expect(greeting.server).toMatchObject({ id: "NAAA", name: "east-1", port: 34_222 });
        monitor.source.inMsgs += 100_000;
        continue;
      }
      const { sample, totals, ready } = data as Tick;
      expect(name).toBe("sample");
      expect(ready).toBe(true);
      expect(totals.inMsgs).toBe(100_011);
      expect(sample.inMsgs).toBeGreaterThan(30_000);
      break;
    }
    expect(greeting).toBeDefined();
  });

  test("has the history of what was before", async () => {
    for await (const { data } of events(`${monitor.monitor.url}/live`)) {
      const { history, tick } = data as Hello;
      expect(history.time.length).toBeGreaterThan(0);
      expect(Math.max(...history.inMsgs)).toBeGreaterThan(30_000);
      expect(tick!.sample.time).toBe(history.time.at(-1)!);
      break;
    }
  });

  test("answers HEAD and ends", async () => {
    const { status, type, text } = await monitor.ask("/live", { method: "HEAD" });
    expect([status, type, text]).toEqual([200, "text/event-stream", ""]);
  });
});

describe("the stream, when a reload comes,", () => {
  /** A password, as a reload reads it: the same words are never the same object. */
  const guarded = (password: string) => ({ monitorAuthorization: { user: "ann", password } });
  const authorized = (password: string) => ({
    headers: { Authorization: `Basic ${btoa(`ann:${password}`)}` },
  });

  /** A monitor with one viewer, who has read the greeting. */
  async function watched(options: MidgeOptions, init?: RequestInit) {
    const own = await TestMonitor.open(options);
    const stream = events(`${own.monitor.url}/live`, init);
    expect((await stream.next()).value).toMatchObject({ name: "hello" });
    const reload = (changed: MidgeOptions) => {
      own.source.options = fakeSource(changed).options;
    };
    return { own, stream, reload };
  }

  /** What comes before the end; fails when there is none, by taking too long. */
  const untilItEnds = (stream: ReturnType<typeof events>) => Array.fromAsync(stream);

  test("ends with the password by which its viewer came in", async () => {
    const [old, other] = [secret(), secret()];
    const { own, stream, reload } = await watched(guarded(old), authorized(old));
    await using _ = own;
    reload(guarded(other));
    await untilItEnds(stream);
    expect((await own.ask("/live", authorized(old))).status).toBe(401);
    const again = events(`${own.monitor.url}/live`, authorized(other));
    expect((await again.next()).value).toMatchObject({ name: "hello" });
    await again.return(undefined);
  });

  test("ends when there is a password now, and when there is none any more", async () => {
    const password = secret();
    const open = await watched({});
    await using _ = open.own;
    open.reload(guarded(password));
    await untilItEnds(open.stream);
    const closed = await watched(guarded(password), authorized(password));
    await using __ = closed.own;
    closed.reload({});
    await untilItEnds(closed.stream);
  });

  test("goes on when the password is the same", async () => {
    const password = secret();
    const { own, stream, reload } = await watched(guarded(password), authorized(password));
    await using _ = own;
    reload({ ...guarded(password), maxConnections: 77 });
    // The first sample may be older than the reload, the second can't.
    for (let i = 0; i < 2; i++)
      expect((await stream.next()).value).toMatchObject({ name: "sample" });
    await stream.return(undefined);
  });
});

describe("questions", () => {
  test("are answered with JSON that nobody keeps and no other site reads", async () => {
    const { status, type, headers, text } = await monitor.ask("/live/connections?sort=name");
    expect([status, type]).toEqual([200, "application/json"]);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(JSON.parse(text)).toMatchObject({ total: 1, rows: [{ name: "<b>five</b>" }] });
  });

  test("are there for details, subjects and servers", async () => {
    expect(await monitor.json("/live/connections/5")).toMatchObject({ row: { cid: 5 } });
    expect(await monitor.json("/live/subjects")).toMatchObject({ account: "$G", under: "" });
    const servers = [{ name: "east-1", isSelf: true, address: "127.0.0.1:34222" }];
    expect(await monitor.json("/live/servers")).toMatchObject({ servers, routes: [] });
  });

  test.each([
    ['sort can\'t be "<b>"', "/live/connections?sort=<b>"],
    ['state can\'t be "all"', "/live/connections?state=all"],
    ["limit has to be from 1 to 200", "/live/connections?limit=0"],
    ["limit has to be from 1 to 200", "/live/connections?limit=201"],
    ["offset has to be from 0 to 1000000", "/live/connections?offset=-1"],
    ["search is longer than 100 characters", `/live/connections?search=${"x".repeat(101)}`],
    ['order can\'t be "up"', "/live/subjects?order=up"],
    ["under is too long for a subject", `/live/subjects?under=${"x".repeat(4097)}`],
  ])("that make no sense are refused: %s", async (reason, path) => {
    expect(await monitor.refusal(path)).toEqual([400, `${reason}\n`]);
  });

  test.each([
    "/live/connections/6",
    "/live/connections/x",
    "/live/connections/0",
    "/live/nope",
    "/live/",
  ])("for what is not there are a 404: %s", async (path) => {
    expect((await monitor.refusal(path))[0]).toBe(404);
  });
});
