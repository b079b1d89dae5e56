// The monitor over HTTPS: beside HTTP or alone, without client certificates, with new ones on reload.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect as connectTls, type SecureVersion } from "node:tls";
import { once } from "node:events";
import { startMonitor } from "../../src/http/monitor.ts";
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
async function shownBy(
  url: string,
  options: { minVersion?: SecureVersion; maxVersion?: SecureVersion } = {},
): Promise<string> {
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

  test("are nothing to a monitor without https", async () => {
    await using monitor = await TestMonitor.open();
    await monitor.monitor.reload(pem(first));
    expect(monitor.monitor.httpsUrl).toBeUndefined();
  });
});
