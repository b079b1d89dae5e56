// How a connection begins where TLS is configured: what is said first, by whom, and what ends it.

import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { Welcome, type WelcomeClient } from "../../src/broker/welcome.ts";
import type { TlsOptions } from "../../src/config/tls.ts";
import type { Connection, ConnectionOwner } from "../../src/net/connection.ts";
import { listen, type Listener } from "../../src/net/listener.ts";
import { Outbox } from "../../src/net/outbox.ts";
import { type TlsFacts, TlsServer } from "../../src/net/tls-server.ts";
import type { CloseReason, ProtocolError } from "../../src/proto/errors.ts";
import { Changes, Peer } from "../net/tls-scene.ts";
import { TestAuthority } from "../support/certificates.ts";

const authority = await TestAuthority.create();
afterAll(() => authority[Symbol.dispose]());
const { certFile, keyFile } = await authority.issue({ days: 365 });
const { ca } = authority;

/** The part of a client that is there before the protocol, with a list of what happened to it. */
class Guest implements WelcomeClient, ConnectionOwner {
  readonly connection: Connection;
  readonly host: { options: { allowNonTls: boolean } };
  readonly events: string[] = [];
  readonly #changes = new Changes();
  readonly #welcome: Welcome;
  #received = "";

  constructor(connection: Connection, server: TlsServer, allowNonTls: boolean) {
    this.connection = connection;
    this.host = { options: { allowNonTls } };
    connection.owner = this;
    this.#welcome = new Welcome(this, server);
    this.#welcome.begin();
  }

  /** Resolves when these are the events. */
  async lived(...events: string[]): Promise<void> {
    const wanted = JSON.stringify(events);
    await this.#changes.until(
      () => JSON.stringify(this.events) === wanted,
      () => `for ${wanted}, not ${JSON.stringify(this.events)}`,
    );
  }

  // ---- WelcomeClient
  greet(): void {
    this.connection.appendText("INFO {}\r\n");
    this.#note("greet");
  }
  welcomed(rest?: Buffer): void {
    this.#note("welcomed");
    if (rest !== undefined) this.onData(rest);
  }
  refuse({ text, closes }: ProtocolError): void {
    this.connection.appendText(`-ERR '${text}'\r\n`);
    this.#note(`refuse ${closes}`);
    this.connection.close(true);
  }
  close(reason: CloseReason): void {
    this.#note(`close ${reason}`);
    this.#welcome.stop();
    this.connection.close(false);
  }
  debug(text: string): void {
    this.#note(`[DBG] ${text}`);
  }
  error(text: string): void {
    this.#note(`[ERR] ${text}`);
  }

  // ---- ConnectionOwner
  onData(chunk: Buffer): void {
    if (this.events.includes("welcomed")) {
      this.#received += chunk.toString("latin1");
      this.#changes.tell();
    } else this.#welcome.onData(chunk);
  }
  onSecured(facts: TlsFacts): void {
    this.#welcome.onSecured(facts);
  }
  onInsecure(reason: string): void {
    this.#welcome.onInsecure(reason);
  }
  onEnd(): void {
    this.close("Client Closed");
  }
  onGone(): void {
    this.#welcome.stop();
  }
  onPendingExceeded(): void {}
  onDeadlineExceeded(): void {}
  onRelieved(): void {}

  async received(text: string): Promise<void> {
    await this.#changes.until(
      () => this.#received === text,
      () => `for ${JSON.stringify(text)}, not ${JSON.stringify(this.#received)}`,
    );
  }

  #note(event: string): void {
    this.events.push(event);
    this.#changes.tell();
  }
}

let listener: Listener | null = null;
const guests: Guest[] = [];
const arrivals = new Changes();
afterEach(() => {
  listener?.stop();
  for (const { connection } of guests.splice(0)) connection.destroy();
});

/** Opens the door by these rules; the call gives a caller and how it is received. */
async function open(options: TlsOptions, allowNonTls = false) {
  const server = await TlsServer.load({ certFile, keyFile, ...options });
  const onBug = (error: Error) => {
    throw error;
  };
  listener = listen({
    host: "127.0.0.1",
    port: 0,
    outbox: new Outbox(onBug),
    limits: () => ({ maxPending: 1 << 20, writeDeadline: 10_000 }),
    onBug,
    expects: server.expects(allowNonTls),
    onConnection(connection) {
      guests.push(new Guest(connection, server, allowNonTls));
      arrivals.tell();
    },
  });
  const { port } = listener;
  return async () => {
    const index = guests.length;
    const peer = await Peer.call(port);
    const guest = await arrivals.until(
      () => guests[index],
      () => "for a guest",
    );
    return { peer, guest };
  };
}

const BEGUN = "[DBG] Starting TLS client connection handshake";
const DONE = "[DBG] TLS handshake complete";
const FACTS = expect.stringMatching(/^\[DBG\] TLS version 1\.3, cipher suite TLS_\w+$/);
const NOT_TLS = "[DBG] TLS handshake error: tls: first record does not look like a TLS handshake";
const FAILED = "close TLS Handshake Failure";
const GREETING = "INFO {}\r\n";

describe("the classic way", () => {
  test("greets in the clear, then encrypts", async () => {
    const call = await open({});
    const { peer, guest } = await call();
    await peer.receives(GREETING);
    peer.encrypt({ ca });
    await peer.says("PING\r\n");
    await guest.received("PING\r\n");
    expect(guest.events).toEqual(["greet", BEGUN, DONE, FACTS, "welcomed"]);
    expect(guest.connection.handshakeFirst).toBe(false);
  });

  test("gives up on plain text at once, without a word", async () => {
    const call = await open({});
    const { peer, guest } = await call();
    await peer.says("CONNECT {}\r\nPING\r\n");
    expect(await peer.receivesEnd()).toBe(GREETING);
    expect(guest.events).toEqual(["greet", BEGUN, NOT_TLS, FAILED]);
  });

  test("gives up on silence when the time is over", async () => {
    const call = await open({ timeout: 20 });
    const { peer, guest } = await call();
    expect(await peer.receivesEnd()).toBe(GREETING);
    expect(guest.events).toEqual(["greet", BEGUN, "[DBG] TLS handshake timeout", FAILED]);
  });

  test("logs what went wrong with a handshake", async () => {
    const call = await open({ caFile: authority.caFile, verify: true });
    const { peer, guest } = await call();
    await peer.receives(GREETING);
    peer.encrypt({ ca });
    await guest.lived(
      "greet",
      BEGUN,
      "[ERR] TLS handshake error: tls: client didn't provide a certificate",
      FAILED,
    );
  });

  test("leaves no timer behind when the client goes away", async () => {
    const call = await open({ timeout: 20 });
    const { peer, guest } = await call();
    peer.shutdown();
    await guest.lived("greet", BEGUN, "[ERR] TLS handshake error: EOF", FAILED);
    // Another one's time-out comes after the first one's would have come.
    const { guest: other } = await call();
    await other.lived("greet", BEGUN, "[DBG] TLS handshake timeout", FAILED);
    expect(guest.events.length).toBe(4);
  });
});

describe("with the handshake first", () => {
  test("the greeting is a secret, too", async () => {
    const call = await open({ handshakeFirst: true });
    const { peer, guest } = await call();
    peer.encrypt({ ca });
    await peer.receives(GREETING);
    expect(guest.events).toEqual([BEGUN, DONE, FACTS, "greet", "welcomed"]);
    expect(guest.connection.handshakeFirst).toBe(true);
  });

  test("who waits for a greeting waits in vain", async () => {
    const call = await open({ handshakeFirst: true, timeout: 20 });
    const { peer } = await call();
    expect(await peer.receivesEnd()).toBe("");
  });

  test("plain text gets nothing, though plain text is allowed", async () => {
    const call = await open({ handshakeFirst: true }, true);
    const { peer, guest } = await call();
    await peer.says("PING\r\n");
    // At the most an alert, which is no text.
    expect(await peer.receivesEnd()).not.toContain("INFO");
    expect(guest.events).toEqual([BEGUN, NOT_TLS, FAILED]);
  });
});

describe("with the handshake first, or else the greeting", () => {
  test("who encrypts in time is greeted in secret", async () => {
    const call = await open({ handshakeFirst: 1000 });
    const { peer, guest } = await call();
    peer.encrypt({ ca });
    await peer.receives(GREETING);
    expect(guest.events).toEqual([BEGUN, DONE, FACTS, "greet", "welcomed"]);
    expect(guest.connection.handshakeFirst).toBe(true);
  });

  test("who waits is greeted in the clear, and encrypts then", async () => {
    const call = await open({ handshakeFirst: 10 });
    const { peer, guest } = await call();
    await peer.receives(GREETING);
    expect(guest.events).toEqual(["greet", BEGUN]);
    peer.encrypt({ ca });
    await peer.says("PING\r\n");
    await guest.received("PING\r\n");
    expect(guest.events).toEqual(["greet", BEGUN, DONE, FACTS, "welcomed"]);
    expect(guest.connection.handshakeFirst).toBe(false);
  });

  test("one byte in time is taken for the begin of a handshake", async () => {
    const call = await open({ handshakeFirst: 1000, timeout: 20 });
    const { peer, guest } = await call();
    await peer.says("P");
    expect(await peer.receivesEnd()).toBe("");
    expect(guest.events).toEqual([BEGUN, "[DBG] TLS handshake timeout", FAILED]);
  });

  test("where plain text is allowed, who waits for the greeting may choose it", async () => {
    const call = await open({ handshakeFirst: 10 }, true);
    const { peer, guest } = await call();
    await peer.receives(GREETING);
    await peer.says("PING\r\n");
    await guest.received("PING\r\n");
    expect(guest.events).toEqual(["greet", "welcomed"]);
  });
});

describe("where plain text is allowed", () => {
  test("the first byte tells a handshake", async () => {
    const call = await open({}, true);
    const { peer, guest } = await call();
    await peer.receives(GREETING);
    expect(guest.events).toEqual(["greet"]);
    peer.encrypt({ ca });
    await peer.says("PING\r\n");
    await guest.received("PING\r\n");
    expect(guest.events).toEqual(["greet", BEGUN, DONE, FACTS, "welcomed"]);
  });

  test("any other byte is the protocol's", async () => {
    const call = await open({}, true);
    const { peer, guest } = await call();
    await peer.says("P");
    await guest.received("P");
    await peer.says("ING\r\n");
    await guest.received("PING\r\n");
    expect(guest.events).toEqual(["greet", "welcomed"]);
  });

  test("silence is plain text, once the time for a handshake is over", async () => {
    const call = await open({ timeout: 20 }, true);
    const { peer, guest } = await call();
    await guest.lived("greet", "welcomed");
    await peer.says("\x16 is no handshake any more");
    await guest.received("\x16 is no handshake any more");
  });

  test("a handshake that begins and never ends is given up", async () => {
    const call = await open({ timeout: 20 }, true);
    const { peer, guest } = await call();
    await peer.says("\x16");
    expect(await peer.receivesEnd()).toBe(GREETING);
    await guest.lived("greet", BEGUN, "[DBG] TLS handshake timeout", FAILED);
  });

  test("a handshake whose first byte is its only right one is told from one", async () => {
    const call = await open({}, true);
    const { peer, guest } = await call();
    await peer.says("\x16ING\r\nPING\r\n");
    await peer.receivesEnd();
    expect(guest.events).toEqual(["greet", BEGUN, NOT_TLS, FAILED]);
  });
});

describe("with a limit for handshakes", () => {
  const THROTTLED = "-ERR 'Connection throttling is active. Please try again later.'\r\n";

  test("one too many is told so in the clear, and let go", async () => {
    const call = await open({ connectionRateLimit: 1 });
    const first = await call();
    const second = await call();
    expect(await second.peer.receivesEnd()).toBe(GREETING + THROTTLED);
    expect(second.guest.events).toEqual(["greet", "refuse Maximum Connections Exceeded"]);
    await first.peer.receives(GREETING);
    first.peer.encrypt({ ca });
    expect((await first.peer.shakesHands()).failure).toBeNull();
  });

  test("it is told so though it has begun its handshake", async () => {
    const call = await open({ connectionRateLimit: 1, handshakeFirst: 1000 });
    const first = await call();
    await first.peer.says("\x16");
    const second = await call();
    await second.peer.says("\x16\x03\x01");
    expect(await second.peer.receivesEnd()).toBe(THROTTLED);
  });

  test("plain text does not count", async () => {
    const call = await open({ connectionRateLimit: 1 }, true);
    for (let i = 0; i < 5; i++) {
      const { peer, guest } = await call();
      await peer.says("PING\r\n");
      await guest.received("PING\r\n");
    }
    const { peer } = await call();
    await peer.receives(GREETING);
    peer.encrypt({ ca });
    expect((await peer.shakesHands()).failure).toBeNull();
  });
});
