// Why a handshake failed, in words. The runtime reports codes of the TLS library; the log says the
// usual ones as nats-server does, so that whoever searches for them finds them here, too.

import { codeOf } from "./fault.ts";

/** Not an error of ours or of the client's certificate: somebody who does not speak TLS. */
export const NOT_TLS = "tls: first record does not look like a TLS handshake";
const NO_COMMON_SUITE = "tls: no cipher suite supported by both client and server";
const NO_CERTIFICATE = "tls: client didn't provide a certificate";

/** By the last part of the library's error, as in `error:1000009c:SSL routines:…:HTTP_REQUEST`. */
const HANDSHAKE: Readonly<Record<string, string>> = {
  HTTP_REQUEST: NOT_TLS,
  HTTPS_PROXY_REQUEST: NOT_TLS,
  WRONG_VERSION_NUMBER: NOT_TLS,
  PEER_DID_NOT_RETURN_A_CERTIFICATE: NO_CERTIFICATE,
  UNSUPPORTED_PROTOCOL: "tls: client offered only unsupported versions",
  NO_SHARED_CIPHER: NO_COMMON_SUITE,
  WRONG_CURVE: NO_COMMON_SUITE,
  NO_SHARED_GROUP: "tls: no curve supported by both client and server",
};

/** By the code with which a certificate's check ends. */
const VERIFICATION: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "certificate has expired or is not yet valid",
  CERT_NOT_YET_VALID: "certificate has expired or is not yet valid",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate signed by unknown authority",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate signed by unknown authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate signed by unknown authority",
  INVALID_PURPOSE: "certificate specifies an incompatible key usage",
};

/** The handshake did not come to its end. */
export function handshakeReason(error: Error | null): string {
  const code = codeOf(error);
  // What the runtime calls a reset here is any end before the handshake's.
  if (error === null || code === "ECONNRESET") return "EOF";
  const name = /:([A-Z\d_]+)$/.exec(error.message)?.[1] ?? "";
  return HANDSHAKE[name] ?? `tls: ${name === "" ? error.message : inWords(name)}`;
}

/** The handshake went well, but what came of the client's certificate did not. */
export function verificationReason(error: Error): string {
  const code = codeOf(error);
  return `tls: failed to verify certificate: x509: ${VERIFICATION[code] ?? inWords(code)}`;
}

const inWords = (name: string) => name.toLowerCase().replaceAll("_", " ");
