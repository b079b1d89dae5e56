// The first moments of a connection where TLS is configured (client-protocol §17): INFO in the clear and
// then the handshake, or the handshake first, or whichever of plain text and TLS the client begins with.
// When it is over the protocol begins; a welcome that takes too long or goes wrong ends the connection.

import type { Connection } from "../net/connection.ts";
import { NOT_TLS } from "../net/tls-reason.ts";
import type { TlsFacts, TlsServer } from "../net/tls-server.ts";
import { CloseReason, type ProtocolError, ProtocolErrors } from "../proto/errors.ts";

/** The first byte of every TLS handshake; no command begins with it. */
const TLS_HANDSHAKE = 0x16;

/** What a welcome needs of the client it welcomes. */
export interface WelcomeClient {
  readonly connection: Connection;
  readonly host: { readonly options: { readonly allowNonTls: boolean } };
  /** Sends the first INFO. */
  greet(): void;
  /** The protocol begins, with what the client said of it already. */
  welcomed(rest?: Buffer): void;
  refuse(error: ProtocolError): void;
  close(reason: CloseReason): void;
  debug(text: string): void;
  error(text: string): void;
}

export class Welcome {
  readonly #client: WelcomeClient;
  readonly #tls: TlsServer;
  #greeted = false;
  #timer: Timer | null = null;

  constructor(client: WelcomeClient, tls: TlsServer) {
    this.#client = client;
    this.#tls = tls;
  }

  begin(): void {
    const { handshakeFirst = false } = this.#tls.options;
    if (handshakeFirst === true) this.#secure();
    else if (handshakeFirst === false) this.#greet();
    else this.#timer = setTimeout(greetAfterAll, handshakeFirst, this);
  }

  /** INFO in the clear, and then what the rules say. */
  #greet(): void {
    this.#greeted = true;
    this.#client.greet();
    if (this.#client.host.options.allowNonTls) {
      this.#timer = setTimeout(goOnPlain, this.#tls.timeout, this);
    } else this.#secure();
  }

  /** Bytes in the clear. They come only while the client may choose what to begin with. */
  onData(chunk: Buffer): void {
    // Who speaks before INFO means to encrypt, whatever the byte: who does not waits for INFO.
    if (!this.#greeted || chunk[0] === TLS_HANDSHAKE) this.#secure(chunk);
    else this.#finish(chunk);
  }

  #secure(firstBytes?: Buffer): void {
    this.stop();
    const client = this.#client;
    if (!this.#tls.limit.admits()) return client.refuse(ProtocolErrors.throttled);
    client.debug("Starting TLS client connection handshake");
    this.#timer = setTimeout(timedOut, this.#tls.timeout, this);
    client.connection.encrypt(this.#tls, firstBytes);
  }

  onSecured({ version, cipher }: TlsFacts): void {
    this.#client.debug("TLS handshake complete");
    this.#client.debug(`TLS version ${version}, cipher suite ${cipher}`);
    if (!this.#greeted) this.#client.greet();
    this.#finish();
  }

  onInsecure(reason: string): void {
    const text = `TLS handshake error: ${reason}`;
    // Strangers knock at every port: that is no error of anybody's.
    if (reason === NOT_TLS) this.#client.debug(text);
    else this.#client.error(text);
    this.#client.close(CloseReason.tlsHandshakeError);
  }

  /** Lets go: nothing more happens here. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #finish(rest?: Buffer): void {
    this.stop();
    this.#client.welcomed(rest);
  }

  // ---- for the timers only

  /** No handshake came first: the client may be one that waits for INFO. */
  greetAfterAll(): void {
    this.#timer = null;
    this.#greet();
  }

  /** The client is silent: it does not want to encrypt, or it would have begun. */
  goOnPlain(): void {
    this.#finish();
  }

  timedOut(): void {
    this.#timer = null;
    this.#client.debug("TLS handshake timeout");
    this.#client.close(CloseReason.tlsHandshakeError);
  }
}

// Plain functions with an argument: a timer then costs no closure.
const greetAfterAll = (welcome: Welcome) => welcome.greetAfterAll();
const goOnPlain = (welcome: Welcome) => welcome.goOnPlain();
const timedOut = (welcome: Welcome) => welcome.timedOut();
