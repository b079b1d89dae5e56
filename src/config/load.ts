// A configuration file, from its path to checked options; start, -t and reload all come through here.
// Loaded only when there is a file.
import { keepsSomeoneOut, NO_PASSWORD, unguardedUsers } from "./access-rules.ts";
import type { CommandLine } from "./flags.ts";
import { resolveGiven, uselessFlags, type GivenFile, type GivenFlags } from "./executable.ts";
import { configDigest, loadConfigFile } from "./language/load.ts";
import { OptionsError, type Options } from "./options.ts";
import { ConfigError, formatProblem } from "./problem.ts";
import { readOptions, type ReadOptions } from "./read-options.ts";
import type { ConfigProblem } from "./value.ts";

export interface LoadedConfig {
  readonly options: Options;
  /** With their positions, for people. */
  readonly warnings: readonly string[];
  /** `sha256:…`, equal for files that mean the same. */
  readonly digest: string;
}

/** Flags win over the file. Throws a ConfigError with all problems, or what the language throws. */
export function loadOptions(
  path: string,
  flags: GivenFlags & Pick<CommandLine, "switchedOff">,
  env: Readonly<Record<string, string | undefined>> = process.env,
): LoadedConfig {
  const { root, warnings, isVariable } = loadConfigFile(path, env);
  const file = readOptions(root, { switchedOff: flags.switchedOff, isVariable });
  // With an error in the file, only the flags can be checked any further.
  const errors = [...file.errors];
  const options = resolve(flags, errors.length === 0 ? file : undefined, errors);
  if (options !== undefined) errors.push(...lostCertificates(options, flags, file));
  if (options === undefined || errors.length > 0) throw new ConfigError(errors);
  return {
    options,
    warnings: [
      ...uselessFlags(flags, file),
      ...[...warnings, ...file.warnings].map(formatProblem),
      ...opennessWarning(options, flags, file),
      ...passwordWarnings(options, flags, file),
    ],
    digest: configDigest(root),
  };
}

const SINGLE_USER = "authorization.user";

/** An `authorization` that is there and lets everybody in, as nats-server has it. */
function opennessWarning(options: Options, flags: GivenFlags, file: GivenFile): string[] {
  if (options.authorization === undefined || keepsSomeoneOut(options)) return [];
  const name = flags.spelled.get("pass") ?? file.placeOf("authorization");
  return [`${name}: keeps nobody out: there is no user and no token`];
}

/** Right, as in nats-server, and more likely a password that was forgotten, or a variable left unset. */
function passwordWarnings(options: Options, flags: GivenFlags, file: GivenFile): string[] {
  // Certificates guard the users of arrays, but not a single one.
  const isGuarded = (path: string) => options.tls?.verifyAndMap && path !== SINGLE_USER;
  const open = [...unguardedUsers(options)].filter((path) => !isGuarded(path));
  return open.map((path) => `${placeOf(path, flags, file)}: ${NO_PASSWORD}`);
}

/** Without the encryption that a flag switched off, a user that certificates guarded is an open door. */
function lostCertificates(options: Options, flags: GivenFlags, file: ReadOptions): ConfigProblem[] {
  if (!file.unused.tls?.verifyAndMap || options.tls !== undefined) return [];
  const flag = flags.spelled.get("tls") ?? "a flag";
  const why = `has no password, and ${flag}=false switches off the certificates that guard it`;
  return [...unguardedUsers(options)].map((path) => ({
    position: null,
    message: `${placeOf(path, flags, file)}: ${why}; give it a password, or leave the flag out`,
  }));
}

function placeOf(path: string, flags: GivenFlags, file: GivenFile): string {
  return (path === SINGLE_USER && flags.spelled.get("user")) || file.placeOf(path) || path;
}

function resolve(
  flags: GivenFlags,
  file: GivenFile | undefined,
  errors: ConfigProblem[],
): Options | undefined {
  try {
    return resolveGiven(flags, file);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    errors.push(...error.problems.map(({ message }) => ({ position: null, message })));
    return undefined;
  }
}
