// prometheus-nats-exporter watching dist/midge: it has every metric that it has of nats-server, and the numbers
// are those of what clients did.
import { afterAll, expect, test } from "bun:test";
import { executable } from "../e2e/support.ts";
import { TestAuthority } from "../support/certificates.ts";
import { describeWithPeer } from "../support/peer.ts";
import { ALL, type Metric, scrape } from "./consumers-exporter.ts";
import { PRESENT, Scene, TOTAL } from "./consumers-scene.ts";
import { build, describeWith, Folder } from "./consumers.ts";

const folder = new Folder();
const trusted = await TestAuthority.create();
const certificate = await trusted.issue({});
afterAll(() => {
  folder[Symbol.dispose]();
  trusted[Symbol.dispose]();
});
const TLS = `tls { cert_file: "${certificate.certFile}", key_file: "${certificate.keyFile}" }
  allow_non_tls: true\n`;

const found = await build(
  folder,
  "consumers-exporter",
  "github.com/nats-io/prometheus-nats-exporter",
);

const VARZ: Readonly<Record<string, number>> = {
  connections: 3,
  total_connections: TOTAL.connections,
  // Of clients, and the servers' own.
  subscriptions: 3 + 60,
  in_msgs: TOTAL.inMsgs,
  in_bytes: TOTAL.inBytes,
  out_msgs: TOTAL.outMsgs,
  out_bytes: TOTAL.outBytes,
  in_client_msgs: TOTAL.inMsgs,
  out_client_bytes: TOTAL.outBytes,
  slow_consumers: 0,
  stale_connections: 0,
  stalled_clients: 0,
  max_payload: 4096,
  max_connections: 77,
  max_pending: 1 << 20,
  ping_interval: 50e9,
  routes: 0,
  leafnodes: 0,
};
const CONFIG = "max_payload: 4096, max_connections: 77, max_pending: 1MB, ping_interval: 50s\n";

/** Numbers that no state determines, or that are each server's own. */
const FREE =
  /_(cpu|mem|rtt|start|uptime|idle|last_activity|port|http_port|https_port)$|_http_req_stats_/;

/** Where values differ on purpose; names and labels do not. */
const DIFFERENT: Readonly<Record<string, RegExp>> = {
  "each server caches matches in its own way":
    /^gnatsd_subsz_(num_cache|num_matches|cache_hit_rate|max_fanout|avg_fanout)$/,
};

describeWith("prometheus-nats-exporter", found, (path) => {
  test("has the numbers of what clients did", async () => {
    await using scene = await Scene.open(executable, { config: CONFIG });
    const metrics = await scrape(path, scene.url, ALL);
    expect(shown(metrics)).toEqual(VARZ);
    expect(valueOf(metrics, "gnatsd_subsz_num_subscriptions")).toBe(VARZ["subscriptions"]!);
    expect(valueOf(metrics, "gnatsd_connz_num_connections")).toBe(3);
    expect(labelOf(metrics, "gnatsd_varz_server_name")).toBe("here");
  });

  test.each(Object.entries(PRESENT))("has the numbers of %s alone", async (name, numbers) => {
    await using scene = await Scene.open(executable);
    const metrics = await scrape(path, scene.url, ["-connz_detailed"]);
    const own = metrics.filter(({ labels }) => labels["name"] === name);
    expect(valueOf(own, "gnatsd_connz_subscriptions")).toBe(numbers.subs);
    expect(valueOf(own, "gnatsd_connz_in_msgs")).toBe(numbers.fromMsgs);
    expect(valueOf(own, "gnatsd_connz_in_bytes")).toBe(numbers.fromBytes);
    expect(valueOf(own, "gnatsd_connz_out_msgs")).toBe(numbers.toMsgs);
    expect(valueOf(own, "gnatsd_connz_out_bytes")).toBe(numbers.toBytes);
    expect(valueOf(own, "gnatsd_connz_pending_bytes")).toBe(0);
    expect(valueOf(own, "gnatsd_connz_rtt")).toBeWithin(1, 5e9);
    expect(valueOf(own, "gnatsd_connz_start")).toBeWithin(Date.now() - 60_000, Date.now() + 1);
    expect(own[0]?.labels).toMatchObject({ kind: "Client", lang: "go", version: "1.2.3" });
  });

  test("has no metrics of somebody who left", async () => {
    await using scene = await Scene.open(executable);
    const metrics = await scrape(path, scene.url, ALL);
    expect(metrics.filter(({ labels }) => labels["name"] === "gone")).toEqual([]);
  });

  test("has the same numbers over https", async () => {
    await using scene = await Scene.open(executable, { config: CONFIG + TLS, isSecure: true });
    expect(shown(await scrape(path, scene.url, ALL, trusted.caFile))).toEqual(VARZ);
  });

  test("has the same numbers below a base path", async () => {
    const config = `${CONFIG}http_base_path: "/nats"\n`;
    await using scene = await Scene.open(executable, { config, base: "/nats" });
    expect(shown(await scrape(path, `${scene.url}/nats`, ALL))).toEqual(VARZ);
  });

  test("is told that the server is well", async () => {
    await using scene = await Scene.open(executable);
    // The exporter 0.12.0 puts the name of this one page behind the address without a slash.
    const metrics = await scrape(path, `${scene.url}/`, ["-healthz"]);
    expect(valueOf(metrics, "gnatsd_healthz_status")).toBe(0);
  });

  describeWithPeer("prometheus-nats-exporter, which sees nats-server 2.15", "2.15", (peer) => {
    const choices: readonly (readonly [string, string, readonly string[]])[] = [
      ["totals", "", ["-varz", "-connz", "-subz"]],
      ["everything", "", ALL],
      ["everything, with a slash behind the address", "/", ALL],
    ];
    test.each(choices)("with the same metrics, labels and numbers: %s", async (_, slash, flags) => {
      const [there, here] = await Promise.all(
        [peer, executable].map(async (each) => {
          await using scene = await Scene.open(each, { config: CONFIG });
          return comparable(await scrape(path, scene.url + slash, flags));
        }),
      );
      expect(there!.length).toBeGreaterThan(50);
      expect(here).toEqual(there!);
    });
  });
});

function valueOf(metrics: readonly Metric[], name: string): number | undefined {
  return metrics.find((metric) => metric.name === name)?.value;
}

function labelOf(metrics: readonly Metric[], name: string): string | undefined {
  return metrics.find((metric) => metric.name === name)?.labels["value"];
}

function shown(metrics: readonly Metric[]): Record<string, number | undefined> {
  return Object.fromEntries(
    Object.keys(VARZ).map((key) => [key, valueOf(metrics, `gnatsd_varz_${key}`)]),
  );
}

/** One line for each metric, with what tells servers and moments apart left out. */
function comparable(metrics: readonly Metric[]): string[] {
  return metrics
    .map(({ name, labels, value }) => {
      const kept = Object.entries(labels).map(([key, label]) => {
        const isOwn = ["cid", "port", "server_id"].includes(key) || /_id$|_version$/.test(name);
        return `${key}=${isOwn ? "…" : label}`;
      });
      const isFree = [FREE, ...Object.values(DIFFERENT)].some((each) => each.test(name));
      return `${name} ${kept.join(" ")} ${isFree ? "…" : value}`;
    })
    .sort();
}
