// The stream of events to every open page (server-sent events). What is sent is made once for all of them;
// a page that does not take it is let go, so nothing piles up for it.

const VIEWERS_MAX = 64;
/** More than the history of ten minutes, which is the largest event. */
const QUEUED_BYTES_MAX = 256 * 1024;
/** How long a viewer that was let go has for what it was already sent. */
const FAREWELL_SECONDS = 5;

/** The HTTP server, as far as a stream has to do with it. */
export interface StreamHost {
  timeout(request: Request, seconds: number): void;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

export class Viewers {
  readonly #open = new Map<Controller, () => void>();

  get size(): number {
    return this.#open.size;
  }

  /** A stream that begins with these bytes; null when there are too many already. */
  open(request: Request, host: StreamHost, first: Uint8Array): Response | null {
    if (this.#open.size >= VIEWERS_MAX) return null;
    // Streams last as long as somebody looks: the server's limit for idle requests is not for them.
    host.timeout(request, 0);
    const release = () => host.timeout(request, FAREWELL_SECONDS);
    let mine: Controller;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          mine = controller;
          this.#open.set(controller, release);
          controller.enqueue(first);
        },
        cancel: () => void this.#open.delete(mine),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: QUEUED_BYTES_MAX }),
    );
    return new Response(body, {
      headers: {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        // For proxies that would wait until they have more to pass on.
        "X-Accel-Buffering": "no",
      },
    });
  }

  /** To everybody. */
  send(event: Uint8Array): void {
    for (const controller of this.#open.keys()) {
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue(event);
      else this.#release(controller);
    }
  }

  close(): void {
    for (const controller of this.#open.keys()) this.#release(controller);
  }

  #release(controller: Controller): void {
    const release = this.#open.get(controller);
    if (!this.#open.delete(controller)) return;
    controller.close();
    release?.();
  }
}

/** One event, ready to be sent. */
export function eventBytes(name: string, data: unknown): Uint8Array {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
