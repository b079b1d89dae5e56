// One log line as NATS operators and their log shippers know it:
//   [PID] YYYY/MM/DD HH:MM:SS.uuuuuu [TAG] text
// Local time; a text that ends in a newline gets no second one. Knows nothing of where lines go.

import { microseconds, type Clock } from "./clock.ts";
import { isLocalTimeUtc } from "./zone.ts";

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
  readonly colours: boolean;
}

export type LineFormat = (level: Level, text: string) => string;

export function lineFormat(style: LineStyle, clock: Clock = microseconds): LineFormat {
  const tags = style.colours ? COLOURED_TAGS : TAGS;
  const pid = `[${style.pid}] `;
  const stamp = style.times ? timeStamp(clock) : () => "";
  return (level, text) => {
    const end = text.endsWith("\n") ? "" : "\n";
    return `${pid}${stamp()}${tags[level]} ${text}${end}`;
  };
}

/**
 * The date and the second change rarely compared with lines being traced: they are kept as text.
 */
function timeStamp(clock: Clock): () => string {
  let second = -1;
  let shownSecond = "";
  const showSecond = isLocalTimeUtc() ? utcSecond : localSecond;
  return () => {
    const now = clock();
    const nowSecond = Math.floor(now / 1e6);
    if (nowSecond !== second) {
      second = nowSecond;
      shownSecond = showSecond(new Date(nowSecond * 1000));
    }
    const fraction = Math.floor(now - nowSecond * 1e6);
    return `${shownSecond}${String(fraction).padStart(6, "0")} `;
  };
}

/** `2026/11/23 08:42:12.` */
function localSecond(date: Date): string {
  const day = `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.`;
}

function utcSecond(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ")}.`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
