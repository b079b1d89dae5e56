// Frames as syslog servers expect them, byte for byte.
import { afterEach, describe, expect, test } from "bun:test";
import type { Level } from "../../src/log/line.ts";
import { DAEMON, frameFormat, KERNEL } from "../../src/log/syslog-frame.ts";

const program = { tag: "gnatsd", pid: 17 };
const zone = process.env.TZ;

afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

describe("a frame", () => {
  test("has the traditional form within the machine", () => {
    const moment = new Date(2026, 10, 23, 8, 42, 12).getTime() * 1000;
    const format = frameFormat({ facility: DAEMON, ...program }, () => moment);
    expect(format("notice", "Server is ready").toString()).toBe(
      "<29>Nov 23 08:42:12 gnatsd[17]: Server is ready\n",
    );
  });

  test("pads the day with a blank there", () => {
    const moment = new Date(2026, 0, 3, 8, 42, 12).getTime() * 1000;
    const format = frameFormat({ facility: KERNEL, ...program }, () => moment);
    expect(format("error", "x").toString()).toBe("<3>Jan  3 08:42:12 gnatsd[17]: x\n");
  });

  test("names the machine and its offset to UTC when it leaves it", () => {
    const moment = Date.UTC(2026, 10, 23, 8, 42, 9) * 1000;
    const shown = (TZ: string) => {
      process.env.TZ = TZ;
      const style = { facility: KERNEL, host: "box", ...program } as const;
      return frameFormat(style, () => moment)("notice", "Server is ready").toString();
    };
    expect(shown("UTC")).toBe("<5>2026-11-23T08:42:09Z box gnatsd[17]: Server is ready\n");
    expect(shown("Europe/Berlin")).toStartWith("<5>2026-11-23T09:42:09+01:00 box ");
    expect(shown("America/St_Johns")).toStartWith("<5>2026-11-23T05:12:09-03:30 box ");
  });

  test("ends in one newline and leaves those within the text alone", () => {
    const format = frameFormat({ facility: DAEMON, ...program }, () => 0);
    const end = (text: string) => format("notice", text).toString().split("]: ")[1];
    expect(end("a")).toBe("a\n");
    expect(end("a\n")).toBe("a\n");
    expect(end("a\nb")).toBe("a\nb\n");
    expect(end("ünïcode")).toBe("ünïcode\n");
  });
});

test.each<[Level, number, number]>([
  ["fatal", 2, 26],
  ["error", 3, 27],
  ["warn", 4, 28],
  ["notice", 5, 29],
  ["trace", 5, 29],
  ["debug", 7, 31],
])("level %s is severity %i", (level, kernel, daemon) => {
  const priority = (facility: typeof KERNEL | typeof DAEMON) =>
    Number(/^<(\d+)>/.exec(frameFormat({ facility, ...program })(level, "x").toString())?.[1]);
  expect([priority(KERNEL), priority(DAEMON)]).toEqual([kernel, daemon]);
});
