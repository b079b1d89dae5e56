// A server that is told by a configuration text who may do what: Midge in this process, or a real
// nats-server. Either takes a new text while it runs, as SIGHUP would make it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { LogLines, startPeer } from "./peer.ts";
import { collect } from "./secrets.ts";
import { connect } from "./wire.ts";

/** A running server under test. Its log lines begin with their level: `[ERR] 127.0.0.1:4711 - cid:5 - …`. */
export interface ConfiguredServer extends AsyncDisposable {
  readonly port: number;
  /** Resolves with the first log line, past or to come, that the pattern matches. */
  logged(pattern: RegExp): Promise<string>;
  /** Puts another configuration in force and resolves when it is. */
  reload(config: string): Promise<void>;
}

/** Variables of the environment that a configuration may use. */
export type Environment = Readonly<Record<string, string>>;

/** Where the tests run against a real nats-server (see server.ts), that one; else Midge. */
export function startConfigured(config: string, env?: Environment): Promise<ConfiguredServer> {
  const peerPath = process.env["MIDGE_TEST_PEER"];
  return peerPath ? startConfiguredPeer(peerPath, config, env) : startConfiguredMidge(config, env);
}

/** Somebody who says this must be told why that does not do, and sent away. */
export async function expectRefused(
  port: number,
  words: string,
  text = "Authorization Violation",
): Promise<void> {
  await using client = await connect(port);
  await client.says(words);
  await client.hears(`-ERR '${text}'\r\n`);
  await client.hearsClose();
}

/** Somebody who says this must be able to hear from the server. */
export async function expectAdmitted(port: number, words: string): Promise<void> {
  await using client = await connect(port);
  await client.says(`${words}PING\r\n`);
  await client.hears("PONG\r\n");
}

/** Midge in this process with this configuration file. */
export async function startConfiguredMidge(
  config: string,
  env: Environment = {},
): Promise<ConfiguredServer> {
  // Loaded here, so that a run against another server needs nothing of Midge.
  const { loadOptions } = await import("../../src/config/load.ts");
  const { parseFlags } = await import("../../src/config/flags.ts");
  const { Midge } = await import("../../src/server.ts");
  const file = new ConfigFile(config);
  const load = () => loadOptions(file.path, parseFlags(["-a", "127.0.0.1", "-p", "-1"]), env);
  const log = new LogLines();
  const logs = (level: string) => (text: string) => {
    log.add(`[${level}] ${text}`);
    collect(level === "TRC" ? "embedded-trace" : "embedded-log", text);
  };
  const { options } = load();
  const midge = await Midge.start(options, {
    debugOn: options.debug,
    traceOn: options.trace,
    notice: logs("INF"),
    warn: logs("WRN"),
    error: logs("ERR"),
    fatal: logs("FTL"),
    debug: logs("DBG"),
    trace: logs("TRC"),
  });
  return {
    port: midge.port,
    logged: (pattern) => log.line(pattern),
    async reload(text) {
      file.write(text);
      await midge.reload(load().options);
    },
    async [Symbol.asyncDispose]() {
      await midge.stop();
      file.remove();
    },
  };
}

/** The nats-server at `path` with this configuration file. */
export async function startConfiguredPeer(
  path: string,
  config: string,
  env: Environment = {},
): Promise<ConfiguredServer> {
  const file = new ConfigFile(config);
  // The starter writes a file of its own; an include is relative to that.
  const peer = await startPeer(file.launcher(path, env), `include "../${file.name}/midge.conf"`);
  const digests: string[] = [];
  return {
    port: peer.port,
    logged: async (pattern) => withoutStamp(await peer.logged(pattern)),
    async reload(text) {
      // The digest tells one reload from the others, so no two texts may mean the same.
      file.write(`${text}\nmax_traced_msg_len: ${100_000 + digests.length}\n`);
      peer.signal("SIGHUP");
      const others = digests.length > 0 ? `(?!${digests.join("|")})` : "";
      const line = await peer.logged(
        new RegExp(`Reloaded server configuration \\(sha256:${others}\\w+\\)$`),
      );
      digests.push(/sha256:(\w+)/.exec(line)![1]!);
    },
    async [Symbol.asyncDispose]() {
      await peer[Symbol.asyncDispose]();
      file.remove();
    },
  };
}

/** `[123] 2026/11/23 17:43:47.614838 [ERR] …` from its level on. */
const withoutStamp = (line: string) => line.replace(/^\[\d+\] \S+ \S+ (?=\[)/, "");

const shellQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A configuration file in a folder of its own. */
class ConfigFile {
  readonly #folder = mkdtempSync(join(tmpdir(), "midge-configured-"));

  constructor(text: string) {
    this.write(text);
  }

  get path(): string {
    return join(this.#folder, "midge.conf");
  }

  /** The folder's name. */
  get name(): string {
    return basename(this.#folder);
  }

  write(text: string): void {
    writeFileSync(this.path, text);
  }

  /** What to run for the executable at `path` with these variables added. */
  launcher(path: string, env: Environment): string {
    const names = Object.entries(env);
    if (names.length === 0) return path;
    const launcher = join(this.#folder, "launch");
    const added = names.map(([name, value]) => `${name}=${shellQuote(value)}`).join(" ");
    writeFileSync(launcher, `#!/bin/sh\n${added} exec ${shellQuote(path)} "$@"\n`, { mode: 0o700 });
    return launcher;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
