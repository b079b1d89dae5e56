// What the rest of the server may know about logging: six verbs and two switches. Where lines go
// and how they look is decided in log.ts; an embedded server gets silentLogger unless it brings its
// own.

export interface Logger {
  /** Tested before a debug text is built, so that a quiet server pays one branch. */
  readonly debugOn: boolean;
  /** Tested before a protocol line is rendered; independent of debugOn. */
  readonly traceOn: boolean;
  notice(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  /** Only logs; whoever calls it decides how to end. */
  fatal(text: string): void;
  debug(text: string): void;
  trace(text: string): void;
}

const ignore = (): void => {};

export const silentLogger: Logger = Object.freeze({
  debugOn: false,
  traceOn: false,
  notice: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
  debug: ignore,
  trace: ignore,
});
