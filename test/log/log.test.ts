// The logger with its file: levels, order, reopening, and writes that fail.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Log, type LogOptions } from "../../src/log/log.ts";
import { silentLogger } from "../../src/log/logger.ts";

let folder: string;
let file: string;
let opened: Log[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "midge-log-"));
  file = join(folder, "midge.log");
  opened = [];
});

afterEach(() => {
  for (const log of opened) log.close();
  rmSync(folder, { recursive: true });
});

function open(options: Partial<LogOptions> = {}): Log {
  const log = new Log({ debug: false, trace: false, logtime: false, logFile: file, ...options });
  opened.push(log);
  return log;
}

/** The lines without `[pid] `. */
function lines(path = file): string[] {
  const found = readFileSync(path, "utf8").split("\n");
  expect(found.pop()).toBe("");
  return found.map((line) => {
    expect(line).toStartWith(`[${process.pid}] `);
    return line.slice(`[${process.pid}] `.length);
  });
}

describe("levels", () => {
  test("notices, warnings, errors and fatals are always written, at once", () => {
    const log = open();
    log.notice("n");
    log.warn("w");
    log.error("e");
    log.fatal("f");
    expect(lines()).toEqual(["[INF] n", "[WRN] w", "[ERR] e", "[FTL] f"]);
  });

  test("debug and trace are off unless asked for", () => {
    const log = open();
    log.debug("d");
    log.trace("t");
    log.notice("n");
    expect([log.debugOn, log.traceOn]).toEqual([false, false]);
    expect(lines()).toEqual(["[INF] n"]);
  });

  test("trace does not imply debug, nor debug trace", () => {
    const tracing = open({ trace: true });
    tracing.debug("d");
    tracing.trace("t");
    tracing.flush();
    expect(lines()).toEqual(["[TRC] t"]);
    const debugging = open({ debug: true });
    debugging.debug("d");
    debugging.trace("t");
    debugging.flush();
    expect(lines()).toEqual(["[TRC] t", "[DBG] d"]);
  });

  test("gathered lines keep their place before those written at once", () => {
    const log = open({ debug: true, trace: true });
    log.trace("1");
    log.debug("2");
    log.notice("3");
    log.trace("4");
    log.close();
    expect(lines()).toEqual(["[TRC] 1", "[DBG] 2", "[INF] 3", "[TRC] 4"]);
  });

  test("gathered lines are written at the end of the turn", async () => {
    const log = open({ trace: true });
    log.trace("t");
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines()).toEqual(["[TRC] t"]);
  });

  test("repeated lines are all shown", () => {
    const log = open();
    for (let i = 0; i < 50; i++) log.error("again");
    expect(lines()).toEqual(Array.from({ length: 50 }, () => "[ERR] again"));
  });

  test("texts are not read as formats, objects or several lines", () => {
    const log = open();
    log.notice("100 %s %d of {}");
    log.notice("ünïcode → ok");
    expect(lines()).toEqual(["[INF] 100 %s %d of {}", "[INF] ünïcode → ok"]);
  });
});

describe("the file", () => {
  test("is appended to and private to user and group", () => {
    open().notice("first");
    open().notice("second");
    expect(lines()).toEqual(["[INF] first", "[INF] second"]);
    expect(statSync(file).mode & 0o137).toBe(0);
  });

  test("has no colours", () => {
    open().notice("x");
    expect(readFileSync(file, "utf8")).not.toContain("\x1b");
  });

  test("that can't be opened is an error with path and reason", () => {
    const path = join(folder, "none", "midge.log");
    expect(() => open({ logFile: path })).toThrow(
      `can't open the log file ${path}: no such file or directory`,
    );
    expect(() => open({ logFile: folder })).toThrow(`${folder}: is a directory`);
  });

  test("moved away, is opened again under its name", () => {
    const log = open({ trace: true });
    log.notice("old");
    log.trace("still old");
    renameSync(file, `${file}.1`);
    log.notice("old, too");
    log.reopen();
    log.notice("new");
    expect(lines(`${file}.1`)).toEqual(["[INF] old", "[TRC] still old", "[INF] old, too"]);
    expect(lines()).toEqual(["[INF] File log re-opened", "[INF] new"]);
  });

  test("that can't be opened again goes on as it is", () => {
    const log = open();
    const moved = `${folder}-moved`;
    renameSync(folder, moved);
    try {
      log.reopen();
      log.notice("here");
      const reason = "File log not re-opened: no such file or directory";
      expect(lines(join(moved, "midge.log"))).toEqual([`[ERR] ${reason}`, "[INF] here"]);
    } finally {
      renameSync(moved, folder);
    }
  });

  test("on a full disk loses lines, disturbs nobody and says so later", () => {
    symlinkSync("/dev/full", file);
    const log = open();
    log.notice("1");
    log.error("2");
    log.notice("3");
    rmSync(file);
    log.reopen();
    expect(lines()).toEqual(["[INF] File log re-opened", "[WRN] 3 log lines lost: ENOSPC"]);
  });

  test("after the end is not written to, and nobody fails", () => {
    const log = open();
    log.close();
    log.notice("too late");
    expect(lines()).toEqual([]);
  });
});

test("the silent logger takes everything and asks for nothing", () => {
  expect([silentLogger.debugOn, silentLogger.traceOn]).toEqual([false, false]);
  for (const level of ["notice", "warn", "error", "fatal", "debug", "trace"] as const) {
    expect(silentLogger[level]("x")).toBeUndefined();
  }
});
