// The log while it runs: switches, looks and outputs that change under a live server.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Log, type LogOptions } from "../../src/log/log.ts";

let folder: string;
let logs: Log[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "midge-relog-"));
  logs = [];
});

afterEach(async () => {
  for (const log of logs) await log.close();
  rmSync(folder, { recursive: true });
});

function at(name: string): string {
  return join(folder, name);
}

function options(more: Partial<LogOptions> = {}): LogOptions {
  return { debug: false, trace: false, logtime: false, logFile: at("a"), ...more };
}

async function open(more: Partial<LogOptions> = {}): Promise<Log> {
  const log = await Log.open(options(more));
  logs.push(log);
  return log;
}

function lines(name: string): string[] {
  const text = readFileSync(at(name), "utf8").replaceAll(`[${process.pid}] `, "");
  return text.split("\n").slice(0, -1);
}

test("debug and trace change on the same log, at once", async () => {
  const log = await open();
  void log.reconfigure(options({ debug: true, trace: true }));
  expect([log.debugOn, log.traceOn]).toEqual([true, true]);
  log.debug("d");
  log.trace("t");
  await log.reconfigure(options());
  expect([log.debugOn, log.traceOn]).toEqual([false, false]);
  log.debug("no");
  log.flush();
  expect(lines("a")).toEqual(["[DBG] d", "[TRC] t"]);
});

test("verbose tracing is tracing", async () => {
  const log = await open({ traceVerbose: true });
  expect([log.debugOn, log.traceOn]).toEqual([false, true]);
});

test("the time comes and goes, in local time or in UTC", async () => {
  const zone = process.env.TZ;
  process.env.TZ = "Asia/Tokyo";
  try {
    const log = await open();
    log.notice("none");
    await log.reconfigure(options({ logtime: true }));
    log.notice("local");
    await log.reconfigure(options({ logtime: true, logtimeUtc: true }));
    log.notice("UTC");
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
  const [none, local, utc] = lines("a");
  expect(none).toBe("[INF] none");
  const time = (line: string, offset: string) =>
    Date.parse(`${line.slice(0, 19).replaceAll("/", "-").replace(" ", "T")}${offset}`);
  expect(Math.abs(Date.now() - time(utc!, "Z"))).toBeLessThan(60_000);
  expect(Math.abs(Date.now() - time(local!, "+09:00"))).toBeLessThan(60_000);
});

test("another file takes over, and the old one gets what was written before", async () => {
  const log = await open({ trace: true });
  log.notice("1");
  log.trace("2");
  await log.reconfigure(options({ trace: true, logFile: at("b") }));
  log.notice("3");
  expect([lines("a"), lines("b")]).toEqual([["[INF] 1", "[TRC] 2"], ["[INF] 3"]]);
  log.reopen();
  expect(lines("b")).toEqual(["[INF] 3", "[INF] File log re-opened"]);
});

test("a file that can't be opened changes nothing and is an error in words", async () => {
  const log = await open();
  const logFile = at("none/b");
  await expect(log.reconfigure(options({ debug: true, logFile }))).rejects.toThrow(
    `can't open the log file ${logFile}: no such file or directory`,
  );
  log.debug("no");
  log.notice("still here");
  expect(lines("a")).toEqual(["[INF] still here"]);
});

test("a syslog that can't be used changes nothing either", async () => {
  const log = await Log.open(options(), { syslogPaths: [at("nothing")] });
  logs.push(log);
  const { logFile: _, ...noFile } = options({ debug: true });
  await expect(log.reconfigure({ ...noFile, syslog: true })).rejects.toThrow(
    "error connecting to syslog: nothing listens on",
  );
  await expect(log.reconfigure({ ...noFile, remoteSyslog: "ftp://x" })).rejects.toThrow(
    "the address of a remote syslog is",
  );
  log.debug("no");
  log.notice("still here");
  expect([log.toFile, lines("a")]).toEqual([true, ["[INF] still here"]]);
});

test("a file gives way to a syslog and comes back, no line lost", async () => {
  const heard: string[] = [];
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (_socket, bytes) => void heard.push(bytes.toString().trimEnd()) },
  });
  try {
    const log = await open();
    log.notice("1");
    const { logFile: _, ...noFile } = options();
    const change = log.reconfigure({ ...noFile, remoteSyslog: `udp://127.0.0.1:${socket.port}` });
    log.notice("2");
    await change;
    log.notice("3");
    log.reopen();
    while (heard.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await log.reconfigure(options());
    log.notice("4");
    expect(heard[0]).toEndWith("]: 3");
    expect(heard[1]).toEndWith("]: File log re-open ignored, not a file logger");
    expect(lines("a")).toEqual(["[INF] 1", "[INF] 2", "[INF] 4"]);
  } finally {
    socket.close();
  }
});

test("what did not change is not opened again", async () => {
  const log = await open({ logSizeLimit: 1000 });
  rmSync(at("a"));
  await log.reconfigure(options({ logSizeLimit: 1000, debug: true }));
  log.notice("into the file that was removed");
  expect(() => lines("a")).toThrow("ENOENT");
});
