// A listener that encrypts, for tests of the sockets alone: no protocol, only who was told what. And peers
// to call it with, over real sockets.
import type { Socket } from "bun";
import type { TlsOptions } from "../../src/config/tls.ts";
import type { Connection, ConnectionLimits, ConnectionOwner } from "../../src/net/connection.ts";
import { listen, type Listener } from "../../src/net/listener.ts";
import { Outbox } from "../../src/net/outbox.ts";
import { type TlsFacts, TlsServer } from "../../src/net/tls-server.ts";

/** How long a test waits for what does not come. */
const PATIENCE_MS = 2_000;

/** Wakes whoever waits for something to change. */
export class Changes {
  #changed = Promise.withResolvers<void>();

  tell(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  /** Resolves when the look gives something; fails when it does not in time. */
  async until<T>(look: () => T | undefined | false, wish: () => string): Promise<T> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const value = look();
      if (value !== undefined && value !== false) return value;
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited ${PATIENCE_MS} ms ${wish()}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, left);
      await Promise.race([this.#changed.promise, promise]);
      clearTimeout(timer);
    }
  }
}

/** Keeps what its connection tells it; closes where an owner must. */
export class Owner implements ConnectionOwner {
  readonly connection: Connection;
  readonly events: string[] = [];
  readonly #changes = new Changes();
  #received: Buffer[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    connection.owner = this;
  }

  get received(): string {
    return Buffer.concat(this.#received).toString("latin1");
  }

  /** Resolves when this was told, or with what was told instead of it at the end. */
  async told(event: string): Promise<void> {
    await this.#changes.until(
      () => this.events.includes(event),
      () => `for "${event}", told: ${JSON.stringify(this.events)}`,
    );
  }

  async receives(text: string): Promise<void> {
    await this.#changes.until(
      () => this.received === text,
      () => `to receive ${text.length} bytes, got ${this.received.length}`,
    );
  }

  onData(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#changes.tell();
  }

  onEnd(): void {
    this.#tell("end");
    this.connection.close(true);
  }

  onGone(error: Error | null): void {
    this.#tell(error === null ? "gone" : "gone by error");
  }

  onPendingExceeded(): void {
    this.#tell("pending exceeded");
    this.connection.close(false);
  }

  onDeadlineExceeded(): void {
    this.#tell("deadline");
    this.connection.close(false);
  }

  onRelieved(): void {
    this.#tell("relieved");
  }

  onSecured({ version }: TlsFacts): void {
    this.#tell(`secured ${version}`);
  }

  onInsecure(reason: string): void {
    this.#tell(`insecure: ${reason}`);
    this.connection.close(false);
  }

  #tell(event: string): void {
    this.events.push(event);
    this.#changes.tell();
  }
}

export class Scene implements Disposable {
  readonly server: TlsServer;
  readonly listener: Listener;
  readonly outbox: Outbox;
  readonly bugs: Error[] = [];
  readonly owners: Owner[] = [];
  readonly #changes = new Changes();
  limits: ConnectionLimits = { maxPending: 64 << 20, writeDeadline: 10_000 };

  static async open(options: TlsOptions): Promise<Scene> {
    return new Scene(await TlsServer.load(options));
  }

  /** Every connection is encrypted at once, unless `welcome` does something else. */
  constructor(
    server: TlsServer,
    welcome: (owner: Owner) => void = ({ connection }) => connection.encrypt(server),
  ) {
    this.server = server;
    this.outbox = new Outbox((error) => this.bugs.push(error));
    this.listener = listen({
      host: "127.0.0.1",
      port: 0,
      outbox: this.outbox,
      limits: () => this.limits,
      onBug: (error) => this.bugs.push(error),
      expects: server.expects(false),
      onConnection: (connection) => {
        const owner = new Owner(connection);
        this.owners.push(owner);
        welcome(owner);
        this.#changes.tell();
      },
    });
  }

  get port(): number {
    return this.listener.port;
  }

  /** The owner of the connection that came as this one, from 0. */
  owner(index: number): Promise<Owner> {
    return this.#changes.until(
      () => this.owners[index],
      () => `for connection ${index}`,
    );
  }

  /** A call, and the owner of the connection that it made. */
  async call(options?: PeerOptions): Promise<{ peer: Peer; owner: Owner }> {
    const index = this.owners.length;
    const peer = await Peer.call(this.port, options);
    return { peer, owner: await this.owner(index) };
  }

  [Symbol.dispose](): void {
    this.listener.stop();
    for (const { connection } of this.owners) connection.destroy();
  }
}

export interface PeerOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  /** As 0x0303 for TLS 1.2. */
  readonly maxVersion?: number;
  /** Say nothing by itself: no handshake. */
  readonly plain?: boolean;
}

/** A peer over TCP, which may go on over TLS. */
export class Peer implements Disposable {
  readonly #changes = new Changes();
  #socket!: Socket;
  /** What lies below the encrypted socket. */
  #raw: Socket | null = null;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  /** How the handshake ended: null when well, undefined before. */
  failure: string | null | undefined;
  ended = false;
  closed = false;

  static async call(port: number, options: PeerOptions = { plain: true }): Promise<Peer> {
    const peer = new Peer();
    await Bun.connect({
      hostname: "127.0.0.1",
      port,
      allowHalfOpen: true,
      socket: peer.#handlers((socket) => {
        peer.#socket = socket;
      }),
    });
    if (!options.plain) peer.encrypt(options);
    return peer;
  }

  #handlers(open: (socket: Socket) => void) {
    return {
      open,
      data: (socket: Socket, chunk: Buffer) => {
        // Encrypted bytes come up at the socket below, too.
        if (socket !== this.#socket) return;
        this.#received.push(chunk);
        this.#receivedBytes += chunk.length;
        this.#changes.tell();
      },
      drain: () => this.#changes.tell(),
      end: (socket: Socket) => {
        if (socket !== this.#socket) return;
        this.ended = true;
        this.#changes.tell();
      },
      close: () => {
        this.closed = true;
        this.#changes.tell();
      },
      error: () => {},
    };
  }

  /** Begins a handshake on what is a plain connection so far. */
  encrypt({ ca, cert, key, serverName = "localhost", maxVersion }: PeerOptions): void {
    const tls = {
      serverName,
      ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
    };
    [this.#raw, this.#socket] = this.#socket.upgradeTLS<undefined>({
      tls,
      socket: {
        ...this.#handlers(() => {}),
        handshake: (_, ok, error) => {
          this.failure = ok ? null : (error?.message ?? "no reason");
          this.#changes.tell();
        },
      },
    });
  }

  get received(): string {
    return Buffer.concat(this.#received).toString("latin1");
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Resolves when the handshake is over, as far as this side can tell. */
  async shakesHands(): Promise<this> {
    await this.#changes.until(
      () => this.failure !== undefined || this.closed,
      () => "for the handshake",
    );
    return this;
  }

  async receives(text: string): Promise<void> {
    await this.#changes.until(
      () => this.#receivedBytes >= text.length && this.received === text,
      () => `to receive ${text.length} bytes, got ${this.#receivedBytes}`,
    );
  }

  /** Resolves when so many whole lines came that begin like this. */
  async receivesLine(begin = "", count = 1): Promise<void> {
    await this.#changes.until(
      () => {
        const lines = this.received.split("\r\n").slice(0, -1);
        return lines.filter((line) => line.startsWith(begin)).length >= count;
      },
      () => `for "${begin}", got ${JSON.stringify(this.received)}`,
    );
  }

  /** Resolves with all that came once nothing more can. */
  async receivesEnd(): Promise<string> {
    await this.#changes.until(
      () => this.ended || this.closed,
      () => `for the end, after ${this.#receivedBytes} bytes`,
    );
    return this.received;
  }

  /** Writes bytes as they are, encrypted from the handshake on; what the kernel does not take waits. */
  async says(bytes: string | Buffer): Promise<void> {
    let rest = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    await this.#changes.until(
      () => {
        const taken = this.#socket.write(rest);
        if (taken > 0) rest = rest.subarray(taken);
        return rest.length === 0 || this.closed || taken < 0;
      },
      () => `to write ${rest.length} bytes`,
    );
  }

  /** Writes bytes below the encryption. */
  saysRaw(bytes: string): void {
    this.#raw!.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends this side only. */
  shutdown(): void {
    this.#socket.shutdown();
  }

  reset(): void {
    this.#socket.terminate();
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
