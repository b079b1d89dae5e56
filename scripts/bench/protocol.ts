// What a load generator must know of the NATS protocol: how to open a connection, and how long
// frames are. Every frame of a load has the same size, so that receivers can count bytes instead of
// parsing.
import { close, connect, Memory, receive, send } from "./sockets.ts";

const CRLF = "\r\n";
const CONNECT = JSON.stringify({
  verbose: false,
  pedantic: false,
  protocol: 1,
  headers: true,
  no_responders: true,
  echo: false,
  lang: "bench",
});

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

export const pingFrame = `PING${CRLF}`;

const scratch = new Memory(65_536);

export function sendText(fd: number, text: string): void {
  const memory = new Memory(text);
  send(fd, memory.address, memory.bytes.length);
}

/**
 * Opens a connection and returns its socket once the server has said everything it says to a
 * newcomer.
 */
export function openClient(port: number): number {
  const fd = connect(port);
  if (fd === undefined) throw new Error(`nobody listens on port ${port}`);
  readInfo(fd);
  sendText(fd, `CONNECT ${CONNECT}${CRLF}`);
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
  readLines(fd, (line) => line === "PONG");
}

export function closeClient(fd: number): void {
  roundTrip(fd);
  close(fd);
}

/** Reads whole lines until the wanted one was among them; only for the quiet time before a load. */
function readLines(fd: number, isWanted: (line: string) => boolean): void {
  let text = "";
  let found = false;
  for (;;) {
    const n = receive(fd, scratch.address, scratch.bytes.length);
    text += scratch.bytes.latin1Slice(0, n);
    for (let end = text.indexOf(CRLF); end >= 0; end = text.indexOf(CRLF)) {
      const line = text.slice(0, end).trimEnd();
      text = text.slice(end + CRLF.length);
      if (line.startsWith("-ERR")) throw new Error(`the server answered ${line}`);
      if (line === "PING") sendText(fd, `PONG${CRLF}`);
      found ||= isWanted(line);
    }
    if (found && text === "") return;
  }
}
