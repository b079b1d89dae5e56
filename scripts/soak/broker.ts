// The executable with a configuration file of its own; all it logs can be waited for.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const EXECUTABLE =
  process.env["MIDGE_BIN"] ?? join(dirname(dirname(import.meta.dir)), "dist/midge");
const PATIENCE_MS = 10_000;
const PAGE_BYTES = 4096;

export class Broker implements AsyncDisposable {
  readonly child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  readonly #folder = mkdtempSync(join(tmpdir(), "midge-soak-"));
  readonly #file = join(this.#folder, "midge.conf");
  readonly #kill = () => this.child.kill("SIGKILL");
  url = "";
  #log = "";
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  static async start(config: string, port = -1): Promise<Broker> {
    const broker = new Broker(config, port);
    const line = await broker.#line(/Listening for client connections on .*:(\d+)\n/, 0);
    await broker.#line(/Server is ready\n/, 0);
    broker.url = `nats://127.0.0.1:${line[1]}`;
    return broker;
  }

  private constructor(config: string, port: number) {
    writeFileSync(this.#file, config);
    const command = [resolve(EXECUTABLE), "-a", "127.0.0.1", "-p", `${port}`, "-c", this.#file];
    this.child = Bun.spawn(command, { stdio: ["ignore", "ignore", "pipe"] });
    process.on("exit", this.#kill);
    void this.#read();
  }

  /** Bytes of memory that it takes now. */
  get rss(): number {
    const [, pages] = readFileSync(`/proc/${this.child.pid}/statm`, "latin1").split(" ");
    return Number(pages) * PAGE_BYTES;
  }

  async reload(config: string): Promise<void> {
    writeFileSync(this.#file, config);
    const from = this.#log.length;
    this.child.kill("SIGHUP");
    const [line] = await this.#line(/.*(Reloaded server configuration|Failed to reload).*\n/, from);
    if (line.includes("Failed")) throw new Error(line);
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.child.stderr) {
      this.#log += decoder.decode(chunk, { stream: true });
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }

  async #line(pattern: RegExp, from: number): Promise<RegExpExecArray> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const match = pattern.exec(this.#log.slice(from));
      if (match !== null) return match;
      const left = end - performance.now();
      if (left <= 0) throw new Error(`no line like ${pattern} in the log:\n${this.#log}`);
      await Promise.race([this.#changed.promise, Bun.sleep(left)]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off("exit", this.#kill);
    this.#kill();
    await this.child.exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
