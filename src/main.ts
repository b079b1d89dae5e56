#!/usr/bin/env bun
// The executable, and where reading starts: argv → options → log → Midge → signals. Before the log
// is open, mistakes are plain lines on standard error; after that they are [FTL] lines.
import { FlagError, parseFlags, type CommandLine } from "./config/flags.ts";
import { renderHelp } from "./config/help.ts";
import { OptionsError, resolveOptions, type Options } from "./config/options.ts";
import { writePidFile } from "./config/pid-file.ts";
import { Log } from "./log/log.ts";
import { reasonOf } from "./log/reason.ts";
import { VERSION_LINE } from "./proto/version.ts";
import { Midge } from "./server.ts";

/** A broker on its own machine serves the network; an embedded one does not unless told. */
const EXECUTABLE_HOST = "0.0.0.0";
/** A stop that takes longer is cut off: whoever sent the signal is waiting. */
const STOP_MS_MAX = 10_000;

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const commandLine = orRefuse(() => parseFlags(argv));
  if (!commandLine) return;
  if (commandLine.asks === "version") return say(`${VERSION_LINE}\n`);
  if (commandLine.asks === "help") return say(renderHelp());
  const options = orRefuse(() => resolve(commandLine));
  const log = options && orRefuse(() => new Log(options));
  if (options && log) await run(options, log);
}

function resolve({ options, spelled }: CommandLine): Options {
  const host = options.host || EXECUTABLE_HOST;
  return resolveOptions({ ...options, host }, (key) => spelled.get(key) ?? key);
}

async function run(options: Options, log: Log): Promise<void> {
  process.on("uncaughtException", (error) => fail(log, stackOf(error)));
  process.on("unhandledRejection", (error) => fail(log, stackOf(error)));
  if (options.pidFile !== undefined) {
    try {
      writePidFile(options.pidFile);
    } catch (error) {
      fail(log, `Could not write pidfile: ${options.pidFile}: ${reasonOf(error)}`);
    }
  }
  // Before the start: from the moment the log says that it is ready, a signal has to find someone.
  const started = Promise.withResolvers<Midge>();
  handleSignals(started.promise, log);
  try {
    started.resolve(await Midge.start(options, log));
  } catch (error) {
    fail(log, reasonOf(error));
  }
}

/** Text on standard output, and the end. */
function say(text: string): void {
  process.stdout.write(text);
}

/** The value, or its error told on standard error with exit code 1. */
function orRefuse<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(refusal(error));
    return undefined;
  }
}

function refusal(error: unknown): string {
  if (error instanceof FlagError) return `midge: ${error.message}\n${error.advice}\n`;
  if (error instanceof OptionsError) {
    return error.problems.map((problem) => `midge: ${problem.message}\n`).join("");
  }
  return `midge: ${reasonOf(error)}\n`;
}

/** The last line of a server that can't go on; whoever watches the terminal sees it too. */
function fail(log: Log, message: string): never {
  log.fatal(message);
  log.close();
  if (log.toFile) process.stderr.write(`midge: ${message}\n`);
  process.exit(1);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function handleSignals(started: Promise<Midge>, log: Log): void {
  /** The server is on its way out; what follows is only logged. */
  let ending = false;
  let lameDuck = false;

  const end = async () => {
    if (ending) return;
    ending = true;
    log.notice("Initiating Shutdown...");
    setTimeout(() => fail(log, "Shutdown takes too long, exiting"), STOP_MS_MAX);
    await (await started).stop();
    log.notice("Server Exiting..");
    log.close();
    process.exit(0);
  };

  const leave = async () => {
    if (ending || lameDuck) return;
    lameDuck = true;
    await (await started).lameDuck();
    await end();
  };

  const on = (signal: NodeJS.Signals, title: string, act: () => unknown) => {
    process.on(signal, () => {
      log.notice(`Trapped "${title}" signal`);
      act();
    });
  };
  on("SIGINT", "interrupt", end);
  // Orchestrators send SIGTERM after they asked for lame duck mode, which would cut it short.
  on("SIGTERM", "terminated", () => (lameDuck ? undefined : end()));
  on("SIGUSR1", "user defined signal 1", () => log.reopen());
  on("SIGUSR2", "user defined signal 2", leave);
  on("SIGHUP", "hangup", () => log.warn("Reload ignored: there is no configuration file to read"));
}
