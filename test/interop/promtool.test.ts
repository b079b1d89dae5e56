// /metrics as Prometheus' own tool judges it: the format, and the habits of naming. promtool is in Debian's
// package "prometheus".
import { expect, test } from "bun:test";
import { Midge } from "../../src/server.ts";
import { TestMonitor } from "../http/ask.ts";
import { fakeCluster, fakeRoute } from "../http/fake-cluster.ts";
import { fakeAccount } from "../http/fake-source.ts";
import { connect } from "../support/wire.ts";

const NAME = "promtool finds nothing wrong with the metrics";
const promtool = Bun.which("promtool");

/** What promtool complains about; "" for nothing. */
async function complaints(metrics: string): Promise<string> {
  const child = Bun.spawn([promtool!, "check", "metrics"], {
    stdin: Buffer.from(metrics),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return code === 0 ? err + out : `exit code ${code}: ${err}${out}`;
}

if (promtool !== null) {
  test(`${NAME} of a server that works`, async () => {
    await using server = await Midge.start({ port: -1, httpPort: -1 });
    await using client = await connect(server.port);
    await client.says("CONNECT {}\r\nSUB foo 1\r\nPUB foo 5\r\nhello\r\nPING\r\n");
    for (let heard = ""; !heard.includes("PONG");) heard = (await client.hearsItem()) ?? "PONG";
    const metrics = await (await fetch(`${server.monitorUrl}/metrics`)).text();
    expect(metrics).toContain("midge_received_messages_total 1\n");
    expect(metrics).toContain('midge_account_sent_bytes_total{account="$G"} 5\n');
    expect(await complaints(metrics)).toBe("");
  });

  test(`${NAME} of a server with everything, and with names that need quoting`, async () => {
    await using monitor = await TestMonitor.open({ cluster: {} });
    monitor.source.tlsCertNotAfter = Date.now();
    const cluster = fakeCluster([
      fakeRoute({ account: 'a"\\\n', outBytes: 2 ** 52 }),
      ...Array.from({ length: 300 }, (_, i) => fakeRoute({ rid: i, remoteName: `a"\\\n${i}` })),
    ]);
    cluster.tlsCertNotAfter = Date.now();
    cluster.name = 'c"1';
    monitor.source.cluster = cluster;
    monitor.source.serverName = 'a"b\\c\né';
    monitor.source.accounts = Array.from({ length: 300 }, (_, i) =>
      fakeAccount({ name: `a"\\\n${i}`, received: { msgs: 2 ** 52 + i, bytes: 1e15 + i } }),
    );
    await monitor.ask("/varz");
    const { text } = await monitor.ask("/metrics");
    expect(await complaints(text)).toBe("");
  });

  test("promtool would find something", async () => {
    const wrong = "# HELP midge_x x\n# TYPE midge_x counter\nmidge_x 1\n";
    expect(await complaints(wrong)).toContain("_total");
  });
} else if (process.env["MIDGE_REQUIRE_PEERS"] === "1") {
  test(NAME, () => {
    throw new Error("no promtool on the PATH");
  });
} else {
  console.warn(`skipped: ${NAME}: no promtool on the PATH`);
  test.skip(`${NAME} (no promtool on the PATH)`, () => {});
}
