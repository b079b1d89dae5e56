// One log line as NATS operators and their log shippers know it:
//   [PID] YYYY/MM/DD HH:MM:SS.uuuuuu [TAG] text
// Local time, or UTC on demand; a text that ends in a newline gets no second one. Knows nothing of where lines go.

import { microseconds, type Clock } from "./clock.ts";
import { keptStamp, secondStamp } from "./stamp.ts";

export type Level = "notice" | "debug" | "warn" | "error" | "fatal" | "trace";

const TAGS: Readonly<Record<Level, string>> = {
  notice: "[INF]",
  debug: "[DBG]",
  warn: "[WRN]",
  error: "[ERR]",
  fatal: "[FTL]",
  trace: "[TRC]",
};

const COLOURED_TAGS: Readonly<Record<Level, string>> = {
  notice: "[\x1b[32mINF\x1b[0m]",
  debug: "[\x1b[36mDBG\x1b[0m]",
  warn: "[\x1b[0;93mWRN\x1b[0m]",
  error: "[\x1b[31mERR\x1b[0m]",
  fatal: "[\x1b[31mFTL\x1b[0m]",
  trace: "[\x1b[33mTRC\x1b[0m]",
};

export interface LineStyle {
  readonly pid: number;
  /** Whether lines carry the time. */
  readonly times: boolean;
  /** That time in UTC, not in local time. */
  readonly utc?: boolean | undefined;
  readonly colours: boolean;
}

export type LineFormat = (level: Level, text: string) => string;

export function lineFormat(style: LineStyle, clock: Clock = microseconds): LineFormat {
  const tags = style.colours ? COLOURED_TAGS : TAGS;
  const pid = `[${style.pid}] `;
  const stamp = style.times ? timeStamp(style.utc === true, clock) : () => "";
  return (level, text) => {
    const end = text.endsWith("\n") ? "" : "\n";
    return `${pid}${stamp()}${tags[level]} ${harmless(text)}${end}`;
  };
}

function timeStamp(utc: boolean, clock: Clock): () => string {
  const shownSecond = keptStamp(secondStamp(utc));
  return () => {
    const now = clock();
    const second = Math.floor(now / 1e6);
    const fraction = String(Math.floor(now - second * 1e6)).padStart(6, "0");
    return `${shownSecond(second)}.${fraction} `;
  };
}

/** Control characters but for line ends and tabs: a name or a path must not steer the terminal. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;
const CONTROLS = new RegExp(CONTROL, "g");

function harmless(text: string): string {
  if (!CONTROL.test(text)) return text;
  return text.replace(CONTROLS, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
