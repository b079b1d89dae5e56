// The options of the executable: what the file says, overruled by the flags, checked together. A
// message calls an option the way it was given: as a flag, or by its place in the file.
import type { GivenAuthorization } from "./access.ts";
import { type GivenCluster, mergeCluster } from "./cluster.ts";
import type { CommandLine } from "./flags.ts";
import { OptionsError, resolveOptions, type MidgeOptions, type Options } from "./options.ts";
import type { GivenTls } from "./tls.ts";

/** A broker on its own machine serves the network; an embedded one does not unless told. */
const EXECUTABLE_HOST = "0.0.0.0";

/** What was given on the command line, as far as it is about options. */
export type GivenFlags = Pick<CommandLine, "options" | "spelled">;

/** What a file gave, as far as it is about options. */
export interface GivenFile {
  readonly options: MidgeOptions;
  readonly placeOf: (option: string) => string | undefined;
}

/** Throws an OptionsError. */
export function resolveGiven(flags: GivenFlags, file?: GivenFile): Options {
  const own = flags.options;
  const given = { ...file?.options, ...withoutUndefined(own) };
  // -V=false ends all tracing, also the kinds that the file asks for.
  const kinds = own.trace === false ? { traceVerbose: false, traceHeaders: false } : {};
  const host = given.host || EXECUTABLE_HOST;
  const authorization = mergeAuthorization(own.authorization, file?.options.authorization);
  const tls = mergeTls(own.tls, file?.options.tls);
  const cluster = clusterOf(flags, file);
  return resolveOptions({ ...given, ...kinds, host, authorization, tls, cluster }, (option) => {
    const flag = flags.spelled.get(FLAG_OF[option] ?? option);
    const key = configurationKey(option);
    return flag ?? file?.placeOf(option) ?? file?.placeOf(key) ?? key;
  });
}

/** Without a port there is no cluster, as in nats-server; then routes on the command line are a mistake. */
function clusterOf(flags: GivenFlags, file: GivenFile | undefined): GivenCluster | undefined {
  const merged = mergeCluster(flags.options.cluster, file?.options.cluster);
  if ((merged?.port ?? 0) !== 0) return merged;
  if (flags.options.cluster?.routes === undefined) return undefined;
  const name = flags.spelled.get("routes") ?? "routes";
  const message = `${name} needs an address for the cluster: add --cluster nats://0.0.0.0:6222`;
  throw new OptionsError([{ key: "cluster", message }]);
}

/** Flags that stand for a part of an option. */
const FLAG_OF: Readonly<Record<string, string>> = {
  "authorization.user": "user",
  "authorization.password": "pass",
  "authorization.token": "auth",
};

/**
 * A flag replaces what it stands for and leaves the rest. Of what is there then, users and a token count
 * and a single user does not, as in nats-server.
 */
function mergeAuthorization(
  flags: GivenAuthorization | undefined,
  file: GivenAuthorization | undefined,
): GivenAuthorization | undefined {
  if (flags === undefined) return file;
  const merged = { ...file, ...flags };
  const { user, password, ...others } = merged;
  return merged.token || merged.users?.length ? others : merged;
}

/**
 * The certificate of the flags replaces the file's. How clients are verified stays as the file says until a
 * flag says otherwise; with nats-server the flags would end it without a word.
 */
function mergeTls(flags: GivenTls | undefined, file: GivenTls | undefined): GivenTls | undefined {
  if (flags === undefined) return file;
  const { certFile, keyFile, certs, ...others } = file ?? {};
  return { ...others, ...flags };
}

/** Warnings about flags that do nothing beside this file. */
export function uselessFlags(flags: GivenFlags, file: GivenFile): string[] {
  const { users, token } = file.options.authorization ?? {};
  const winner = users?.length ? "authorization.users" : token && "authorization.token";
  if (!winner) return [];
  const losers = ["user", "pass"].flatMap((flag) => flags.spelled.get(flag) ?? []);
  return losers.map((flag) => `${flag} has no effect beside ${file.placeOf(winner)}`);
}

function withoutUndefined(options: MidgeOptions): MidgeOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** maxPending is max_pending to whoever knows only the file. */
function configurationKey(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
