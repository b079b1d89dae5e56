// What the proofs about gnatsd's flags and keys have in common: servers that were told a file and flags,
// certificates, a client that encrypts, a syslog.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect as open } from "node:net";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { connect as encrypt, type ConnectionOptions } from "node:tls";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions } from "../../src/config/load.ts";
import { Log } from "../../src/log/log.ts";
import { Midge } from "../../src/server.ts";
import { until } from "../e2e/support.ts";
import { type IssuedCertificate, TestAuthority } from "../support/certificates.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";

/** A folder, an authority and what it issued, for one file of tests, which disposes of it at its end. */
export class Setting implements Disposable {
  readonly folder = mkdtempSync(path(tmpdir(), "midge-gnatsd-"));
  readonly caFile: string;
  readonly ca: string;
  /** Of a server, which may be a client of other servers. */
  readonly own: IssuedCertificate;
  /** A client's, to be shown in a handshake. */
  readonly asAnn: ConnectionOptions;
  readonly #authority: TestAuthority;
  #servers = 0;

  static async create(): Promise<Setting> {
    const authority = await TestAuthority.create();
    const own = await authority.issue({ hosts: ["localhost", "127.0.0.1"], peer: true });
    const ann = await authority.issue({ commonName: "ann", client: true });
    return new Setting(authority, own, ann);
  }

  private constructor(authority: TestAuthority, own: IssuedCertificate, ann: IssuedCertificate) {
    this.#authority = authority;
    this.ca = authority.ca;
    this.caFile = authority.caFile;
    this.own = own;
    this.asAnn = { cert: ann.cert, key: ann.key };
  }

  at(name: string): string {
    return path(this.folder, name);
  }

  /**
   * A server in this process that was told this text and these flags. Its log goes to a file unless there
   * are paths of a syslog.
   */
  async open(
    text: string,
    argv: readonly string[] = ["-a", "127.0.0.1", "-p", "-1"],
    syslogPaths: readonly string[] = [],
  ): Promise<Told> {
    const file = this.at(`${this.#servers++}.conf`);
    writeFileSync(file, text);
    const logs = syslogPaths.length > 0 ? [] : ["-l", `${file}.log`];
    const { options } = loadOptions(file, parseFlags([...argv, ...logs]), {});
    const log = await Log.open(options, { syslogPaths });
    return new Told(await Midge.start(options, log), log, `${file}.log`);
  }

  /** Takes INFO, encrypts, logs in and gives the suite; undefined when the server does not let it in. */
  greet(port: number, options: ConnectionOptions = {}): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const socket = open(port, "127.0.0.1");
    socket.once("error", () => resolve(undefined));
    socket.once("close", () => resolve(undefined));
    socket.once("data", () => {
      const secure = encrypt({ socket, servername: "localhost", ca: this.ca, ...options });
      secure.once("secureConnect", () => secure.write("CONNECT {}\r\nPING\r\n"));
      let heard = "";
      secure.on("data", (chunk) => {
        heard += String(chunk);
        if (heard.includes("PONG")) resolve(secure.getCipher().standardName);
        if (/PONG|-ERR/.test(heard)) secure.destroy();
      });
      secure.once("error", () => resolve(undefined));
      secure.once("close", () => resolve(undefined));
    });
    return promise;
  }

  [Symbol.dispose](): void {
    this.#authority[Symbol.dispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A server that was told something, with its log. */
export class Told implements AsyncDisposable {
  readonly midge: Midge;
  readonly #log: Log;
  readonly #file: string;

  constructor(midge: Midge, log: Log, file: string) {
    this.midge = midge;
    this.#log = log;
    this.#file = file;
  }

  get port(): number {
    return this.midge.port;
  }

  get clusterPort(): number {
    return this.midge.cluster!.port;
  }

  /** How many servers it is connected to. */
  get others(): number {
    return this.midge.cluster!.remotes;
  }

  log(): string {
    this.#log.flush();
    return readFileSync(this.#file, "utf8");
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

  /** Who logs in like this is sent away. */
  async refuses(login: object): Promise<void> {
    await using client = await connect(this.port);
    await client.says(connectLine(login));
    await client.hears("-ERR 'Authorization Violation'\r\n");
    await client.hearsClose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.midge.stop();
    await this.#log.close();
  }
}

/** A syslog for streams, at a path or at a free port, that keeps what it hears. */
export class Syslog implements Disposable {
  readonly address: string;
  readonly #listener: { stop(force: boolean): void };
  #heard = "";

  constructor(place?: string) {
    const socket = { data: (_: unknown, chunk: Buffer) => void (this.#heard += chunk.toString()) };
    if (place === undefined) {
      const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket });
      this.address = `tcp://127.0.0.1:${listener.port}`;
      this.#listener = listener;
    } else {
      this.address = place;
      this.#listener = Bun.listen({ unix: place, socket });
    }
  }

  async hears(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.#heard), `the syslog hears ${pattern}`);
  }

  [Symbol.dispose](): void {
    this.#listener.stop(true);
  }
}
