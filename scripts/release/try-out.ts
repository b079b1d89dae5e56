// Runs a new executable, here or by the help of a program that can: it tells its version, carries a
// message from one client to itself, and ends when it is asked to.
import { connect, type Socket } from "node:net";
import { mismatch, readBinary } from "./binary.ts";
import type { Target } from "./targets.ts";

/** Longer than anything here takes, emulated machines included. */
const DEADLINE_MS = 60_000;
const ADDRESS = /Listening for client connections on 127\.0\.0\.1:(\d+)/;

/**
 * The command that runs what is for this target: nothing before the file where it is this system's own,
 * the words of MIDGE_RUN_<TARGET> (such as MIDGE_RUN_LINUX_ARM64="qemu-aarch64-static -L ROOT") where
 * that is set. Undefined where it cannot be run.
 */
export async function runnerOf(
  target: Target,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[] | undefined> {
  const words = environment[`MIDGE_RUN_${target.name.toUpperCase().replaceAll("-", "_")}`]?.trim();
  if (words) return words.split(/\s+/);
  // What runs this can run what is made for the same system.
  const host = await readBinary(process.execPath);
  return mismatch(host, target) === undefined ? [] : undefined;
}

/** Throws an Error that says what it did not do. Windows has no signals that ask: there it is ended. */
export async function tryOut(
  command: readonly string[],
  versionLine: string,
  os: Target["os"],
): Promise<void> {
  const timeout = DEADLINE_MS;
  const asked = Bun.spawn([...command, "-v"], { stdio: ["ignore", "pipe", "pipe"], timeout });
  const [said, complaint] = await Promise.all([asked.stdout.text(), asked.stderr.text()]);
  if ((await asked.exited) !== 0 || said !== `${versionLine}\n`) {
    throw new Error(`-v says ${JSON.stringify(said + complaint)} instead of ${versionLine}`);
  }
  const flags = ["-a", "127.0.0.1", "-p", "-1"];
  const server = Bun.spawn([...command, ...flags], { stdio: ["ignore", "pipe", "pipe"], timeout });
  try {
    const port = await portIn(server.stderr);
    await exchange(port);
    server.kill("SIGTERM");
    const code = await server.exited;
    if (code !== 0 && os !== "windows")
      throw new Error(`it ends with ${server.signalCode ?? code} after SIGTERM`);
  } finally {
    server.kill("SIGKILL");
  }
}

/** The port that the log names; what follows is read too, so that nobody waits for it to be. */
async function portIn(log: ReadableStream<Uint8Array>): Promise<number> {
  const found = Promise.withResolvers<number>();
  void (async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of log) {
      text += decoder.decode(chunk, { stream: true });
      const port = ADDRESS.exec(text)?.[1];
      if (port !== undefined) found.resolve(Number(port));
    }
    found.reject(new Error(`it ended before it listened:\n${text}`));
  })();
  return found.promise;
}

/** What a client says, and what it has to hear after INFO. */
const SAYS = "CONNECT {}\r\nSUB try 1\r\nPUB try 5\r\nhello\r\nPING\r\n";
const HEARS = "MSG try 1 5\r\nhello\r\nPONG\r\n";

async function exchange(port: number): Promise<void> {
  const client = connect(port, "127.0.0.1");
  try {
    client.setTimeout(DEADLINE_MS, () => client.destroy(new Error("it does not answer")));
    client.write(SAYS);
    const heard = await answerOf(client);
    if (!heard.startsWith("INFO {") || !heard.endsWith(HEARS)) {
      throw new Error(`it answers ${JSON.stringify(heard)}`);
    }
  } finally {
    client.destroy();
  }
}

async function answerOf(client: Socket): Promise<string> {
  let heard = "";
  for await (const chunk of client) {
    heard += String(chunk);
    if (heard.endsWith("PONG\r\n")) break;
  }
  return heard;
}
