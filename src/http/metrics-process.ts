// Metrics of the process that the server runs in.
import { residentBytes } from "./usage.ts";
import { LOOP_DELAY_BOUNDS_MS, LOOP_DELAY_TICK_MS, type LoopDelay } from "./loop-delay.ts";
import type { MetricsText } from "./metrics-text.ts";

export function writeProcess(text: MetricsText, loopDelay: Pick<LoopDelay, "totals">): void {
  const { user, system } = process.cpuUsage();
  text.counters("midge_process_cpu_seconds_total", "Processor time, in user and system mode.", [
    [{ mode: "user" }, user / 1e6],
    [{ mode: "system" }, system / 1e6],
  ]);
  text.gauge(
    "midge_process_resident_memory_bytes",
    "Memory that the process occupies.",
    residentBytes(),
  );
  const { counts, count, sumMs } = loopDelay.totals;
  const help = `How late a timer came that is due every ${LOOP_DELAY_TICK_MS} ms.`;
  text.histogram("midge_event_loop_delay_seconds", help, {
    bounds: LOOP_DELAY_BOUNDS_MS.map((ms) => ms / 1000),
    counts,
    count,
    sum: sumMs / 1000,
  });
}
