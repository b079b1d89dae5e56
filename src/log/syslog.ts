// The output to a syslog, near or far. Each line is a frame of its own and is sent at once; while the
// syslog is away or takes nothing, frames wait in a queue with a bound, and a lost connection is made
// again. How frames travel is in syslog-link.ts and syslog-local.ts.

import type { Level } from "./line.ts";
import { lossReport, type Output } from "./output.ts";
import { reasonOf } from "./reason.ts";
import type { FrameFormat } from "./syslog-frame.ts";

/** Frames may wait up to this size; those that come then are lost and counted. */
const WAITING_BYTES_MAX = 1024 * 1024;
/** A long queue is sent in portions, so that nobody waits for it. */
const SENDS_PER_TURN_MAX = 256;
/** The first try to connect again happens at once, each later one after twice the time. */
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5000;
/** A peer that does not answer a dial for so long is away. */
const DIAL_MS_MAX = 5000;
/** How long a start waits for the first connection, so that an early end can still be told. */
const OPEN_WAIT_MS_MAX = 1000;
/** How long the end of the program waits for the queue. */
const CLOSE_WAIT_MS_MAX = 500;

/**
 * - blocked: the same frame has to be sent again once the link is ready
 * - broken: it has to be sent again on a new link
 * - refused: it can't be sent
 */
export type Sent = "sent" | "blocked" | "broken" | "refused";

export interface SyslogLink {
  send(frame: Buffer): Sent;
  close(): void;
}

/** Connects; the link calls back when it is ready again, or has broken, after it was blocked. */
export type Dial = (onReady: () => void) => Promise<SyslogLink>;

export interface SyslogTerms {
  /** For messages. */
  readonly name: string;
  readonly format: FrameFormat;
  readonly dial: Dial;
  /** Takes one line for people each time the syslog goes away. */
  readonly complain: (text: string) => void;
}

export class SyslogOutput implements Output {
  readonly #terms: SyslogTerms;
  #link: SyslogLink | undefined;
  /** The link takes nothing until it says that it is ready. */
  #blocked = false;
  /** Frames not sent yet; those before #queueAt are gone. */
  #queue: Buffer[] = [];
  #queueAt = 0;
  #queueBytes = 0;
  #dialling = false;
  /** How long to wait before the next dial; back to 0 when a frame was sent. */
  #retryMs = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** The next portion of a long queue. */
  #portion: ReturnType<typeof setImmediate> | undefined;
  /** People were told that the syslog is away. */
  #away = false;
  #lostLines = 0;
  #lostReason = "";
  /** Nothing more is taken. */
  #ending = false;
  #ended = false;
  /** Wakes the end of the program, which waits for the queue. */
  #onEmpty = (): void => {};

  constructor(terms: SyslogTerms) {
    this.#terms = terms;
  }

  /** Rejects when the first dial fails; without this call, the first line dials. */
  async open(): Promise<void> {
    this.#link = await this.#dial();
  }

  /** The same for a syslog whose absence must not stop a start: returns in bounded time. */
  async tryOpen(): Promise<void> {
    await inTime(this.#connect(), OPEN_WAIT_MS_MAX).catch(() => {});
  }

  put(level: Level, text: string): void {
    if (this.#ending) return;
    const frame = this.#terms.format(level, text);
    if (this.#queueBytes + frame.length > WAITING_BYTES_MAX) {
      this.#lose(this.#link ? "the syslog takes nothing" : "the syslog is away");
      return;
    }
    this.#append(frame);
    this.flush();
  }

  flush(): void {
    if (!this.#blocked && !this.#portion) this.#pump();
  }

  async close(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    if (this.#queueAt < this.#queue.length) {
      const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve));
      // Whoever ends does not wait for the next try.
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.#retryMs = 0;
      this.flush();
      await inTime(empty, CLOSE_WAIT_MS_MAX).catch(() => {});
    }
    this.#ended = true;
    clearTimeout(this.#retry);
    if (this.#portion) clearImmediate(this.#portion);
    this.#link?.close();
    this.#link = undefined;
  }

  #append(frame: Buffer): void {
    this.#queue.push(frame);
    this.#queueBytes += frame.length;
  }

  #pump(): void {
    for (let sends = 0; this.#queueAt < this.#queue.length; sends++) {
      const link = this.#link;
      if (!link) return this.#redial();
      if (sends === SENDS_PER_TURN_MAX) {
        this.#portion = setImmediate(() => {
          this.#portion = undefined;
          this.flush();
        });
        return;
      }
      const sent = link.send(this.#queue[this.#queueAt]!);
      if (sent === "blocked") {
        this.#blocked = true;
        return;
      }
      if (sent === "broken") {
        this.#link = undefined;
        link.close();
      } else {
        this.#take(sent);
      }
    }
    this.#onEmpty();
  }

  /** The first frame of the queue is settled. */
  #take(sent: Sent): void {
    const frame = this.#queue[this.#queueAt++]!;
    this.#queueBytes -= frame.length;
    if (sent === "refused") {
      this.#lose("too long for the syslog");
    } else {
      this.#retryMs = 0;
      this.#away = false;
    }
    if (this.#queueAt < this.#queue.length) {
      // In large steps: to move the rest of a long queue for each frame would be slow.
      if (this.#queueAt < SENDS_PER_TURN_MAX) return;
      this.#queue.splice(0, this.#queueAt);
    } else {
      this.#queue.length = 0;
    }
    this.#queueAt = 0;
    if (this.#queue.length > 0 || this.#lostLines === 0) return;
    const report = lossReport(this.#lostLines, this.#lostReason);
    this.#lostLines = 0;
    this.#append(this.#terms.format("warn", report));
  }

  #redial(): void {
    if (this.#dialling || this.#retry) return;
    if (this.#retryMs === 0) {
      void this.#connect();
      return;
    }
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.#connect();
    }, this.#retryMs);
    this.#retry.unref();
  }

  /** Never rejects. */
  async #connect(): Promise<void> {
    this.#dialling = true;
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, RETRY_MS_MIN), RETRY_MS_MAX);
    let link: SyslogLink | undefined;
    try {
      link = await this.#dial();
    } catch (error) {
      if (!this.#away) this.#complain(error);
      this.#away = true;
    }
    this.#dialling = false;
    if (this.#ended) {
      link?.close();
      return;
    }
    this.#link = link;
    this.#blocked = false;
    this.flush();
  }

  async #dial(): Promise<SyslogLink> {
    const dialled = this.#terms.dial(() => {
      this.#blocked = false;
      if (!this.#ended) this.flush();
    });
    try {
      return await inTime(dialled, DIAL_MS_MAX);
    } catch (error) {
      dialled.then((late) => late.close()).catch(() => {});
      throw error;
    }
  }

  #complain(error: unknown): void {
    const { complain, name } = this.#terms;
    complain(`Syslog ${name} can't be reached: ${reasonOf(error)}; lines wait for it`);
  }

  #lose(reason: string): void {
    this.#lostLines++;
    this.#lostReason = reason;
  }
}

/** The promise, or an error when it takes longer. */
function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("no answer")), ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
