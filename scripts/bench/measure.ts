// The measured time of a load: warm up, read the clocks, run on, read them again.
// A load tells how far it is with `done` and asks `running` once per turn of its loop.
import { type Reading, readClocks, type Usage, usageBetween } from "./meters.ts";

/** What a client needs besides a port where a server does not let in everybody. */
export interface Access {
  /** The user in CONNECT. */
  readonly login?: Login;
  /** PEM of the authority behind the server's certificate: the way in is TLS. */
  readonly ca?: string;
}

export interface Login {
  readonly user: string;
  readonly pass: string;
}

/** The server to measure and how long. */
export interface Terms {
  readonly port: number;
  /** Of the other node, where the server is a cluster; otherwise the same port. */
  readonly farPort: number;
  /** Where its monitor is asked, without a slash at the end; "" for one that is off. */
  readonly monitor: string;
  readonly access: Access;
  readonly serverPid: number;
  /** All processes of the server, whose CPU time counts together: those of a cluster. */
  readonly serverPids: readonly number[];
  readonly warmSeconds: number;
  readonly seconds: number;
}

export interface Rate extends Usage {
  readonly kind: "rate";
  readonly messages: number;
}

/** Round trips with one request on its way, in seconds. */
export interface Latency extends Usage {
  readonly kind: "latency";
  readonly trips: number;
  readonly p50: number;
  readonly p99: number;
}

/** Figures by name, in bytes, seconds, or shares of one. */
export interface Sizes {
  readonly kind: "sizes";
  readonly sizes: Readonly<Record<string, number>>;
  /** Of the window they were read in, where there was one. */
  readonly usage?: Usage;
}

export type Outcome = Rate | Latency | Sizes;

/** The outcome of a row with a single figure. */
export const sizeOf = (value: number): Sizes => ({ kind: "sizes", sizes: { "": value } });

export class Measure {
  readonly #terms: Terms;
  #until: number;
  #begin: (Reading & { readonly done: number }) | undefined;
  #rate: Rate | undefined;

  constructor(terms: Terms) {
    this.#terms = terms;
    this.#until = Bun.nanoseconds() + terms.warmSeconds * 1e9;
  }

  /** `done` is the number of messages the server has finished; false once the time is over. */
  running(done: number): boolean {
    if (Bun.nanoseconds() < this.#until) return true;
    const now = readClocks(this.#terms.serverPids);
    const begin = this.#begin;
    if (!begin) {
      this.#begin = { ...now, done };
      this.#until = Bun.nanoseconds() + this.#terms.seconds * 1e9;
      return true;
    }
    const messages = done - begin.done;
    this.#rate = { kind: "rate", messages, ...usageBetween(begin, now) };
    return false;
  }

  get rate(): Rate {
    if (!this.#rate) throw new Error("asked for a rate before the time was over");
    return this.#rate;
  }
}
