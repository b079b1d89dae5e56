// What the keys of encryption are for.
import type { Section } from "./describe.ts";

const FRAME = { cert_file: '"server.pem"', key_file: '"server-key.pem"' };
const PIN = "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069";

export const TLS: Section = {
  title: "Encryption",
  intro:
    "Names of suites and curves are listed by `midge --help_tls`. Files are read again on a reload; connections that are there keep what they have.",
  keys: {
    tls: {
      does: "Encrypt what clients and the server say to each other.",
      example: '{ cert_file: "server.pem", key_file: "server-key.pem" }',
      unset: "off",
      frame: FRAME,
    },
    "tls.cert_file": {
      does: "PEM file with the certificate and its chain.",
      example: '"east.pem"',
      unset: "–",
    },
    "tls.key_file": {
      does: "PEM file with its private key.",
      example: '"east-key.pem"',
      unset: "–",
    },
    "tls.certs": {
      does: "Several certificates instead, of which the client's host name picks one.",
      example: '[{ cert_file: "a.pem", key_file: "a-key.pem" }]',
      unset: "–",
      beside: {},
      frame: FRAME,
    },
    "tls.certs[].cert_file": {
      does: "PEM file with the certificate and its chain.",
      example: '"east.pem"',
      unset: "–",
    },
    "tls.certs[].key_file": {
      does: "PEM file with its private key.",
      example: '"east-key.pem"',
      unset: "–",
    },
    "tls.ca_file": {
      does: "PEM file with the authorities that sign client certificates.",
      example: '"ca.pem"',
      unset: "those of the system",
    },
    "tls.verify": {
      does: "Clients must show a certificate that an authority signed.",
      example: "true",
      unset: "false",
    },
    "tls.verify_and_map": {
      does: "The same, and the certificate names the user.",
      example: "true",
      unset: "false",
    },
    "tls.timeout": {
      does: "How long a handshake may take.",
      example: "1.5",
      unset: "2 s",
    },
    "tls.cipher_suites": {
      does: "Suites to choose from.",
      example: "[TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]",
      unset: "the secure ones",
    },
    "tls.curve_preferences": {
      does: "Curves to choose from.",
      example: "[X25519]",
      unset: "those of the runtime",
    },
    "tls.min_version": {
      does: "Oldest version of TLS.",
      example: '"1.3"',
      unset: '`"1.2"`',
    },
    "tls.pinned_certs": {
      does: "SHA-256 of the public keys (SPKI) of which a client's must be one.",
      example: `["${PIN}"]`,
      unset: "any key",
    },
    "tls.handshake_first": {
      does: "Begin with the handshake instead of INFO; `auto` and a duration wait so long for clients that do, and then greet the others in the clear.",
      example: "auto",
      unset: "false",
    },
    "tls.connection_rate_limit": {
      does: "Handshakes that may begin in a second.",
      example: "100",
      unset: "no limit",
    },
    "tls.allow_insecure_cipher_suites": {
      does: "Let `cipher_suites` name suites that are not secure.",
      example: "true",
      unset: "false",
      beside: { ...FRAME, cipher_suites: "[TLS_RSA_WITH_AES_128_GCM_SHA256]" },
    },
    "tls.insecure": {
      does: "Do not verify the server that is called; a listener calls none.",
      example: "true",
      unset: "false",
    },
    "tls.verify_cert_and_check_known_urls": {
      does: "Compare certificates with known addresses, which clients do not have.",
      example: "true",
      unset: "false",
    },
    "tls.ocsp_peer": {
      does: "Ask whether a client's certificate was revoked.",
      example: "true",
      unset: "false",
    },
    "tls.cert_store": {
      does: "Take the certificate from a store of Windows.",
      example: "WindowsCurrentUser",
      unset: "–",
    },
    "tls.cert_match_by": {
      does: "How to find a certificate in such a store.",
      example: "Subject",
      unset: "–",
    },
    "tls.cert_match": {
      does: "What to find in such a store.",
      example: '"nats.example.com"',
      unset: "–",
    },
    "tls.cert_match_skip_invalid": {
      does: "Pass over certificates in such a store that are not valid.",
      example: "true",
      unset: "–",
    },
    "tls.ca_certs_match": {
      does: "Which authorities of such a store may sign client certificates.",
      example: '["Example Root"]',
      unset: "–",
    },
    allow_non_tls: {
      does: "With `tls`, also let clients in that do not encrypt.",
      example: "true",
    },
  },
};
