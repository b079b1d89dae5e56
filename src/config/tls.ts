// What encryption can be told, as options (config-and-cli §2.5, §3.5). net/tls-server.ts loads it.

export interface CertificatePair {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsOptions {
  /** PEM file with the certificate and its chain. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Several of them instead; the first is used unless the client asks for another by name. */
  readonly certs?: readonly CertificatePair[];
  /** PEM file with the authorities that sign client certificates; the system's unless given. */
  readonly caFile?: string;
  /** Clients must show a certificate that an authority signed. */
  readonly verify?: boolean;
  /** Their certificate names their user; brings `verify` along. */
  readonly verifyAndMap?: boolean;
  /** Milliseconds for the handshake, default 2 s. */
  readonly timeout?: number;
  /** Names as IANA has them. */
  readonly cipherSuites?: readonly string[];
  readonly curvePreferences?: readonly string[];
  readonly minVersion?: "1.2" | "1.3";
  /** SHA-256 of the public keys (SPKI, hex in lower case) of which the client's must be one. */
  readonly pinnedCerts?: readonly string[];
  /** The handshake comes before INFO; a number: wait so many ms for it, then greet in the clear. */
  readonly handshakeFirst?: boolean | number;
  /** Handshakes that may begin in a second; 0 or nothing for any number. */
  readonly connectionRateLimit?: number;
}

/** The same as a program may give it: durations also as text, "auto" for the usual wait, lists of one. */
export interface GivenTls extends Omit<
  TlsOptions,
  "timeout" | "handshakeFirst" | "cipherSuites" | "curvePreferences" | "pinnedCerts"
> {
  readonly timeout?: number | string;
  readonly handshakeFirst?: boolean | number | string;
  readonly cipherSuites?: string | readonly string[];
  readonly curvePreferences?: string | readonly string[];
  readonly pinnedCerts?: string | readonly string[];
}
