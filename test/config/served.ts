// A server in this process that was told a configuration, and rows of proofs about what comes of its keys.
import { afterAll } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions } from "../../src/config/load.ts";
import { Log } from "../../src/log/log.ts";
import { Midge } from "../../src/server.ts";
import { until } from "../e2e/support.ts";
import { TestAuthority } from "../support/certificates.ts";
import { connect, join, type WireClient } from "../support/wire.ts";

/** Texts that say themselves where log lines go. */
const CHOOSES_LOG = /\b(log_?file|syslog|remote_syslog):/;

let folders = 0;
export const root = mkdtempSync(path(tmpdir(), "midge-effects-"));
export const authority = await TestAuthority.create();
const certificate = await authority.issue({ hosts: ["localhost", "127.0.0.1", "127.0.0.2"] });
afterAll(() => {
  authority[Symbol.dispose]();
  rmSync(root, { recursive: true, force: true });
});

/** A server in this process that was told what a configuration file says. */
export class Served implements AsyncDisposable {
  readonly midge: Midge;
  readonly folder: string;
  readonly #log: Log;

  /**
   * `$DIR` in the text is a folder for its files, `$CERT` and `$KEY` are a certificate. Without flags it
   * listens on a free local port.
   */
  static async open(
    text: string,
    argv: readonly string[] = ["-a", "127.0.0.1", "-p", "-1"],
    syslogPaths: readonly string[] = [],
  ): Promise<Served> {
    const folder = path(root, String(folders++));
    const file = path(folder, "midge.conf");
    const written = text.replaceAll("$DIR", folder).replaceAll("$CERT", certificate.certFile);
    await Bun.write(file, written.replaceAll("$KEY", certificate.keyFile));
    const logs = CHOOSES_LOG.test(text) ? [] : ["-l", path(folder, "own.log")];
    const { options } = loadOptions(file, parseFlags([...argv, ...logs]), {});
    const log = await Log.open(options, { syslogPaths });
    return new Served(await Midge.start(options, log), log, folder);
  }

  private constructor(midge: Midge, log: Log, folder: string) {
    this.midge = midge;
    this.#log = log;
    this.folder = folder;
  }

  get port(): number {
    return this.midge.port;
  }

  /** What its log file says so far. */
  log(name = "own.log"): string {
    this.#log.flush();
    return readFileSync(path(this.folder, name), "utf8");
  }

  async logs(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.log()), `the log says ${pattern}`);
  }

  join(options: object = {}): Promise<WireClient> {
    return join(this.port, options);
  }

  async info(): Promise<Readonly<Record<string, unknown>>> {
    await using client = await connect(this.port);
    return client.info;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.midge.stop();
    await this.#log.close();
  }
}

/** Names of keys parted by blanks, a value, what comes of it, and the proof. */
export type Row = readonly [
  names: string,
  value: string,
  promise: string,
  prove: (line: string) => Promise<void>,
];

/** A proof about a server that was told this line and perhaps others. */
export const served =
  (prove: (server: Served) => Promise<void>, others = "") =>
  async (line: string): Promise<void> => {
    await using server = await Served.open(`${line}\n${others}`);
    await prove(server);
  };
