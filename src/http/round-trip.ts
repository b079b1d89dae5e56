// Round-trip times as Go writes durations (monitoring §2); tools parse them.

const UNITS = [
  ["h", 3_600_000_000_000],
  ["m", 60_000_000_000],
] as const;

/** `0s`, `950ns`, `381µs`, `44.663301ms`, `1.5s`, `1m2.5s`. Below a millisecond in whole microseconds. */
export function formatRoundTrip(ms: number): string {
  let nanos = Math.max(0, Math.round(ms * 1e6));
  if (nanos === 0) return "0s";
  if (nanos < 1e3) return `${nanos}ns`;
  if (nanos < 1e6) return `${Math.floor(nanos / 1e3)}µs`;
  if (nanos < 1e9) return `${nanos / 1e6}ms`;
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(nanos / size);
    if (count > 0 || text !== "") text += `${count}${unit}`;
    nanos %= size;
  }
  return `${text}${nanos / 1e9}s`;
}
