// Log lines as syslog frames, in the two forms that NATS servers send:
//   local   <29>Nov 23 08:42:12 gnatsd[17]: Server is ready
//   remote  <5>2026-11-23T08:42:09Z box gnatsd[17]: Server is ready
// The number is facility × 8 + severity. The level shows nowhere else, and newlines within a text stay.

import { microseconds, type Clock } from "./clock.ts";
import type { Level } from "./line.ts";
import { keptStamp, rfc3339Stamp, syslogStamp } from "./stamp.ts";

/** Facilities of syslog. */
export const KERNEL = 0;
export const DAEMON = 3;

const SEVERITIES: Readonly<Record<Level, number>> = {
  fatal: 2,
  error: 3,
  warn: 4,
  notice: 5,
  trace: 5,
  debug: 7,
};

export interface FrameStyle {
  readonly facility: typeof KERNEL | typeof DAEMON;
  /** The machine's name; frames without one have the local form. */
  readonly host?: string | undefined;
  /** The program's name. */
  readonly tag: string;
  readonly pid: number;
}

export type FrameFormat = (level: Level, text: string) => Buffer;

export function frameFormat(style: FrameStyle, clock: Clock = microseconds): FrameFormat {
  const { facility, host, tag, pid } = style;
  const stamp = keptStamp(host === undefined ? syslogStamp() : rfc3339Stamp());
  const who = `${host === undefined ? "" : `${host} `}${tag}[${pid}]`;
  return (level, text) => {
    const priority = facility * 8 + SEVERITIES[level];
    const time = stamp(Math.floor(clock() / 1e6));
    const end = text.endsWith("\n") ? "" : "\n";
    return Buffer.from(`<${priority}>${time} ${who}: ${text}${end}`);
  };
}
