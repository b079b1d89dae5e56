// GET /metrics: everything worth a graph or an alarm, for Prometheus. Names stay as they are once they are
// released: dashboards are built on them.
import type { Context, Endpoint } from "./endpoint.ts";
import { AccountTotals, writeAccounts } from "./metrics-accounts.ts";
import { writeProcess } from "./metrics-process.ts";
import { RouteHistory, writeCluster } from "./metrics-routes.ts";
import { writeServer } from "./metrics-server.ts";
import { METRICS_TYPE, MetricsText } from "./metrics-text.ts";
import { Reply } from "./reply.ts";

/** A monitor's own: it remembers what it told before. */
export function createMetrics(): Endpoint {
  const accounts = new AccountTotals();
  const routes = new RouteHistory();
  return {
    path: "/metrics",
    countsAs: "/metrics",
    async answer(_query, context) {
      const text = new MetricsText();
      const { cluster } = context.source;
      writeServer(text, context.source);
      if (cluster !== null) writeCluster(text, cluster, routes.read(cluster));
      writeMonitor(text, context);
      writeProcess(text, context.loopDelay);
      writeAccounts(text, await accounts.read(context.source.accountViews(), context.turns));
      return new Reply(text.toString(), { type: METRICS_TYPE });
    },
  };
}

function writeMonitor(text: MetricsText, { requests, refusals }: Context): void {
  text.counters(
    "midge_monitor_requests_total",
    "Requests to the monitor, by path.",
    Object.entries(requests).map(([path, count]) => [{ path }, count]),
  );
  text.counters("midge_monitor_refused_total", "Requests that the monitor sent away.", [
    [{ reason: "unauthorized" }, refusals.unauthorized],
    [{ reason: "busy" }, refusals.busy],
  ]);
}
