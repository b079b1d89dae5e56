// Certificates, keys and authorities from their PEM files, checked when they are loaded: what is wrong is
// said in words at the start or the reload, never found out when a client comes.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { CertificatePair } from "../config/tls.ts";

/** More is no certificate. */
const FILE_BYTES_MAX = 16 << 20;
const DAY_MS = 86_400_000;
/** Certificates that end sooner are warned about. */
const SOON_DAYS = 30;

/** A certificate with its chain and its key, as PEM text. */
export interface LoadedPair {
  readonly certFile: string;
  readonly chain: string;
  readonly key: string;
  readonly leaf: X509Certificate;
}

/** Throws an Error for people: which file, what is wrong. */
export function loadPair({ certFile, keyFile }: CertificatePair, warnings: string[]): LoadedPair {
  const certs = certificatesIn("cert_file", certFile);
  const leaf = certs[0]!;
  const keyText = readText("key_file", keyFile);
  if (!leaf.checkPrivateKey(parseKey(keyFile, keyText))) {
    throw new Error(
      `tls: key_file ${quoted(keyFile)} does not belong to the certificate in ${quoted(certFile)}`,
    );
  }
  warnOfDates(leaf, `certificate in ${quoted(certFile)}`, warnings);
  return { certFile, chain: certs.map(String).join(""), key: keyText, leaf };
}

/** The authorities that sign clients' certificates, as PEM texts. Throws as `loadPair` does. */
export function loadAuthorities(caFile: string, warnings: string[]): string[] {
  const certs = certificatesIn("ca_file", caFile);
  for (const cert of certs) {
    warnOfDates(cert, `authority ${JSON.stringify(nameOf(cert))} in ${quoted(caFile)}`, warnings);
  }
  return certs.map(String);
}

function certificatesIn(option: string, path: string): X509Certificate[] {
  const text = readText(option, path);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks === null) {
    throw new Error(
      `tls: ${option} ${quoted(path)} holds no certificate; expected PEM text with BEGIN CERTIFICATE`,
    );
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`tls: ${option} ${quoted(path)}: certificate ${index + 1} can't be read`);
    }
  });
}

/** Errors name the file and say nothing of what is in it. */
function parseKey(path: string, text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    const encrypted = error instanceof Error && "code" in error ? error.code : "";
    if (encrypted === "ERR_MISSING_PASSPHRASE") {
      throw new Error(
        `tls: key_file ${quoted(path)} is encrypted; expected a key without passphrase`,
      );
    }
    throw new Error(
      `tls: key_file ${quoted(path)} holds no private key; expected PEM text with BEGIN PRIVATE KEY`,
    );
  }
}

/** Dates warn only: clocks are wrong at times, and clients decide for themselves. */
function warnOfDates(cert: X509Certificate, what: string, warnings: string[]): void {
  const now = Date.now();
  const from = Date.parse(cert.validFrom);
  const until = Date.parse(cert.validTo);
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  if (until < now) {
    warnings.push(`tls: the ${what} expired on ${day(until)}`);
  } else if (from > now) {
    warnings.push(`tls: the ${what} is not valid before ${day(from)}`);
  } else if (until < now + SOON_DAYS * DAY_MS) {
    const days = Math.floor((until - now) / DAY_MS);
    warnings.push(
      `tls: the ${what} expires on ${day(until)}, in ${days} day${days === 1 ? "" : "s"}`,
    );
  }
}

function nameOf(cert: X509Certificate): string {
  return /^CN=(.*)$/m.exec(cert.subject)?.[1] ?? cert.subject.replaceAll("\n", ", ");
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "no such file or directory"],
  ["EACCES", "permission denied"],
  ["EISDIR", "is a directory"],
  ["ENOTDIR", "not a directory"],
  ["ELOOP", "too many symbolic links"],
  ["ENAMETOOLONG", "file name too long"],
]);

/** A pipe without a writer or a device without end must not hang a start, let alone a reload. */
function readText(option: string, path: string): string {
  try {
    const file = statSync(path);
    if (!file.isFile() && !file.isDirectory()) throw new Error("not a regular file");
    if (file.size > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
    return readFileSync(path, "latin1");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const fallback = error instanceof Error ? error.message : String(error);
    throw new Error(`tls: ${option} ${quoted(path)}: ${REASONS.get(code) ?? fallback}`);
  }
}

const quoted = (path: string) => JSON.stringify(path);
