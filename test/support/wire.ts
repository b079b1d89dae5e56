// A raw TCP client for tests: `says` writes bytes, `hears` demands exactly the next ones and answers anything
// else with a readable difference. One character of a string is one byte (latin1): "\xff" is the byte 0xff
// and utf8("é") is the two bytes that a client would send.
import type { Socket } from "bun";
import { collect, isCollecting } from "./secrets.ts";

/** How long a test waits for bytes that do not come. */
const PATIENCE_MS = 2_000;
/** Longer received texts are cut in failure messages. */
const SHOWN_BYTES_MAX = 2_000;

export type ServerInfo = Readonly<Record<string, unknown>>;

/** A parsed MSG or HMSG. `headers` is the raw block; a MSG has none. */
export interface WireMessage {
  readonly subject: string;
  readonly sid: string;
  readonly reply: string | undefined;
  readonly headers: string | undefined;
  readonly payload: string;
}

/** The bytes of a text in UTF-8, one character per byte. */
export const utf8 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Opens a connection and takes the INFO that greets it (see `info` and `infoLine`). */
export async function connect(port: number): Promise<WireClient> {
  const client = new WireClient();
  await client.open(port);
  return client;
}

/** Opens a connection, sends a quiet CONNECT with these options on top, and waits for the PONG. */
export async function join(port: number, options: object = {}): Promise<WireClient> {
  const client = await connect(port);
  await client.says(connectLine(options) + "PING\r\n");
  await client.hears("PONG\r\n");
  return client;
}

/** The CONNECT line that turns verbose and pedantic off and these options on. */
export function connectLine(options: object = {}): string {
  return `CONNECT ${utf8(JSON.stringify({ verbose: false, pedantic: false, ...options }))}\r\n`;
}

export class WireClient implements AsyncDisposable {
  /** The first INFO, as fields and as the bytes it came in. */
  info: ServerInfo = {};
  infoLine = "";
  #socket: Socket | undefined;
  /** What was received and not yet heard. Joined only when somebody looks. */
  #received: Buffer[] = [];
  /** What the kernel did not take yet. */
  #unsent: Buffer = Buffer.alloc(0);
  #closed = false;
  /** Woken by every event of the socket. */
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  async open(port: number): Promise<void> {
    this.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_socket, chunk) => {
          this.#received.push(chunk);
          if (isCollecting()) collectErrors(chunk);
          this.#wake();
        },
        drain: () => this.#flush(),
        end: () => this.#wake(),
        error: () => this.#wake(),
        close: () => {
          this.#closed = true;
          this.#wake();
        },
      },
    });
    this.infoLine = await this.#line();
    this.info = parseInfo(this.infoLine);
  }

  /** True once the server has closed the connection or this side has. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Writes bytes; resolves once the kernel has them all (or the connection is gone). */
  async says(bytes: string | Uint8Array): Promise<void> {
    const more = typeof bytes === "string" ? latin1(bytes) : Buffer.from(bytes);
    this.#unsent = Buffer.concat([this.#unsent, more]);
    this.#flush();
    while (this.#unsent.length > 0 && !this.#closed) await this.#change(PATIENCE_MS);
  }

  /** The next bytes must be exactly these. */
  async hears(expected: string, patienceMs = PATIENCE_MS): Promise<void> {
    const wanted = latin1(expected);
    await this.#until(patienceMs, `to hear ${quote(expected)}`, (inbox) => {
      const seen = Math.min(inbox.length, wanted.length);
      if (!inbox.subarray(0, seen).equals(wanted.subarray(0, seen)))
        throw new Error(difference(wanted, inbox, ""));
      if (seen < wanted.length) {
        if (this.#closed) throw new Error(difference(wanted, inbox, ", then the server closed"));
        return undefined;
      }
      this.#received = [inbox.subarray(seen)];
      return true;
    });
  }

  /** The next line must be an INFO; gives its fields. */
  async hearsInfo(): Promise<ServerInfo> {
    return parseInfo(await this.#line());
  }

  /** The next line, without its CRLF. */
  async hearsLine(): Promise<string> {
    return (await this.#line()).slice(0, -2);
  }

  /** The next bytes must be a whole MSG or HMSG. */
  async hearsMessage(): Promise<WireMessage> {
    const line = await this.hearsLine();
    const [verb, subject = "", sid = "", ...rest] = line.split(/ +/);
    const sizeCount = verb === "HMSG" ? 2 : 1;
    if (verb !== "MSG" && verb !== "HMSG")
      throw new Error(`expected a message, received ${quote(line)}`);
    const sizes = rest.slice(-sizeCount).map(Number);
    const reply = rest.length > sizeCount ? rest[0] : undefined;
    const body = await this.#take(sizes.at(-1)! + 2);
    const headersEnd = sizeCount === 2 ? sizes[0]! : 0;
    return {
      subject,
      sid,
      reply,
      headers: sizeCount === 2 ? body.slice(0, headersEnd) : undefined,
      payload: body.slice(headersEnd, -2),
    };
  }

  /** The next whole thing that is said, a line or a message with its payload; nothing after the close. */
  async hearsItem(): Promise<string | undefined> {
    const item = await this.#until(PATIENCE_MS, "for anything", (inbox) => {
      const lineEnd = inbox.indexOf(10) + 1;
      const line = inbox.toString("latin1", 0, lineEnd);
      const size = /^H?MSG .* (\d+)\r\n$/.exec(line)?.[1];
      const end = size === undefined ? lineEnd : lineEnd + Number(size) + 2;
      if (lineEnd > 0 && inbox.length >= end) return this.#consume(inbox, end);
      return this.#closed ? this.#consume(inbox, inbox.length) : undefined;
    });
    return item === "" ? undefined : item;
  }

  /** The server must close now, and nothing may have been said that was not heard. */
  async hearsClose(patienceMs = PATIENCE_MS): Promise<void> {
    await this.#until(patienceMs, "the server to close", (inbox) => {
      if (inbox.length > 0) throw new Error(difference(latin1(""), inbox, " instead of a close"));
      return this.#closed ? true : undefined;
    });
  }

  /** Everything up to the close of the connection. */
  async hearsUntilClose(patienceMs = PATIENCE_MS): Promise<string> {
    const end = Date.now() + patienceMs;
    while (!this.#closed) {
      if (Date.now() >= end) throw new Error(`waited ${patienceMs} ms for the server to close`);
      await this.#change(end - Date.now());
    }
    return this.#inbox().toString("latin1");
  }

  /** A PING round trip: proves that nothing else was said before its PONG. */
  async silent(): Promise<void> {
    await this.says("PING\r\n");
    await this.hears("PONG\r\n");
  }

  /** Stops reading: the server's bytes pile up in the kernel, then in the server. */
  pause(): void {
    this.#socket!.pause();
  }

  resume(): void {
    this.#socket!.resume();
  }

  /** Ends this side only: the server sees the end and may still answer. */
  shutdown(): void {
    this.#socket!.shutdown();
  }

  close(): void {
    this.#socket?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.terminate();
  }

  #flush(): void {
    const socket = this.#socket!;
    if (this.#unsent.length > 0) {
      const taken = socket.write(this.#unsent);
      if (taken > 0) this.#unsent = this.#unsent.subarray(taken);
      if (taken < 0) this.#unsent = Buffer.alloc(0);
    }
    this.#wake();
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  #inbox(): Buffer {
    if (this.#received.length !== 1) this.#received = [Buffer.concat(this.#received)];
    return this.#received[0]!;
  }

  /** Resolves at the next event of the socket, or when the time is up. */
  async #change(patienceMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patienceMs);
    await Promise.race([this.#changed.promise, promise]);
    clearTimeout(timer);
  }

  /** Looks at the inbox after every event until the look gives a value or throws. */
  async #until<T>(
    patienceMs: number,
    wish: string,
    look: (inbox: Buffer) => T | undefined,
  ): Promise<T> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const value = look(this.#inbox());
      if (value !== undefined) return value;
      const left = end - Date.now();
      if (left <= 0) {
        const got = quote(this.#inbox().toString("latin1"));
        throw new Error(`waited ${patienceMs} ms ${wish}, received ${got}`);
      }
      await this.#change(left);
    }
  }

  /** The next line with its CRLF. */
  #line(): Promise<string> {
    return this.#until(PATIENCE_MS, "for a line", (inbox) => {
      const end = inbox.indexOf(10) + 1;
      if (end === 0 && this.#closed)
        throw new Error(`closed before a line came, received ${quote(inbox.toString("latin1"))}`);
      return end === 0 ? undefined : this.#consume(inbox, end);
    });
  }

  /** The next so many bytes. */
  #take(count: number): Promise<string> {
    return this.#until(PATIENCE_MS, `for ${count} bytes`, (inbox) =>
      inbox.length < count ? undefined : this.#consume(inbox, count),
    );
  }

  #consume(inbox: Buffer, count: number): string {
    this.#received = [inbox.subarray(count)];
    return inbox.toString("latin1", 0, count);
  }
}

/** The fields of an INFO line, which must have exactly the wire's form: a space before its CRLF. */
export function parseInfo(line: string): ServerInfo {
  const json = /^INFO (\{.*\}) \r\n$/.exec(line)?.[1];
  if (json === undefined) throw new Error(`expected an INFO, received ${quote(line)}`);
  return JSON.parse(Buffer.from(json, "latin1").toString("utf8"));
}

function latin1(text: string): Buffer {
  if (/[^\0-\xff]/.test(text)) throw new Error(`not a text of bytes (use utf8): ${text}`);
  return Buffer.from(text, "latin1");
}

/** Keeps the server's errors among these bytes; each comes in one piece. */
function collectErrors(bytes: Buffer): void {
  for (const [error] of bytes.toString("latin1").matchAll(/-ERR [^\r]*/g)) collect("wire", error);
}

/** A text of bytes as it would stand in a test. */
export function quote(bytes: string): string {
  const shown = bytes.slice(0, SHOWN_BYTES_MAX);
  const rest = bytes.length - shown.length;
  const text = JSON.stringify(shown).replace(/[\x7f-\xff]/g, escapeByte);
  return rest > 0 ? `${text} … ${rest} more bytes` : text;
}

const escapeByte = (byte: string) => `\\x${byte.charCodeAt(0).toString(16)}`;

/** Where two texts of bytes part, with a line of what was wanted over a line of what came. */
function difference(wanted: Buffer, received: Buffer, addition: string): string {
  let same = 0;
  while (same < wanted.length && same < received.length && wanted[same] === received[same]) same++;
  const rest = (bytes: Buffer) => quote(bytes.toString("latin1", same));
  return (
    `the server said something else${addition}\n` +
    `  heard as expected: ${quote(wanted.latin1Slice(0, same))}\n` +
    `  expected then:     ${rest(wanted)}\n  received instead:  ${rest(received)}`
  );
}
