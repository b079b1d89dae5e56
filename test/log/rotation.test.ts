// The log file with a limit of size: what old files are called, which of them stay, and that nothing
// that goes wrong with them stops the log.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Log, type LogOptions } from "../../src/log/log.ts";
import { Sink } from "../../src/log/sink.ts";

const quiet = { debug: false, trace: false, logtime: false };
const bare = { pid: 17, times: false };
const BACKUP = /^midge\.log\.\d{4}(\.\d\d){5}\.\d{9}$/;

let folder: string;
let file: string;
let opened: { close(): Promise<void> }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "midge-rotation-"));
  file = join(folder, "midge.log");
  opened = [];
});

afterEach(async () => {
  for (const each of opened) await each.close();
  rmSync(folder, { recursive: true });
});

function open(options: Partial<LogOptions>): Log {
  const log = new Log({ ...quiet, logFile: file, ...options });
  opened.push(log);
  return log;
}

function read(name: string): string[] {
  return readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
}

/** Oldest first. */
function backups(): string[] {
  return readdirSync(folder)
    .filter((name) => name !== "midge.log")
    .sort();
}

test("a file past the limit is set aside under its name and the time", () => {
  const now = new Date(2026, 10, 3, 4, 5, 6).getTime() * 1000 + 42;
  const rotation = { limitBytes: 40, filesMax: 0 };
  const sink = new Sink({ path: file, rotation }, bare, () => now);
  opened.push(sink);
  sink.put("notice", "x".repeat(28)); // 40 bytes with "[17] [INF] " and the newline
  expect(backups()).toEqual([]);
  sink.put("notice", "one too many");
  const first = "midge.log.2026.11.03.04.05.06.000042000";
  expect(backups()).toEqual([first]);
  expect(read(first)).toEqual([`[17] [INF] ${"x".repeat(28)}`, "[17] [INF] one too many"]);
  const rotated = `[17] [INF] Rotated log, backup saved as "${join(folder, first)}"`;
  expect(readFileSync(file, "utf8")).toBe(`${rotated}\n`);
  // The first line does not rotate the file, even where it is longer than the limit.
  sink.put("notice", "next");
  const second = "midge.log.2026.11.03.04.05.06.000042001";
  expect(backups()).toEqual([first, second]);
  expect(read(second)).toEqual([rotated, "[17] [INF] next"]);
});

test("no line is lost and each file holds what came before it was full", () => {
  const log = open({ trace: true, logSizeLimit: 1000 });
  for (let i = 0; i < 200; i++) {
    if (i % 3 === 0) log.notice(`line ${i}`);
    else log.trace(`line ${i}`);
  }
  log.flush();
  const all = [...backups(), "midge.log"];
  expect(all.length).toBeGreaterThan(3);
  for (const name of all.slice(0, -1)) {
    const bytes = readFileSync(join(folder, name)).length;
    expect(bytes > 1000 && bytes < 1060).toBe(true);
  }
  const texts = all.flatMap(read).map((line) => line.replace(/^\[\d+\] \[\w+\] /, ""));
  const lines = texts.filter((text) => !text.startsWith("Rotated log"));
  expect(lines).toEqual(Array.from({ length: 200 }, (_, i) => `line ${i}`));
});

test("of the old files only as many stay as asked for, and others are left alone", () => {
  const mine = ["2019.01.01.00.00.00.000000000", "2020.01.01.01.01.01.000000000"];
  const others = ["midge.log.1", "midge.log.2020.01.01", "other.log.2020.01.01.01.01.01.000000000"];
  for (const name of [...mine.map((end) => `midge.log.${end}`), ...others]) {
    writeFileSync(join(folder, name), "old");
  }
  const log = open({ logSizeLimit: 60, logMaxNum: 2 });
  log.notice("x".repeat(60));
  const left = backups().filter((name) => BACKUP.test(name));
  expect(left).toHaveLength(1);
  expect(backups()).toEqual([...others, ...left].sort());
  expect(read("midge.log").map((line) => line.replace(/^\[\d+\] /, ""))).toEqual([
    `[INF] Rotated log, backup saved as "${join(folder, left[0]!)}"`,
    `[INF] Purged log file "midge.log.${mine[0]}"`,
    `[INF] Purged log file "midge.log.${mine[1]}"`,
  ]);
});

test("with one file to keep there are no old ones", () => {
  const log = open({ logSizeLimit: 60, logMaxNum: 1 });
  log.notice("x".repeat(60));
  expect(readdirSync(folder)).toEqual(["midge.log"]);
});

test("a file that is too large already is rotated at the start", () => {
  writeFileSync(file, `${"a".repeat(600)}\n`);
  open({ logSizeLimit: 500 }).notice("fresh");
  const [backup] = backups();
  expect(backup).toMatch(BACKUP);
  expect(read(backup!)[1]).toEndWith(" [INF] Rotating logfile...");
  expect(read("midge.log")[0]).toEndWith(`backup saved as "${join(folder, backup!)}"`);
});

test("reopening applies the limit to the file that is there then", () => {
  const log = open({ logSizeLimit: 500 });
  renameSync(file, join(folder, "moved"));
  writeFileSync(file, "b".repeat(600));
  log.reopen();
  const [backup] = backups();
  expect(backup).toMatch(BACKUP);
  expect(read("midge.log")).toEqual([
    expect.stringContaining("[INF] Rotated log"),
    `[${process.pid}] [INF] File log re-opened`,
  ]);
});

test("a file that can't be set aside is written on, and tried again after as much again", () => {
  const log = open({ logSizeLimit: 100 });
  rmSync(file);
  log.notice("x".repeat(100));
  log.notice("still here");
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(file, "somebody else's");
  log.notice("y".repeat(300));
  expect(backups()).toHaveLength(1);
  expect(read("midge.log")[0]).toContain("Rotated log");
});

test("old files that can't be removed are an error in the log and no more", () => {
  mkdirSync(join(folder, "midge.log.2020.01.01.01.01.01.000000000"));
  const log = open({ logSizeLimit: 60, logMaxNum: 1 });
  log.notice("x".repeat(60));
  log.notice("on");
  const lines = backups().flatMap((name) => (BACKUP.test(name) ? [name] : []));
  expect(lines.length).toBeGreaterThan(1);
  expect(read(lines.at(-1)!).join("\n")).toContain("[ERR] Old log files not purged: ");
});

test("a full disk and devices are not rotated, and stop nobody", () => {
  symlinkSync("/dev/full", file);
  const log = open({ logSizeLimit: 10, logMaxNum: 2 });
  for (let i = 0; i < 10; i++) log.notice("x".repeat(100));
  expect(readdirSync(folder)).toEqual(["midge.log"]);
  rmSync(file);
  log.reopen();
  expect(backups().flatMap(read).join("\n")).toContain("[WRN] 10 log lines lost: ENOSPC");
});
