// Real nats-servers for comparison: finds the installed ones by their version and runs them on a free port.
// Where one is missing its tests are skipped and say why; with MIDGE_REQUIRE_PEERS=1 that is a failure.
import { describe, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The release that Midge must equal, and the older one whose differences are listed by name. */
export type PeerLevel = "2.15" | "2.9";

/** How long a test waits for a log line that does not come. */
const LOG_PATIENCE_MS = 4_000;

/** A running nats-server. */
export interface Peer extends AsyncDisposable {
  readonly port: number;
  /** Resolves with the first log line, past or to come, that the pattern matches. */
  logged(pattern: RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Ends the process and waits for it; SIGTERM unless told otherwise. */
  stop(name?: NodeJS.Signals): Promise<void>;
}

/** The path of an installed nats-server of this level, or the reason why there is none. */
export function findPeer(level: PeerLevel): { path: string } | { missing: string } {
  const named = process.env["MIDGE_PEER_NATS_SERVER"];
  const found: string[] = [];
  for (const path of [named, Bun.which("nats-server")]) {
    if (!path) continue;
    const version = peerVersion(path);
    if (version.startsWith(`${level}.`)) return { path };
    found.push(`${path} is ${version}`);
  }
  const seen = found.length > 0 ? ` (${found.join(", ")})` : "";
  return {
    missing: `no nats-server ${level} in MIDGE_PEER_NATS_SERVER or on the PATH${seen}`,
  };
}

function peerVersion(path: string): string {
  try {
    const { stdout } = Bun.spawnSync([path, "-v"], { stdout: "pipe", stderr: "ignore" });
    return /v(\d+\.\d+\.\d+)/.exec(stdout.toString())?.[1] ?? "not a nats-server";
  } catch {
    return "not executable";
  }
}

/** A group of tests against a real nats-server: skipped with its reason, or failed, where there is none. */
export function describeWithPeer(name: string, level: PeerLevel, body: (path: string) => void) {
  const peer = findPeer(level);
  if ("path" in peer) {
    describe(name, () => body(peer.path));
  } else if (process.env["MIDGE_REQUIRE_PEERS"] === "1") {
    test(name, () => {
      throw new Error(peer.missing);
    });
  } else {
    console.warn(`skipped: ${name}: ${peer.missing}`);
    test.skip(`${name} (${peer.missing})`, () => {});
  }
}

/** Starts a nats-server with this configuration on a free port of 127.0.0.1. */
export async function startPeer(path: string, config = ""): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), "midge-peer-"));
  const file = join(folder, "nats.conf");
  writeFileSync(file, `listen: "127.0.0.1:-1"\n${config}`);
  const child = Bun.spawn([path, "-c", file], { stdout: "ignore", stderr: "pipe" });
  const log = new LogLines();
  const reading = log.read(child.stderr);
  const stop = async (name: NodeJS.Signals = "SIGTERM") => {
    child.kill(name);
    await Promise.all([child.exited, reading]);
    rmSync(folder, { recursive: true, force: true });
  };
  // A server that refuses its configuration ends before it listens.
  const listening = await Promise.race([
    log.line(/Listening for client connections on .*:\d+/).catch(() => undefined),
    child.exited,
  ]);
  if (typeof listening !== "string") {
    await stop("SIGKILL");
    throw new Error(`${path} does not listen:\n${log.text()}\n${config}`);
  }
  await log.line(/Server is ready/);
  return {
    port: Number(/:(\d+)$/.exec(listening)![1]),
    logged: (pattern) => log.line(pattern),
    signal: (name) => child.kill(name),
    stop,
    [Symbol.asyncDispose]: () => stop("SIGKILL"),
  };
}

/** Log lines that tests can wait for. */
export class LogLines {
  readonly #lines: string[] = [];
  readonly #waiting: { pattern: RegExp; resolve: (line: string) => void }[] = [];

  async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.add(line);
    }
  }

  add(line: string): void {
    this.#lines.push(line);
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.pattern.test(line)) waiting.resolve(line);
      else this.#waiting.push(waiting);
    }
  }

  text(): string {
    return this.#lines.join("\n");
  }

  /** The first line that the pattern matches, past or to come; fails when it does not come in time. */
  line(pattern: RegExp): Promise<string> {
    const past = this.#lines.find((line) => pattern.test(line));
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`no line like ${pattern} in the log:\n${this.text()}`));
      }, LOG_PATIENCE_MS);
      const found = (line: string) => {
        clearTimeout(timer);
        resolve(line);
      };
      this.#waiting.push({ pattern, resolve: found });
    });
  }
}
