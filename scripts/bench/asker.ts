// Asks the monitor of a server while a load keeps this thread busy: questions, their pace and what
// the answers took, over a thread of its own.
import type { Task } from "./asker-thread.ts";

export const RESTING = 0;
export const ASKING = 1;
export const OVER = 2;

export interface Answer {
  readonly question: string;
  readonly seconds: number;
  readonly bytes: number;
}

export class Asker {
  readonly #thread: Worker;
  readonly #state: Int32Array;
  readonly #answers: Promise<readonly Answer[]>;

  /** Asks all of the URLs, one after the other, in each period; rests until it is told to. */
  constructor(urls: readonly string[], periodSeconds: number, keepAlive: boolean) {
    this.#state = new Int32Array(new SharedArrayBuffer(4));
    this.#thread = new Worker(new URL("./asker-thread.ts", import.meta.url).href);
    this.#answers = new Promise((resolve, reject) => {
      const fail = (reason: string) => reject(new Error(`asking the monitor: ${reason}`));
      this.#thread.onmessage = ({ data }: MessageEvent<readonly Answer[] | string>) =>
        typeof data === "string" ? fail(data) : resolve(data);
      this.#thread.onerror = ({ message }) => fail(message);
    });
    this.#answers.catch(() => {}); // whoever asks for the end hears of it
    const task: Task = { urls, periodSeconds, keepAlive, state: this.#state };
    this.#thread.postMessage(task);
  }

  ask(): void {
    this.#become(ASKING);
  }

  /** What is on its way still comes. */
  rest(): void {
    this.#become(RESTING);
  }

  /** All answers there were; at least one is waited for. Rejects where one was not a 200. */
  async end(): Promise<readonly Answer[]> {
    this.#become(OVER);
    try {
      return await this.#answers;
    } finally {
      this.#thread.terminate();
    }
  }

  #become(state: number): void {
    Atomics.store(this.#state, 0, state);
    Atomics.notify(this.#state, 0);
  }
}
