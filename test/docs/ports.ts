// The documentation writes 4222, 6222 and 8222, as everybody does; a test may not listen there. Each of these
// numbers is exchanged for a free port, the same one wherever it stands: in commands, addresses and files.
import { randomInt } from "node:crypto";

/** What the documentation gives to ports: 4222, 6222, 8222 and their neighbours, 4333 and its like. */
const WRITTEN = String.raw`[4-9](?:22|33)\d`;
const PATTERN = new RegExp(String.raw`\b(nats-[\w.-]+):(${WRITTEN})\b|\b${WRITTEN}\b`, "g");

/** Below the ports that systems give to outgoing connections, which come and go in any test. */
const LOWEST = 10_240;
const HIGHEST = 32_000;
const ATTEMPTS_MAX = 100;

/** Where commands without another machine's name are typed. */
export const HERE = "here";

export class Ports {
  readonly #ports = new Map<string, number>();

  /** The free port that stands for `written` on that machine. */
  of(written: string | number, machine = HERE): number {
    const name = `${machine}:${written}`;
    const port = this.#ports.get(name) ?? freePort(new Set(this.#ports.values()));
    this.#ports.set(name, port);
    return port;
  }

  /**
   * The text as it has to be on that machine. Machines whose names begin with `nats-` are other ones: each has
   * ports of its own, and its address is that of this one.
   */
  exchangeIn(text: string, machine = HERE): string {
    return text.replace(PATTERN, (own: string, other?: string, written?: string) =>
      other === undefined
        ? String(this.of(own, machine))
        : `127.0.0.1:${this.of(written ?? "", other)}`,
    );
  }
}

function freePort(taken: ReadonlySet<number>): number {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!taken.has(port) && isFree(port)) return port;
  }
  throw new Error(`no free port in ${ATTEMPTS_MAX} attempts`);
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: "0.0.0.0", port, socket: { data: () => {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}
