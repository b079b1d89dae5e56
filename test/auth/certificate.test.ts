// What is read from a client's certificate.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { parseCertificate } from "../../src/auth/certificate.ts";
import { TestAuthority, type CertificateRequest } from "../support/certificates.ts";

let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterAll(() => authority[Symbol.dispose]());

const read = async (request: CertificateRequest) =>
  parseCertificate((await authority.issue({ client: true, ...request })).der);

describe("a certificate", () => {
  test("has alternative names of three kinds, each in its order", async () => {
    const certificate = await read({
      commonName: "bob",
      emails: ["bob@example.com", "rob@example.com"],
      hosts: ["b.example.com", "a.example.com", "10.0.0.1"],
      uris: ["spiffe://example.com/bob"],
    });
    expect(certificate.emails).toEqual(["bob@example.com", "rob@example.com"]);
    expect(certificate.dnsNames).toEqual(["b.example.com", "a.example.com"]);
    expect(certificate.uris).toEqual(["spiffe://example.com/bob"]);
  });

  test("has a subject, as it stands there", async () => {
    const certificate = await read({ subject: "CN=Jürgen+OU=dev, O=Acme, C=DE, DC=org" });
    const parts = certificate.subject.flat().map(({ type, value }) => `${type}=${value}`);
    expect(parts.sort()).toEqual([
      "0.9.2342.19200300.100.1.25=org",
      "2.5.4.10=Acme",
      "2.5.4.11=dev",
      "2.5.4.3=Jürgen",
      "2.5.4.6=DE",
    ]);
    expect(certificate.subject.map((place) => place.length).sort()).toEqual([1, 1, 1, 2]);
  });

  test("may have no names at all", async () => {
    expect(await read({})).toEqual({ emails: [], dnsNames: [], uris: [], subject: [] });
  });

  test("that is cut short or none has no names and does no harm", async () => {
    const { der } = await authority.issue({ commonName: "bob", emails: ["bob@example.com"] });
    const nameless = { emails: [], dnsNames: [], uris: [], subject: [] };
    for (let length = 0; length < der.length; length++) {
      const part = parseCertificate(der.subarray(0, length));
      expect({ length, part }).toEqual({ length, part: nameless });
    }
    expect(parseCertificate(Buffer.from("30ff", "hex"))).toEqual(nameless);
    expect(parseCertificate(Buffer.from("3085ffffffffff", "hex"))).toEqual(nameless);
  });
});
