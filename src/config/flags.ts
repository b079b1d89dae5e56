// The command line: Go's flag syntax, which NATS operators and their scripts rely on, read into
// options. citty knows another dialect (it bundles -DV and lets unknown flags pass), so every
// argument is first brought into the one form that both read alike, --key=value, and what can't be
// is an error of ours.
import { parseArgs } from "citty";
import { NO_PASSWORD } from "./access-rules.ts";
import type { GivenAuthorization } from "./access.ts";
import { checkFlag } from "./flag-checks.ts";
import { clusterOf } from "./cluster.ts";
import { FLAG_BY_NAME, FLAGS, type Flag, type FlagKey } from "./flag-table.ts";
import { nearest } from "./nearest.ts";
import type { MidgeOptions } from "./options.ts";
import { present } from "./present.ts";
import type { GivenTls } from "./tls.ts";

/** A mistake on the command line: what is wrong and, on a line of its own, what to do. */
export class FlagError extends Error {
  override readonly name = "FlagError";
  readonly advice: string;

  constructor(message: string, advice = "run midge -h for the flags") {
    super(message);
    this.advice = advice;
  }
}

export interface CommandLine {
  readonly asks: "run" | "test" | "signal" | "health" | "help" | "help tls" | "version";
  /** Only what was given; the defaults belong to the options. */
  readonly options: MidgeOptions;
  /** For messages: how each option was spelled, such as port → -p. */
  readonly spelled: ReadonlyMap<string, string>;
  /** The configuration file. */
  readonly config: string | undefined;
  /** What -sl was given: a command, perhaps with =pid. */
  readonly signal: string | undefined;
  /** The address to ask whether a server is well. */
  readonly healthcheck: string | undefined;
  /** Keys of the file that a flag switched off, such as `tls` by --tls=false. */
  readonly switchedOff: ReadonlySet<string>;
  /** Flags that do nothing yet. */
  readonly warnings: readonly string[];
}

/** Reads the arguments after the program's name. Throws a FlagError at the first mistake. */
export function parseFlags(argv: readonly string[]): CommandLine {
  const { normal, words, spelled } = normalise(argv);
  // Spread, because citty's own object looks for other spellings of whatever is not there.
  const args = { ...parseArgs<typeof FLAGS>(normal, definitionsOf(spelled)) };
  const asks = questionOf(args, words[0]);
  const { config, signal, healthcheck, test } = args;
  const rest = {
    options: {},
    spelled,
    config,
    signal,
    healthcheck,
    switchedOff: new Set<string>(),
    warnings: [],
  };
  if (asks !== "run") return { ...rest, asks };
  if (healthcheck !== undefined) return { ...rest, asks: "health" };
  if (signal !== undefined) return { ...rest, asks: "signal" };
  if (test && !config) throw new FlagError("-t needs a configuration file", "name it with -c FILE");
  const others = consequences(args, spelled);
  const options: MidgeOptions = {
    host: args.host,
    port: integer(args.port),
    serverName: args.serverName,
    clientAdvertise: args.clientAdvertise,
    pidFile: args.pidFile,
    portsFileDir: args.portsFileDir,
    httpPort: integer(args.httpPort),
    httpsPort: integer(args.httpsPort),
    logFile: args.logFile,
    logSizeLimit: integer(args.logSizeLimit),
    logtime: args.logtime,
    logtimeUtc: args.logtimeUtc,
    syslog: args.syslog,
    remoteSyslog: args.remoteSyslog,
    debug: args.debug,
    trace: args.trace,
    traceVerbose: booleanOf(args, "traceVerbose"),
    maxTracedMsgLen: integer(args.maxTracedMsgLen),
    authorization: authorizationOf(args),
    tls: tlsOf(args, spelled),
    cluster: clusterOf({ ...args, connectRetries: integer(args.connectRetries) }),
  };
  return { ...rest, asks: test ? "test" : "run", options, ...others };
}

type Args = Partial<ReturnType<typeof parseArgs<typeof FLAGS>>>;

/** A page or a line that is asked for instead of a server. */
function questionOf(args: Args, word: string | undefined): CommandLine["asks"] {
  const command = word?.toLowerCase();
  if (args.version) return "version";
  if (args.help) return "help";
  if (args.helpTls) return "help tls";
  if (command === "version" || command === "help") return command;
  if (word !== undefined) throw unknownWord(word);
  return "run";
}

/** What flags come to beside the options they set: a refusal, warnings, keys of the file to leave out. */
function consequences(
  args: Args,
  spelled: ReadonlyMap<string, string>,
): Pick<CommandLine, "switchedOff" | "warnings"> {
  const switchedOff = new Set<string>();
  const warnings: string[] = [];
  for (const [key, flag] of Object.entries<Flag>(FLAGS)) {
    const name = spelled.get(key);
    if (name === undefined) continue;
    if (flag.filled && Reflect.get(args, key) === "") {
      throw new FlagError(`${name} is empty`, "give it a value, or leave the flag out");
    }
    if (!isOn(flag, Reflect.get(args, key))) flag.switchesOff?.forEach((k) => switchedOff.add(k));
    else if (flag.later) warnings.push(`${name} has no effect yet`);
  }
  if (spelled.has("auth")) {
    const losers = ["user", "pass"].flatMap((key) => spelled.get(key) ?? []);
    warnings.push(...losers.map((name) => `${name} has no effect beside ${spelled.get("auth")}`));
  } else if (args.user !== undefined && args.pass === undefined && args.config === undefined) {
    // A file may have the password, and is looked at with it.
    warnings.push(`${spelled.get("user")}: ${NO_PASSWORD}`);
  }
  return { switchedOff, warnings };
}

/** What was given of it; undefined when nothing was. */
function authorizationOf({ user, pass, auth }: Args): GivenAuthorization | undefined {
  const given = present({ user, password: pass, token: auth });
  return Object.keys(given).length > 0 ? given : undefined;
}

/** --tls=false wins over the others; any other of these flags asks for encryption. */
function tlsOf(args: Args, spelled: ReadonlyMap<string, string>): GivenTls | undefined {
  const name = TLS_FLAGS.map((key) => spelled.get(key)).find((each) => each !== undefined);
  if (name === undefined || args.tls === false) return undefined;
  const { tlscert, tlskey, tlscacert, tlsverify } = args;
  if (tlscert === undefined || tlskey === undefined) {
    const missing = tlscert === undefined ? "--tlscert" : "--tlskey";
    throw new FlagError(`${name} needs a certificate and its key`, `name them: ${missing} FILE`);
  }
  return present({ certFile: tlscert, keyFile: tlskey, caFile: tlscacert, verify: tlsverify });
}

const TLS_FLAGS: readonly FlagKey[] = ["tls", "tlsverify", "tlscert", "tlskey", "tlscacert"];

function isOn(flag: Flag, value: unknown): boolean {
  if (flag.integer) return integer(String(value)) !== 0;
  return value !== false && value !== "";
}

/** A value that has no flag of its own, only flags that expand to it. */
function booleanOf(args: object, key: string): boolean | undefined {
  const value: unknown = Reflect.get(args, key);
  return value === undefined ? undefined : value === true || value === "true";
}

/**
 * The definitions of the flags that were given, as copies: citty adds spellings of its own to what it
 * reads, and working those out for flags nobody uses would be the longest part of a start.
 */
function definitionsOf(spelled: ReadonlyMap<string, string>): typeof FLAGS {
  const given = Object.entries(FLAGS).filter(([key]) => spelled.has(key));
  return structuredClone(Object.fromEntries(given)) as typeof FLAGS;
}

interface Normalised {
  /** --key=value, nothing else; for the same key the last one wins. */
  readonly normal: string[];
  /** What follows the flags. */
  readonly words: string[];
  readonly spelled: Map<string, string>;
}

function normalise(argv: readonly string[]): Normalised {
  const normal: string[] = [];
  const spelled = new Map<string, string>();
  let at = 0;
  while (at < argv.length) {
    const argument = argv[at]!;
    if (argument.length < 2 || !argument.startsWith("-")) break;
    at++;
    if (argument === "--") break;
    const { name, attached } = split(argument);
    const [key, flag] = find(name);
    let value = attached;
    if (flag.type === "boolean") value = String(boolean(name, attached ?? "true"));
    else if (value === undefined && flag.bare !== undefined && !isValue(argv[at])) {
      value = flag.bare;
    } else if (value === undefined) {
      // Go takes whatever comes next, so that -p -1 works.
      if (at === argv.length) throw new FlagError(`flag needs an argument: -${name}`);
      value = argv[at++]!;
    }
    if (flag.integer) requireInteger(name, value);
    const expected = flag.check && checkFlag(flag.check, value);
    if (expected) throw new FlagError(`invalid value for flag -${name}: ${expected}`);
    for (const target of flag.expands ?? [key]) {
      normal.push(`--${target}=${value}`);
      spelled.set(target, `-${name}`);
    }
  }
  return { normal, words: argv.slice(at), spelled };
}

/** Whether this is there, and no flag. */
function isValue(argument: string | undefined): boolean {
  return argument !== undefined && !argument.startsWith("-");
}

/** -name, --name, -name=value or --name=value. */
function split(argument: string): { name: string; attached: string | undefined } {
  const body = argument.slice(argument.startsWith("--") ? 2 : 1);
  if (body.startsWith("-") || body.startsWith("=")) {
    throw new FlagError(`bad flag syntax: ${argument.replace(/(\w=).+/, "$1…")}`);
  }
  const equalsAt = body.indexOf("=");
  if (equalsAt < 0) return { name: body, attached: undefined };
  return { name: body.slice(0, equalsAt), attached: body.slice(equalsAt + 1) };
}

function find(name: string): readonly [FlagKey, Flag] {
  const found = FLAG_BY_NAME.get(name);
  if (found) return found;
  const guess = nearest(name, FLAG_BY_NAME.keys());
  const advice = guess && `did you mean ${dashed(guess)}? run midge -h for the flags`;
  throw new FlagError(`flag provided but not defined: -${name}`, advice);
}

/** One dash before letters, two before words, as in the help page. */
export function dashed(name: string): string {
  return name.length <= 2 || name === name.toUpperCase() ? `-${name}` : `--${name}`;
}

function unknownWord(word: string): FlagError {
  // `-T false` leaves "false" behind: Go's booleans take a value only after an equals sign.
  const isBoolean = TRUE_WORDS.has(word) || FALSE_WORDS.has(word);
  const advice = isBoolean ? `to switch a flag off or on, write -flag=${word}` : undefined;
  return new FlagError(`unrecognized command: ${JSON.stringify(word)}`, advice);
}

const TRUE_WORDS: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE_WORDS: ReadonlySet<string> = new Set(["0", "f", "F", "false", "FALSE", "False"]);

function boolean(name: string, value: string): boolean {
  if (TRUE_WORDS.has(value)) return true;
  if (FALSE_WORDS.has(value)) return false;
  const found = JSON.stringify(value);
  throw new FlagError(
    `invalid boolean value ${found} for -${name}: parse error`,
    `write -${name}=true or -${name}=false`,
  );
}

function requireInteger(name: string, value: string): void {
  const number = parseInteger(value);
  if (number !== undefined && Number.isSafeInteger(number)) return;
  const reason = number === undefined ? "parse error" : "value out of range";
  throw new FlagError(`invalid value ${JSON.stringify(value)} for flag -${name}: ${reason}`);
}

function integer(value: string | undefined): number | undefined {
  return value === undefined ? undefined : parseInteger(value);
}

const DECIMAL = /^[+-]?(?:0|[1-9](?:_?\d)*)$/;
const PREFIXED = /^[+-]?0(?:x(?:_?[\da-f])+|b(?:_?[01])+|o(?:_?[0-7])+)$/i;
const OLD_OCTAL = /^[+-]?0(?:_?[0-7])+$/;

/** Go's integer literals: 4222, 0x107e, 0o10176, 010176, 0b1_0000_0111_1110, 4_222. */
export function parseInteger(text: string): number | undefined {
  const octal = OLD_OCTAL.test(text);
  if (!octal && !DECIMAL.test(text) && !PREFIXED.test(text)) return undefined;
  const digits = text.replace(/[+_-]/g, "");
  const number = octal ? Number.parseInt(digits, 8) : Number(digits);
  return text.startsWith("-") ? -number : number;
}
