// What people put in place of certificates, and what they are told.

import { afterAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsOptions } from "../../src/config/tls.ts";
import { TlsServer } from "../../src/net/tls-server.ts";
import { TestAuthority } from "../support/certificates.ts";

const authority = await TestAuthority.create();
const folder = mkdtempSync(join(tmpdir(), "midge-tls-files-"));
afterAll(() => {
  authority[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});
const good = await authority.issue({ days: 365 });
const other = await authority.issue({ days: 365 });
const { certFile, keyFile } = good;

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The message with which loading fails. */
async function refusal(options: TlsOptions): Promise<string> {
  try {
    await TlsServer.load(options);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("a server does not start with", () => {
  test("a file that is missing", async () => {
    const nope = join(folder, "nope.pem");
    const reason = `${JSON.stringify(nope)}: no such file or directory`;
    expect(await refusal({ certFile: nope, keyFile })).toBe(`tls: cert_file ${reason}`);
    expect(await refusal({ certFile, keyFile: nope })).toBe(`tls: key_file ${reason}`);
    expect(await refusal({ certFile, keyFile, verify: true, caFile: nope })).toBe(
      `tls: ca_file ${reason}`,
    );
  });

  test("a folder, or a file without end, in a file's place", async () => {
    mkdirSync(join(folder, "sub"));
    expect(await refusal({ certFile: join(folder, "sub"), keyFile })).toEndWith("is a directory");
    expect(await refusal({ certFile: "/dev/zero", keyFile })).toEndWith("not a regular file");
    const pipe = join(folder, "pipe");
    Bun.spawnSync(["mkfifo", pipe]);
    expect(await refusal({ certFile: pipe, keyFile })).toEndWith("not a regular file");
  });

  test("a certificate's file that holds none, or a broken one", async () => {
    for (const content of ["", "hello", good.key, "-----BEGIN CERTIFICATE-----\n"]) {
      const path = file("none.pem", content);
      expect(await refusal({ certFile: path, keyFile })).toStartWith(
        `tls: cert_file ${JSON.stringify(path)} holds no certificate`,
      );
    }
    const broken = file("broken.pem", good.cert.replace(/\n.{9}/, "\nAAAAAAAAA"));
    expect(await refusal({ certFile: broken, keyFile })).toEndWith("certificate 1 can't be read");
    const second = file("second.pem", good.cert + good.cert.replace(/\n.{9}/, "\nAAAAAAAAA"));
    expect(await refusal({ certFile: second, keyFile })).toEndWith("certificate 2 can't be read");
  });

  test("a key's file that holds none, and nothing of the file is told", async () => {
    for (const content of ["", "S3CRET", good.cert, good.key.replace(/\n.{20}/, "\nS3CRET")]) {
      const path = file("key.pem", content);
      const message = await refusal({ certFile, keyFile: path });
      expect(message).toBe(
        `tls: key_file ${JSON.stringify(path)} holds no private key; ` +
          "expected PEM text with BEGIN PRIVATE KEY",
      );
    }
  });

  test("a key that is encrypted", async () => {
    const { privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: {
        type: "pkcs8",
        format: "pem",
        cipher: "aes-256-cbc",
        passphrase: "S3CRET",
      },
    });
    const path = file("encrypted.pem", privateKey);
    expect(await refusal({ certFile, keyFile: path })).toContain("is encrypted");
  });

  test("another certificate's key", async () => {
    expect(await refusal({ certFile, keyFile: other.keyFile })).toBe(
      `tls: key_file ${JSON.stringify(other.keyFile)} does not belong to the certificate in ` +
        JSON.stringify(certFile),
    );
  });

  test("half of a pair, or none", async () => {
    expect(await refusal({ certFile })).toBe("tls: key_file is missing");
    expect(await refusal({ keyFile })).toBe("tls: cert_file is missing");
    expect(await refusal({ verify: true })).toBe("tls: cert_file is missing");
  });

  test("one bad pair among several", async () => {
    const certs = [good, { certFile: other.certFile, keyFile }];
    expect(await refusal({ certs })).toContain("does not belong");
  });

  test("authorities in whose file there are none", async () => {
    const path = file("empty.pem", good.key);
    expect(await refusal({ certFile, keyFile, verify: true, caFile: path })).toStartWith(
      `tls: ca_file ${JSON.stringify(path)} holds no certificate`,
    );
  });

  test("only suites or curves that it does not have", async () => {
    const cipherSuites = ["TLS_ECDHE_RSA_WITH_RC4_128_SHA"];
    expect(await refusal({ certFile, keyFile, cipherSuites })).toBe(
      "tls: none of the configured cipher suites is supported",
    );
    expect(await refusal({ certFile, keyFile, curvePreferences: ["SecP384r1MLKEM1024"] })).toBe(
      "tls: none of the configured curves is supported",
    );
  });
});

describe("a server starts with", () => {
  test("a chain, notes and the key all in one file", async () => {
    const path = file("all.pem", `a note\n${good.cert}${authority.ca}\n${good.key}`);
    const server = await TlsServer.load({ certFile: path, keyFile: path });
    expect(server.warnings).toEqual([]);
  });

  test("an RSA key", async () => {
    const rsa = await authority.issue({ rsa: true, days: 365 });
    expect((await TlsServer.load(rsa)).warnings).toEqual([]);
  });

  test("the system's authorities when it has to verify and no file is named", async () => {
    // A machine without any refuses in words instead.
    expect(await refusal({ certFile, keyFile, verify: true })).toBeOneOf([
      "",
      "tls: verify needs a ca_file: this machine has no authorities of its own",
    ]);
  });

  test("a warning for a suite or curve less", async () => {
    const server = await TlsServer.load({
      certFile,
      keyFile,
      cipherSuites: ["TLS_RSA_WITH_RC4_128_SHA", "tls_aes_128_gcm_sha256"],
      curvePreferences: ["X25519", "SecP256r1MLKEM768"],
    });
    expect(server.warnings).toEqual([
      "tls: curve SecP256r1MLKEM768 is not supported and left out",
      "tls: cipher suite TLS_RSA_WITH_RC4_128_SHA is not supported and left out",
    ]);
  });

  test("a certificate that is over, not yet good, or soon over, and a warning", async () => {
    const warnings = async (request: object) => {
      const { certFile, keyFile } = await authority.issue(request);
      const { warnings } = await TlsServer.load({ certFile, keyFile });
      return warnings.map((warning) => warning.replace(JSON.stringify(certFile), "FILE"));
    };
    const day = (days: number) => {
      return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    };
    expect(await warnings({ days: -3 })).toEqual([
      `tls: the certificate in FILE expired on ${day(-3)}`,
    ]);
    expect(await warnings({ validFrom: new Date(Date.now() + 2 * 86_400_000) })).toEqual([
      `tls: the certificate in FILE is not valid before ${day(2)}`,
    ]);
    expect(await warnings({ days: 10 })).toEqual([
      `tls: the certificate in FILE expires on ${day(10)}, in 9 days`,
    ]);
    expect(await warnings({ days: 31.5 })).toEqual([]);
  });

  test("the day on which the first of its certificates ends", async () => {
    const soon = await authority.issue({ days: 3 });
    const server = await TlsServer.load({ certs: [good, soon] });
    expect(Math.abs(server.notAfter - Date.now() - 3 * 86_400_000)).toBeLessThan(60_000);
  });
});

test("what a listener has to expect follows from the rules", async () => {
  const expects = async (options: TlsOptions, allowNonTls: boolean) =>
    (await TlsServer.load({ certFile, keyFile, ...options })).expects(allowNonTls);
  expect(await expects({}, false)).toBe("tls");
  expect(await expects({ handshakeFirst: true }, true)).toBe("tls");
  expect(await expects({}, true)).toBe("mixed");
  expect(await expects({ handshakeFirst: false }, true)).toBe("mixed");
  expect(await expects({ handshakeFirst: 50 }, false)).toBe("mixed");
});
