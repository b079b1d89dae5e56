#!/usr/bin/env bun
// The executable, and where reading starts: argv → options → log → Midge → signals. Before the log
// is open, mistakes are plain lines on standard error; after that they are [FTL] lines.
import { resolveGiven } from "./config/executable.ts";
import { FlagError, parseFlags, type CommandLine } from "./config/flags.ts";
import type { Options } from "./config/options.ts";
import { writePidFile } from "./config/pid-file.ts";
import { Log } from "./log/log.ts";
import { reasonOf } from "./log/reason.ts";
import { requireProc } from "./os/proc.ts";
import { releaseStartPages } from "./os/start-pages.ts";
import { VERSION_LINE } from "./proto/version.ts";
import { Midge } from "./server.ts";

/** A stop that takes longer is cut off: whoever sent the signal is waiting. */
const STOP_MS_MAX = 10_000;
/** What an orderly stop undoes. */
const onStop: (() => void)[] = [];

await main(process.argv.slice(2));

// What few starts need is imported where it is needed: that keeps the others quick and small.
async function main(argv: readonly string[]): Promise<void> {
  const line = await orRefuse(() => parseFlags(argv));
  switch (line?.asks) {
    case "version":
      return say(`${VERSION_LINE}\n`);
    case "help":
      return say((await import("./config/help.ts")).renderHelp());
    case "help tls":
      return say((await import("./config/tls-help.ts")).renderTlsHelp());
    case "health":
      return tellHealth(line.healthcheck!);
    case "signal":
      return orRefuse(async () => (await import("./config/signal.ts")).sendSignal(line.signal!));
    case "test":
      return orRefuse(() => test(line));
    case "run": {
      const plan = await orRefuse(() => {
        requireProc();
        return resolve(line);
      });
      const log = plan && (await orRefuse(() => Log.open(plan.options)));
      if (plan && log) await run(line, plan, log);
    }
  }
}

/** One line and an exit code, for images that have no other program to ask with. */
async function tellHealth(url: string): Promise<void> {
  const { healthcheck } = await import("./http/healthcheck.ts");
  const { ok, line } = await healthcheck(url);
  process.exitCode = ok ? 0 : 1;
  say(`${line}\n`);
}

interface Plan {
  readonly options: Options;
  /** What is accepted and does nothing yet. */
  readonly warnings: readonly string[];
  /** The configuration file that was read. */
  readonly file?: { readonly path: string; readonly digest: string };
}

async function resolve(line: CommandLine): Promise<Plan> {
  if (line.config === "") throw new Error("-c is empty: give it a file, or leave the flag out");
  if (line.config === undefined) return { options: resolveGiven(line), warnings: line.warnings };
  const { loadOptions } = await import("./config/load.ts");
  const { options, warnings, digest } = loadOptions(line.config, line);
  const file = { path: line.config, digest };
  return { options, warnings: [...line.warnings, ...warnings], file };
}

/** -t: what is wrong, or else what has no effect and that the file is valid. */
async function test(line: CommandLine): Promise<void> {
  const { options, warnings, file } = await resolve(line);
  if (options.tls !== undefined) {
    const { TlsServer } = await import("./net/tls-server.ts");
    const loaded = await TlsServer.load(options.tls);
    for (const warning of loaded.warnings) complain(`warning: ${warning}`);
  }
  for (const warning of warnings) complain(`warning: ${warning}`);
  if (file) complain(`configuration file ${file.path} is valid (${file.digest})`);
}

async function run(line: CommandLine, plan: Plan, log: Log): Promise<void> {
  const { options, warnings, file } = plan;
  process.on("uncaughtException", (error) => fail(log, stackOf(error)));
  process.on("unhandledRejection", (error) => fail(log, stackOf(error)));
  if (file) log.notice(`Using configuration file: ${file.path} (${file.digest})`);
  for (const warning of warnings) log.warn(warning);
  if (options.pidFile !== undefined) {
    try {
      writePidFile(options.pidFile);
    } catch (error) {
      await fail(log, `Could not write pidfile: ${options.pidFile}: ${reasonOf(error)}`);
    }
  }
  // Before the start: from the moment the log says that it is ready, a signal has to find someone.
  const started = Promise.withResolvers<Midge>();
  handleSignals(line, started.promise, log);
  try {
    const midge = await Midge.start(options, log);
    midge.configDigest = file?.digest ?? "";
    if (options.portsFileDir !== undefined) await writePorts(midge, options.portsFileDir, log);
    started.resolve(midge);
    // What the start left behind goes before the waiting begins.
    setImmediate(async () => {
      Bun.gc(true);
      await releaseStartPages();
    });
  } catch (error) {
    await fail(log, reasonOf(error));
  }
}

/**
 * Reads the file again; flags given at the start keep their priority. All of it counts, or nothing: then the
 * log says why, and so does the rejection.
 */
async function reload(midge: Midge, line: CommandLine, log: Log): Promise<void> {
  try {
    if (!line.config) {
      throw new Error("can only reload config when a file is provided using -c or --config");
    }
    const before = midge.options;
    const { options, warnings, file } = await resolve(line);
    await midge.reload(options, (next) => {
      rewritePidFile(before, next);
      return log.reconfigure(next);
    });
    midge.configDigest = file!.digest;
    const { portsFileDir } = midge.options;
    if (portsFileDir !== undefined && portsFileDir !== before.portsFileDir) {
      await writePorts(midge, portsFileDir, log);
    }
    for (const warning of warnings) log.warn(warning);
    log.notice(`Reloaded server configuration (${file!.digest})`);
  } catch (error) {
    for (const each of reasonOf(error).split("\n")) {
      log.error(`Failed to reload server configuration: ${each}`);
    }
    throw error;
  }
}

/** A pid file that a reload names anew; the old one stays, as it does with nats-server. */
function rewritePidFile(before: Options, { pidFile }: Options): void {
  if (pidFile === undefined || pidFile === before.pidFile) return;
  try {
    writePidFile(pidFile);
  } catch (error) {
    throw new Error(`Could not write pidfile: ${pidFile}: ${reasonOf(error)}`);
  }
}

/** Who can't read it misses a file, not a server: failures are only logged. */
async function writePorts(midge: Midge, folder: string, log: Log): Promise<void> {
  const { portsFilePath, removePortsFile, writePortsFile } = await import("./config/ports-file.ts");
  const path = portsFilePath(folder);
  const { options, port, monitorUrl, monitorHttpsUrl } = midge;
  const httpPort = options.httpPort === 0 ? 0 : portOf(monitorUrl);
  try {
    writePortsFile(path, { ...options, port, httpPort, httpsPort: portOf(monitorHttpsUrl) });
    onStop.push(() => removePortsFile(path));
  } catch (error) {
    log.error(`Error writing ports file (${path}): ${reasonOf(error)}`);
  }
}

/** Of an address that ends with it; URL would leave 80 and 443 out. */
function portOf(url = ":0"): number {
  return Number(url.slice(url.lastIndexOf(":") + 1));
}

function cleanUp(log: Log): void {
  for (const undo of onStop.splice(0)) {
    try {
      undo();
    } catch (error) {
      log.error(`Error cleaning up: ${reasonOf(error)}`);
    }
  }
}

/** Text on standard output, and the end. */
function say(text: string): void {
  process.stdout.write(text);
}

/** The value, or its error told on standard error with exit code 1. */
async function orRefuse<T>(make: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    process.exitCode = 1;
    complain(reasonOf(error));
    if (error instanceof FlagError) process.stderr.write(`${error.advice}\n`);
    return undefined;
  }
}

/** Several lines where several things are wrong. */
function complain(text: string): void {
  for (const line of text.split("\n")) process.stderr.write(`midge: ${line}\n`);
}

/** The last line of a server that can't go on; whoever watches the terminal sees it too. */
async function fail(log: Log, message: string): Promise<never> {
  log.fatal(message);
  if (!log.toStderr) process.stderr.write(`midge: ${message}\n`);
  // A syslog that is away gets half a second.
  await log.close();
  process.exit(1);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function handleSignals(line: CommandLine, started: Promise<Midge>, log: Log): void {
  /** The server is on its way out; what follows is only logged. */
  let ending = false;
  let lameDuck = false;

  const end = async () => {
    if (ending) return;
    ending = true;
    log.notice("Initiating Shutdown...");
    setTimeout(() => fail(log, "Shutdown takes too long, exiting"), STOP_MS_MAX);
    await (await started).stop();
    cleanUp(log);
    log.notice("Server Exiting..");
    await log.close();
    process.exit(0);
  };

  /** One at a time, in the order in which they were asked for. */
  let reloading: Promise<void> = Promise.resolve();
  const reloadNext = (): Promise<void> => {
    const done = reloading.then(async () => {
      if (ending || lameDuck) throw new Error("the server is on its way out");
      await reload(await started, line, log);
    });
    reloading = done.catch(() => {});
    return done;
  };
  void started.then((midge) => (midge.reloadFile = reloadNext));

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
  // The log says what went wrong.
  on("SIGHUP", "hangup", () => reloadNext().catch(() => {}));
}
