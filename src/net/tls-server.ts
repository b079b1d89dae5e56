// By which certificates and rules clients are encrypted (client-protocol §17): loaded once, checked, and
// in force for all connections that begin while it is. A reload makes a new one; connections go on with
// the one they began with. Loaded only where TLS is configured.

import type { Socket, SocketHandler } from "bun";
import { createHash, type X509Certificate } from "node:crypto";
import { createSecureContext, getCACertificates } from "node:tls";
import type { CertificatePair, TlsOptions } from "../config/tls.ts";
import type { Connection } from "./connection.ts";
import { socketHandlers } from "./handlers.ts";
import type { FirstBytes } from "./listener.ts";
import { RateLimit } from "./tls-rate.ts";
import { loadAuthorities, loadPair, type LoadedPair } from "./tls-files.ts";
import { handshakeReason, verificationReason } from "./tls-reason.ts";
import { TlsSocket } from "./tls-socket.ts";
import { curveList, suiteList } from "./tls-suites.ts";

/** How long a handshake may take unless the configuration says otherwise. */
const TIMEOUT_MS = 2000;

/** What a finished handshake found out. */
export interface TlsFacts {
  /** "1.2" or "1.3". */
  readonly version: string;
  /** As IANA calls it. */
  readonly cipher: string;
  /** The client's certificate (DER) where one is asked for, and verified. */
  readonly certificate: Uint8Array | null;
  /** The host that the client asked for; empty when it named none. */
  readonly servername: string;
}

/** A certificate with what the runtime needs to show it. */
interface Identity {
  readonly leaf: X509Certificate;
  readonly context: unknown;
}

/** As text; of the certificates the first one, then the others. Rules are in the TLS library's words. */
export interface TlsText {
  readonly cert: string;
  readonly key: string;
  readonly others: readonly { readonly cert: string; readonly key: string }[];
  readonly ciphers: string;
  readonly ecdhCurve?: string;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
}

export class TlsServer {
  readonly options: TlsOptions;
  /** For the log: certificates that end soon or are over, names that are not supported. */
  readonly warnings: readonly string[];
  /** Milliseconds for a handshake. */
  readonly timeout: number;
  /** When the first of the certificates ends, in milliseconds since 1970. */
  readonly notAfter: number;
  /** Handshakes that may begin; asked once for each of them. */
  readonly limit: RateLimit;

  /** Certificates with their chains and their keys, and the rules, for who brings sockets of its own. */
  readonly pem: TlsText;

  readonly #verify: boolean;
  readonly #pinned: ReadonlySet<string> | null;
  readonly #identities: readonly Identity[];
  readonly #handlers: SocketHandler<Connection>;
  readonly #contents: number | bigint;

  /** Reads and checks everything. Throws an Error for people: which file, what is wrong. */
  static async load(options: TlsOptions): Promise<TlsServer> {
    const warnings: string[] = [];
    const verify = options.verify === true || options.verifyAndMap === true;
    const pairs = pairsOf(options).map((pair) => loadPair(pair, warnings));
    const curves = curveList(options.curvePreferences, warnings);
    const limits = {
      ciphers: suiteList(options.cipherSuites, warnings),
      ...(curves === undefined ? {} : { ecdhCurve: curves }),
      minVersion: options.minVersion === "1.3" ? ("TLSv1.3" as const) : ("TLSv1.2" as const),
    };
    const rules = {
      ...limits,
      ...(verify
        ? {
            requestCert: true,
            ca: authorities(options.caFile, warnings),
            // An intermediate authority may be all that is trusted.
            allowPartialTrustChain: true,
          }
        : {}),
    };
    const identities = pairs.map((pair) => identify(pair, rules));
    if (options.pinnedCerts !== undefined && !verify) {
      warnings.push("tls: pinned_certs without verify lets nobody in: no certificate is asked for");
    }
    const contents = Bun.hash(JSON.stringify([pairs.map(({ chain, key }) => [chain, key]), rules]));
    const [first, ...others] = pairs.map(({ chain, key }) => ({ cert: chain, key }));
    return new TlsServer(options, verify, identities, warnings, contents, {
      ...first!,
      others,
      ...limits,
    });
  }

  private constructor(
    options: TlsOptions,
    verify: boolean,
    identities: readonly Identity[],
    warnings: readonly string[],
    contents: number | bigint,
    pem: TlsText,
  ) {
    this.pem = pem;
    this.options = options;
    this.#contents = contents;
    this.warnings = warnings;
    this.timeout = options.timeout ?? TIMEOUT_MS;
    this.notAfter = Math.min(...identities.map(({ leaf }) => Date.parse(leaf.validTo)));
    this.limit = new RateLimit(options.connectionRateLimit ?? 0);
    this.#verify = verify;
    this.#pinned = options.pinnedCerts === undefined ? null : new Set(options.pinnedCerts);
    this.#identities = identities;
    this.#handlers = {
      ...socketHandlers,
      handshake: (socket, ok, error) => this.#judge(socket, ok, error),
      ...(identities.length > 1 ? { serverName: (_, name) => this.#contextFor(name) } : {}),
    };
  }

  /** Both have the same certificates: the files behind the same paths may have changed. */
  showsTheSame(other: TlsServer): boolean {
    return this.#contents === other.#contents;
  }

  /** What a listener has to expect; with `allowNonTls`, clients may go without encryption. */
  expects(allowNonTls: boolean): FirstBytes {
    const { handshakeFirst = false } = this.options;
    const peeks = typeof handshakeFirst === "number" || (allowNonTls && !handshakeFirst);
    return peeks ? "mixed" : "tls";
  }

  /** Begins the handshake; the connection is told how it ends. `firstBytes` were read already. */
  secure(socket: Socket<Connection>, connection: Connection, firstBytes?: Buffer): TlsSocket {
    const [raw, tls] = socket.upgradeTLS<Connection>({
      isServer: true,
      data: connection,
      tls: {
        secureContext: this.#identities[0]!.context,
        requestCert: this.#verify,
        rejectUnauthorized: this.#verify,
      },
      socket: this.#handlers,
      ...(firstBytes === undefined ? {} : { initialData: firstBytes }),
    });
    // The encrypted bytes still come up at the raw socket: there they are nobody's.
    (raw as { data: Connection | undefined }).data = undefined;
    return new TlsSocket(raw, tls);
  }

  /** A handshake is over, well or not. */
  #judge(socket: Socket<Connection>, ok: boolean, error: Error | null): void {
    const connection = socket.data;
    if (connection.closing) return;
    if (!ok) return connection.insecure(handshakeReason(error));
    // Without a certificate asked for, the runtime reports its absence all the same.
    if (this.#verify && error !== null) return connection.insecure(verificationReason(error));
    const certificate = this.#verify ? socket.getPeerX509Certificate() : undefined;
    if (this.#verify && certificate === undefined) {
      return connection.insecure("tls: client didn't provide a certificate");
    }
    const refusal = this.#pinned === null ? null : unpinned(this.#pinned, certificate);
    if (refusal !== null) return connection.insecure(refusal);
    connection.secured({
      version: socket.getTLSVersion().replace("TLSv", ""),
      cipher: socket.getCipher().standardName,
      certificate: certificate === undefined ? null : new Uint8Array(certificate.raw),
      servername: socket.getServername() ?? "",
    });
  }

  /** The first certificate that is for the host the client asks for, else the first of all. */
  #contextFor(name: string): unknown {
    const named =
      name === ""
        ? undefined
        : this.#identities.find(({ leaf }) => leaf.checkHost(name) !== undefined);
    return (named ?? this.#identities[0]!).context;
  }
}

function pairsOf({ certs, certFile, keyFile }: TlsOptions): readonly CertificatePair[] {
  if (certs !== undefined && certs.length > 0) return certs;
  if (certFile === undefined) throw new Error("tls: cert_file is missing");
  if (keyFile === undefined) throw new Error("tls: key_file is missing");
  return [{ certFile, keyFile }];
}

/** The ones of the file, else those that this machine trusts. */
function authorities(caFile: string | undefined, warnings: string[]): string[] {
  if (caFile !== undefined) return loadAuthorities(caFile, warnings);
  const trusted = getCACertificates("system");
  if (trusted.length === 0) {
    throw new Error("tls: verify needs a ca_file: this machine has no authorities of its own");
  }
  return trusted;
}

/** What is wrong with the files was found before; this is for keys that are of no use for TLS. */
function identify({ certFile, chain, key, leaf }: LoadedPair, rules: object): Identity {
  try {
    return { leaf, context: createSecureContext({ ...rules, cert: chain, key }).context };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`tls: the certificate in ${JSON.stringify(certFile)} is of no use: ${reason}`);
  }
}

/** Null when the certificate's key is one of the pinned ones, else why not. */
function unpinned(
  pinned: ReadonlySet<string>,
  certificate: X509Certificate | undefined,
): string | null {
  if (certificate === undefined) return "certificate not pinned: the client did not provide one";
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  const id = createHash("sha256").update(spki).digest("hex");
  return pinned.has(id) ? null : `certificate not pinned: key id ${id}`;
}
