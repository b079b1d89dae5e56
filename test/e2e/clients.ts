// The two official clients of today behind one shape, so that one suite runs with both. The
// interfaces name only what both offer in the same form; what differs (errors, statuses) goes
// through the flavour.
import * as transportNode from "@nats-io/transport-node";
import * as nats from "nats";
import { within } from "./support.ts";

export interface Headers {
  readonly code: number;
  get(key: string): string;
  set(key: string, value: string): void;
  append(key: string, value: string): void;
  values(key: string): string[];
  keys(): string[];
}

export interface Message {
  subject: string;
  reply?: string;
  data: Uint8Array;
  headers?: Headers;
  respond(payload?: string | Uint8Array, options?: PublishOptions): boolean;
  string(): string;
}

export interface PublishOptions {
  reply?: string;
  headers?: Headers;
}

export interface SubscriptionOptions {
  queue?: string;
  max?: number;
  callback?(error: Error | null, message: Message): void;
}

export interface Subscription extends AsyncIterable<Message> {
  closed: Promise<void | Error>;
  unsubscribe(max?: number): void;
  drain(): Promise<void>;
  isClosed(): boolean;
}

export interface RequestOptions {
  timeout: number;
  headers?: Headers;
  noMux?: boolean;
  reply?: string;
}

export interface RequestManyOptions {
  strategy?: string;
  maxWait?: number;
  maxMessages?: number;
  /** The length of silence that ends it, under the name that either client gave it. */
  jitter?: number;
  stall?: number;
}

export interface Connection {
  info?: { version: string; headers?: boolean; max_payload: number; client_id: number };
  publish(subject: string, payload?: string | Uint8Array, options?: PublishOptions): void;
  subscribe(subject: string, options?: SubscriptionOptions): Subscription;
  request(
    subject: string,
    payload?: string | Uint8Array,
    options?: RequestOptions,
  ): Promise<Message>;
  requestMany(
    subject: string,
    payload?: string | Uint8Array,
    options?: RequestManyOptions,
  ): Promise<AsyncIterable<Message>>;
  flush(): Promise<void>;
  rtt(): Promise<number>;
  drain(): Promise<void>;
  close(): Promise<void>;
  closed(): Promise<void | Error>;
  isClosed(): boolean;
  reconnect(): Promise<void>;
  status(): AsyncIterable<{ type: string }>;
}

export interface ConnectOptions {
  servers: string;
  name?: string;
  noEcho?: boolean;
  verbose?: boolean;
  pedantic?: boolean;
  reconnect?: boolean;
  reconnectTimeWait?: number;
  reconnectJitter?: number;
  maxReconnectAttempts?: number;
}

export interface Flavour {
  name: string;
  connect(options: ConnectOptions): Promise<Connection>;
  headers(): Headers;
  createInbox(): string;
  /** What this client calls the ways to end a request for many answers. */
  strategies: { silence: string; sentinel: string };
  isNoResponders(error: unknown): boolean;
  isTimeout(error: unknown): boolean;
  /** The text of a status of type "error", or the only thing that nats 2 tells: its code. */
  statusText(status: object): string;
}

export const flavours: Flavour[] = [
  {
    name: "nats 2",
    connect: nats.connect,
    headers: nats.headers,
    createInbox: nats.createInbox,
    strategies: { silence: "jitterTimer", sentinel: "sentinelMsg" },
    isNoResponders: (error) =>
      error instanceof nats.NatsError && error.code === nats.ErrorCode.NoResponders,
    isTimeout: (error) => error instanceof nats.NatsError && error.code === nats.ErrorCode.Timeout,
    statusText: (status) => ("data" in status ? String(status.data) : ""),
  },
  {
    name: "transport-node 3",
    connect: transportNode.connect,
    headers: transportNode.headers,
    createInbox: transportNode.createInbox,
    strategies: { silence: "stall", sentinel: "sentinel" },
    isNoResponders: (error) =>
      error instanceof transportNode.RequestError && error.isNoResponders(),
    isTimeout: (error) =>
      error instanceof transportNode.TimeoutError ||
      (error instanceof Error && error.cause instanceof transportNode.TimeoutError),
    statusText: (status) => ("error" in status ? String(status.error) : ""),
  },
];

/** A subscription that keeps what it receives. */
export class Mailbox {
  readonly messages: Message[] = [];
  readonly subscription: Subscription;
  /** Why the subscription was refused, if it was. */
  error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(connection: Connection, subject: string, options: SubscriptionOptions = {}) {
    this.subscription = connection.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        if (error === null) this.messages.push(message);
        else this.error = error;
        this.#wake?.();
      },
    });
  }

  /** All messages so far, as soon as there are this many. */
  async receives(count: number): Promise<Message[]> {
    while (this.messages.length < count) {
      const more = new Promise<void>((wake) => (this.#wake = wake));
      await within(more, () => `message ${this.messages.length + 1} of ${count}`);
    }
    return this.messages;
  }

  get texts(): string[] {
    return this.messages.map((message) => message.string());
  }
}

/** Resolves with the first status of this type from now on. */
export async function statusOf(connection: Connection, type: string): Promise<object> {
  const wait = async (): Promise<object> => {
    for await (const status of connection.status()) if (status.type === type) return status;
    throw new Error(`The connection closed before a status "${type}"`);
  };
  return within(wait(), () => `a status "${type}"`);
}

/** Two clients that mind their own business: one asks, the other answers, whatever others do. */
export class Neighbours {
  /** The longest that an answer has taken. */
  slowestMs = 0;
  readonly #asker: Connection;
  readonly #responder: Connection;

  static async moveIn(url: string): Promise<Neighbours> {
    const [asker, responder] = [
      await transportNode.connect({ servers: url }),
      await nats.connect({ servers: url }),
    ];
    responder.subscribe("neighbour", { callback: (_, message) => message.respond(message.data) });
    await responder.flush();
    return new Neighbours(asker, responder);
  }

  private constructor(asker: Connection, responder: Connection) {
    this.#asker = asker;
    this.#responder = responder;
  }

  /** So many requests one after the other; each must have its answer. */
  async talk(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      const begin = performance.now();
      const answer = await this.#asker.request("neighbour", String(round), { timeout: 4000 });
      if (answer.string() !== String(round)) throw new Error(`${round}: ${answer.string()}`);
      this.slowestMs = Math.max(this.slowestMs, performance.now() - begin);
    }
  }

  /** Talks as long as the trouble lasts, at least one round, and gives the trouble's result. */
  async talkDuring<T>(trouble: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    trouble.then(over, over);
    do await this.talk(1);
    while (!isOver);
    return trouble;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#asker.close(), this.#responder.close()]);
  }
}
