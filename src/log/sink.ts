// Where finished lines go: standard error or a file, as an open descriptor. Logging must never stop
// traffic, so a write that fails loses its lines and a full pipe makes them wait, up to a bound;
// what was lost is said as soon as something can be written again.
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { isatty } from "node:tty";

/** Text that may wait for a pipe nobody reads, or for the end of this turn. */
const WAITING_CHARS_MAX = 8 * 1024 * 1024;
/** Gathered lines are written out at this size, turn or no turn. */
const GATHERED_CHARS_MAX = 64 * 1024;
/** A full pipe is tried again after this time, sooner when somebody has begun to read it. */
const RETRY_MS = 20;
const RETRY_MOVING_MS = 1;
/** How long the end of the program waits for a reader that reads nothing. */
const CLOSE_WAIT_MS = 500;
const STDERR = 2;

/** The line that says what was lost; the sink itself knows no format. */
export type LossReport = (lines: number, reason: string) => string;

export class Sink {
  readonly path: string | undefined;
  /** Whether a person is looking at it. */
  readonly isTerminal: boolean;
  #fd: number;
  readonly #lossReport: LossReport;
  /** Lines not written yet. */
  #gathered = "";
  /** The rest of a write that a full pipe took only in part. */
  #rest: Buffer | undefined;
  /** How many lines are in the two of them. */
  #waitingLines = 0;
  /** A full pipe is being retried: until then nothing is written. */
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryMs = RETRY_MS;
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #lostLines = 0;
  #lostReason = "";
  /** The last line that reached the file has no end. */
  #torn = false;

  /** Throws when the file can't be opened. */
  constructor(path: string | undefined, lossReport: LossReport) {
    this.path = path;
    this.isTerminal = path === undefined && isatty(STDERR);
    this.#fd = path === undefined ? openStderr() : openLogFile(path);
    this.#lossReport = lossReport;
  }

  /** Writes at once, gathered lines first. */
  write(line: string): void {
    this.gather(line);
    this.flush();
  }

  /** Writes at the end of this turn, so that a burst of lines costs one system call. */
  gather(line: string): void {
    const waiting = this.#gathered.length + (this.#rest?.length ?? 0);
    if (waiting + line.length > WAITING_CHARS_MAX) {
      this.#lose(1, "nobody reads the log");
      return;
    }
    this.#gathered += line;
    this.#waitingLines++;
    if (this.#gathered.length >= GATHERED_CHARS_MAX) this.flush();
    else this.#immediate ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#immediate = undefined;
    if (!this.#retry) this.#writeOut();
  }

  /**
   * Opens the file again under its name, after somebody moved it away. Throws and keeps the old
   * one.
   */
  reopen(): void {
    if (this.path === undefined) return;
    this.flush();
    const fresh = openLogFile(this.path);
    closeSync(this.#fd);
    this.#fd = fresh;
  }

  close(): void {
    if (this.#fd < 0) return;
    let waitedMs = 0;
    for (;;) {
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.flush();
      if (!this.#retry || waitedMs >= CLOSE_WAIT_MS) break;
      Bun.sleepSync(this.#retryMs);
      waitedMs = this.#retryMs === RETRY_MS ? waitedMs + RETRY_MS : 0;
    }
    clearTimeout(this.#retry);
    if (this.#fd !== STDERR) closeSync(this.#fd);
    // Whoever logs after this must not write into a file that got the same number.
    this.#fd = -1;
  }

  #writeOut(): void {
    if (this.#lostLines > 0) {
      const report = this.#lossReport(this.#lostLines, this.#lostReason);
      this.#gathered = `${this.#torn ? "\n" : ""}${this.#gathered}${report}`;
    }
    if (this.#gathered === "" && !this.#rest) return;
    const fresh = Buffer.from(this.#gathered);
    const rest = this.#rest ?? fresh;
    const bytes = rest === fresh || fresh.length === 0 ? rest : Buffer.concat([rest, fresh]);
    const lines = this.#waitingLines;
    this.#gathered = "";
    this.#waitingLines = 0;
    this.#rest = undefined;
    const lost = this.#lostLines;
    this.#lostLines = 0;
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#fd, bytes, at, bytes.length - at);
      this.#torn = false;
    } catch (error) {
      const code = errorCode(error);
      if (code === "EAGAIN") {
        this.#rest = bytes.subarray(at);
        this.#waitingLines = lines;
        this.#retryMs = at > 0 ? RETRY_MOVING_MS : RETRY_MS;
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#writeOut();
        }, this.#retryMs);
      } else {
        this.#lose(lost + lines, code);
        if (at > 0) this.#torn = true;
      }
    }
  }

  #lose(lines: number, reason: string): void {
    this.#lostLines += lines;
    this.#lostReason = reason;
  }
}

/** Append and create, never truncate: rotation tools and several servers may share a directory. */
function openLogFile(path: string): number {
  return openSync(path, "a", 0o640);
}

/**
 * A pipe is opened a second time, without blocking: a log reader that hangs would otherwise hang
 * the whole server, and switching the pipe we inherited would switch it for all who share it.
 */
function openStderr(): number {
  try {
    if (fstatSync(STDERR).isFIFO()) {
      return openSync("/proc/self/fd/2", constants.O_WRONLY | constants.O_NONBLOCK);
    }
  } catch {
    // No /proc, or not allowed: the descriptor as it is serves as well while somebody reads it.
  }
  return STDERR;
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
