// The options of the executable: what the file says, overruled by the flags, checked together. A
// message calls an option the way it was given: as a flag, or by its place in the file.
import type { CommandLine } from "./flags.ts";
import { resolveOptions, type MidgeOptions, type Options } from "./options.ts";

/** A broker on its own machine serves the network; an embedded one does not unless told. */
const EXECUTABLE_HOST = "0.0.0.0";

/** What was given on the command line, as far as it is about options. */
export type GivenFlags = Pick<CommandLine, "options" | "spelled">;

/** What a file gave, as far as it is about options. */
export interface GivenFile {
  readonly options: MidgeOptions;
  readonly places: ReadonlyMap<string, string>;
}

/** Throws an OptionsError. */
export function resolveGiven(flags: GivenFlags, file?: GivenFile): Options {
  const given = { ...file?.options, ...withoutUndefined(flags.options) };
  // -V=false ends all tracing, also the kinds that the file asks for.
  const kinds = flags.options.trace === false ? { traceVerbose: false, traceHeaders: false } : {};
  const host = given.host || EXECUTABLE_HOST;
  return resolveOptions({ ...given, ...kinds, host }, (key) => {
    return flags.spelled.get(key) ?? file?.places.get(key) ?? configurationKey(key);
  });
}

function withoutUndefined(options: MidgeOptions): MidgeOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** maxPending is max_pending to whoever knows only the file. */
function configurationKey(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
