// People who ask too much, read too slowly or send nonsense: the monitor stays bounded and keeps answering.
import { describe, expect, test } from "bun:test";
import type { Socket } from "bun";
import type { Bounds } from "../../src/http/bounds.ts";
import type { ConnectionView } from "../../src/http/source.ts";
import { TestMonitor } from "./ask.ts";
import { fakeConnection } from "./fake-source.ts";
import { rawAsk, rawGet, readHead } from "./raw.ts";

/** The runtime looks for idle connections every few seconds only. */
const PATIENCE_MS = 20_000;
/** More than the buffers of any socket. */
const MANY = 100_000;
const LONG = `/connz?limit=${MANY}`;
/** Long enough to be sent in parts, and soon read. */
const PARTS = "/connz?limit=1000";

/** A monitor of so many connections that their list is long. */
async function crowded(bounds: Partial<Bounds>) {
  const monitor = await TestMonitor.open({}, { bounds });
  const view = fakeConnection({ name: "x".repeat(100) });
  monitor.source.connections = MANY;
  monitor.source.connectionView = () => view;
  monitor.source.connectionViews = function* () {
    for (let i = 0; i < MANY; i++) yield view;
  };
  return monitor;
}

/** A client that asks and does not read what comes until it is told to. */
class SlowReader {
  readonly closed: Promise<string>;
  /** Resolves when the answer has come so far. */
  readonly begun: Promise<void>;
  #socket: Socket | null = null;
  #heard = 0;
  #start = "";
  #isInHurry = false;

  constructor(port: number, path: string) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    const first = Promise.withResolvers<void>();
    this.begun = first.promise;
    void Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => {
          this.#socket = socket;
          socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
        },
        data: (socket, chunk) => {
          if (this.#heard === 0) this.#start = chunk.toString("latin1", 0, 15);
          this.#heard += chunk.length;
          first.resolve();
          if (!this.#isInHurry) socket.pause();
        },
        close: () => resolve(this.#start),
      },
    });
  }

  get heard(): number {
    return this.#heard;
  }

  /** Takes one more piece. */
  read(): void {
    this.#socket?.resume();
  }

  readAll(): void {
    this.#isInHurry = true;
    this.read();
  }

  leave(): void {
    this.#socket?.terminate();
  }
}

/** Asks until the answer has this status: what ends a slow answer takes a moment. */
async function until(monitor: TestMonitor, path: string, status: number): Promise<string> {
  while (true) {
    const answer = await monitor.ask(path);
    if (answer.status === status) return answer.text;
  }
}

describe("slow readers", () => {
  test("that leave free their place at once", async () => {
    await using monitor = await crowded({ longAnswers: 1 });
    const reader = new SlowReader(monitor.monitor.port, LONG);
    await reader.begun;
    await until(monitor, PARTS, 503);
    reader.leave();
    await until(monitor, PARTS, 200);
  });

  test("fill the places of long answers and nobody else's: short ones, health and streams still come", async () => {
    await using monitor = await crowded({ answers: 3, longAnswers: 3 });
    const readers = [1, 2, 3].map(() => new SlowReader(monitor.monitor.port, LONG));
    await Promise.all(readers.map(({ begun }) => begun));
    await until(monitor, PARTS, 503);
    for (const path of ["/varz", "/metrics", "/connz?limit=1", "/live/servers", "/healthz"]) {
      expect([path, (await monitor.ask(path)).status]).toEqual([path, 200]);
    }
    const live = await fetch(`${monitor.monitor.url}/live`);
    expect(live.status).toBe(200);
    await live.body?.cancel();
    for (const reader of readers) reader.leave();
    await until(monitor, PARTS, 200);
    const { text } = await monitor.ask("/metrics");
    expect(text).toMatch(/midge_monitor_refused_total{reason="busy"} [1-9]/);
  });

  test("lose their place to whoever asks next, the slowest first", async () => {
    await using monitor = await crowded({ longAnswers: 1, readMs: 20 });
    const reader = new SlowReader(monitor.monitor.port, LONG);
    await reader.begun;
    await until(monitor, PARTS, 200);
    reader.leave();
  });
});

describe("many requests", () => {
  test("at a time are all answered", async () => {
    await using monitor = await TestMonitor.open();
    const paths = [
      "/varz",
      "/connz",
      "/subsz",
      "/accountz",
      "/metrics",
      "/healthz",
      "/live/servers",
    ];
    const asked = Array.from({ length: 350 }, (_, i) => monitor.ask(paths[i % paths.length]!));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(60);
  });

  test("in one piece are answered in order", async () => {
    await using monitor = await TestMonitor.open();
    const request = (path: string, end = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${end}\r\n`;
    const heard = await rawAsk(
      monitor.monitor.port,
      request("/healthz") + request("/nope") + request("/healthz", "Connection: close\r\n"),
    );
    expect([...heard.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      "200",
      "404",
      "200",
    ]);
  });
});

describe("nonsense", () => {
  test.each([
    ["no HTTP", "GARBAGE\r\n\r\n", 400],
    ["no host", "GET /varz HTTP/1.1\r\n\r\n", 400],
    ["no path", "GET varz HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["a long header", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ["a long address", `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
    ["a huge body", `POST /varz HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n`, 413],
  ])("%s is refused and closed", async (_name, request, status) => {
    await using monitor = await TestMonitor.open({}, { bounds: { idleSeconds: 1 } });
    expect(readHead(await rawAsk(monitor.monitor.port, request), "x")[0]).toBe(status);
  });

  test.each(["a/b", "a?b#c", "[::1", "%00", "\xff\xfe", "a b", "", "x".repeat(5000)])(
    "a host that is none harms nobody: %s",
    async (host) => {
      await using monitor = await TestMonitor.open();
      const request = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      expect(readHead(await rawAsk(monitor.monitor.port, request), "x")[0]).toBeOneOf([
        200, 400, 404,
      ]);
      expect((await monitor.ask("/healthz")).status).toBe(200);
    },
  );

  test("methods and targets of proxies get an answer, and no more", async () => {
    await using monitor = await TestMonitor.open();
    const { port } = monitor.monitor;
    expect(readHead(await rawGet(port, "example.com:443", "CONNECT"), "x")[0]).toBe(404);
    expect(readHead(await rawGet(port, "http://example.com/healthz"), "x")[0]).toBe(200);
  });

  test("random paths and queries never cause an internal error", async () => {
    await using monitor = await TestMonitor.open();
    const pieces = [
      "/connz",
      "/subsz",
      "/",
      "?",
      "&",
      "=",
      "%",
      "%00",
      "%ff",
      "sort=",
      "limit=",
      "-1",
    ];
    const more = [
      "subs=detail",
      "..",
      ";",
      "+",
      "\u00e9",
      "callback=",
      "9".repeat(30),
      "acc=",
      "test=",
    ];
    const all = [...pieces, ...more];
    for (let seed = 1; seed <= 300; seed++) {
      const length = 1 + (seed % 7);
      const path = Array.from(
        { length },
        (_, i) => all[(seed * (i + 3) * 31 + i * seed) % all.length],
      );
      const { status } = await monitor.ask(`/connz?${path.join("")}`);
      expect(status).toBeOneOf([200, 400]);
      expect((await monitor.ask(`/${path.join("")}`)).status).toBeOneOf([200, 301, 400, 404]);
    }
    expect(monitor.log.filter((line) => line.startsWith("error"))).toEqual([]);
  });
});

describe("in time", () => {
  test.concurrent(
    "readers that stop reading are closed, and their place is free again",
    async () => {
      await using monitor = await crowded({ idleSeconds: 1, longAnswers: 1 });
      const reader = new SlowReader(monitor.monitor.port, LONG);
      await reader.begun;
      expect(await until(monitor, PARTS, 503)).toBe("503 too many long answers at a time\n");
      // Who asks nothing more is closed after the same time, and tells when that is.
      await rawAsk(monitor.monitor.port, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
      await until(monitor, PARTS, 200);
      reader.readAll();
      expect(await reader.closed).toBe("HTTP/1.1 200 OK");
    },
    PATIENCE_MS,
  );

  test.concurrent(
    "readers that read a little now and then have only so much time",
    async () => {
      await using monitor = await crowded({ idleSeconds: 1, longAnswers: 1, answerMs: 100 });
      const reader = new SlowReader(monitor.monitor.port, LONG);
      await reader.begun;
      const reading = setInterval(() => reader.read(), 5);
      expect(await reader.closed).toBe("HTTP/1.1 200 OK");
      clearInterval(reading);
      // Far from all of it.
      expect(reader.heard).toBeLessThan(MANY * 200);
      await until(monitor, PARTS, 200);
    },
    PATIENCE_MS,
  );

  test.concurrent(
    "an error of our own in the middle of an answer cuts it off, without a word of what was wrong",
    async () => {
      await using monitor = await crowded({});
      let shown = 0;
      const view = monitor.source.connectionView(1)!;
      monitor.source.connectionView = (): ConnectionView => {
        if (++shown === MANY / 2) throw new Error("secret inside");
        return view;
      };
      const answer = await rawGet(monitor.monitor.port, LONG);
      expect(readHead(answer, "transfer-encoding")).toEqual([200, "chunked"]);
      expect(answer.length).toBeGreaterThan(1_000_000);
      expect(answer).not.toContain("secret");
      // The piece of no bytes that ends a whole answer is missing.
      expect(answer).not.toEndWith("0\r\n\r\n");
      expect(monitor.log.at(-1)).toContain("secret inside");
      expect((await monitor.ask("/healthz")).status).toBe(200);
    },
    PATIENCE_MS,
  );
});
