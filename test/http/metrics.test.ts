// /metrics: the text format, names that stay, counters that never go back, a bounded number of series.
import { describe, expect, test } from "bun:test";
import type { AccountView } from "../../src/http/source.ts";
import { MetricsText } from "../../src/http/metrics-text.ts";
import { TestMonitor } from "./ask.ts";
import { fakeAccount } from "./fake-source.ts";

/** Every family with its type. Dashboards are built on them: none may go or change. */
const FAMILIES = `
  midge_build_info gauge
  midge_server_info gauge
  midge_ready gauge
  midge_start_time_seconds gauge
  midge_config_load_time_seconds gauge
  midge_connections gauge
  midge_connections_limit gauge
  midge_connections_accepted_total counter
  midge_subscriptions gauge
  midge_slow_consumers_total counter
  midge_stale_connections_total counter
  midge_stalls_total counter
  midge_received_messages_total counter
  midge_received_bytes_total counter
  midge_sent_messages_total counter
  midge_sent_bytes_total counter
  midge_write_batch_bytes histogram
  midge_monitor_requests_total counter
  midge_monitor_refused_total counter
  midge_process_cpu_seconds_total counter
  midge_process_resident_memory_bytes gauge
  midge_event_loop_delay_seconds histogram
  midge_account_connections gauge
  midge_account_subscriptions gauge
  midge_account_connections_accepted_total counter
  midge_account_received_messages_total counter
  midge_account_received_bytes_total counter
  midge_account_sent_messages_total counter
  midge_account_sent_bytes_total counter
  midge_account_slow_consumers_total counter`;

/** Samples by name and labels as they stand. */
type Samples = ReadonlyMap<string, number>;

async function scrape(monitor: TestMonitor): Promise<Samples> {
  const { status, text } = await monitor.ask("/metrics");
  expect(status).toBe(200);
  const samples = new Map<string, number>();
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("#")) continue;
    const space = line.lastIndexOf(" ");
    const name = line.slice(0, space);
    expect(samples.has(name)).toBe(false);
    samples.set(name, Number(line.slice(space + 1)));
  }
  return samples;
}

function named(name: string, messages: number, given: Partial<AccountView> = {}): AccountView {
  const received = { msgs: messages, bytes: 2 * messages };
  return fakeAccount({ name, received, connections: 1, clientSubscriptionCount: 2, ...given });
}

const received = (samples: Samples, account: string) =>
  samples.get(`midge_account_received_messages_total{account="${account}"}`);

const accountsIn = (samples: Samples) =>
  [...samples.keys()].filter((name) => name.startsWith("midge_account_connections{")).length;

describe("the answer", () => {
  test("is the text format, each family with its help and type in front", async () => {
    await using monitor = await TestMonitor.open();
    const { type, text } = await monitor.ask("/metrics");
    expect(type).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(text).toEndWith("\n");
    const families = text.match(/^# HELP (\S+) .+\n# TYPE \1 \S+$/gm) ?? [];
    const shown = families.map((each) => each.replace(/^[^]*# TYPE /, ""));
    expect(shown).toEqual(FAMILIES.trim().split(/\n\s*/));
    const form =
      /^[a-z_]+(\{[a-z_]+="([^"\\\n]|\\["\\n])*"(,[a-z_]+="([^"\\\n]|\\["\\n])*")*\})? \S+$/;
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(samples.filter((line) => !form.test(line))).toEqual([]);
  });

  test("shows the server's numbers", async () => {
    await using monitor = await TestMonitor.open();
    monitor.source.tlsCertNotAfter = 1_800_000_000_500;
    const samples = await scrape(monitor);
    expect(Object.fromEntries(samples)).toMatchObject({
      'midge_server_info{server_id="NAAA",server_name="east-1"}': 1,
      midge_ready: 1,
      midge_connections: 3,
      midge_connections_limit: 65_536,
      midge_connections_accepted_total: 5,
      midge_subscriptions: 7,
      'midge_slow_consumers_total{kind="client"}': 23,
      'midge_stale_connections_total{kind="client"}': 29,
      midge_stalls_total: 31,
      midge_received_messages_total: 11,
      midge_received_bytes_total: 13,
      midge_sent_messages_total: 17,
      midge_sent_bytes_total: 19,
      midge_tls_certificate_not_after_seconds: 1_800_000_000.5,
      'midge_monitor_requests_total{path="/metrics"}': 1,
    });
    monitor.source.ready = false;
    expect((await scrape(monitor)).get("midge_ready")).toBe(0);
  });

  test("has histograms whose buckets add up", async () => {
    await using monitor = await TestMonitor.open();
    const samples = await scrape(monitor);
    const batches = [...samples].filter(([name]) => name.startsWith("midge_write_batch_bytes"));
    expect(batches.map(([name, value]) => `${name} ${value}`)).toEqual([
      'midge_write_batch_bytes_bucket{le="1"} 1',
      'midge_write_batch_bytes_bucket{le="3"} 1',
      'midge_write_batch_bytes_bucket{le="7"} 3',
      'midge_write_batch_bytes_bucket{le="15"} 3',
      'midge_write_batch_bytes_bucket{le="+Inf"} 3',
      "midge_write_batch_bytes_sum 14",
      "midge_write_batch_bytes_count 3",
    ]);
    const delays = [...samples].filter(([name]) => name.startsWith("midge_event_loop_delay"));
    const counts = delays.slice(0, -2).map(([, count]) => count);
    expect(counts).toEqual(counts.toSorted((left, right) => left - right));
    expect(delays.at(-3)?.[0]).toEndWith('_bucket{le="+Inf"}');
    expect(delays.at(-1)?.[1]).toBe(counts.at(-1)!);
  });
});

test("names in labels may have any character", () => {
  const text = new MetricsText();
  text.gauges("midge_x", 'back\\slash "quote"\nline', [[{ account: 'a\\b"c\nd é' }, 1.5]]);
  expect(text.toString()).toBe(
    '# HELP midge_x back\\\\slash "quote"\\nline\n# TYPE midge_x gauge\n' +
      'midge_x{account="a\\\\b\\"c\\nd é"} 1.5\n',
  );
});

describe("accounts", () => {
  test("have series of their own", async () => {
    await using monitor = await TestMonitor.open();
    const sent = { msgs: 5, bytes: 6 };
    monitor.source.accounts = [named("A", 3, { sent, totalConnections: 4, slowConsumers: 1 })];
    expect(Object.fromEntries(await scrape(monitor))).toMatchObject({
      'midge_account_connections{account="A"}': 1,
      'midge_account_subscriptions{account="A"}': 2,
      'midge_account_connections_accepted_total{account="A"}': 4,
      'midge_account_received_messages_total{account="A"}': 3,
      'midge_account_received_bytes_total{account="A"}': 6,
      'midge_account_sent_messages_total{account="A"}': 5,
      'midge_account_sent_bytes_total{account="A"}': 6,
      'midge_account_slow_consumers_total{account="A"}': 1,
    });
  });

  test("beyond a hundred are told together, the busiest apart", async () => {
    await using monitor = await TestMonitor.open();
    monitor.source.accounts = Array.from({ length: 1000 }, (_, i) => named(`n${i}`, i));
    const samples = await scrape(monitor);
    expect(accountsIn(samples)).toBe(101);
    expect(received(samples, "n999")).toBe(999);
    expect(received(samples, "n900")).toBe(900);
    expect(received(samples, "n899")).toBeUndefined();
    expect(received(samples, "other")).toBe((899 * 900) / 2);
    expect(samples.get('midge_account_connections{account="other"}')).toBe(900);
  });

  test("keep their series when others overtake them: no counter goes back", async () => {
    await using monitor = await TestMonitor.open();
    const messages = Array.from({ length: 150 }, (_, i) => i);
    const show = () => {
      monitor.source.accounts = messages.map((count, i) => named(`n${i}`, count));
      return scrape(monitor);
    };
    const before = await show();
    messages[3] = 1_000_000;
    const after = await show();
    expect(received(after, "n3")).toBeUndefined();
    expect(received(after, "n149")).toBe(149);
    expect(received(after, "other")).toBe(received(before, "other")! + 1_000_000 - 3);
    for (const [name, value] of before) {
      if (name.includes("_total")) expect(after.get(name)).toBeGreaterThanOrEqual(value);
    }
  });

  test("that go stay counted, and count on when they come back", async () => {
    await using monitor = await TestMonitor.open();
    const read = async (...accounts: AccountView[]) => {
      monitor.source.accounts = accounts;
      return received(await scrape(monitor), "A");
    };
    expect(await read(named("A", 10))).toBe(10);
    expect(await read()).toBe(10);
    expect(await read(named("A", 4))).toBe(14);
    expect(await read(named("A", 5))).toBe(15);
    expect(await read(named("A", 2))).toBe(17);
  });

  test("are counted once, however many ask at the same time", async () => {
    await using monitor = await TestMonitor.open();
    const COUNT = 3000;
    monitor.source.accounts = Array.from({ length: COUNT }, (_, i) => named(`A${i}`, 10));
    await Promise.all(Array.from({ length: 6 }, () => scrape(monitor)));
    const samples = await scrape(monitor);
    let sum = 0;
    for (const [name, value] of samples)
      if (name.startsWith("midge_account_received_messages_total{")) sum += value;
    expect(sum).toBe(COUNT * 10);
  });

  test("one that is called as the others together is one of them", async () => {
    await using monitor = await TestMonitor.open();
    monitor.source.accounts = [named("other", 7), named("A", 1)];
    const samples = await scrape(monitor);
    expect([received(samples, "other"), received(samples, "A")]).toEqual([7, 1]);
  });
});
