// `--help_tls`: what a tls block looks like and the names it knows.
import { CIPHER_SUITES, CURVES } from "./tls-names.ts";

export function renderTlsHelp(): string {
  const list = (names: readonly string[]) => names.map((name) => `    ${name}\n`).join("");
  return `
TLS is set up by a block of the configuration file:

    tls {
        cert_file: "./server-cert.pem"
        key_file:  "./server-key.pem"

        # To ask clients for a certificate, too; verify_and_map instead
        # also takes the user from it:
        ca_file:   "./ca.pem"
        verify:    true

        # Seconds that a handshake may take:
        timeout:   2

        # Only what is to differ from the defaults:
        min_version:       "1.3"
        cipher_suites:     ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]
        curve_preferences: ["X25519", "CurveP256"]
    }

Or by flags, which replace the certificates of such a block:

    midge --tls --tlscert ./server-cert.pem --tlskey ./server-key.pem
    midge --tlsverify --tlscacert ./ca.pem --tlscert … --tlskey …

Cipher suites:
${list(CIPHER_SUITES)}
Curves:
${list(CURVES)}
`;
}
