// A pipe as `@nats-io/nats-core` wants its connections: the Transport of that package.

import type { Transport } from "@nats-io/nats-core/internal";
import { MIDGE_VERSION } from "../proto/version.ts";
import type { PipeEnd, PipeReader } from "./pipe.ts";

export interface PipeTransportSettings {
  /** Connects to the broker; throws where it lets nobody in. */
  readonly open: (reader: PipeReader) => PipeEnd;
  /** The connection ended, before anybody else hears of it. */
  readonly onClosed: () => void;
}

export class PipeTransport implements Transport, PipeReader {
  readonly lang = "in-process";
  readonly version = MIDGE_VERSION;
  isClosed = false;
  closeError?: Error;
  readonly #settings: PipeTransportSettings;
  readonly #ended = Promise.withResolvers<void | Error>();
  #pipe: PipeEnd | null = null;
  #wake: (() => void) | null = null;

  constructor(settings: PipeTransportSettings) {
    this.#settings = settings;
  }

  async connect(): Promise<void> {
    this.#pipe = this.#settings.open(this);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    while (!this.isClosed) {
      const chunk = this.#pipe?.read();
      if (chunk !== undefined) yield chunk;
      else if (!this.isClosed) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  isEncrypted(): boolean {
    return false;
  }

  send(frame: Uint8Array): void {
    if (!this.isClosed) this.#pipe?.send(frame);
  }

  /** Without an error what was sent still arrives. Resolves when the broker has let go. */
  close(error?: Error): Promise<void> {
    if (error !== undefined && !this.isClosed) this.closeError = error;
    this.isClosed = true;
    if (this.#pipe === null) this.onClosed();
    else if (error === undefined) this.#pipe.end();
    else this.#pipe.destroy();
    this.onReadable();
    return this.#ended.promise.then(() => {});
  }

  disconnect(): void {
    void this.close();
  }

  closed(): Promise<void | Error> {
    return this.#ended.promise;
  }

  discard(): void {
    this.#pipe?.destroy();
  }

  // ---- PipeReader

  onReadable(): void {
    this.#wake?.();
    this.#wake = null;
  }

  onClosed(): void {
    this.isClosed = true;
    this.#settings.onClosed();
    this.#ended.resolve(this.closeError);
    this.onReadable();
  }
}
