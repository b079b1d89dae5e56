// The measured time of a load: warm up, read the clocks, run on, read them again.
// A load tells how far it is with `done` and asks `running` once per turn of its loop.
import { type Reading, readClocks } from "./meters.ts";

/** How a generator process is told what to do, as JSON in its first argument. */
export interface Terms {
  readonly port: number;
  readonly serverPid: number;
  readonly warmSeconds: number;
  readonly seconds: number;
}

export interface Rate {
  readonly kind: "rate";
  readonly messages: number;
  readonly seconds: number;
  /** CPU seconds within the time: of the server, of the generator, of everybody else on the machine. */
  readonly serverCpu: number;
  readonly generatorCpu: number;
  readonly otherCpu: number;
}

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
    const now = readClocks(this.#terms.serverPid);
    const begin = this.#begin;
    if (!begin) {
      this.#begin = { ...now, done };
      this.#until = Bun.nanoseconds() + this.#terms.seconds * 1e9;
      return true;
    }
    const serverCpu = now.server - begin.server;
    const generatorCpu = now.generator - begin.generator;
    this.#rate = {
      kind: "rate",
      messages: done - begin.done,
      seconds: now.time - begin.time,
      serverCpu,
      generatorCpu,
      otherCpu: Math.max(0, now.machine - begin.machine - serverCpu - generatorCpu),
    };
    return false;
  }

  get rate(): Rate {
    if (!this.#rate) throw new Error("asked for a rate before the time was over");
    return this.#rate;
  }
}
