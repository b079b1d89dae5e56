// HTTP by hand, for requests that no client would send.

/** Sends the bytes and resolves with all that comes until the server closes. */
export function rawAsk(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = "";
    void Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => void socket.write(Buffer.from(request, "latin1")),
        data: (_socket, chunk) => void (heard += chunk.toString("latin1")),
        close: () => resolve(heard),
        connectError: (_socket, error) => reject(error),
      },
    });
  });
}

/** One request on a connection of its own. */
export function rawGet(port: number, target: string, method = "GET"): Promise<string> {
  return rawAsk(port, `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
}

/** `200`, and the value of a header or "" where it is missing. */
export function readHead(answer: string, header: string): [status: number, value: string] {
  const head = answer.slice(0, answer.indexOf("\r\n\r\n"));
  const value = new RegExp(`^${header}: (.*)$`, "im").exec(head)?.[1] ?? "";
  return [Number(head.split(" ")[1]), value.trim()];
}

export function readBody(answer: string): string {
  return answer.slice(answer.indexOf("\r\n\r\n") + 4);
}
