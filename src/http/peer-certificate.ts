// A client's certificate as /connz shows it: whose it is, and by what to recognize it. Loaded only where
// clients have certificates.
import { createHash, X509Certificate } from "node:crypto";
import { parseCertificate } from "../auth/certificate.ts";
import { written } from "../auth/distinguished-name.ts";

/** Reads a certificate in DER; null where it can't be read. */
export function describeCertificate(der: Uint8Array) {
  try {
    const { publicKey } = new X509Certificate(der);
    return {
      subject: written(parseCertificate(der).subject),
      spki_sha256: sha256(publicKey.export({ type: "spki", format: "der" })),
      cert_sha256: sha256(der),
    };
  } catch {
    return null;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
