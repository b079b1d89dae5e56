// Bare TCP sockets over libc, for the load generator. A receiver asks the kernel to count and drop
// what arrived (MSG_TRUNC) instead of copying it into a Buffer, so that the generator stays cheaper
// than any server it drives. Linux only: the constants below are Linux's.
import { dlopen, FFIType, type Pointer, ptr } from "bun:ffi";

const AF_INET = 2;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
const SO_RCVTIMEO = 20;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

export const POLLIN = 1;
export const POLLOUT = 4;
const POLLERR = 8;
const POLLHUP = 16;

/** No single blocking read may take longer: a server that is silent this long is broken. */
const SILENCE_SECONDS = 10;

const libc = openLibc();

function openLibc() {
  if (process.platform !== "linux") throw new Error("the load generator needs Linux");
  const functions = {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
    recv: { args: ["i32", "ptr", FFIType.u64_fast, "i32"], returns: "i32" },
    send: { args: ["i32", "ptr", FFIType.u64_fast, "i32"], returns: "i32" },
    poll: { args: ["ptr", FFIType.u64_fast, "i32"], returns: "i32" },
  } as const;
  const musl = `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`;
  try {
    return dlopen("libc.so.6", functions).symbols;
  } catch {
    return dlopen(musl, functions).symbols;
  }
}

/** Memory with a fixed address, so that the hot loops hand plain numbers to libc. */
export class Memory {
  readonly bytes: Buffer;
  readonly address: number;

  constructor(content: number | string) {
    this.bytes =
      typeof content === "number"
        ? Buffer.allocUnsafeSlow(content)
        : Buffer.from(new TextEncoder().encode(content).buffer);
    this.address = ptr(this.bytes);
  }
}

/** Connects to 127.0.0.1:port; undefined when nobody listens there (yet). */
export function connect(port: number): number | undefined {
  const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) throw new Error("no more sockets: the limit of open files is reached");
  const address = new Memory(16);
  address.bytes.fill(0);
  address.bytes.writeUInt16LE(AF_INET, 0);
  address.bytes.writeUInt16BE(port, 2);
  address.bytes.set([127, 0, 0, 1], 4);
  if (libc.connect(fd, address.address as Pointer, 16) !== 0) {
    libc.close(fd);
    return undefined;
  }
  setOption(fd, IPPROTO_TCP, TCP_NODELAY, Int32Array.of(1));
  setOption(fd, SOL_SOCKET, SO_RCVTIMEO, BigInt64Array.of(BigInt(SILENCE_SECONDS), 0n));
  return fd;
}

/**
 * Makes close reset the connection: thousands of sockets then leave no TIME_WAIT behind for the
 * next run.
 */
export function resetOnClose(fd: number): void {
  setOption(fd, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
}

function setOption(fd: number, level: number, option: number, value: NodeJS.TypedArray): void {
  if (libc.setsockopt(fd, level, option, ptr(value), value.byteLength) !== 0) {
    throw new Error(`setsockopt ${level}/${option} failed`);
  }
}

export function close(fd: number): void {
  libc.close(fd);
}

/** Waits for bytes and reads them; throws when the server closed or stayed silent. */
export function receive(fd: number, address: number, length: number): number {
  const n = libc.recv(fd, address as Pointer, length, 0);
  if (n <= 0) throw new Error(n === 0 ? "the server closed a connection" : "the server is silent");
  return n;
}

/** Reads what is there without waiting; 0 when nothing is. */
export function receiveNow(fd: number, address: number, length: number): number {
  const n = libc.recv(fd, address as Pointer, length, MSG_DONTWAIT);
  if (n === 0) throw new Error("the server closed a connection");
  return n < 0 ? 0 : n;
}

const nowhere = new Memory(16);

/** Counts and drops up to `length` received bytes without waiting; 0 when nothing is there. */
export function discardNow(fd: number, length: number): number {
  const n = libc.recv(fd, nowhere.address as Pointer, length, MSG_TRUNC | MSG_DONTWAIT);
  if (n === 0) throw new Error("the server closed a connection");
  return n < 0 ? 0 : n;
}

/** Sends everything, waiting for room. */
export function send(fd: number, address: number, length: number): void {
  let sent = 0;
  while (sent < length) {
    const n = libc.send(fd, (address + sent) as Pointer, length - sent, MSG_NOSIGNAL);
    if (n < 0) throw new Error("the server closed a connection while it was written to");
    sent += n;
  }
}

/** Sends what the kernel takes at once; 0 when it is full. */
export function sendNow(fd: number, address: number, length: number): number {
  const n = libc.send(fd, address as Pointer, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  return n < 0 ? 0 : n;
}

/** A set of sockets to wait on: `want` before `wait`, `ready` after it, both by position. */
export class Poll {
  readonly #entries: Int16Array; // struct pollfd: int fd, short events, short revents
  readonly #address: Pointer;
  readonly #size: number;

  constructor(fds: readonly number[]) {
    const memory = new Int32Array(fds.length * 2);
    fds.forEach((fd, i) => (memory[i * 2] = fd));
    this.#entries = new Int16Array(memory.buffer);
    this.#address = ptr(memory);
    this.#size = fds.length;
  }

  want(position: number, events: number): void {
    this.#entries[position * 4 + 2] = events;
  }

  /** False when nothing happened for `milliseconds`. */
  wait(milliseconds: number): boolean {
    return libc.poll(this.#address, this.#size, milliseconds) > 0;
  }

  ready(position: number): number {
    const events = this.#entries[position * 4 + 3] ?? 0;
    if ((events & (POLLERR | POLLHUP)) !== 0) throw new Error("the server closed a connection");
    return events;
  }
}
