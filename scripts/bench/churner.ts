// A client whose subscriptions come and go at a steady pace while a load keeps this thread busy, in a
// thread of its own.
import type { Course } from "./churner-thread.ts";

export const RUNNING = 0;
export const OVER = 1;
/** Less of the pace than this means that something else was measured. */
const LEAST_SHARE = 0.9;

export class Churner {
  readonly #thread: Worker;
  readonly #state = new Int32Array(new SharedArrayBuffer(4));
  readonly #perSecond: number;
  readonly #begun = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<number>();

  /** Resolves when the first subscriptions are there. */
  static async start(port: number, perSecond: number): Promise<Churner> {
    const churner = new Churner(port, perSecond);
    await churner.#begun.promise;
    return churner;
  }

  private constructor(port: number, perSecond: number) {
    this.#perSecond = perSecond;
    this.#thread = new Worker(new URL("./churner-thread.ts", import.meta.url).href);
    const fail = (reason: string) => {
      const error = new Error(`changing interest: ${reason}`);
      this.#begun.reject(error);
      this.#ended.reject(error);
    };
    this.#ended.promise.catch(() => {}); // whoever asks for the end hears of it
    this.#thread.onmessage = ({ data }: MessageEvent<"begun" | number | { failure: string }>) => {
      if (data === "begun") this.#begun.resolve();
      else if (typeof data === "number") this.#ended.resolve(data);
      else fail(data.failure);
    };
    this.#thread.onerror = ({ message }) => fail(message);
    const course: Course = { port, perSecond, state: this.#state };
    this.#thread.postMessage(course);
  }

  /** Resolves with the pace there was; rejects when the server did not keep up with it. */
  async stop(): Promise<number> {
    Atomics.store(this.#state, 0, OVER);
    Atomics.notify(this.#state, 0);
    try {
      const pace = await this.#ended.promise;
      if (pace >= LEAST_SHARE * this.#perSecond) return pace;
      throw new Error(`only ${pace.toFixed(0)} of ${this.#perSecond} changes a second were taken`);
    } finally {
      this.#thread.terminate();
    }
  }
}
