// A NATS client over TLS for the load generator: INFO in clear, then the upgrade, as servers want it
// by default. Every connection is a full handshake with the same version, cipher and group, whatever
// else the server prefers, so that all servers do the same arithmetic.
import type { Socket, SocketHandler } from "bun";
import { connectFrame, Lines, pingFrame, pongFrame } from "./protocol.ts";

const VERSION = "TLSv1.3";
const CIPHER = "TLS_AES_128_GCM_SHA256";
/** Newer servers would take a hybrid with ML-KEM, older ones know only this. */
const GROUP = "X25519";
/** A server that answers nothing for this long is broken. */
const SILENCE_MILLISECONDS = 10_000;

export class SecureClient {
  /** Takes what the server sends once the quiet time before the load is over. */
  onData: ((chunk: Buffer) => void) | undefined;
  /** The kernel has room again after `write` took less than it was given. */
  onDrain: (() => void) | undefined;
  /** Rejects when the connection is no longer one. */
  readonly broken: Promise<never>;
  readonly #tls: { ca: string; serverName: string; ecdhCurve: string };
  readonly #breaks: (error: Error) => void;
  readonly #lines = new Lines();
  #socket: Socket<SecureClient> | undefined;
  #onPong: () => void = () => {};
  #closed = false;

  /** Resolves once the server has answered CONNECT and a first PING. */
  static async open(port: number, ca: string): Promise<SecureClient> {
    const client = new SecureClient(ca);
    const ponged = client.#nextPong();
    await Bun.connect({ hostname: "127.0.0.1", port, data: client, socket: CLEAR });
    await ponged;
    return client;
  }

  private constructor(ca: string) {
    this.#tls = { ca, serverName: "localhost", ecdhCurve: GROUP };
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {}); // whoever waits for something else hears of it there
    this.broken = promise;
    this.#breaks = reject;
  }

  /** Waits until the server has handled everything sent so far. */
  roundTrip(): Promise<void> {
    const ponged = this.#nextPong();
    this.send(pingFrame);
    return ponged;
  }

  /** For the short texts before a load, which the kernel takes as a whole. */
  send(text: string): void {
    const bytes = Buffer.from(text);
    if (this.write(bytes, 0, bytes.length) < bytes.length) {
      throw new Error("the server does not read");
    }
  }

  /** Encrypts and sends what the kernel takes at once and returns how much that was. */
  write(bytes: Buffer, at: number, length: number): number {
    const n = this.#socket?.write(bytes, at, length) ?? -1;
    if (n < 0) throw new Error("the server closed a connection while it was written to");
    return n;
  }

  close(): void {
    this.#closed = true;
    this.#socket?.end();
  }

  // What the two handlers below tell; nobody else calls these.

  upgrade(socket: Socket<SecureClient>, chunk: Buffer): void {
    if (!this.#lines.add(chunk.latin1Slice()).some((line) => line.startsWith("INFO "))) return;
    const [raw, secure] = socket.upgradeTLS({ data: this, tls: this.#tls, socket: SECURE });
    // Without a data handler the runtime keeps the encrypted bytes to itself instead of copying them.
    raw.reload({ socket: { drain() {} } });
    this.#socket = secure;
  }

  secured(socket: Socket<SecureClient>): void {
    const [version, cipher] = [socket.getTLSVersion(), socket.getCipher().name];
    if (version !== VERSION || cipher !== CIPHER || socket.isSessionReused()) {
      const resumed = socket.isSessionReused() ? "resumed " : "";
      throw new Error(`the server chose ${resumed}${String(version)} with ${cipher}`);
    }
    this.send(connectFrame() + pingFrame);
  }

  heard(chunk: Buffer): void {
    if (this.onData) return this.onData(chunk);
    for (const line of this.#lines.add(chunk.latin1Slice())) {
      if (line === "PING") this.send(pongFrame);
      if (line === "PONG") this.#onPong();
    }
  }

  fail(error: Error): void {
    if (!this.#closed) this.#breaks(error);
  }

  #nextPong(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const silence = new Error("the server is silent");
    const deadline = setTimeout(() => this.fail(silence), SILENCE_MILLISECONDS);
    this.#onPong = () => {
      clearTimeout(deadline);
      resolve();
    };
    return Promise.race([promise, this.broken]);
  }
}

const CLEAR: SocketHandler<SecureClient> = {
  data: (socket, chunk) => socket.data.upgrade(socket, chunk),
  close: (socket) => socket.data.fail(new Error("the server closed a connection before TLS")),
  error: (socket, error) => socket.data.fail(error),
};

const SECURE: SocketHandler<SecureClient> = {
  handshake(socket, success, error) {
    if (success && !error) socket.data.secured(socket);
    else socket.data.fail(error ?? new Error("the TLS handshake failed"));
  },
  data: (socket, chunk) => socket.data.heard(chunk),
  drain: (socket) => socket.data.onDrain?.(),
  close: (socket) => socket.data.fail(new Error("the server closed a connection")),
  error: (socket, error) => socket.data.fail(error),
};
