// The time of day in microseconds, finer than Date.now(): for log lines and for the monitor, whose
// readers divide by the difference of two of them.

/** Microseconds since 1970; tests bring their own. */
export type Clock = () => number;

const CLOCK_DRIFT_MAX_MS = 20;
let wallOffsetMs = performance.timeOrigin;

/** The wall clock, read through the finer monotonic one and set again when somebody moves it. */
export function microseconds(): number {
  let now = wallOffsetMs + performance.now();
  const wall = Date.now();
  if (Math.abs(wall - now) > CLOCK_DRIFT_MAX_MS) {
    wallOffsetMs += wall - now;
    now = wall;
  }
  return now * 1000;
}
