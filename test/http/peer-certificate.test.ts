// Certificates of clients as /connz shows them.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { describeCertificate } from "../../src/http/peer-certificate.ts";
import { TestAuthority } from "../support/certificates.ts";
import { TestMonitor } from "./ask.ts";
import { fakeConnection, STARTED_AT } from "./fake-source.ts";

let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterAll(() => authority[Symbol.dispose]());

test("whose it is, in Go's form, and two fingerprints", async () => {
  const subject = "CN=bob, O=Acme+OU=Sales, C=DE";
  const { der, spkiSha256 } = await authority.issue({ subject, client: true });
  expect(describeCertificate(der)).toEqual({
    subject: "CN=bob,OU=Sales,O=Acme,C=DE",
    spki_sha256: spkiSha256,
    cert_sha256: createHash("sha256").update(der).digest("hex"),
  });
});

test("what is no certificate is not described", () => {
  expect(describeCertificate(Uint8Array.of(0x30, 0x80, 1))).toBeNull();
});

test("/connz shows that of an open connection to who asks for it", async () => {
  const { der } = await authority.issue({ client: true });
  const tls = { version: "1.3", cipher: "TLS_AES_128_GCM_SHA256", first: false, certificate: der };
  await using monitor = await TestMonitor.open();
  Object.assign(monitor.source, { tlsVerify: true, connections: 1 });
  monitor.source.open = [fakeConnection({ tls })];
  monitor.source.closed = [fakeConnection({ tls, stoppedAt: STARTED_AT, reason: "Client Closed" })];
  const certificates = async (query: string) => {
    const { connections } = await monitor.json(`/connz?${query}`);
    return (connections as Record<string, unknown>[])[0]!["tls_peer_certs"];
  };
  expect(await certificates("auth=1")).toEqual([describeCertificate(der)]);
  expect(await certificates("auth=0")).toBeUndefined();
  expect(await certificates("auth=1&state=closed")).toBeUndefined();
});
