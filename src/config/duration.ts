// Durations as NATS operators write them: Go's text form, "2m", "1h30m", "1.5s", "250ms".
// Inside Midge a duration is a plain number of milliseconds.

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, the micro sign
  μs: 1e-3, // U+03BC, the Greek letter
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Longer texts are no durations; no time is spent on them. */
const TEXT_MAX = 100;

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Milliseconds, or undefined when the text is not a duration. A bare "0" needs no unit. */
export function parseDuration(text: string): number | undefined {
  const signed = text.startsWith("-") || text.startsWith("+");
  const negative = text.startsWith("-");
  const body = signed ? text.slice(1) : text;
  if (body === "0") return 0;
  if (body === "" || body.length > TEXT_MAX) return undefined;
  let total = 0;
  let at = 0;
  while (at < body.length) {
    PART.lastIndex = at;
    const part = PART.exec(body);
    if (!part) return undefined;
    total += Number(part[1]) * MS_PER_UNIT[part[2]!]!;
    at = PART.lastIndex;
  }
  return negative ? -total : total;
}

/** The way Go prints a duration: 120000 is "2m0s", 1500 is "1.5s", 250 is "250ms", 0 is "0s". */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return "0s";
  if (ms < 1000) {
    if (ms >= 1) return `${trimmed(ms)}ms`;
    return ms >= 1e-3 ? `${trimmed(ms * 1e3)}µs` : `${trimmed(ms * 1e6)}ns`;
  }
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = trimmed((ms % 60_000) / 1000);
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

/** At most nine fractional digits, none of them a trailing zero. */
function trimmed(value: number): string {
  return String(Number(value.toFixed(9)));
}
