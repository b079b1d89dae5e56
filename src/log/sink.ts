// Where finished lines go: standard error or a file, as an open descriptor. Logging must never stop
// traffic, so a write that fails loses its lines and a full pipe makes them wait, up to a bound;
// what was lost is said as soon as something can be written again. A file may have a limit of size,
// past which it is set aside (rotation.ts).
import { closeSync, constants, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { microseconds, type Clock } from "./clock.ts";
import { lineFormat, type Level, type LineFormat, type LineStyle } from "./line.ts";
import { lossReport, type Output } from "./output.ts";
import { reasonOf } from "./reason.ts";
import { purgeBackups, setAside, type RotationRule } from "./rotation.ts";

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

/** What of a line's style is not decided by where it goes. */
export type SinkStyle = Omit<LineStyle, "colours">;

export interface SinkTarget {
  /** Standard error unless given. */
  readonly path?: string | undefined;
  readonly rotation?: RotationRule | undefined;
}

export class Sink implements Output {
  readonly path: string | undefined;
  /** Whether a person is looking at it. */
  readonly isTerminal: boolean;
  readonly #rotation: RotationRule | undefined;
  readonly #clock: Clock;
  #format: LineFormat;
  #fd = -1;
  /** Of the file; not counted where nothing depends on it. */
  #sizeBytes = 0;
  /** A file larger than this is rotated. */
  #sizeBytesMax = Number.POSITIVE_INFINITY;
  #rotating = false;
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
  constructor(target: SinkTarget, style: SinkStyle, clock: Clock = microseconds) {
    this.path = target.path;
    this.isTerminal = target.path === undefined && isatty(STDERR);
    this.#rotation = target.rotation;
    this.#clock = clock;
    this.#format = this.#formatFor(style);
    if (target.path === undefined) this.#fd = openStderr();
    else this.#adopt(openLogFile(target.path));
  }

  restyle(style: SinkStyle): void {
    this.#format = this.#formatFor(style);
  }

  put(level: Level, text: string): void {
    const line = this.#format(level, text);
    if (level === "trace" || level === "debug") this.gather(line);
    else this.write(line);
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
    const rotationDue = this.#sizeBytes + this.#gathered.length > this.#sizeBytesMax;
    if (rotationDue || this.#gathered.length >= GATHERED_CHARS_MAX) this.flush();
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
    this.#adopt(fresh);
  }

  /** All of it happens in the call, so that the last words of a program need nobody to wait. */
  close(): Promise<void> {
    if (this.#fd < 0) return Promise.resolve();
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
    return Promise.resolve();
  }

  #formatFor(style: SinkStyle): LineFormat {
    return lineFormat({ ...style, colours: this.isTerminal }, this.#clock);
  }

  /** Goes on with this file, unless it is too large already. */
  #adopt(fd: number): void {
    this.#fd = fd;
    const file = fstatSync(fd);
    const limit = this.#rotation?.limitBytes ?? 0;
    // Devices and pipes have no size, and nobody wants them renamed.
    if (limit <= 0 || !file.isFile()) return;
    this.#sizeBytes = file.size;
    this.#sizeBytesMax = limit;
    if (file.size > limit) this.put("notice", "Rotating logfile...");
  }

  #writeOut(): void {
    // What is lost is told when there is room again: a report each time would be a queue without end.
    const tells = this.#lostLines > 0 && this.#rest === undefined;
    if (tells) {
      const report = this.#format("warn", lossReport(this.#lostLines, this.#lostReason));
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
    const lost = tells ? this.#lostLines : 0;
    if (tells) this.#lostLines = 0;
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
    this.#sizeBytes += at;
    if (this.#sizeBytes > this.#sizeBytesMax && !this.#rotating) this.#rotate();
    // There is room again: what was lost meanwhile can be told.
    if (at === bytes.length && this.#lostLines > 0) this.#writeOut();
  }

  /** Sets the file aside for a new one; when that fails, goes on for as long as the limit again. */
  #rotate(): void {
    const { path } = this;
    const rule = this.#rotation;
    if (path === undefined || !rule) return;
    // What is said about it counts for the size of the file, but must not rotate it again.
    this.#rotating = true;
    this.#sizeBytesMax = rule.limitBytes;
    try {
      const backup = this.#renew(path);
      this.put("notice", `Rotated log, backup saved as "${backup}"`);
    } catch (error) {
      this.#sizeBytesMax += this.#sizeBytes;
      this.put("error", `Log file not rotated: ${reasonOf(error)}`);
    }
    try {
      for (const name of purgeBackups(path, rule.filesMax)) {
        this.put("notice", `Purged log file "${name}"`);
      }
    } catch (error) {
      this.put("error", `Old log files not purged: ${reasonOf(error)}`);
    }
    this.#rotating = false;
  }

  /** Returns what the old file is called now. */
  #renew(path: string): string {
    const backup = setAside(path, this.#clock);
    let fresh: number;
    try {
      fresh = openLogFile(path);
    } catch (error) {
      renameSync(backup, path);
      throw error;
    }
    closeSync(this.#fd);
    this.#fd = fresh;
    this.#sizeBytes = fstatSync(fresh).size;
    return backup;
  }

  #lose(lines: number, reason: string): void {
    this.#lostLines += lines;
    this.#lostReason = reason;
  }
}

/** Append and create, never truncate: rotation tools and several servers may share a directory. */
function openLogFile(path: string): number {
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
  // A path may name a pipe or a terminal that nobody reads: neither opening nor writing may wait for it.
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o640);
}

/**
 * A pipe is opened a second time, without blocking: a log reader that hangs would otherwise hang
 * the whole server, and switching the pipe we inherited would switch it for all who share it.
 */
function openStderr(): number {
  try {
    if (fstatSync(STDERR).isFIFO() || isatty(STDERR)) {
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
