// A crowd at the monitor's port of a real process with few descriptors: clients still get theirs.
import { expect, test } from "bun:test";
import { rawAsk } from "./raw.ts";
import { type Subprocess, spawn } from "bun";

const LIMIT = 256;
/** What is left is less than the server keeps for itself, and not nothing. */
const HALF_OPEN = 240;
const CLIENTS = 150;
/** Less than after which they would be closed for being idle. */
const PATIENCE_MS = 8000;

/** Resolves with the ports of the monitor and of clients. */
async function readPorts(log: ReadableStream<Uint8Array>): Promise<[number, number]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of log) {
    text += decoder.decode(part, { stream: true });
    if (text.includes("Server is ready")) break;
  }
  const port = (what: string) => Number(new RegExp(`${what}\\S*:(\\d+)`).exec(text)?.[1]);
  return [port("http monitor on "), port("client connections on ")];
}

function start(): Subprocess<"ignore", "ignore", "pipe"> {
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const command = `ulimit -n ${LIMIT} && exec "$0" "$@"`;
  const flags = ["-a", "127.0.0.1", "-p", "-1", "-m", "-1"];
  const argv = ["sh", "-c", command, process.execPath, main, ...flags];
  return spawn(argv, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
}

/** Resolves with the first bytes that the server says to a client. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const data = (_: unknown, bytes: Buffer) => resolve(bytes.toString("latin1", 0, 5));
    const close = () => resolve("");
    Bun.connect({ hostname: "127.0.0.1", port, socket: { data, close } }).catch(reject);
  });
}

test(
  "half-open connections to the monitor that hold nearly all descriptors are closed, and clients come in",
  async () => {
    const server = start();
    try {
      const [monitor, port] = await readPorts(server.stderr);
      const crowd = Array.from({ length: HALF_OPEN }, () => rawAsk(monitor, "GET / HTTP/1.1\r\nH"));
      // Without an answer: the server does not wait for what idle connections have to say.
      expect(new Set(await Promise.all(crowd))).toEqual(new Set([""]));
      const heard = await Promise.all(Array.from({ length: CLIENTS }, () => greeting(port)));
      expect(new Set(heard)).toEqual(new Set(["INFO "]));
      expect(server.exitCode).toBeNull();
    } finally {
      server.kill();
      await server.exited;
    }
  },
  PATIENCE_MS,
);
