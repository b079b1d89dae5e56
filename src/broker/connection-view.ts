// What the monitor sees of a client, alike for those who are here and those who left: the shape that
// http/source.ts calls ConnectionView.

import { TOKEN_LABEL } from "../auth/directory.ts";
import type { TlsFacts } from "../net/tls-server.ts";
import type { Client } from "./client.ts";
import type { Subscription } from "./subscription.ts";

/** What the monitor sees of a subscription. */
export class SubscriptionView {
  readonly subject: string;
  readonly queue: string | null;
  readonly sid: string;
  readonly delivered: number;
  readonly max: number;
  readonly cid: number;
  readonly account: string;

  constructor({ subject, queue, sid, delivered, max, client }: Subscription) {
    this.subject = subject;
    this.queue = queue;
    this.sid = sid;
    this.delivered = delivered;
    this.max = max;
    this.cid = client.cid;
    this.account = client.account.name;
  }
}

/** Reads a client that is connected; to be used at once and let go. */
export class ConnectionView {
  readonly #client: Client;
  readonly stoppedAt: number | null = null;
  readonly reason: string | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  get cid(): number {
    return this.#client.cid;
  }

  get ip(): string {
    return this.#client.connection.remoteAddress;
  }

  get port(): number {
    return this.#client.connection.remotePort;
  }

  get startedAt(): number {
    return this.#client.startedAt;
  }

  get lastActivity(): number {
    return this.#client.lastActivity;
  }

  get rttMs(): number {
    return this.#client.keepalive.rttMs;
  }

  get pendingBytes(): number {
    return this.#client.connection.pendingBytes;
  }

  get inMsgs(): number {
    return this.#client.inMsgs;
  }

  get inBytes(): number {
    return this.#client.inBytes;
  }

  get outMsgs(): number {
    return this.#client.outMsgs;
  }

  get outBytes(): number {
    return this.#client.outBytes;
  }

  get stalls(): number {
    return this.#client.stalls;
  }

  get subscriptionCount(): number {
    return this.#client.subscriptions.size;
  }

  *subscriptionViews(): Iterable<SubscriptionView> {
    for (const each of this.#client.subscriptions.values()) yield new SubscriptionView(each);
  }

  get name(): string {
    return this.#client.connect.name;
  }

  get lang(): string {
    return this.#client.connect.lang;
  }

  get version(): string {
    return this.#client.connect.version;
  }

  get user(): string {
    return this.#client.login.user;
  }

  get accountName(): string {
    return this.#client.account.name;
  }

  get tls(): TlsView | null {
    return tlsView(this.#client);
  }

  ping(): void {
    this.#client.keepalive.askRoundTrip();
  }
}

export interface TlsView {
  readonly version: string;
  readonly cipher: string;
  /** The handshake came before INFO. */
  readonly first: boolean;
  /** The peer's, DER. */
  readonly certificate: Uint8Array | null;
}

function tlsView({ connection }: Client): TlsView | null {
  const facts: TlsFacts | null = connection.tls;
  if (facts === null) return null;
  const { version, cipher, certificate } = facts;
  return { version, cipher, first: connection.handshakeFirst, certificate };
}

/** What is remembered of a client that left. */
export class ClosedConnection {
  readonly cid: number;
  readonly ip: string;
  readonly port: number;
  readonly startedAt: number;
  readonly lastActivity: number;
  readonly stoppedAt = Date.now();
  readonly reason: string | null;
  readonly rttMs: number;
  readonly pendingBytes: number;
  readonly inMsgs: number;
  readonly inBytes: number;
  readonly outMsgs: number;
  readonly outBytes: number;
  readonly stalls: number;
  readonly subscriptionCount: number;
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  readonly user: string;
  readonly accountName: string;
  readonly tls: TlsView | null;
  readonly subscriptions: readonly SubscriptionView[];

  /** `subscriptions` are those it had, as many of them as are worth remembering. */
  constructor(client: Client, subscriptions: readonly SubscriptionView[], count: number) {
    const view = new ConnectionView(client);
    this.cid = view.cid;
    this.ip = view.ip;
    this.port = view.port;
    this.startedAt = view.startedAt;
    this.lastActivity = view.lastActivity;
    this.reason = client.closeReason;
    this.rttMs = view.rttMs;
    this.pendingBytes = view.pendingBytes;
    this.inMsgs = view.inMsgs;
    this.inBytes = view.inBytes;
    this.outMsgs = view.outMsgs;
    this.outBytes = view.outBytes;
    this.stalls = view.stalls;
    this.subscriptionCount = count;
    this.name = view.name;
    this.lang = view.lang;
    this.version = view.version;
    // Who failed to log in is remembered by the name it tried.
    const { nkey, user, authToken } = client.connect;
    this.user = view.user || nkey || user || (authToken === "" ? "" : TOKEN_LABEL);
    // Nobody in particular belongs to no account.
    this.accountName = client.login.grant === null ? "" : view.accountName;
    this.tls = view.tls === null ? null : { ...view.tls, certificate: null };
    this.subscriptions = subscriptions;
  }

  subscriptionViews(): Iterable<SubscriptionView> {
    return this.subscriptions;
  }

  /** Nobody is there to answer. */
  ping(): void {}
}
