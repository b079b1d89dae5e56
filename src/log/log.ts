// The logger of the executable: consola in front, one reporter that writes NATS lines, a sink
// behind. Notices, warnings and errors are written at once; debug and trace lines, which come in
// floods, are gathered until the end of the turn.
import { createConsola, LogLevels, type ConsolaInstance, type LogObject } from "consola/core";
import { lineFormat, type Level, type LineFormat } from "./line.ts";
import type { Logger } from "./logger.ts";
import { reasonOf } from "./reason.ts";
import { Sink, type LossReport } from "./sink.ts";

export interface LogOptions {
  readonly debug: boolean;
  readonly trace: boolean;
  /** Whether lines carry the time. */
  readonly logtime: boolean;
  /** Standard error unless given. */
  readonly logFile?: string;
}

export class Log implements Logger {
  readonly debugOn: boolean;
  readonly traceOn: boolean;
  readonly #sink: Sink;
  readonly #format: LineFormat;
  readonly #front: ConsolaInstance;

  /** Throws an Error for people when the log file can't be opened. */
  constructor(options: LogOptions) {
    this.debugOn = options.debug;
    this.traceOn = options.trace;
    this.#sink = openSink(options.logFile, (lines, reason) => this.#lossReport(lines, reason));
    this.#format = lineFormat({
      pid: process.pid,
      times: options.logtime,
      colours: this.#sink.isTerminal,
    });
    this.#front = createConsola({
      // debug and trace are switched apart, not one above the other, so the level filters nothing.
      level: LogLevels.verbose,
      // consola merges repeated lines by default; a log for machines shows every one of them.
      throttle: Number.NEGATIVE_INFINITY,
      reporters: [{ log: (entry) => this.#report(entry) }],
    });
  }

  notice(text: string): void {
    this.#front.info.raw(text);
  }

  warn(text: string): void {
    this.#front.warn.raw(text);
  }

  error(text: string): void {
    this.#front.error.raw(text);
  }

  fatal(text: string): void {
    this.#front.fatal.raw(text);
  }

  debug(text: string): void {
    if (this.debugOn) this.#front.debug.raw(text);
  }

  trace(text: string): void {
    if (this.traceOn) this.#front.trace.raw(text);
  }

  get toFile(): boolean {
    return this.#sink.path !== undefined;
  }

  /** Opens the log file again under its name (SIGUSR1); says so in the new one. */
  reopen(): void {
    if (!this.toFile) {
      this.notice("File log re-open ignored, not a file logger");
      return;
    }
    try {
      this.#sink.reopen();
      this.notice("File log re-opened");
    } catch (error) {
      this.error(`File log not re-opened: ${reasonOf(error)}`);
    }
  }

  /** Writes what is still gathered. */
  flush(): void {
    this.#sink.flush();
  }

  close(): void {
    this.#sink.close();
  }

  #report(entry: LogObject): void {
    const level = LEVELS[entry.type] ?? "notice";
    const line = this.#format(level, String(entry.args[0]));
    if (level === "trace" || level === "debug") this.#sink.gather(line);
    else this.#sink.write(line);
  }

  #lossReport(lines: number, reason: string): string {
    return this.#format("warn", `${lines} log line${lines === 1 ? "" : "s"} lost: ${reason}`);
  }
}

/** consola's names for what NATS calls levels. */
const LEVELS: Readonly<Record<string, Level>> = {
  info: "notice",
  warn: "warn",
  error: "error",
  fatal: "fatal",
  debug: "debug",
  trace: "trace",
};

function openSink(path: string | undefined, lossReport: LossReport): Sink {
  try {
    return new Sink(path, lossReport);
  } catch (error) {
    throw new Error(`can't open the log file ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
