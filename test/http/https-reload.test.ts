// The https monitor of a whole server: it follows the tls block, and a reload changes all or nothing.
import { afterAll, beforeAll, expect, spyOn, test } from "bun:test";
import { once } from "node:events";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { Midge } from "../../src/server.ts";
import { type IssuedCertificate, TestAuthority } from "../support/certificates.ts";

let authority: TestAuthority;
let first: IssuedCertificate;
let second: IssuedCertificate;

beforeAll(async () => {
  authority = await TestAuthority.create();
  first = await authority.issue({ commonName: "first" });
  second = await authority.issue({ commonName: "second", hosts: ["b.test", "127.0.0.1"] });
});

afterAll(() => authority[Symbol.dispose]());

const files = ({ certFile, keyFile }: IssuedCertificate) => ({ certFile, keyFile });
const options = (tls: object) => ({ port: -1, httpsPort: -1, tls });

/** The name in the certificate that a new connection is shown. */
async function shownBy(midge: Midge, asked: ConnectionOptions = {}): Promise<string> {
  const { hostname: host, port } = new URL(midge.monitorHttpsUrl!);
  const socket = connectTls({ host, port: Number(port), ca: authority.ca, ...asked });
  try {
    await once(socket, "secureConnect");
    return String(socket.getPeerCertificate().subject.CN);
  } finally {
    socket.destroy();
  }
}

test("the monitor shows every certificate of the block, by its rules", async () => {
  const certs = [files(first), files(second)];
  const limits = { minVersion: "1.3", curvePreferences: ["CurveP384"] };
  await using midge = await Midge.start(options({ certs, ...limits }));
  expect(await shownBy(midge)).toBe("first");
  expect(await shownBy(midge, { servername: "b.test" })).toBe("second");
  await expect(shownBy(midge, { maxVersion: "TLSv1.2" })).rejects.toThrow("PROTOCOL_VERSION");
  await expect(shownBy(midge, { ecdhCurve: "P-256" })).rejects.toThrow("HANDSHAKE_FAILURE");
});

test("cipher suites that are of TLS 1.3 alone are no reason not to start", async () => {
  const tls = { ...files(first), cipherSuites: ["TLS_AES_128_GCM_SHA256"] };
  await using midge = await Midge.start(options(tls));
  expect(await shownBy(midge)).toBe("first");
});

test("a monitor that can't have the new certificate refuses the whole reload", async () => {
  await using midge = await Midge.start(options(files(first)));
  const before = midge.options;
  const serve = spyOn(Bun, "serve").mockImplementationOnce(() => {
    throw new Error("no more room");
  });
  let commits = 0;
  try {
    const reload = midge.reload(
      { ...options(files(second)), maxPayload: 77 },
      () => void commits++,
    );
    await expect(reload).rejects.toThrow("no more room");
  } finally {
    serve.mockRestore();
  }
  expect([commits, midge.options]).toEqual([0, before]);
  expect(await shownBy(midge)).toBe("first");
  await midge.reload(options(files(second)));
  expect(await shownBy(midge)).toBe("second");
});

test("a commit that fails leaves the old certificate with the monitor, too", async () => {
  await using midge = await Midge.start(options(files(first)));
  const failing = midge.reload(options(files(second)), () => {
    throw new Error("the log can't be opened");
  });
  await expect(failing).rejects.toThrow("the log can't be opened");
  expect(await shownBy(midge)).toBe("first");
});
