// Asks a monitor over a plain socket, so that paths and methods arrive just as they are written, and takes
// the answer apart.
import { collect } from "../support/secrets.ts";

export interface Answer {
  readonly status: number;
  /** Lower-case names; a value for each. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Where a monitor answers on 127.0.0.1. */
export interface Door {
  readonly port: number;
  /** With any certificate. */
  readonly isSecure?: boolean;
}

/** `/varz`, `POST /varz`, or all bytes of a request where they end with an empty line. */
export async function ask(door: Door, question: string): Promise<Answer> {
  const answer = readAnswer(await converse(door, requestOf(question)));
  collect("monitor", answer.body);
  return answer;
}

/** The object that this path answers with. */
export async function askJson<T>(door: Door, path: string): Promise<T> {
  const { status, body } = await ask(door, path);
  if (status !== 200) throw new Error(`${path} is answered with ${status}: ${body}`);
  return JSON.parse(body) as T;
}

function requestOf(question: string): string {
  if (question.endsWith("\r\n\r\n")) return question;
  const [, method = "GET", target] = /^(?:([A-Z]+) )?(.*)$/s.exec(question) ?? [];
  return `${method} ${target} HTTP/1.1\r\nHost: monitor\r\nConnection: close\r\n\r\n`;
}

/** Sends the bytes and resolves with all that comes until the server closes. */
async function converse({ port, isSecure = false }: Door, request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let heard = "";
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    ...(isSecure ? { tls: { rejectUnauthorized: false } } : {}),
    socket: {
      open: (socket) => void socket.write(Buffer.from(request, "latin1")),
      data: (_socket, chunk) => void (heard += chunk.toString("latin1")),
      error: (_socket, error) => reject(error),
      close: () => resolve(heard),
    },
  });
  return promise;
}

function readAnswer(bytes: string): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = bytes.slice(0, Math.max(end, 0)).split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const rest = bytes.slice(end + 4);
  const body = headers.get("transfer-encoding") === "chunked" ? unchunked(rest) : rest;
  return {
    status: Number(statusLine.split(" ")[1] ?? 0),
    headers,
    body: Buffer.from(body, "latin1").toString("utf8"),
  };
}

function unchunked(bytes: string): string {
  let body = "";
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = parseInt(bytes.slice(at, lineEnd), 16);
    if (!(size > 0)) break;
    body += bytes.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
  return body;
}
