// The logger of the executable: consola in front, one output behind: a file, a remote syslog, the
// local syslog or standard error, the first of these that is asked for. Switches and output can be
// changed while it runs. Syslogs are loaded only when asked for.
import { createConsola, LogLevels, type ConsolaInstance, type LogObject } from "consola/core";
import type { Level } from "./line.ts";
import type { Logger } from "./logger.ts";
import type { Output } from "./output.ts";
import { reasonOf } from "./reason.ts";
import type { RotationRule } from "./rotation.ts";
import { Sink, type SinkStyle } from "./sink.ts";

export interface LogOptions {
  readonly debug: boolean;
  readonly trace: boolean;
  /** Implies trace. */
  readonly traceVerbose?: boolean | undefined;
  /** Whether lines carry the time. */
  readonly logtime: boolean;
  /** That time in UTC. */
  readonly logtimeUtc?: boolean | undefined;
  /** Goes before the syslogs. */
  readonly logFile?: string | undefined;
  /** Size in bytes past which the file is set aside; 0 for never. */
  readonly logSizeLimit?: number | undefined;
  /** Log files to keep, the one in use included; 0 for all. */
  readonly logMaxNum?: number | undefined;
  /** udp://host:port, tcp://host:port or unix:///path; goes before the local syslog. */
  readonly remoteSyslog?: string | undefined;
  /** Log to the syslog of this machine. */
  readonly syslog?: boolean | undefined;
}

/** For tests: where the local syslog may be. */
export interface LogPlaces {
  readonly syslogPaths?: readonly string[];
}

export class Log implements Logger {
  debugOn: boolean;
  traceOn: boolean;
  #output: Output;
  /** What the output was made from. */
  #target: Target;
  /** Also the place for complaints about a syslog; never closed before the end. */
  #stderr: Sink | undefined;
  #style: SinkStyle;
  readonly #places: LogPlaces;
  readonly #front: ConsolaInstance;

  /** The log, its output open. Rejects with an Error for people. */
  static async open(options: LogOptions, places: LogPlaces = {}): Promise<Log> {
    const log = new Log(options, places);
    await log.reconfigure(options);
    return log;
  }

  /**
   * Knows files and standard error only, see open(). Throws an Error for people when the log file
   * can't be opened.
   */
  constructor(options: LogOptions, places: LogPlaces = {}) {
    this.debugOn = options.debug;
    this.traceOn = isTracing(options);
    this.#style = styleOf(options);
    this.#places = places;
    const target = targetOf(options);
    this.#target = target.kind === "file" ? target : { kind: "stderr" };
    this.#output = target.kind === "file" ? this.#openFile(target) : this.#openStderr();
    this.#front = createConsola({
      // debug and trace are switched apart, not one above the other, so the level filters nothing.
      level: LogLevels.verbose,
      // consola merges repeated lines by default; a log for machines shows every one of them.
      throttle: Number.NEGATIVE_INFINITY,
      reporters: [{ log: (entry) => this.#report(entry) }],
    });
  }

  /**
   * Changes switches, the look of lines and, where that changed, the output. Rejects with an Error
   * for people when the new output can't be opened; then all is as before. Without a syslog in play
   * everything has happened when the call returns.
   */
  async reconfigure(options: LogOptions): Promise<void> {
    const target = targetOf(options);
    const before = this.#output;
    if (!Bun.deepEquals(target, this.#target)) {
      this.#output =
        target.kind === "file"
          ? this.#openFile(target)
          : target.kind === "stderr"
            ? this.#openStderr()
            : await this.#openSyslog(target);
      this.#target = target;
    }
    this.debugOn = options.debug;
    this.traceOn = isTracing(options);
    this.#style = styleOf(options);
    this.#stderr?.restyle(this.#style);
    if (this.#output instanceof Sink) this.#output.restyle(this.#style);
    if (before === this.#output) return;
    before.flush();
    if (before !== this.#stderr) await before.close();
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
    return this.#target.kind === "file";
  }

  /** Whoever started the program reads the lines where they are written. */
  get toStderr(): boolean {
    return this.#target.kind === "stderr";
  }

  /** Opens the log file again under its name (SIGUSR1); says so in the new one. */
  reopen(): void {
    if (!(this.#output instanceof Sink) || !this.toFile) {
      this.notice("File log re-open ignored, not a file logger");
      return;
    }
    try {
      this.#output.reopen();
      this.notice("File log re-opened");
    } catch (error) {
      this.error(`File log not re-opened: ${reasonOf(error)}`);
    }
  }

  /** Writes what is still gathered. */
  flush(): void {
    this.#output.flush();
  }

  /**
   * Writes what waits and ends the log. Files and standard error are done when the call returns; a
   * syslog that is away is waited for, for half a second.
   */
  async close(): Promise<void> {
    const closed = this.#output.close();
    if (this.#stderr && this.#stderr !== this.#output) void this.#stderr.close();
    await closed;
  }

  #openFile({ path, rotation }: FileTarget): Sink {
    try {
      return new Sink({ path, rotation }, this.#style);
    } catch (error) {
      throw new Error(`can't open the log file ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }

  #openStderr(): Sink {
    this.#stderr ??= new Sink({}, this.#style);
    return this.#stderr;
  }

  async #openSyslog(target: SyslogTarget): Promise<Output> {
    const { openLocalSyslog, openRemoteSyslog } = await import("./syslog-open.ts");
    const complain = (text: string) => this.#openStderr().put("error", text);
    return target.kind === "remote"
      ? openRemoteSyslog(target.address, complain)
      : openLocalSyslog(complain, this.#places.syslogPaths);
  }

  #report(entry: LogObject): void {
    this.#output.put(LEVELS[entry.type] ?? "notice", String(entry.args[0]));
  }
}

interface FileTarget {
  readonly kind: "file";
  readonly path: string;
  readonly rotation: RotationRule;
}

type SyslogTarget =
  { readonly kind: "remote"; readonly address: string } | { readonly kind: "local" };

type Target = FileTarget | SyslogTarget | { readonly kind: "stderr" };

/** The first that is asked for. */
function targetOf(options: LogOptions): Target {
  const { logFile, remoteSyslog } = options;
  if (logFile) {
    const limitBytes = options.logSizeLimit ?? 0;
    const rotation = { limitBytes, filesMax: options.logMaxNum ?? 0 };
    return { kind: "file", path: logFile, rotation };
  }
  if (remoteSyslog) return { kind: "remote", address: remoteSyslog };
  return { kind: options.syslog === true ? "local" : "stderr" };
}

function styleOf(options: LogOptions): SinkStyle {
  return { pid: process.pid, times: options.logtime, utc: options.logtimeUtc };
}

function isTracing(options: LogOptions): boolean {
  return options.trace || options.traceVerbose === true;
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
