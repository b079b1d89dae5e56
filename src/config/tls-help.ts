// `--help_tls`: what a tls block looks like and the names it knows.
import { CIPHER_SUITES, CURVES } from "./tls-names.ts";

export function renderTlsHelp(): string {
  const list = (names: readonly string[]) => names.map((name) => `    ${name}\n`).join("");
  return `
TLS is set up by a block of the configuration file:

    tls {
        cert_file: "./server-cert.pem"
        key_file:  "./server-key.pem"

        # To ask clients for a certificate, too:
        ca_file:   "./ca.pem"
        verify:    true

        # Seconds that a handshake may take:
        timeout:   2

        # Only what is to differ from the defaults:
        cipher_suites:     ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]
        curve_preferences: ["X25519", "CurveP256"]
    }

This version of midge checks such a block and does not start with one, because it cannot encrypt
yet and would serve everyone in the clear.

Cipher suites:
${list(CIPHER_SUITES)}
Curves:
${list(CURVES)}
`;
}
