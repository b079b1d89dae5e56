// What a load generator must know of the NATS protocol: how to open a connection, and how long
// frames are. Every frame of a load has the same size, so that receivers can count bytes instead of
// parsing.
import type { Login } from "./measure.ts";
import { close, connect, Memory, receive, send } from "./sockets.ts";

export const CRLF = "\r\n";
const CLIENT = {
  verbose: false,
  pedantic: false,
  protocol: 1,
  headers: true,
  no_responders: true,
  echo: false,
  lang: "bench",
};

/** A server may interrupt a connection with its own PING, which is as long as PONG. */
export const PING_BYTES = 6;

export const payloadOf = (size: number): string => "x".repeat(size);

export function publishFrame(subject: string, payload: string, reply = ""): string {
  return `PUB ${subject} ${reply && `${reply} `}${payload.length}${CRLF}${payload}${CRLF}`;
}

export function deliveryFrame(subject: string, sid: string, payload: string, reply = ""): string {
  return `MSG ${subject} ${sid} ${reply && `${reply} `}${payload.length}${CRLF}${payload}${CRLF}`;
}

export const subscribeFrame = (subject: string, sid: string, group = ""): string =>
  `SUB ${subject} ${group && `${group} `}${sid}${CRLF}`;

export const unsubscribeFrame = (sid: string, after: number): string =>
  `UNSUB ${sid} ${after}${CRLF}`;

export const connectFrame = (login?: Login): string =>
  `CONNECT ${JSON.stringify({ ...CLIENT, ...login })}${CRLF}`;

export const pingFrame = `PING${CRLF}`;
export const pongFrame = `PONG${CRLF}`;

const scratch = new Memory(65_536);

export function sendText(fd: number, text: string): void {
  const memory = new Memory(text);
  send(fd, memory.address, memory.bytes.length);
}

/**
 * Opens a connection and returns its socket once the server has said everything it says to a
 * newcomer.
 */
export function openClient(port: number, login?: Login): number {
  const fd = connect(port);
  if (fd === undefined) throw new Error(`nobody listens on port ${port}`);
  readInfo(fd);
  sendText(fd, connectFrame(login));
  // The first PONG may be followed by one more INFO; after the second round trip the line is quiet.
  roundTrip(fd);
  roundTrip(fd);
  return fd;
}

/** Reads up to the end of the first INFO. */
export function readInfo(fd: number): void {
  readLines(fd, (line) => line.startsWith("INFO "));
}

/** Waits until the server has handled everything sent so far. */
export function roundTrip(fd: number): void {
  sendText(fd, pingFrame);
  readPong(fd);
}

/** Reads up to the answer to a PING. */
export function readPong(fd: number): void {
  readLines(fd, (line) => line === "PONG");
}

export function closeClient(fd: number): void {
  roundTrip(fd);
  close(fd);
}

/** Reads whole lines until the wanted one was among them; only for the quiet time before a load. */
function readLines(fd: number, isWanted: (line: string) => boolean): void {
  const lines = new Lines();
  let found = false;
  for (;;) {
    const n = receive(fd, scratch.address, scratch.bytes.length);
    for (const line of lines.add(scratch.bytes.latin1Slice(0, n))) {
      if (line === "PING") sendText(fd, pongFrame);
      found ||= isWanted(line);
    }
    if (found && lines.complete) return;
  }
}

/** Puts the lines of a server together from what arrives; an -ERR among them is thrown. */
export class Lines {
  #rest = "";

  add(text: string): string[] {
    const lines = (this.#rest + text).split(CRLF);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("-ERR")) throw new Error(`the server answered ${line}`);
    }
    return lines.map((line) => line.trimEnd());
  }

  /** Nothing of another line is there yet. */
  get complete(): boolean {
    return this.#rest === "";
  }
}
