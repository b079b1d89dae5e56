// One server for a test: Midge in this process or, with MIDGE_TEST_PEER=PATH, that nats-server with the
// same options in a configuration file, so that the very same tests can be checked against the original.
import { test } from "bun:test";
import { LogLines, startPeer } from "./peer.ts";

/** The options that the tests set, named as Midge names them. Durations are milliseconds. */
export interface ServerOptions {
  readonly serverName?: string;
  readonly maxConnections?: number;
  readonly maxPayload?: number;
  readonly maxControlLine?: number;
  readonly maxSubscriptions?: number;
  readonly maxSubscriptionTokens?: number;
  readonly maxPending?: number;
  readonly writeDeadline?: number;
  readonly pingInterval?: number;
  readonly pingMax?: number;
  readonly noHeaderSupport?: boolean;
  readonly lameDuckDuration?: number;
  readonly lameDuckGracePeriod?: number;
  readonly maxTracedMsgLen?: number;
  readonly noFastProducerStall?: boolean;
  /** Debug lines, which name the reason of every close. */
  readonly debug?: boolean;
}

/** A running server under test. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** Resolves with the first log line, past or to come, that the pattern matches. */
  logged(pattern: RegExp): Promise<string>;
  /** Begins lame duck mode without waiting for its end. */
  lameDuck(): void;
  stop(): Promise<void>;
}

const peerPath = process.env["MIDGE_TEST_PEER"];
/** True where the tests run against a real nats-server. */
export const againstPeer = Boolean(peerPath);
const DURATIONS = new Set([
  "writeDeadline",
  "pingInterval",
  "lameDuckDuration",
  "lameDuckGracePeriod",
]);

/** Starts the server under test on a free port of 127.0.0.1. */
export function startServer(options: ServerOptions = {}): Promise<TestServer> {
  return peerPath ? startOriginal(peerPath, options) : startMidge(options);
}

/** A test whose promise only Midge makes; against another server it is skipped and says why. */
export function midgeOnly(name: string, reason: string, body: () => Promise<void>): void {
  if (peerPath) test.skip(`${name} (only Midge: ${reason})`, body);
  else test(name, body);
}

async function startMidge(options: ServerOptions): Promise<TestServer> {
  // Loaded here, so that a run against another server needs nothing of Midge.
  const { Midge } = await import("../../src/server.ts");
  const log = new LogLines();
  const logger = {
    debugOn: options.debug === true,
    traceOn: false,
    notice: (text: string) => log.add(text),
    warn: (text: string) => log.add(text),
    error: (text: string) => log.add(text),
    fatal: (text: string) => log.add(text),
    debug: (text: string) => log.add(text),
    trace: (text: string) => log.add(text),
  };
  const midge = await Midge.start({ port: -1, host: "127.0.0.1", ...options }, logger);
  return {
    port: midge.port,
    logged: (pattern) => log.line(pattern),
    lameDuck: () => void midge.lameDuck(),
    stop: () => midge.stop(),
    [Symbol.asyncDispose]: () => midge.stop(),
  };
}

async function startOriginal(path: string, options: ServerOptions): Promise<TestServer> {
  const peer = await startPeer(path, configText(options));
  let lame = false;
  return {
    port: peer.port,
    logged: (pattern) => peer.logged(pattern),
    lameDuck: () => {
      lame = true;
      peer.signal("SIGUSR2");
    },
    // A lame duck is past being asked to stop: it leaves when its time is over.
    stop: () => peer.stop(lame ? "SIGKILL" : "SIGTERM"),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}

/** Options as a nats-server configuration file. */
export function configText(options: ServerOptions): string {
  return Object.entries(options)
    .map(([name, value]) => {
      const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return `${key}: ${DURATIONS.has(name) ? `"${value}ms"` : JSON.stringify(value)}\n`;
    })
    .join("");
}
