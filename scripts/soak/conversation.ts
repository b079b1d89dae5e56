// Official clients, each at home at one server, that talk to each other as fast as they are served: all hear all
// that anybody says, and one of a queue group hears it once more. A ledger keeps what arrived.
import { Book, type Figures, type Party, sumOf } from "./ledger.ts";

/** What both official clients of today have in common. */
export interface TalkerClient {
  publish(subject: string, payload: Uint8Array): void;
  subscribe(
    subject: string,
    options: { queue?: string; callback(error: Error | null, message: Heard): void },
  ): unknown;
  flush(): Promise<void>;
  status(): AsyncIterable<{ type: string }>;
  close(): Promise<void>;
}

interface Heard {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** Epoch and number, 4 bytes each; the rest is filling. */
const HEAD_BYTES = 8;
const BATCH = 50;
const NOTHING = new Uint8Array();
const POLL_MS = 5;

/** Options for a client that goes back to its own server and to no other one. */
export const AT_HOME = {
  reconnectTimeWait: 50,
  reconnectJitter: 20,
  maxReconnectAttempts: -1,
  ignoreClusterUpdates: true,
  /** For one attempt; a server that comes back on a busy machine may take its time. */
  timeout: 5_000,
} as const;

/** One client. It says nothing while it is disconnected, so that each number belongs to one connection. */
export class Talker implements Party {
  readonly name: string;
  readonly client: TalkerClient;
  epoch = 0;
  readonly sent: number[] = [0];
  isUp = true;
  #back = Promise.withResolvers<void>();

  constructor(name: string, client: TalkerClient) {
    this.name = name;
    this.client = client;
    this.#back.resolve();
    void this.#follow();
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.client.status()) {
      if (type === "disconnect" && this.isUp) {
        this.isUp = false;
        this.#back = Promise.withResolvers();
        this.parted();
      } else if (type === "reconnect") {
        this.isUp = true;
        this.#back.resolve();
      }
    }
    this.#back.resolve();
  }

  /** The way to others was interrupted: a new epoch begins. */
  parted(): void {
    this.epoch++;
    this.sent.push(0);
  }

  /** Resolves when it is connected. */
  get back(): Promise<void> {
    return this.#back.promise;
  }

  /** Says some numbers on both subjects; resolves when its server has them, or is gone. */
  async say(subjects: readonly string[], payloadBytes: number): Promise<void> {
    const { epoch } = this;
    const payloads: Uint8Array[] = [];
    for (let i = 0; i < BATCH; i++) {
      const payload = new Uint8Array(payloadBytes);
      const view = new DataView(payload.buffer);
      view.setUint32(0, epoch);
      view.setUint32(4, this.sent[epoch]!++);
      payloads.push(payload);
    }
    // Not by turns: runs of one subject are quicker, and servers treat them in their own way.
    for (const subject of subjects) {
      for (const payload of payloads) this.client.publish(subject, payload);
    }
    await this.client.flush().catch(() => undefined);
  }
}

export class Conversation {
  readonly talkers: readonly Talker[];
  /** One for each pair; then those of the queue group, one for each publisher. */
  readonly #plain: Book[][];
  readonly #queue: Book[];
  readonly #payloadBytes: number;
  #isOver = false;
  readonly #over = Promise.withResolvers<void>();
  #talking: Promise<unknown> = Promise.resolve();

  /** All subscriptions are made, but other servers may not know of them yet. */
  static async of(talkers: readonly Talker[], payloadBytes = 64): Promise<Conversation> {
    const conversation = new Conversation(talkers, payloadBytes);
    await Promise.all(talkers.map(({ client }) => client.flush()));
    return conversation;
  }

  private constructor(talkers: readonly Talker[], payloadBytes: number) {
    this.talkers = talkers;
    this.#payloadBytes = Math.max(payloadBytes, HEAD_BYTES);
    this.#plain = talkers.map((from) => talkers.map((to) => new Book(from, [to])));
    this.#queue = talkers.map((from) => new Book(from, talkers));
    for (const [at, talker] of talkers.entries()) {
      const keep = (bookOf: (from: number) => Book) => (error: Error | null, message: Heard) => {
        if (error !== null) return;
        const { subject, data } = message;
        const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
        const from = Number(subject.slice(subject.indexOf(".") + 1));
        bookOf(from).heard(talker, view.getUint32(0), view.getUint32(4));
      };
      talker.client.subscribe("all.*", { callback: keep((from) => this.#plain[from]![at]!) });
      talker.client.subscribe("one.*", {
        queue: "workers",
        callback: keep((from) => this.#queue[from]!),
      });
    }
  }

  /** Resolves when all servers know of all subscriptions: everybody hears a first word of everybody. */
  async met(patienceMs: number): Promise<void> {
    const heard = new Map<string, Set<string>>();
    for (const { name, client } of this.talkers) {
      heard.set(name, new Set());
      client.subscribe("hello.*", {
        callback: (_, { subject }) => heard.get(name)!.add(subject),
      });
    }
    const greet = () => {
      for (const { name, client } of this.talkers) client.publish(`hello.${name}`, NOTHING);
      return [...heard.values()].every(({ size }) => size === this.talkers.length);
    };
    if (!(await polled(greet, patienceMs))) throw new Error("the servers do not find each other");
  }

  start(): void {
    this.#talking = Promise.all(this.talkers.map((each, i) => this.#talk(each, i)));
  }

  async #talk(talker: Talker, i: number): Promise<void> {
    const subjects = [`all.${i}`, `one.${i}`];
    while (!this.#isOver) {
      if (talker.isUp) await talker.say(subjects, this.#payloadBytes);
      else await Promise.race([talker.back, this.#over.promise]);
    }
  }

  get #books(): Book[] {
    return [...this.#plain.flat(), ...this.#queue];
  }

  /** Resolves when everybody hears everybody since the last reconnect; rejects when that takes too long. */
  async flowing(patienceMs: number): Promise<void> {
    const flows = () => this.talkers.every(({ isUp }) => isUp) && this.#books.every((b) => b.flows);
    if (await polled(flows, patienceMs)) return;
    const silent = this.#books.filter((book) => !book.flows);
    const pairs = silent.map(
      ({ publisher, listeners }) => `${publisher.name} to ${listeners.map((l) => l.name).join()}`,
    );
    throw new Error(`after ${patienceMs} ms nothing is heard: ${pairs.join("; ")}`);
  }

  /** Resolves when these have said at least so many numbers more, or are disconnected. */
  async goesOn(numbers: number, patienceMs: number, among = this.talkers): Promise<void> {
    const goals = among.map((talker) => ({ talker, count: total(talker) + numbers }));
    const done = () => goals.every(({ talker, count }) => !talker.isUp || total(talker) >= count);
    if (!(await polled(done, patienceMs))) throw new Error(`silence for ${patienceMs} ms`);
  }

  /** Ends it, waits for what is on its way, and gives the sum. */
  async end(patienceMs: number): Promise<Figures> {
    this.#isOver = true;
    this.#over.resolve();
    await this.#talking;
    await polled(() => this.#books.every((book) => book.isComplete), patienceMs);
    // Once more there and back, for what might come twice.
    await Promise.all(this.talkers.map(({ client }) => client.flush().catch(() => undefined)));
    return sumOf(this.#books);
  }

  /** What these said among themselves, without the queue group. */
  among(...some: readonly Party[]): Figures {
    const books = this.#plain.flat();
    return sumOf(
      books.filter(({ publisher, listeners }) =>
        [publisher, ...listeners].every((each) => some.includes(each)),
      ),
    );
  }
}

const total = ({ sent }: Party) => sent.reduce((sum, each) => sum + each, 0);

/** Facts that announce themselves by no event. */
async function polled(holds: () => boolean, patienceMs: number): Promise<boolean> {
  const end = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > end) return false;
    await Bun.sleep(POLL_MS);
  }
  return true;
}

/** What a run of it has to show: nothing lost, doubled or out of order where nobody was away. */
export const isFaultless = ({ lost, doubled, disordered, silent }: Figures): boolean =>
  lost + doubled + disordered + silent === 0;
