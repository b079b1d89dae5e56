// One socket with its out-buffer. Bytes are appended and flushed once per turn of the loop; what the
// kernel does not take stays here and counts against the pending limit until `drain`. Back-pressure is a
// value: `blocked`, `pendingBytes`, `congested`. Knows nothing of the protocol or of who is connected.

import type { Socket } from "bun";
import { copyWords } from "./copy-words.ts";
import { breakReason, isWireFault } from "./fault.ts";
import type { OtherSocket } from "./other-socket.ts";
import { LINGER_MS_MAX, type Outbox } from "./outbox.ts";
import { EMPTY_SLAB, newSlab, SLAB_BYTES, type Slab } from "./slab.ts";
import type { TlsFacts, TlsServer } from "./tls-server.ts";
import type { TlsSocket } from "./tls-socket.ts";

/** Who owns a connection. */
export interface ConnectionOwner {
  onData(chunk: Buffer): void;
  /** The peer will send nothing more; it may still read. */
  onEnd(): void;
  /** The socket is gone. */
  onGone(error: Error | null): void;
  /** More than the limit waits for the peer: the owner must close. */
  onPendingExceeded(): void;
  /** Bytes waited longer than the deadline: the owner must close. */
  onDeadlineExceeded(pendingBytes: number): void;
  /** The peer caught up after the connection was congested. */
  onRelieved(): void;
  /** The handshake is over, and the peer is who it has to be. */
  onSecured(facts: TlsFacts): void;
  /** The handshake failed, or the peer's certificate is not good enough: the owner must close. */
  onInsecure(reason: string): void;
}

/** Where the kernel is asked to take what has gathered, without waiting for the end of the turn. */
const FLUSH_BYTES = 64 << 10;
/** Payloads of this size are written from where they lie instead of being copied first. */
const DIRECT_BYTES = 16 << 10;
/** Below this a loop over words beats the call of a native copy. */
const WORD_COPY_BYTES_MAX = 72;
/** Words may be written past the end of what counts, never past the memory. */
const SLACK_BYTES = 4;
const LARGEST_SLAB = SLAB_BYTES[SLAB_BYTES.length - 1]!;
/** `readyState` of a socket that can be used. */
const OPEN = 1;
/** Share of the pending limit above which producers are slowed down (client-protocol §16.2). */
const CONGESTED_SHARE = 0.75;

/** A full slab that waits for the kernel. */
interface Segment {
  readonly slab: Slab;
  from: number;
  readonly upto: number;
}

export interface ConnectionLimits {
  /** Bytes that may wait for one peer. */
  readonly maxPending: number;
  /** Milliseconds in which waiting bytes must go out. */
  readonly writeDeadline: number;
}

export class Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The kernel took less than it was given; nothing is written until it says `drain`. */
  blocked = false;
  /** More than three quarters of the pending limit wait here. */
  congested = false;
  /** Will be flushed at the end of this turn. */
  dirty = false;
  /** The peer's last byte has arrived. */
  ended = false;
  /** No more reading and appending; the last bytes are on their way. */
  closing = false;
  /** What the handshake found out; null while nothing is encrypted. */
  tls: TlsFacts | null = null;
  /** The handshake came before any word in the clear. */
  handshakeFirst = false;

  #socket: Socket<Connection> | TlsSocket | OtherSocket;
  readonly #outbox: Outbox;
  readonly #limits: () => ConnectionLimits;
  #owner!: ConnectionOwner;
  /** Memory in use, with its two faces spread out for the hot path. */
  #slab: Slab = EMPTY_SLAB;
  #bytes: Buffer = EMPTY_SLAB.bytes;
  #view: DataView = EMPTY_SLAB.view;
  /** Where appending must ask for room; -1 while there is no slab. */
  #room = -1;
  /** Unsent bytes are those of the waiting segments, then #bytes[#from, #upto). */
  #from = 0;
  #upto = 0;
  #waiting: Segment[] | null = null;
  #waitingBytes = 0;
  /** Size of the slab to start with: what the last turn needed. */
  #startBytes: number = SLAB_BYTES[0];
  #deadline: Timer | null = null;
  /** Bytes that must be gone before the deadline starts anew. */
  #deadlineBytes = 0;
  #lingerTimer: Timer | null = null;
  #handshaking = false;
  #gone = false;

  constructor(
    socket: Socket<Connection> | OtherSocket,
    outbox: Outbox,
    limits: () => ConnectionLimits,
  ) {
    this.#socket = socket;
    this.#outbox = outbox;
    this.#limits = limits;
    // An IPv4 peer of a dual-stack listener is shown as what it is.
    this.remoteAddress = socket.remoteAddress.replace(/^::ffff:(?=\d+\.)/, "");
    this.remotePort = socket.remotePort;
  }

  set owner(owner: ConnectionOwner) {
    this.#owner = owner;
  }

  get owner(): ConnectionOwner {
    return this.#owner;
  }

  /** Bytes that wait for the kernel or for the end of the turn. */
  get pendingBytes(): number {
    return this.#waitingBytes + this.#upto - this.#from;
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /**
   * Appends a delivery: the first `headBytes` bytes of `head` (whole words, the last one padded), then
   * source[from, upto). Returns false when the connection takes nothing any more.
   */
  appendMessage(
    head: Int32Array,
    headBytes: number,
    source: Buffer,
    sourceView: DataView,
    from: number,
    upto: number,
  ): boolean {
    const bodyBytes = upto - from;
    if (this.#upto + headBytes + bodyBytes > this.#room) {
      if (bodyBytes >= DIRECT_BYTES && !this.blocked) {
        return this.#appendDirect(head, headBytes, source, from, upto);
      }
      if (!this.#makeRoom(headBytes + bodyBytes)) return false;
    }
    const view = this.#view;
    let at = this.#upto;
    const bodyAt = at + headBytes;
    for (let k = 0; at < bodyAt; k++, at += 4) view.setInt32(at, head[k]!, true);
    if (bodyBytes > WORD_COPY_BYTES_MAX) source.copy(this.#bytes, bodyAt, from, upto);
    else copyWords(sourceView, from, view, bodyAt, bodyBytes);
    this.#upto = bodyAt + bodyBytes;
    if (!this.dirty) this.#outbox.mark(this);
    return true;
  }

  /** Appends `count` deliveries whose bodies lie `stride` bytes apart in `source`. */
  appendRun(
    head: Int32Array,
    headBytes: number,
    source: Buffer,
    sourceView: DataView,
    from: number,
    upto: number,
    stride: number,
    count: number,
  ): boolean {
    const bodyBytes = upto - from;
    const runBytes = count * (headBytes + bodyBytes);
    if (this.#upto + runBytes > this.#room && !this.#makeRoom(runBytes)) return false;
    const view = this.#view;
    let at = this.#upto;
    for (let message = 0; message < count; message++) {
      const bodyAt = at + headBytes;
      for (let k = 0; at < bodyAt; k++, at += 4) view.setInt32(at, head[k]!, true);
      at = bodyAt + bodyBytes;
      if (bodyBytes > WORD_COPY_BYTES_MAX) source.copy(this.#bytes, bodyAt, from, from + bodyBytes);
      else copyWords(sourceView, from, view, bodyAt, bodyBytes);
      from += stride;
    }
    this.#upto = at;
    if (!this.dirty) this.#outbox.mark(this);
    return true;
  }

  /** Appends the last `size` bytes that were appended to `other`, in this same turn. */
  appendCopy(other: Connection, size: number): boolean {
    if (this.#upto + size > this.#room && !this.#makeRoom(size)) return false;
    other.#bytes.copy(this.#bytes, this.#upto, other.#upto - size, other.#upto);
    this.#upto += size;
    if (!this.dirty) this.#outbox.mark(this);
    return true;
  }

  /** Appends text of one byte per character. */
  appendText(latin1: string): boolean {
    if (this.#upto + latin1.length > this.#room && !this.#makeRoom(latin1.length)) return false;
    this.#upto += this.#bytes.latin1Write(latin1, this.#upto);
    if (!this.dirty) this.#outbox.mark(this);
    return true;
  }

  appendBytes(source: Buffer, from: number, upto: number): boolean {
    const size = upto - from;
    if (this.#upto + size > this.#room && !this.#makeRoom(size)) return false;
    source.copy(this.#bytes, this.#upto, from, upto);
    this.#upto += size;
    if (!this.dirty) this.#outbox.mark(this);
    return true;
  }

  /** A payload too large to copy: what is before it goes out, then the payload from where it lies. */
  #appendDirect(
    head: Int32Array,
    headBytes: number,
    source: Buffer,
    from: number,
    upto: number,
  ): boolean {
    if (!this.#makeRoom(headBytes)) return false;
    const bytes = this.#view;
    const bodyAt = this.#upto + headBytes;
    for (let k = 0, at = this.#upto; at < bodyAt; k++, at += 4) bytes.setInt32(at, head[k]!, true);
    this.#upto = bodyAt;
    if (!this.blocked) this.flush();
    if (this.#gone) return false;
    if (!this.blocked) {
      const written = this.#socket.write(source, from, upto - from);
      if (written < 0) {
        this.destroy();
        return false;
      }
      this.#outbox.count(written);
      from += written;
      if (from === upto) return true;
      this.#block(upto - from);
    }
    return this.appendBytes(source, from, upto);
  }

  /** Finds room for `size` more bytes: a larger slab, a flush, or another slab behind a blocked one. */
  #makeRoom(size: number): boolean {
    if (this.closing || this.#gone) return false;
    const pending = this.#upto - this.#from;
    if (!this.blocked) {
      if (pending + size <= FLUSH_BYTES || pending === 0) {
        this.#grow(Math.max(pending + size + SLACK_BYTES, this.#startBytes));
        return true;
      }
      this.flush();
      if (this.#gone) return false;
      if (!this.blocked) {
        this.#grow(Math.max(size + SLACK_BYTES, LARGEST_SLAB));
        return true;
      }
    }
    return this.#makeRoomBehind(size);
  }

  /** The peer does not read: queue what is here and start another slab, up to the limit. */
  #makeRoomBehind(size: number): boolean {
    const pendingAll = this.pendingBytes + size;
    const { maxPending } = this.#limits();
    if (pendingAll > maxPending) {
      this.#owner.onPendingExceeded();
      return false;
    }
    if (pendingAll > maxPending * CONGESTED_SHARE) this.congested = true;
    if (this.#upto > this.#from) {
      this.#waiting ??= [];
      this.#waiting.push({ slab: this.#slab, from: this.#from, upto: this.#upto });
      this.#waitingBytes += this.#upto - this.#from;
      this.#use(EMPTY_SLAB);
    }
    // What waits long must not take more memory than it counts: large pieces get their own size.
    if (size > LARGEST_SLAB / 2) this.#use(newSlab(size + SLACK_BYTES));
    else this.#grow(LARGEST_SLAB);
    return true;
  }

  /** Changes to a slab of at least `size` bytes, unsent bytes first. */
  #grow(size: number): void {
    const next = this.#outbox.slabs.take(size);
    const pending = this.#upto - this.#from;
    if (pending > 0) this.#bytes.copy(next.bytes, 0, this.#from, this.#upto);
    this.#outbox.slabs.giveBack(this.#slab);
    this.#use(next);
    this.#upto = pending;
    const { length } = next.bytes;
    if (length <= LARGEST_SLAB) this.#startBytes = length;
  }

  #use(slab: Slab): void {
    this.#slab = slab;
    this.#bytes = slab.bytes;
    this.#view = slab.view;
    this.#room = slab.bytes.length - SLACK_BYTES;
    this.#from = 0;
    this.#upto = 0;
  }

  /** Gives the kernel what waits; keeps what it does not take. */
  flush(): void {
    if (this.blocked || this.#gone) return;
    while (this.#waiting !== null) {
      const segment = this.#waiting[0]!;
      const size = segment.upto - segment.from;
      const written = this.#socket.write(segment.slab.bytes, segment.from, size);
      if (written < 0) return this.destroy();
      this.#outbox.count(written);
      this.#waitingBytes -= written;
      segment.from += written;
      if (written < size) return this.#block(this.pendingBytes);
      this.#outbox.slabs.giveBack(segment.slab);
      this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waiting = null;
    }
    const size = this.#upto - this.#from;
    if (size > 0) {
      const written = this.#socket.write(this.#bytes, this.#from, size);
      if (written < 0) return this.destroy();
      this.#outbox.count(written);
      if (written < size) {
        this.#from += written;
        return this.#block(this.pendingBytes);
      }
      // Start the next turn small when this one needed little.
      if (size * 8 < this.#startBytes && this.#startBytes > SLAB_BYTES[0]) {
        this.#startBytes =
          SLAB_BYTES[Math.max(0, SLAB_BYTES.indexOf(this.#startBytes as 2048) - 1)]!;
      }
    }
    if (this.#slab !== EMPTY_SLAB) {
      this.#outbox.slabs.giveBack(this.#slab);
      this.#use(EMPTY_SLAB);
    }
    this.#clearDeadline();
    if (this.closing) this.#finish();
  }

  /** The kernel is full: wait for `drain`, and not longer than the write deadline. */
  #block(pendingBytes: number): void {
    this.blocked = true;
    if (this.#deadline !== null) return;
    this.#deadlineBytes = pendingBytes;
    this.#deadline = setTimeout(deadlinePassed, this.#limits().writeDeadline, this);
  }

  #clearDeadline(): void {
    if (this.#deadline === null) return;
    clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  /** For the timer only. */
  deadlinePassed(): void {
    this.#deadline = null;
    if (this.#gone) return;
    if (this.closing) this.destroy();
    else this.#owner.onDeadlineExceeded(this.pendingBytes);
  }

  /** For the socket: the kernel takes bytes again. */
  drained(): void {
    const before = this.pendingBytes;
    this.blocked = false;
    this.flush();
    if (this.#deadline !== null && this.blocked) {
      // What waited when the deadline was set must go; then it starts anew for the rest.
      this.#deadlineBytes -= before - this.pendingBytes;
      if (this.#deadlineBytes <= 0) {
        this.#clearDeadline();
        this.#block(this.pendingBytes);
      }
    }
    if (this.congested && this.pendingBytes <= this.#limits().maxPending * CONGESTED_SHARE) {
      this.congested = false;
      this.#owner.onRelieved();
    }
  }

  /**
   * Says what waits in the clear, then begins the handshake of a TLS server; the owner is told how it
   * ends, and sets a time for it. `firstBytes` are the peer's that were read already.
   */
  encrypt(server: TlsServer, firstBytes?: Buffer): void {
    this.flush();
    if (this.closing || this.#handshaking || !("upgradeTLS" in this.#socket)) return;
    // A peer that does not even take a greeting, or that just went away, is not worth a handshake.
    if (this.blocked || this.#socket.readyState !== OPEN) return this.destroy();
    this.#handshaking = true;
    this.handshakeFirst = this.#socket.bytesWritten === 0;
    const secured = server.secure(this.#socket, this, firstBytes);
    this.#socket = secured;
    // The first bytes may have been wrong enough to end it at once.
    if (this.#gone) secured.end();
  }

  /** For the TLS server: the handshake went well. */
  secured(facts: TlsFacts): void {
    this.#handshaking = false;
    this.tls = facts;
    this.#owner.onSecured(facts);
  }

  /** For the TLS server: it did not. */
  insecure(reason: string): void {
    if (!this.closing) this.#owner.onInsecure(reason);
  }

  pause(): void {
    if (!this.#gone) this.#socket.pause();
  }

  resume(): void {
    if (!this.#gone) this.#socket.resume();
  }

  /**
   * Closes. With `flush`, what waits is sent first and the peer gets time to read it: a socket closed
   * with unread input would be reset, and the reset would destroy the last line.
   */
  close(flush: boolean): void {
    if (this.closing || this.#gone) return;
    // In the middle of a handshake nothing can be said.
    if (!flush || (this.#handshaking && this.tls === null)) return this.destroy();
    this.closing = true;
    this.#room = -1;
    this.#socket.resume();
    this.#outbox.linger(this);
    if (!this.#gone && !this.blocked) this.flush();
  }

  /** Everything is sent: say so, and wait for the peer's end. */
  #finish(): void {
    if (this.#lingerTimer !== null) return;
    if (this.ended) return this.destroy();
    // First the timer: a peer that is gone already may be reported during the call.
    this.#lingerTimer = setTimeout(lingerPassed, LINGER_MS_MAX, this);
    this.#socket.shutdown();
  }

  /** Lets go of the socket at once. */
  destroy(): void {
    if (this.#gone) return;
    this.closing = true;
    this.#room = -1;
    this.#socket.end();
    this.gone(null);
  }

  /** For the socket: a handler threw, or the peer broke the encryption. */
  broke(error: Error): void {
    if (isWireFault(error)) {
      this.gone(error);
      this.#socket.end();
      return;
    }
    // A bug of ours must be seen, and cost no more than this one connection.
    this.#outbox.reportBug(error);
    this.destroy();
  }

  /** For the socket: it closed, by whichever side. */
  gone(error: Error | null): void {
    if (this.#gone) return;
    if (this.#handshaking && !this.closing) this.#owner.onInsecure(breakReason(error));
    if (this.#gone) return;
    this.#gone = true;
    this.closing = true;
    this.#room = -1;
    this.#clearDeadline();
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#outbox.stopLingering(this);
    if (this.#slab !== EMPTY_SLAB) this.#outbox.slabs.giveBack(this.#slab);
    for (const segment of this.#waiting ?? []) this.#outbox.slabs.giveBack(segment.slab);
    this.#waiting = null;
    this.#waitingBytes = 0;
    this.#use(EMPTY_SLAB);
    this.#room = -1;
    this.#owner.onGone(error);
  }
}

// Plain functions with an argument: a timer then costs no closure.
const deadlinePassed = (connection: Connection) => connection.deadlinePassed();
const lingerPassed = (connection: Connection) => connection.destroy();
