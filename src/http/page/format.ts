// Numbers, sizes and times for people. Pure; English, as the page is.

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const STEPS = ["", "k", "M", "G", "T", "P"];

/** 12,345 */
export function whole(value: number): string {
  return WHOLE.format(value);
}

/** Three digits at most, and a factor: 0, 0.5, 12.3, 999, 1.23k, 12.3M. */
export function short(value: number): string {
  return scaled(value, STEPS);
}

/** 512 B, 1.23 kB, 45.6 MB: factors of 1000. */
export function bytes(value: number): string {
  return scaled(value, [" B", " kB", " MB", " GB", " TB", " PB"]);
}

export function perSecond(value: number): string {
  return `${short(value)}/s`;
}

export function bytesPerSecond(value: number): string {
  return `${bytes(value)}/s`;
}

export function percent(value: number): string {
  return `${digits(value)} %`;
}

/** 0.12 ms, 12.3 ms, 1.23 s */
export function milliseconds(value: number): string {
  return value < 1000 ? `${digits(value)} ms` : `${digits(value / 1000)} s`;
}

/** The two largest units: 3d 4h, 2h 5m, 5m 3s, 12s. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days}d ${hours % 24}h`;
  if (hours > 0) return `${hours}h ${minutes % 60}m`;
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
}

/** Time of day where the browser is. */
export function clock(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB");
}

/** Date and time of day. */
export function moment(time: number): string {
  return new Date(time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

function scaled(value: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return digits(rest) + units[unit]!;
}

/** Three significant ones, and none behind the point that are zero. */
function digits(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  const text = value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
  return text.replace(/\.?0+$/, "");
}
