// A question that is asked again and again while its answer is on the screen.
import { address } from "./base.ts";

const PERIOD_MS = 2000;

export class Poll<T> {
  readonly #question: () => string | null;
  readonly #onAnswer: (answer: T) => void;
  readonly #onRefusal: (status: number) => void;
  #abort: AbortController | null = null;
  #timer = 0;

  /** `question` is a path below the page; null while nobody wants to know. */
  constructor(
    question: () => string | null,
    onAnswer: (answer: T) => void,
    onRefusal: (status: number) => void = () => {},
  ) {
    this.#question = question;
    this.#onAnswer = onAnswer;
    this.#onRefusal = onRefusal;
  }

  /** Asks now, even when an answer to another question is on its way, and from then on regularly. */
  now(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const question = this.#question();
    const abort = new AbortController();
    this.#abort = abort;
    if (question !== null) {
      try {
        const { signal } = abort;
        const response = await fetch(address(question), { signal, cache: "no-store" });
        const answer: T | null = response.ok ? await response.json() : null;
        if (signal.aborted) return;
        if (answer === null) this.#onRefusal(response.status);
        else this.#onAnswer(answer);
      } catch {
        // The stream notices that the server is gone, and says so.
      }
    }
    if (this.#abort === abort) this.#timer = setTimeout(() => void this.#ask(), PERIOD_MS);
  }
}
