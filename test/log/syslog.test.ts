// The queue in front of a syslog, with links that fail on command: what waits, what is sent again, what
// is lost, and that people are told.
import { afterEach, expect, test } from "bun:test";
import { type Sent, type SyslogLink, SyslogOutput } from "../../src/log/syslog.ts";

let outputs: SyslogOutput[] = [];

afterEach(async () => {
  for (const output of outputs) await output.close();
  outputs = [];
});

/** A syslog that answers each frame as `answer` says and keeps what it took. */
class FakeSyslog {
  readonly heard: string[] = [];
  readonly complaints: string[] = [];
  dials = 0;
  openLinks = 0;
  answer: (text: string) => Sent = () => "sent";
  dial: () => void = () => {};
  onReady = (): void => {};
  #awaited: (() => void) | undefined;

  output(): SyslogOutput {
    const output = new SyslogOutput({
      name: "udp://fake:1",
      format: (level, text) => Buffer.from(`${level}: ${text}`),
      dial: async (onReady) => {
        this.dials++;
        this.dial();
        this.onReady = onReady;
        this.openLinks++;
        return this.#link();
      },
      complain: (text) => this.complaints.push(text),
    });
    outputs.push(output);
    return output;
  }

  /** Resolves when so many frames were taken. */
  async hears(count: number): Promise<string[]> {
    while (this.heard.length < count) {
      await new Promise<void>((resolve) => (this.#awaited = resolve));
    }
    return this.heard;
  }

  #link(): SyslogLink {
    return {
      send: (frame) => {
        const sent = this.answer(frame.toString());
        if (sent === "sent") this.heard.push(frame.toString());
        this.#awaited?.();
        return sent;
      },
      close: () => this.openLinks--,
    };
  }
}

/** A kilobyte with its number in front. */
function kilobyte(i: number): string {
  return `${i} `.padEnd(1024 - "notice: ".length, ".");
}

test("frames are sent at once, in order", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  await output.open();
  output.put("notice", "1");
  output.put("trace", "2");
  expect(syslog.heard).toEqual(["notice: 1", "trace: 2"]);
});

test("frames wait while the link is being made", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  output.put("notice", "1");
  output.put("notice", "2");
  expect(syslog.heard).toEqual([]);
  expect(await syslog.hears(2)).toEqual(["notice: 1", "notice: 2"]);
  expect(syslog.dials).toBe(1);
});

test("a frame that finds its link broken is sent on a new one", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  await output.open();
  output.put("notice", "1");
  syslog.answer = () => (syslog.dials === 1 ? "broken" : "sent");
  output.put("notice", "2");
  output.put("notice", "3");
  expect(await syslog.hears(3)).toEqual(["notice: 1", "notice: 2", "notice: 3"]);
  expect([syslog.dials, syslog.openLinks, syslog.complaints]).toEqual([2, 1, []]);
});

test("while the syslog is away, people are told once, and dials keep their distance", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  const times: number[] = [];
  syslog.dial = () => {
    times.push(performance.now());
    if (syslog.dials < 3) throw Object.assign(new Error("x"), { code: "ECONNREFUSED" });
  };
  await output.tryOpen();
  for (let i = 0; i < 100; i++) output.put("notice", `${i}`);
  expect(await syslog.hears(100)).toHaveLength(100);
  expect(syslog.complaints).toEqual([
    "Syslog udp://fake:1 can't be reached: connection refused; lines wait for it",
  ]);
  const pauses = times.slice(1).map((time, i) => time - times[i]!);
  for (const [i, pause] of pauses.entries()) expect(pause).toBeGreaterThan(90 * 2 ** i);
});

test("links that break one after the other are not made again in a tight loop", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  syslog.answer = () => (syslog.dials < 3 ? "broken" : "sent");
  const begun = performance.now();
  output.put("notice", "1");
  await syslog.hears(1);
  expect(syslog.dials).toBe(3);
  expect(performance.now() - begun).toBeGreaterThan(290);
});

test("a full link is left alone until it is ready, and gets the same frame again", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  await output.open();
  const offered: string[] = [];
  syslog.answer = (text) => {
    offered.push(text);
    return "blocked";
  };
  output.put("notice", "1");
  output.put("notice", "2");
  output.flush();
  expect(offered).toEqual(["notice: 1"]);
  syslog.answer = () => "sent";
  syslog.onReady();
  expect(syslog.heard).toEqual(["notice: 1", "notice: 2"]);
});

test("what waits has a bound; lines past it are lost, counted and told afterwards", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  await output.open();
  syslog.answer = () => "blocked";
  for (let i = 0; i < 1500; i++) output.put("notice", kilobyte(i));
  syslog.answer = () => "sent";
  syslog.onReady();
  const heard = await syslog.hears(1025);
  expect(heard.slice(0, 1024)).toEqual(
    Array.from({ length: 1024 }, (_, i) => `notice: ${kilobyte(i)}`),
  );
  expect(heard.slice(1024)).toEqual(["warn: 476 log lines lost: the syslog takes nothing"]);
});

test("a long queue is sent in portions, a turn for each", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  await output.open();
  syslog.answer = () => "blocked";
  for (let i = 0; i < 600; i++) output.put("notice", `${i}`);
  syslog.answer = () => "sent";
  syslog.onReady();
  expect(syslog.heard).toHaveLength(256);
  output.put("notice", "600");
  expect(await syslog.hears(601)).toEqual(Array.from({ length: 601 }, (_, i) => `notice: ${i}`));
});

test("a frame that the syslog can't take is lost alone", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  await output.open();
  syslog.answer = (text) => (text.includes("huge") ? "refused" : "sent");
  output.put("notice", "huge");
  output.put("notice", "small");
  expect(syslog.heard).toEqual(["warn: 1 log line lost: too long for the syslog", "notice: small"]);
});

test("the end waits for what waits, even where the next dial is not due yet", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  syslog.dial = () => {
    if (syslog.dials === 1) throw new Error("away");
  };
  await output.tryOpen();
  output.put("notice", "last words");
  const begun = performance.now();
  await output.close();
  expect(performance.now() - begun).toBeLessThan(90);
  expect(syslog.heard).toEqual(["notice: last words"]);
  expect(syslog.openLinks).toBe(0);
  output.put("notice", "too late");
  expect(syslog.heard).toHaveLength(1);
});

test("the end does not wait for ever", async () => {
  const syslog = new FakeSyslog();
  const output = syslog.output();
  await output.open();
  syslog.answer = () => "blocked";
  output.put("notice", "never");
  const begun = performance.now();
  await output.close();
  expect(performance.now() - begun).toBeLessThan(2000);
  expect(syslog.openLinks).toBe(0);
});
