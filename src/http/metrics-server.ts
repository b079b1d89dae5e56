// The server's own metrics: what it is, who is connected, what went through.
import { MIDGE_VERSION, NATS_LEVEL } from "../proto/version.ts";
import type { Histogram, Labels, MetricsText } from "./metrics-text.ts";
import type { KindCounts, MonitorSource } from "./source.ts";

export function writeServer(text: MetricsText, source: MonitorSource): void {
  writeIdentity(text, source);
  writeConnections(text, source);
  writeTraffic(text, source);
}

function writeIdentity(text: MetricsText, source: MonitorSource): void {
  const { serverId, serverName, startedAt, configLoadedAt, tlsCertNotAfter } = source;
  text.gauges("midge_build_info", "Always 1; the labels say which program this is.", [
    [{ version: MIDGE_VERSION, nats: NATS_LEVEL, bun: Bun.version }, 1],
  ]);
  text.gauges("midge_server_info", "Always 1; the labels say which server this is.", [
    [{ server_id: serverId, server_name: serverName }, 1],
  ]);
  text.gauge("midge_ready", "1 while clients are let in.", source.ready ? 1 : 0);
  text.gauge("midge_start_time_seconds", "When the server was started.", startedAt / 1000);
  text.gauge(
    "midge_config_load_time_seconds",
    "When the configuration in force was read.",
    configLoadedAt / 1000,
  );
  if (tlsCertNotAfter !== null) {
    text.gauge(
      "midge_tls_certificate_not_after_seconds",
      "When the first of the server's certificates ends.",
      tlsCertNotAfter / 1000,
    );
  }
}

function writeConnections(text: MetricsText, source: MonitorSource): void {
  text.gauge("midge_connections", "Clients that are connected.", source.connections);
  text.gauge(
    "midge_connections_limit",
    "Clients that may be connected.",
    source.options.maxConnections,
  );
  text.counter(
    "midge_connections_accepted_total",
    "Clients that were accepted, including those that were refused later.",
    source.totalConnections,
  );
  text.gauge("midge_subscriptions", "Subscriptions of all accounts.", source.clientSubscriptions);
  text.counters(
    "midge_slow_consumers_total",
    "Connections closed because they took their messages too slowly.",
    byKind(source.slowConsumerStats),
  );
  text.counters(
    "midge_stale_connections_total",
    "Connections closed because they stopped answering pings.",
    byKind(source.staleConnectionStats),
  );
  text.counter(
    "midge_stalls_total",
    "Times a publisher was slowed down for its receivers.",
    source.stalledClients,
  );
}

function writeTraffic(text: MetricsText, source: MonitorSource): void {
  text.counter("midge_received_messages_total", "Messages that were published.", source.inMsgs);
  text.counter(
    "midge_received_bytes_total",
    "Payload and headers of the messages that were published.",
    source.inBytes,
  );
  text.counter(
    "midge_sent_messages_total",
    "Messages that were delivered, once for each receiver.",
    source.outMsgs,
  );
  text.counter(
    "midge_sent_bytes_total",
    "Payload and headers of the messages that were delivered.",
    source.outBytes,
  );
  text.histogram(
    "midge_write_batch_bytes",
    "Bytes handed to a client's socket at a time.",
    batches(source),
  );
}

function byKind(counts: KindCounts): [Labels, number][] {
  return [
    [{ kind: "client" }, counts.clients],
    [{ kind: "route" }, counts.routes],
    [{ kind: "gateway" }, counts.gateways],
    [{ kind: "leaf" }, counts.leafs],
  ];
}

/** What is below 2^(i+1) is at most one less: writes are whole bytes. */
function batches({ writeBatches, writtenBytes }: MonitorSource): Histogram {
  let count = 0;
  const counts = writeBatches.map((each) => (count += each));
  const bounds = writeBatches.map((_, i) => 2 ** (i + 1) - 1);
  return { bounds, counts, count, sum: writtenBytes };
}
