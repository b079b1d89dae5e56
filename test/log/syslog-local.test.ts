// The log at the syslog of this machine. Bun can't receive unix datagrams either, so the fake syslog
// is a socket of the C library, read as a descriptor.
import { dlopen } from "bun:ffi";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Log } from "../../src/log/log.ts";

const quiet = { debug: false, trace: false, logtime: true, syslog: true };
const HEAD = new RegExp(
  String.raw`^<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d midge\[${process.pid}\]: `,
);

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK = 2 | 0x800;
const libc = process.platform === "linux" ? openLibC() : undefined;

let folder: string;
let path: string;
let ends: (() => unknown)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "midge-dev-"));
  path = join(folder, "log");
  ends = [];
});

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true });
});

function openLibC() {
  const functions = {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  } as const;
  for (const name of ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"]) {
    try {
      return dlopen(name, functions).symbols;
    } catch {
      // Another one.
    }
  }
  return undefined;
}

function datagramSyslog(place = path) {
  const address = Buffer.alloc(110);
  new Uint16Array(address.buffer, address.byteOffset, 1)[0] = AF_UNIX;
  const length = 2 + address.write(place, 2) + 1;
  const fd = libc!.socket(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0);
  expect(libc!.bind(fd, address, length)).toBe(0);
  let open = true;
  const close = () => {
    if (open) closeSync(fd);
    open = false;
    rmSync(place, { force: true });
  };
  ends.push(close);
  const chunk = Buffer.alloc(64 * 1024);
  /** The frames that are there now, without time and tag. */
  const take = (): string[] => {
    const frames: string[] = [];
    try {
      for (;;) frames.push(chunk.utf8Slice(0, readSync(fd, chunk)).replace(HEAD, "<$1>"));
    } catch {
      return frames; // EAGAIN: no more
    }
  };
  return { take, close };
}

async function open(...syslogPaths: string[]): Promise<Log> {
  const log = await Log.open({ ...quiet, debug: true, trace: true }, { syslogPaths });
  ends.push(() => log.close());
  return log;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe.skipIf(!libc)("a local syslog for datagrams (needs the C library of Linux)", () => {
  test("gets one for each line, at once", async () => {
    const syslog = datagramSyslog();
    const log = await open(path);
    log.notice("n");
    log.warn("w");
    log.error("e");
    log.fatal("f");
    log.debug("d");
    log.trace("t\nand more");
    expect(syslog.take()).toEqual([
      "<29>n\n",
      "<28>w\n",
      "<27>e\n",
      "<26>f\n",
      "<31>d\n",
      "<29>t\nand more\n",
    ]);
  });

  test("is looked for at each place", async () => {
    const syslog = datagramSyslog();
    const log = await open(join(folder, "nothing"), path);
    log.notice("found");
    expect(syslog.take()).toEqual(["<29>found\n"]);
  });

  test("goes before one for streams", async () => {
    const stream = join(folder, "stream");
    const listener = Bun.listen({ unix: stream, socket: { data() {} } });
    ends.push(() => listener.stop(true));
    const syslog = datagramSyslog();
    const log = await open(stream, path);
    log.notice("found");
    expect(syslog.take()).toEqual(["<29>found\n"]);
  });

  test("that is full gets the lines once it reads again", async () => {
    const syslog = datagramSyslog();
    const log = await open(path);
    for (let i = 0; i < 500; i++) log.notice(`${i}`);
    const heard = syslog.take();
    expect(heard.length).toBeLessThan(500);
    while (heard.length < 500) {
      await nextTurn();
      heard.push(...syslog.take());
    }
    expect(heard).toEqual(Array.from({ length: 500 }, (_, i) => `<29>${i}\n`));
  });

  test("that starts again is found again, and no line is lost", async () => {
    const first = datagramSyslog();
    const log = await open(path);
    log.notice("before");
    expect(first.take()).toEqual(["<29>before\n"]);
    first.close();
    const second = datagramSyslog();
    log.notice("after");
    log.notice("and on");
    const heard: string[] = [];
    while (heard.length < 2) {
      await nextTurn();
      heard.push(...second.take());
    }
    expect(heard).toEqual(["<29>after\n", "<29>and on\n"]);
  });

  test("loses a line that is too long for a datagram, and says so", async () => {
    const syslog = datagramSyslog();
    const log = await open(path);
    log.notice("x".repeat(900_000));
    expect(syslog.take()).toEqual(["<28>1 log line lost: too long for the syslog\n"]);
  });
});

test("a local syslog for streams gets lines", async () => {
  let text = "";
  const ended = Promise.withResolvers<void>();
  const listener = Bun.listen({
    unix: path,
    socket: {
      data(_socket, bytes) {
        text += bytes.toString();
      },
      close: () => ended.resolve(),
    },
  });
  ends.push(() => listener.stop(true));
  const log = await open(path);
  log.notice("one");
  log.error("two");
  await log.close();
  await ended.promise;
  const frames = text.split(/(?<=\n)/).map((frame) => frame.replace(HEAD, "<$1>"));
  expect(frames).toEqual(["<29>one\n", "<27>two\n"]);
});

test("without a local syslog there is no log, and the error names the places", async () => {
  const other = join(folder, "x".repeat(150));
  await Bun.write(other, "a file, not a socket");
  await expect(open(path, other)).rejects.toThrow(
    `error connecting to syslog: nothing listens on ${path}, ${other}`,
  );
});
