// Dates as the log writes them: in its lines, in the names of old log files and for syslog. Local time
// is asked for only where it differs from UTC; see zone.ts.

import { isLocalTimeUtc } from "./zone.ts";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `2026/11/23 08:42:12` */
export type Stamp = (date: Date) => string;

export function secondStamp(utc: boolean): Stamp {
  return utc || isLocalTimeUtc() ? utcSecond : localSecond;
}

/** `2026-11-23T08:42:12+01:00` */
export function rfc3339Stamp(): Stamp {
  if (isLocalTimeUtc()) return (date) => `${date.toISOString().slice(0, 19)}Z`;
  return (date) => {
    const [day, time] = localSecond(date).split(" ");
    return `${day!.replaceAll("/", "-")}T${time}${offset(-date.getTimezoneOffset())}`;
  };
}

/** `Nov  3 08:42:12`, the traditional one of local syslogs. */
export function syslogStamp(): Stamp {
  const stamp = secondStamp(false);
  return (date) => {
    const text = stamp(date);
    const month = MONTHS[Number(text.slice(5, 7)) - 1];
    return `${month} ${String(Number(text.slice(8, 10))).padStart(2)} ${text.slice(11)}`;
  };
}

/** The stamp of the current second is kept: seconds change rarely compared with lines. */
export function keptStamp(stamp: Stamp): (second: number) => string {
  let shown = "";
  let shownSecond = -1;
  return (second) => {
    if (second !== shownSecond) {
      shownSecond = second;
      shown = stamp(new Date(second * 1000));
    }
    return shown;
  };
}

function localSecond(date: Date): string {
  const day = `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function utcSecond(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ");
}

/** Zero is written as Z. */
function offset(minutes: number): string {
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
