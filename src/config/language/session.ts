// What all texts of one configuration share: the file, what it includes, and the environment's
// values. Holds the bounds that keep a small text from becoming a huge tree.
import type { ConfigEntry, ConfigProblem, ConfigValue, Position } from "../value.ts";
import { syntaxError } from "./error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => Uint8Array;

/** Blocks and lists inside each other, variables included. */
export const NESTING_MAX = 200;
/** Files that include each other in a chain. */
export const INCLUDE_DEPTH_MAX = 10;
/** Files that are included in all. */
export const INCLUDES_MAX = 1_000;
/** Values and characters that variables may add to the tree. */
export const EXPANSION_MAX = 16 * 1024 * 1024;
/** More warnings than this help nobody. */
export const WARNINGS_MAX = 100;

/** How much a value comes to when written out, and how deep it goes. */
interface Extent {
  readonly size: number;
  readonly depth: number;
}

export class Session {
  readonly read: ReadFile;
  readonly env: Environment;
  readonly warnings: ConfigProblem[] = [];
  /** Entries that a variable named. */
  readonly used = new Set<ConfigEntry>();
  /** Values of the environment, parsed once each. */
  readonly parsedEnv = new Map<string, ConfigValue>();
  /** Names whose value is being parsed, to find those that need themselves. */
  readonly pendingEnv = new Set<string>();
  readonly #extents = new WeakMap<ConfigValue, Extent>();
  #expanded = 0;
  #includes = 0;

  constructor(read: ReadFile, env: Environment) {
    this.read = read;
    this.env = env;
  }

  warn(position: Position | null, message: string): void {
    if (this.warnings.length < WARNINGS_MAX) this.warnings.push({ position, message });
  }

  countInclude(at: Position): void {
    if (++this.#includes <= INCLUDES_MAX) return;
    throw syntaxError(at, `expected at most ${INCLUDES_MAX} includes, found one more`);
  }

  /** Remembers how big a list or block is, once it is complete. */
  measure(value: ConfigValue, members: Iterable<ConfigValue>): void {
    let size = 1;
    let depth = 0;
    for (const member of members) {
      const extent = this.#extent(member);
      size += extent.size;
      depth = Math.max(depth, extent.depth);
    }
    this.#extents.set(value, { size, depth: depth + 1 });
  }

  #extent(value: ConfigValue): Extent {
    const known = this.#extents.get(value);
    if (known !== undefined) return known;
    return { size: value.kind === "string" ? 1 + value.value.length : 1, depth: 0 };
  }

  /** The value as a variable puts it at another place, `depth` blocks and lists deep. */
  place(value: ConfigValue, at: Position, depth: number): ConfigValue {
    const extent = this.#extent(value);
    if (depth + extent.depth > NESTING_MAX) throw nestingError(at);
    this.#expanded += extent.size;
    if (this.#expanded > EXPANSION_MAX) {
      const found = `variables that make more than ${EXPANSION_MAX} values and characters of it`;
      throw syntaxError(at, `expected a smaller configuration, found ${found}`);
    }
    const placed = { ...value, at };
    this.#extents.set(placed, extent);
    return placed;
  }
}

export function nestingError(at: Position) {
  return syntaxError(
    at,
    `expected at most ${NESTING_MAX} blocks and lists in each other, found more`,
  );
}
