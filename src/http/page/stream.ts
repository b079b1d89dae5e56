// The stream of samples: opened, watched, and opened again as long as it takes. `fetch` instead of
// EventSource, because people want to know why there is no answer.
import type { Hello, Tick } from "../live-shapes.ts";
import { address } from "./base.ts";
import { EventReader, type ServerEvent } from "./events.ts";

/** A server that says nothing for this long is gone: it says something every second. */
const SILENCE_MS_MAX = 4000;
const RETRY_MS = 1000;

export type StreamState =
  | { readonly kind: "connecting" | "live" | "paused" }
  /** `status` is 0 when nobody answers. */
  | { readonly kind: "gone"; readonly status: number; readonly since: number };

export interface StreamListener {
  onState(state: StreamState): void;
  onHello(hello: Hello): void;
  onTick(tick: Tick): void;
}

export class LiveStream {
  readonly #listener: StreamListener;
  #state: StreamState = { kind: "connecting" };
  #abort: AbortController | null = null;
  #retry = 0;

  constructor(listener: StreamListener) {
    this.#listener = listener;
  }

  get isLive(): boolean {
    return this.#state.kind === "live";
  }

  /** Nothing happens when it is open already. */
  open(): void {
    if (this.#abort === null) void this.#listen();
  }

  /** Nobody looks. */
  pause(): void {
    clearTimeout(this.#retry);
    this.#abort?.abort();
    this.#abort = null;
    this.#become({ kind: "paused" });
  }

  async #listen(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    if (this.#state.kind === "paused") this.#become({ kind: "connecting" });
    let status = 0;
    try {
      const headers = { Accept: "text/event-stream" };
      const signal = abort.signal;
      const response = await fetch(address("live"), { headers, signal, cache: "no-store" });
      if (response.ok && response.body) await this.#read(response.body, abort);
      else status = response.status;
    } catch {
      // Refused, cut off, or silent for too long: all the same, it is gone.
    }
    if (this.#abort !== abort) return;
    this.#abort = null;
    const since = this.#state.kind === "gone" ? this.#state.since : Date.now();
    this.#become({ kind: "gone", status, since });
    this.#retry = setTimeout(() => this.open(), RETRY_MS);
  }

  async #read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const reader = new EventReader();
    const decoder = new TextDecoder();
    const pieces = body.getReader();
    let silence = 0;
    try {
      for (;;) {
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), SILENCE_MS_MAX);
        const { done, value } = await pieces.read();
        if (done) return;
        for (const event of reader.read(decoder.decode(value, { stream: true }))) this.#tell(event);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #tell({ name, data }: ServerEvent): void {
    if (name === "hello") {
      const hello: Hello = JSON.parse(data);
      this.#become({ kind: "live" });
      this.#listener.onHello(hello);
    } else if (name === "sample") {
      const tick: Tick = JSON.parse(data);
      this.#listener.onTick(tick);
    }
  }

  #become(state: StreamState): void {
    this.#state = state;
    this.#listener.onState(state);
  }
}
