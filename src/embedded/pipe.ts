// A connection within the process: two ends that hand bytes to each other in memory. The broker's end is a
// socket to its Connection, with the kernel's manners: it takes a bounded number of bytes, says when there is
// room again, can be paused, and calls nobody from within a call.

import type { Connection } from "../net/connection.ts";
import type { OtherSocket } from "../net/other-socket.ts";

/** What an in-process client is called where others have an IP address. */
export const PIPE_ADDRESS = "pipe";
/** Bytes that wait for the application, beyond which the broker keeps its own. */
const ROOM_BYTES = 1 << 20;

/** Who reads at the application's end. Both calls come from the broker's work: they should only take note. */
export interface PipeReader {
  /** There are bytes to read, or the end. */
  onReadable(): void;
  /** The end was reached; nothing follows. */
  onClosed(): void;
}

/** The broker's end. */
export class PipeSocket implements OtherSocket {
  readonly remoteAddress = PIPE_ADDRESS;
  readonly remotePort = 0;
  /** The application's end. */
  readonly far: PipeEnd;
  #connection: Connection | null = null;
  #paused = false;
  #incoming: Buffer[] = [];
  /** The application will send nothing more: when the rest is read, and at once. */
  #ends = false;
  #breaks = false;
  #endTold = false;
  #drainWanted = false;
  #closed = false;
  #scheduled = false;
  /** Runs for a millisecond at a time. */
  #waker: Timer | null = null;
  /** Immediates that have to run before it may sleep. */
  #owed = 0;

  constructor(reader: PipeReader) {
    this.far = new PipeEnd(this, reader);
  }

  /** Begins: `connection` hears of what comes. */
  attach(connection: Connection): void {
    this.#connection = connection;
  }

  write(bytes: Buffer, at: number, size: number): number {
    if (this.#closed) return -1;
    const taken = Math.min(size, this.far.room);
    if (taken > 0) this.far.receive(bytes.subarray(at, at + taken));
    if (taken < size) this.#drainWanted = true;
    return taken;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#incoming.length > 0 || this.#ends) this.#schedule();
  }

  shutdown(): void {
    this.far.finish();
  }

  end(): void {
    this.#closed = true;
    this.#incoming = [];
    this.far.finish();
  }

  // ---- for the far end

  receive(chunk: Buffer): void {
    if (this.#closed || this.#ends) return;
    this.#incoming.push(chunk);
    if (!this.#paused) this.#schedule();
  }

  /** Nothing more will be sent; with `atOnce`, nothing will be read either. */
  finish(atOnce: boolean): void {
    this.#ends = true;
    this.#breaks ||= atOnce;
    this.#schedule();
  }

  /** There is room for more than before. */
  relieve(): void {
    if (this.#drainWanted) this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(run, this);
    this.#keepAwake();
  }

  /**
   * Immediates wait while the loop sleeps, which it may do with some of them left when it runs within
   * another one: `expect(…).rejects` of bun:test does that. A socket's news would wake it; here it is a timer,
   * again and again until the immediates of this moment have run: on a busy machine one timer may be too early.
   */
  #keepAwake(): void {
    this.#owed += 1;
    setImmediate(settle, this);
    this.#waker ??= setTimeout(awoken, 0, this);
  }

  /** For the timer only. */
  awoken(): void {
    this.#waker = this.#owed > 0 ? setTimeout(awoken, 0, this) : null;
  }

  /** For the immediate only: those that were asked for before it have run. */
  settle(): void {
    this.#owed -= 1;
  }

  /** For the immediate only: what happened since the last turn. */
  run(): void {
    this.#scheduled = false;
    const connection = this.#connection;
    if (connection === null || this.#closed) return;
    try {
      this.#tell(connection);
    } catch (error) {
      connection.broke(error as Error);
    }
    // What the broker has to say to anybody goes out with the next immediates.
    this.#keepAwake();
  }

  #tell(connection: Connection): void {
    if (this.#breaks) {
      this.end();
      connection.gone(null);
      return;
    }
    if (this.#drainWanted && this.far.room > 0) {
      this.#drainWanted = false;
      connection.drained();
    }
    const chunks = this.#incoming;
    let read = 0;
    while (read < chunks.length && !this.#paused && !this.#closed) {
      const chunk = chunks[read++]!;
      if (!connection.closing) connection.owner.onData(chunk);
    }
    if (this.#closed) return;
    chunks.splice(0, read);
    if (this.#ends && !this.#paused && !this.#endTold) this.#tellEnd(connection);
  }

  #tellEnd(connection: Connection): void {
    this.#endTold = true;
    connection.ended = true;
    if (!connection.closing) connection.owner.onEnd();
    else if (connection.pendingBytes === 0) connection.destroy();
  }
}

const run = (socket: PipeSocket) => socket.run();
const settle = (socket: PipeSocket) => socket.settle();
const awoken = (socket: PipeSocket) => socket.awoken();

/** The application's end. */
export class PipeEnd {
  readonly #broker: PipeSocket;
  readonly #reader: PipeReader;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** The broker will send nothing more. */
  #finished = false;
  #closedTold = false;
  /** Nobody reads here any more. */
  #deaf = false;

  constructor(broker: PipeSocket, reader: PipeReader) {
    this.#broker = broker;
    this.#reader = reader;
  }

  /** Sends; the bytes must not change any more. There is no bound but memory, as with Bun's own clients. */
  send(frame: Uint8Array): void {
    this.#broker.receive(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
  }

  /** The next bytes, or undefined while there are none; the end is found by reading, too. */
  read(): Uint8Array | undefined {
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.length;
      this.#broker.relieve();
    } else if (this.#finished) this.#tellClosed();
    return chunk;
  }

  /** Sends nothing more and reads nothing more; what was sent still arrives. */
  end(): void {
    this.#stopReading();
    this.#broker.finish(false);
    if (this.#finished) this.#tellClosed();
  }

  /** Lets go at once: what the broker has not read is lost. */
  destroy(): void {
    this.#stopReading();
    this.#broker.finish(true);
    this.#finished = true;
    this.#tellClosed();
  }

  #stopReading(): void {
    this.#deaf = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#broker.relieve();
  }

  #tellClosed(): void {
    if (this.#closedTold) return;
    this.#closedTold = true;
    // The broker waits for this before it lets go.
    this.#broker.finish(false);
    this.#reader.onClosed();
  }

  // ---- for the broker's end

  get room(): number {
    return ROOM_BYTES - this.#waitingBytes;
  }

  receive(bytes: Uint8Array): void {
    if (this.#deaf) return;
    // A copy: the broker goes on with its memory, and the application may keep what it reads.
    this.#waiting.push(new Uint8Array(bytes));
    this.#waitingBytes += bytes.length;
    this.#reader.onReadable();
  }

  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#deaf) this.#tellClosed();
    else this.#reader.onReadable();
  }
}
