// GET /healthz: may this server be sent clients? Probes read the status code, exporters the body,
// so the body is JSON in both cases.
import type { MonitorSource } from "./source.ts";

export interface Health {
  readonly code: 200 | 500;
  readonly body: { readonly status: "ok" | "error"; readonly error?: string };
}

export function healthz(source: Pick<MonitorSource, "ready">): Health {
  if (source.ready) return { code: 200, body: { status: "ok" } };
  return { code: 500, body: { status: "error", error: "not accepting clients" } };
}
