// prometheus-nats-exporter: how it is run against a monitor, and what it then has for Prometheus.
import { LogLines } from "../support/peer.ts";

const PATIENCE_MS = 5_000;

/** Every group of pages of a nats-server that it knows. */
export const ALL = [
  "-varz",
  "-connz_detailed",
  "-subz",
  "-routez",
  "-gatewayz",
  "-leafz",
  "-healthz",
  "-jsz=all",
] as const;

export interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What one scrape of the exporter has of the server, without what it says of itself. */
export async function scrape(
  path: string,
  monitor: string,
  flags: readonly string[],
  caFile?: string,
): Promise<readonly Metric[]> {
  const port = freePort();
  const child = Bun.spawn([path, "-a", "127.0.0.1", "-p", String(port), ...flags, monitor], {
    // Go takes the authorities that it trusts from here; the exporter has no flag for them.
    env: { ...process.env, ...(caFile === undefined ? {} : { SSL_CERT_FILE: caFile }) },
    stdout: "ignore",
    stderr: "pipe",
  });
  const log = new LogLines();
  const reading = log.read(child.stderr);
  try {
    await log.line(/exporter listening at/);
    return parse(await fetchMetrics(`http://127.0.0.1:${port}/metrics`, log));
  } finally {
    child.kill("SIGKILL");
    await Promise.all([child.exited, reading]);
  }
}

/** It says that it listens a moment before it does. */
async function fetchMetrics(url: string, log: LogLines): Promise<string> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return answer.text();
  }
  throw new Error(`the exporter does not answer:\n${log.text()}`);
}

/** The exporter does not tell which port it took, so it is given one that was free just now. */
function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

function parse(text: string): Metric[] {
  const metrics: Metric[] = [];
  for (const line of text.split("\n")) {
    const parts = /^((?:gnatsd|jetstream)_\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (parts === null) continue;
    const [, name = "", labels = "", value = ""] = parts;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    metrics.push({
      name,
      labels: Object.fromEntries(pairs.map(([, key = "", label = ""]) => [key, label])),
      value: Number(value),
    });
  }
  return metrics;
}
