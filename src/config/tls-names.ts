// The names by which NATS configurations call cipher suites and curves: IANA's and Go's. The order
// is the one of `--help_tls`. Any letter case will do.

export const CIPHER_SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
  "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
  "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_RSA_WITH_AES_128_CBC_SHA",
  "TLS_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_RSA_WITH_AES_256_CBC_SHA",
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_RC4_128_SHA",
] as const;

export const CURVES = [
  "CurveP256",
  "CurveP384",
  "CurveP521",
  "SecP256r1MLKEM768",
  "SecP384r1MLKEM1024",
  "X25519",
  "X25519MLKEM768",
] as const;

/** What nats-server takes only with `allow_insecure_cipher_suites`. */
const INSECURE = /_RC4_|_3DES_|^TLS_RSA_|_CBC_SHA256$/;

/** The suite's name as IANA has it, or undefined when nobody has it. */
export function cipherSuite(given: string): string | undefined {
  const found = find(CIPHER_SUITES, given);
  // Go once left the end out.
  return found?.replace(/_CHACHA20_POLY1305$/, "_CHACHA20_POLY1305_SHA256");
}

export function isInsecure(suite: string): boolean {
  return INSECURE.test(suite);
}

export function curve(given: string): string | undefined {
  return find(CURVES, given);
}

function find(names: readonly string[], given: string): string | undefined {
  const wanted = given.toLowerCase();
  return names.find((name) => name.toLowerCase() === wanted);
}
