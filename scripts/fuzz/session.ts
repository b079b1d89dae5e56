// One fuzzed client: the real client, connection and out-buffer of the broker on a socket that is none.
// The socket takes what it is given, or less where it is told to be slow, and keeps it for the checks.
import type { Socket } from "bun";
import { Account, GLOBAL_ACCOUNT } from "../../src/broker/account.ts";
import { Client } from "../../src/broker/client.ts";
import type { MidgeOptions } from "../../src/config/options.ts";
import { Connection } from "../../src/net/connection.ts";
import { Outbox } from "../../src/net/outbox.ts";
import { Midge } from "../../src/server.ts";
import type { Dice } from "../../test/support/dice.ts";

/** What a session ended with. */
export interface Outcome {
  /** Everything the client heard, the greeting included. */
  readonly heard: Buffer;
  /** What another client heard of it, in worlds that have one. */
  readonly overheard: Buffer;
  /** Why it was closed; the session itself closes nobody before it has looked. */
  readonly closeReason: string;
}

/** The part of a socket that a connection uses. */
class FakeSocket {
  readonly remoteAddress = "127.0.0.1";
  readonly remotePort = 1;
  readonly #heard: Buffer[] = [];
  /** Decides how much of each write is taken; without it, all. */
  readonly #dice: Dice | null;
  connection: Connection | null = null;

  constructor(dice: Dice | null) {
    this.#dice = dice;
  }

  /** What was taken since the last call. */
  take(): Buffer {
    return Buffer.concat(this.#heard.splice(0));
  }

  write(bytes: Buffer, from: number, size: number): number {
    const taken = this.#dice?.once(3) ? this.#dice.below(size + 1) : size;
    // The out-buffer is used again: keep a copy.
    if (taken > 0) this.#heard.push(Buffer.from(bytes.subarray(from, from + taken)));
    return taken;
  }

  /** The peer answers our end with its own. */
  shutdown(): void {
    this.connection!.ended = true;
    this.connection!.destroy();
  }

  end(): void {}
  pause(): void {}
  resume(): void {}
}

interface Session {
  readonly socket: FakeSocket;
  readonly connection: Connection;
  readonly client: Client;
}

const NOTHING = Buffer.alloc(0);
const DAY_MS = 24 * 60 * 60 * 1000;

/** A server around fuzzed clients, with one account and perhaps somebody who listens to all. */
export class World {
  readonly account = new Account(GLOBAL_ACCOUNT);
  readonly #outbox = new Outbox(reportError);
  readonly #server: Midge;
  readonly #bystander: Session | null;

  /** A world with these options; `listenTo` is what the bystander says, if there is to be one. */
  static async open(options: MidgeOptions, listenTo?: string): Promise<World> {
    // Nobody answers pings here.
    const server = await Midge.start({ port: -1, pingInterval: DAY_MS, ...options });
    return new World(server, listenTo);
  }

  private constructor(server: Midge, listenTo?: string) {
    this.#server = server;
    this.#bystander = listenTo === undefined ? null : this.#join(null);
    this.#bystander?.client.onData(Buffer.from(listenTo ?? "", "latin1"));
    this.#listen();
  }

  close(): Promise<void> {
    this.#bystander?.connection.destroy();
    return this.#server.stop();
  }

  /** What the bystander heard since the last call. */
  #listen(): Buffer {
    if (this.#bystander === null) return NOTHING;
    this.#bystander.connection.flush();
    if (this.#bystander.client.closeReason !== null)
      throw new Error(`the bystander was closed: ${this.#bystander.client.closeReason}`);
    return this.#bystander.socket.take();
  }

  #join(slowness: Dice | null): Session {
    const socket = new FakeSocket(slowness);
    const connection = new Connection(
      socket as unknown as Socket<Connection>,
      this.#outbox,
      () => this.#server.options,
    );
    socket.connection = connection;
    const client = new Client(1, this.#server, this.account, connection);
    client.start();
    return { socket, connection, client };
  }

  /** Feeds the input in these pieces to a client of its own. */
  async run(input: Buffer, cuts: readonly number[], slowness: Dice | null): Promise<Outcome> {
    const { socket, connection, client } = this.#join(slowness);
    let at = 0;
    for (const cut of [...cuts, input.length]) {
      if (connection.closing) break;
      client.onData(Buffer.from(input.subarray(at, cut)));
      at = cut;
      while (client.throttle.waits) await new Promise(setImmediate);
    }
    drain(connection);
    const closeReason = client.closeReason ?? "";
    if (!connection.isGone) connection.destroy();
    return { heard: socket.take(), overheard: this.#listen(), closeReason };
  }
}

/** Lets the socket take what waits, however slow it is. */
function drain(connection: Connection): void {
  while (!connection.isGone && connection.pendingBytes > 0) {
    if (connection.blocked) connection.drained();
    else connection.flush();
  }
}
