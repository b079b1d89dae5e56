// The monitor over HTTPS: beside HTTP or alone, by the rules of the tls block but for client certificates,
// with new ones on reload.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { once } from "node:events";
import { startMonitor } from "../../src/http/monitor.ts";
import type { MonitorTls } from "../../src/http/source.ts";
import { silentLogger } from "../../src/log/logger.ts";
import { type IssuedCertificate, TestAuthority } from "../support/certificates.ts";
import { TestMonitor } from "./ask.ts";
import { fakeSource } from "./fake-source.ts";

let authority: TestAuthority;
let first: IssuedCertificate;
let second: IssuedCertificate;

beforeAll(async () => {
  authority = await TestAuthority.create();
  first = await authority.issue({ commonName: "first" });
  second = await authority.issue({ commonName: "second" });
});

afterAll(() => authority[Symbol.dispose]());

const pem = ({ cert, key }: IssuedCertificate) => ({ cert, key });
const ours = () => ({ tls: { ca: authority.ca } });

/** The name in the certificate that a new connection is shown. */
async function shownBy(url: string, options: ConnectionOptions = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTls({ host: hostname, port: Number(port), ca: authority.ca, ...options });
  try {
    await once(socket, "secureConnect");
    return String(socket.getPeerCertificate().subject.CN);
  } finally {
    socket.destroy();
  }
}

describe("https", () => {
  test("alone is the monitor's address", async () => {
    await using monitor = await TestMonitor.open(
      { httpPort: 0, httpsPort: -1 },
      { tls: pem(first) },
    );
    const { url, httpsUrl, port } = monitor.monitor;
    expect([url, httpsUrl]).toEqual([`https://127.0.0.1:${port}`, url]);
    expect(monitor.log[0]).toBe(`notice: Starting https monitor on 127.0.0.1:${port}`);
    const { status, text } = await monitor.ask("/varz", ours());
    expect([status, JSON.parse(text)]).toMatchObject([200, { http_port: 0, https_port: -1 }]);
  });

  test("and http may run at once, and count together", async () => {
    await using monitor = await TestMonitor.open({ httpsPort: -1 }, { tls: pem(first) });
    await monitor.ask("/varz");
    const secure = await fetch(`${monitor.monitor.httpsUrl}/varz`, ours());
    expect(await secure.json()).toMatchObject({ http_req_stats: { "/varz": 2 } });
  });

  test("may be on an address of its own", async () => {
    const options = { httpHost: "127.0.0.1", httpsHost: "127.0.0.2", httpsPort: -1 };
    await using monitor = await TestMonitor.open(options, { tls: pem(first) });
    expect(monitor.monitor.httpsUrl).toStartWith("https://127.0.0.2:");
  });

  test("asks for no client certificate, and speaks TLS 1.2 at the least", async () => {
    await using monitor = await TestMonitor.open({ httpsPort: -1 }, { tls: pem(first) });
    const url = monitor.monitor.httpsUrl!;
    expect(await shownBy(url, { maxVersion: "TLSv1.2" })).toBe("first");
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
    await expect(shownBy(url, old)).rejects.toThrow("ALERT_PROTOCOL_VERSION");
  });

  test("without a certificate does not start, and leaves no port open", async () => {
    const opened: string[] = [];
    const logger = { ...silentLogger, notice: (line: string) => void opened.push(line) };
    await expect(startMonitor(fakeSource({ httpPort: -1, httpsPort: -1 }), logger)).rejects.toThrow(
      "the https port of the monitor needs a certificate",
    );
    const port = Number(/:(\d+)$/.exec(opened[0]!)?.[1]);
    await using again = await TestMonitor.open({ httpPort: port });
    expect(again.monitor.port).toBe(port);
  });
});

describe("the rules of the tls block", () => {
  const TLS_1_2 = { maxVersion: "TLSv1.2" } as const;
  const WEAKER = "ECDHE-ECDSA-AES128-GCM-SHA256";
  const STRONGER = "ECDHE-ECDSA-AES256-GCM-SHA384";
  const openWith = async (rules: Omit<MonitorTls, "cert" | "key">) =>
    TestMonitor.open({ httpsPort: -1 }, { tls: { ...pem(first), ...rules } });

  test("hold for the lowest version", async () => {
    await using monitor = await openWith({ minVersion: "TLSv1.3" });
    const url = monitor.monitor.httpsUrl!;
    expect(await shownBy(url)).toBe("first");
    await expect(shownBy(url, TLS_1_2)).rejects.toThrow("ALERT_PROTOCOL_VERSION");
  });

  test("hold for the suites of TLS 1.2", async () => {
    await using monitor = await openWith({ ciphers: STRONGER });
    const url = monitor.monitor.httpsUrl!;
    expect(await shownBy(url, { ...TLS_1_2, ciphers: STRONGER })).toBe("first");
    const weaker = shownBy(url, { ...TLS_1_2, ciphers: WEAKER });
    await expect(weaker).rejects.toThrow("ALERT_HANDSHAKE_FAILURE");
  });

  test("with suites of TLS 1.3 alone let nobody in with TLS 1.2", async () => {
    await using monitor = await openWith({ ciphers: "TLS_AES_128_GCM_SHA256" });
    const url = monitor.monitor.httpsUrl!;
    expect(await shownBy(url)).toBe("first");
    await expect(shownBy(url, TLS_1_2)).rejects.toThrow("ALERT_PROTOCOL_VERSION");
  });

  test("hold for the curves", async () => {
    await using monitor = await openWith({ ecdhCurve: "P-384" });
    const url = monitor.monitor.httpsUrl!;
    expect(await shownBy(url, { ecdhCurve: "P-384" })).toBe("first");
    await expect(shownBy(url, { ecdhCurve: "P-256" })).rejects.toThrow("ALERT_HANDSHAKE_FAILURE");
  });

  test("change on reload", async () => {
    await using monitor = await openWith({});
    const url = monitor.monitor.httpsUrl!;
    expect(await shownBy(url, TLS_1_2)).toBe("first");
    await monitor.monitor.reload({ ...pem(first), minVersion: "TLSv1.3" });
    await expect(shownBy(url, TLS_1_2)).rejects.toThrow("ALERT_PROTOCOL_VERSION");
  });

  test("hold for every certificate", async () => {
    const others = [pem(await authority.issue({ hosts: ["b.test"], commonName: "b" }))];
    await using monitor = await openWith({ others, minVersion: "TLSv1.3" });
    const url = monitor.monitor.httpsUrl!;
    expect(await shownBy(url, { servername: "b.test" })).toBe("b");
    const old = shownBy(url, { ...TLS_1_2, servername: "b.test" });
    await expect(old).rejects.toThrow("ALERT_PROTOCOL_VERSION");
  });
});

test("of several certificates the first one for the host is shown, or the first of all", async () => {
  const issue = async (commonName: string, ...hosts: string[]) =>
    pem(await authority.issue({ commonName, hosts }));
  const byDefault = await issue("default", "a.test", "both.test");
  const others = [
    await issue("named", "both.test", "B.test", "*.c.test"),
    await issue("ip", "::1"),
  ];
  await using monitor = await TestMonitor.open(
    { httpsPort: -1 },
    { tls: { ...byDefault, others } },
  );
  const shown = (servername: string) =>
    shownBy(monitor.monitor.httpsUrl!, { servername, rejectUnauthorized: false });
  expect(await shown("")).toBe("default");
  expect(await shown("a.test")).toBe("default");
  expect(await shown("both.test")).toBe("default");
  expect(await shown("b.test")).toBe("named");
  expect(await shown("x.c.test")).toBe("named");
  expect(await shown("nobody.test")).toBe("default");
});

describe("new certificates", () => {
  test("are shown to new connections, on the same port", async () => {
    await using monitor = await TestMonitor.open({ httpsPort: -1 }, { tls: pem(first) });
    const url = monitor.monitor.httpsUrl!;
    expect(await shownBy(url)).toBe("first");
    await monitor.monitor.reload(pem(second));
    expect(monitor.monitor.httpsUrl).toBe(url);
    expect(await shownBy(url)).toBe("second");
    await monitor.monitor.reload(pem(second));
    await monitor.monitor.reload(null);
    expect(await shownBy(url)).toBe("second");
  });

  test("do not interrupt an answer that is under way", async () => {
    await using monitor = await TestMonitor.open({ httpsPort: -1 }, { tls: pem(first) });
    const stream = await fetch(`${monitor.monitor.httpsUrl}/live`, ours());
    const reader = stream.body!.getReader();
    expect((await reader.read()).done).toBe(false);
    await monitor.monitor.reload(pem(second));
    // The next sample, a second later, still comes.
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
  });

  test("that are none leave the old ones in force", async () => {
    await using monitor = await TestMonitor.open({ httpsPort: -1 }, { tls: pem(first) });
    const broken = { cert: first.cert, key: second.key };
    await expect(monitor.monitor.reload(broken)).rejects.toThrow("can't listen");
    expect(await shownBy(monitor.monitor.httpsUrl!)).toBe("first");
  });

  test("that are none in the second place leave the old ones in force", async () => {
    await using monitor = await TestMonitor.open({ httpsPort: -1 }, { tls: pem(first) });
    const url = monitor.monitor.httpsUrl!;
    const broken = { ...pem(second), others: [{ cert: "", key: "" }] };
    await expect(monitor.monitor.reload(broken)).rejects.toThrow();
    expect(await shownBy(url)).toBe("first");
    await monitor.monitor.reload(pem(second));
    expect(await shownBy(url)).toBe("second");
  });

  test("do not open a monitor again that was stopped meanwhile", async () => {
    const monitor = await TestMonitor.open({ httpsPort: -1 }, { tls: pem(first) });
    const url = monitor.monitor.httpsUrl!;
    const reloading = monitor.monitor.reload(pem(second));
    await monitor.monitor.stop();
    await reloading;
    await expect(shownBy(url)).rejects.toThrow("ECONNREFUSED");
  });

  test("are nothing to a monitor without https", async () => {
    await using monitor = await TestMonitor.open();
    await monitor.monitor.reload(pem(first));
    expect(monitor.monitor.httpsUrl).toBeUndefined();
  });
});
