// A network of containers under host names, as `docker network create` makes one: a bridge in a network
// namespace of its own, that nothing leads out of.

/** Lives in a namespace that only its process keeps. */
export class Network implements Disposable {
  readonly #holder: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #names: readonly string[];

  static async create(...names: readonly string[]): Promise<Network> {
    const network = new Network(names);
    const { value } = await network.#holder.stdout.getReader().read();
    if (value !== undefined) return network;
    throw new Error("there is no network: see the lines above");
  }

  private constructor(names: readonly string[]) {
    this.#names = names;
    const script = "ip link add hub type bridge && ip link set hub up && echo up && exec cat";
    this.#holder = Bun.spawn(["unshare", "--net", "sh", "-c", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
  }

  get pid(): number {
    return this.#holder.pid;
  }

  addressOf(name: string): string {
    return `10.88.0.${this.#names.indexOf(name) + 1}`;
  }

  /** The file /etc/hosts of every container on it. */
  hosts(): string {
    const others = this.#names.map((name) => `${this.addressOf(name)} ${name}\n`);
    return ["127.0.0.1 localhost\n", ...others].join("");
  }

  [Symbol.dispose](): void {
    this.#holder.kill("SIGKILL");
  }
}
