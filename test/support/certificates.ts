// Certificates for tests, made when they are needed: an authority of its own for each test file, and from
// it certificates for servers and clients, good ones and bad ones. Nothing of it is in the repository.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as X509 from "@peculiar/x509";
import { secret } from "./secrets.ts";

/** What a certificate is to say. Everything has a default; a bare `{}` is a server's for localhost. */
export interface CertificateRequest {
  /** The only part of the subject; `hosts[0]` unless given. */
  commonName?: string;
  /** The whole subject instead, as in `CN=bob, O=Acme+OU=Sales`, in the order of the text. */
  subject?: string;
  /** DNS names and IP addresses; a server's has "localhost" and "127.0.0.1" unless given. */
  hosts?: string[];
  emails?: string[];
  uris?: string[];
  /** Days from `validFrom` to the end, default 30. Negative: it ended so many days ago. */
  days?: number;
  /** An hour ago unless given. */
  validFrom?: Date;
  /** For a client instead of a server. */
  client?: boolean;
  /** For a server that is a client of others, too. */
  peer?: boolean;
  /** RSA with 2048 bits, which takes long to make, instead of ECDSA with P-256. */
  rsa?: boolean;
}

export interface IssuedCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  readonly der: Uint8Array;
  /** SHA-256 of the public key (SPKI) in lower-case hex, as `pinned_certs` wants it. */
  readonly spkiSha256: string;
}

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** An authority that signs certificates. What it issues lies in one folder that goes with it. */
export class TestAuthority implements Disposable {
  /** PEM. */
  readonly ca: string;
  readonly caFile: string;
  readonly #x509: typeof X509;
  readonly #certificate: X509.X509Certificate;
  readonly #keys: CryptoKeyPair;
  readonly #folder = mkdtempSync(join(tmpdir(), "midge-certificates-"));
  #issued = 0;

  static async create(name = "Midge test authority"): Promise<TestAuthority> {
    const x509 = await loadX509();
    const keys = await crypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      keys,
      notBefore: new Date(Date.now() - HOUR_MS),
      notAfter: new Date(Date.now() + 30 * DAY_MS),
      signingAlgorithm: ECDSA,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new TestAuthority(x509, certificate, keys);
  }

  private constructor(x509: typeof X509, certificate: X509.X509Certificate, keys: CryptoKeyPair) {
    this.#x509 = x509;
    this.#certificate = certificate;
    this.#keys = keys;
    this.ca = `${certificate.toString("pem")}\n`;
    this.caFile = this.#file("ca.pem", this.ca);
  }

  async issue(request: CertificateRequest): Promise<IssuedCertificate> {
    const x509 = this.#x509;
    const keys = await generateKeys(request.rsa === true);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: subjectOf(request),
      issuer: this.#certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ECDSA,
      ...validityOf(request),
      extensions: await this.#extensions(request, keys.publicKey),
    });
    const der = new Uint8Array(certificate.rawData);
    const cert = `${certificate.toString("pem")}\n`;
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
    const key = `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`;
    // Its first line tells it from all others.
    secret(key.split("\n")[1] ?? "");
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
    this.#issued += 1;
    return {
      certFile: this.#file(`${this.#issued}.pem`, cert),
      keyFile: this.#file(`${this.#issued}-key.pem`, key),
      cert,
      key,
      der,
      spkiSha256: createHash("sha256").update(spki).digest("hex"),
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #extensions(request: CertificateRequest, publicKey: CryptoKey): Promise<X509.Extension[]> {
    const x509 = this.#x509;
    const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
    const usages = request.peer
      ? [serverAuth, clientAuth]
      : [request.client ? clientAuth : serverAuth];
    const names = alternativeNames(request);
    return [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ];
  }

  #file(name: string, content: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }
}

function generateKeys(rsa: boolean): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(rsa ? RSA : ECDSA, true, ["sign", "verify"]);
}

function hostsOf(request: CertificateRequest): string[] {
  return request.hosts ?? (request.client ? [] : ["localhost", "127.0.0.1"]);
}

function subjectOf(request: CertificateRequest): string | X509.JsonName {
  if (request.subject !== undefined) return request.subject;
  const name = request.commonName ?? hostsOf(request)[0];
  return name === undefined ? [] : [{ CN: [name] }];
}

function alternativeNames(request: CertificateRequest): X509.JsonGeneralNames {
  return [
    ...(request.emails ?? []).map((value) => ({ type: "email" as const, value })),
    ...hostsOf(request).map((value) => ({
      type: isIP(value) ? ("ip" as const) : ("dns" as const),
      value,
    })),
    ...(request.uris ?? []).map((value) => ({ type: "url" as const, value })),
  ];
}

function validityOf({ days = 30, validFrom }: CertificateRequest): {
  notBefore: Date;
  notAfter: Date;
} {
  const now = Date.now();
  if (days < 0) {
    const notAfter = new Date(now + days * DAY_MS);
    return { notBefore: validFrom ?? new Date(notAfter.getTime() - 30 * DAY_MS), notAfter };
  }
  const notBefore = validFrom ?? new Date(now - HOUR_MS);
  return { notBefore, notAfter: new Date((validFrom?.getTime() ?? now) + days * DAY_MS) };
}

/**
 * The library, with what its dependency injection asks for: it looks for the types of constructors'
 * parameters in metadata of decorators, which none of the classes in use here has.
 */
async function loadX509(): Promise<typeof X509> {
  const nothing = (): undefined => undefined;
  const standIns = { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing };
  if (!("getMetadata" in Reflect)) Object.assign(Reflect, standIns);
  return import("@peculiar/x509");
}
