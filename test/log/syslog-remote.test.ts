// The log at a remote syslog, over real sockets: what arrives there, and what happens while it is away.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { Log, type LogOptions } from "../../src/log/log.ts";

const quiet = { debug: false, trace: false, logtime: true };
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)`;
const LOCAL_TIME = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d`;
const TAG = String.raw`midge\[${process.pid}\]: `;

let folder: string;
let ends: (() => unknown)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "midge-syslog-"));
  ends = [];
});

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true });
});

/** What a fake syslog heard, and a way to wait for it. */
class Ear {
  text = "";
  chunks: string[] = [];
  #awaited: (() => void) | undefined;

  hear(bytes: Buffer): void {
    this.text += bytes.toString();
    this.chunks.push(bytes.toString());
    this.#awaited?.();
  }

  async until(done: (text: string) => boolean): Promise<string> {
    while (!done(this.text)) await new Promise<void>((resolve) => (this.#awaited = resolve));
    return this.text;
  }
}

async function udpSyslog(): Promise<{ ear: Ear; port: number }> {
  const ear = new Ear();
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (_socket, bytes) => ear.hear(bytes) },
  });
  ends.push(() => socket.close());
  return { ear, port: socket.port };
}

function streamSyslog(place: { port: number } | { unix: string }) {
  const ear = new Ear();
  const socket = { data: (_socket: unknown, bytes: Buffer) => ear.hear(bytes) };
  const listener =
    "unix" in place
      ? Bun.listen({ unix: place.unix, socket })
      : Bun.listen({ hostname: "127.0.0.1", port: place.port, socket });
  ends.push(() => listener.stop(true));
  const port = "port" in listener ? listener.port : 0;
  return { ear, port, stop: () => listener.stop(true) };
}

async function open(remoteSyslog: string, options: Partial<LogOptions> = {}): Promise<Log> {
  const log = await Log.open({ ...quiet, remoteSyslog, ...options });
  ends.push(() => log.close());
  return log;
}

describe("a remote syslog", () => {
  test("over UDP gets one datagram for each line", async () => {
    const { ear, port } = await udpSyslog();
    const log = await open(`udp://127.0.0.1:${port}`, { debug: true, trace: true });
    log.notice("n");
    log.warn("w");
    log.error("e");
    log.fatal("f");
    log.debug("d");
    log.trace("t\nand more");
    await ear.until((text) => text.includes("and more"));
    const shapes = ear.chunks.map((chunk) =>
      chunk.replace(new RegExp(`${TIME} ${hostname()} ${TAG}`), ""),
    );
    expect(shapes).toEqual(["<5>n\n", "<4>w\n", "<3>e\n", "<2>f\n", "<7>d\n", "<5>t\nand more\n"]);
  });

  test("over TCP gets lines", async () => {
    const { ear, port } = streamSyslog({ port: 0 });
    const log = await open(`tcp://127.0.0.1:${port}`);
    log.notice("first");
    log.error("second");
    const text = await ear.until((heard) => heard.endsWith("second\n"));
    const head = `${TIME} ${hostname()} ${TAG}`;
    expect(text).toMatch(new RegExp(`^<5>${head}first\n<3>${head}second\n$`));
  });

  test("at a unix socket gets lines in the form of this machine", async () => {
    const path = join(folder, "syslog");
    const { ear } = streamSyslog({ unix: path });
    const log = await open(`unix://${path}`);
    log.notice("here");
    const text = await ear.until((heard) => heard.endsWith("\n"));
    expect(text).toMatch(new RegExp(`^<5>${LOCAL_TIME} ${TAG}here\n$`));
  });

  test("gets every line of a flood, whole and in order", async () => {
    const { ear, port } = streamSyslog({ port: 0 });
    const log = await open(`tcp://127.0.0.1:${port}`, { trace: true });
    for (let i = 0; i < 3000; i++) log.trace(`line ${i}`);
    const text = await ear.until((heard) => heard.endsWith("line 2999\n"));
    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(3000);
    expect(lines.every((line, i) => line.endsWith(`]: line ${i}`))).toBe(true);
  });

  test("that starts again is found again", async () => {
    const first = streamSyslog({ port: 0 });
    const log = await open(`tcp://127.0.0.1:${first.port}`);
    log.notice("before");
    await first.ear.until((heard) => heard.endsWith("before\n"));
    first.stop();
    const second = streamSyslog({ port: first.port });
    // The first lines may still be swallowed by the old connection, whose end is not known yet.
    for (let i = 0; second.ear.text === ""; i++) {
      log.notice(`after ${i}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(second.ear.text).toContain("]: after ");
  });

  test("that does not read holds up nobody, and no line is torn", async () => {
    const ear = new Ear();
    let taken: Bun.Socket | undefined;
    const listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open(socket) {
          taken = socket;
          socket.pause();
        },
        data: (_socket, bytes) => ear.hear(bytes),
      },
    });
    ends.push(() => listener.stop(true));
    const log = await open(`tcp://127.0.0.1:${listener.port}`);
    while (!taken) await new Promise((resolve) => setImmediate(resolve));
    const text = "x".repeat(100_000);
    for (let i = 0; i < 300; i++) log.notice(text);
    taken.resume();
    await ear.until((heard) => heard.endsWith("lost: the syslog takes nothing\n"));
    const lines = ear.text.trimEnd().split("\n");
    const lost = Number(/(\d+) log lines lost/.exec(lines.pop()!)?.[1]);
    expect(lost).toBeGreaterThan(0);
    expect(lines).toHaveLength(300 - lost);
    expect(lines.every((line) => line.endsWith(`]: ${text}`))).toBe(true);
  });

  test("without a listener for its datagrams disturbs nobody and is found when it comes", async () => {
    const { port } = await udpSyslog();
    ends.pop()?.();
    const log = await open(`udp://127.0.0.1:${port}`);
    for (let i = 0; i < 20; i++) log.notice("to nobody");
    const ear = new Ear();
    const socket = await Bun.udpSocket({
      hostname: "127.0.0.1",
      port,
      socket: { data: (_socket, bytes) => ear.hear(bytes) },
    });
    ends.push(() => socket.close());
    log.notice("to somebody");
    await ear.until((text) => text.endsWith("to somebody\n"));
  });

  test("loses a line that is too long for a datagram, and says so", async () => {
    const { ear, port } = await udpSyslog();
    const log = await open(`udp://127.0.0.1:${port}`);
    log.notice("x".repeat(100_000));
    log.notice("next");
    const text = await ear.until((heard) => heard.endsWith("next\n"));
    expect(text).toContain("]: 1 log line lost: too long for the syslog\n");
  });

  test("comes after a log file and before the local syslog", async () => {
    const { ear, port } = await udpSyslog();
    const remoteSyslog = `udp://127.0.0.1:${port}`;
    const logFile = join(folder, "log");
    const both = await open(remoteSyslog, { logFile, syslog: true });
    both.notice("to the file");
    expect([both.toFile, both.toStderr]).toEqual([true, false]);
    const log = await open(remoteSyslog, { syslog: true });
    log.notice("to the syslog");
    expect([log.toFile, log.toStderr]).toEqual([false, false]);
    expect(await ear.until((heard) => heard !== "")).toEndWith("to the syslog\n");
    expect(await Bun.file(logFile).text()).toEndWith("to the file\n");
  });
});

test.each([
  "bogus",
  "bogus://127.0.0.1:514",
  "http://127.0.0.1:514",
  "udp://127.0.0.1",
  "udp://127.0.0.1:0",
  "tcp://127.0.0.1:65536",
  "tcp://127.0.0.1:514/path",
  "udp://user@127.0.0.1:514",
  "unix://relative",
  "unix://",
])("the address %s is refused in words", async (address) => {
  await expect(open(address)).rejects.toThrow(
    `the address of a remote syslog is udp://host:port, tcp://host:port or unix:///path, not "${address}"`,
  );
});

describe("a program whose syslog", () => {
  const logModule = JSON.stringify(join(import.meta.dir, "../../src/log/log.ts"));

  async function run(body: string): Promise<{ code: number; stdout: string; stderr: string }> {
    const program = `import { Log } from ${logModule};
      const open = (remoteSyslog) =>
        Log.open({ debug: false, trace: false, logtime: false, remoteSyslog });
      ${body}`;
    const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "pipe" });
    const [code, stdout, stderr] = await Promise.all([
      child.exited,
      child.stdout.text(),
      child.stderr.text(),
    ]);
    return { code, stdout, stderr: stderr.replace(/^\[\d+\] /, "") };
  }

  test("is dead starts all the same, and its lines arrive when the syslog does", async () => {
    const { port, stop } = streamSyslog({ port: 0 });
    stop();
    const heard = await run(`
      const log = await open("tcp://127.0.0.1:${port}");
      log.notice("early");
      Bun.listen({
        hostname: "127.0.0.1",
        port: ${port},
        socket: {
          data(_socket, bytes) {
            console.log(bytes.toString().trimEnd());
            process.exit(0);
          },
        },
      });`);
    expect(heard.stderr).toBe(
      `[ERR] Syslog tcp://127.0.0.1:${port} can't be reached: connection refused; lines wait for it\n`,
    );
    expect(heard.stdout).toEndWith("]: early\n");
    expect(heard.code).toBe(0);
  });

  test("has an unknown name starts all the same", async () => {
    const heard = await run(`
      const log = await open("udp://no-such-host.invalid:514");
      log.notice("lost");
      console.log("running");
      await log.close();`);
    expect(heard.stderr).toMatch(
      /^\[ERR\] Syslog udp:\/\/no-such-host\.invalid:514 can't be reached: .+; lines wait for it\n$/,
    );
    expect(heard).toMatchObject({ code: 0, stdout: "running\n" });
  });

  test("gets the last words of a start that fails", async () => {
    const { ear, port } = streamSyslog({ port: 0 });
    const heard = await run(`
      const log = await open("tcp://127.0.0.1:${port}");
      log.fatal("no way");
      await log.close();
      process.exit(1);`);
    expect(heard).toEqual({ code: 1, stdout: "", stderr: "" });
    expect(await ear.until((text) => text !== "")).toMatch(/^<2>.*: no way\n$/);
  });
});
