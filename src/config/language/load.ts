// A configuration from a file or a text, with the files it includes: the way into the language.
import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { ConfigEntry, ConfigMap, ConfigProblem, Position } from "../value.ts";
import { Cursor } from "./cursor.ts";
import { syntaxError } from "./error.ts";
import { Parser } from "./parser.ts";
import { INCLUDE_DEPTH_MAX, Session, type Environment, type ReadFile } from "./session.ts";

export { configDigest } from "./digest.ts";
export { ConfigSyntaxError } from "./error.ts";

export interface ParseOptions {
  /** The path that messages name and that includes are relative to. */
  readonly file: string;
  /** Reads included files; from disk unless told otherwise. */
  readonly read?: ReadFile;
  /** Where variables are looked up that the file does not define; empty unless told otherwise. */
  readonly env?: Environment;
}

export interface ParsedConfig {
  readonly root: ConfigMap;
  readonly warnings: ConfigProblem[];
  /** Whether another value refers to this entry, which may then have any name. */
  readonly isVariable: (entry: ConfigEntry) => boolean;
}

/** Throws a ConfigSyntaxError for what cannot be parsed, in this text or in what it includes. */
export function parseConfigText(text: string | Uint8Array, options: ParseOptions): ParsedConfig {
  const session = new Session(options.read ?? readRegular, options.env ?? {});
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const root = parseFile(session, bytes, [options.file], 0);
  if (root.entries.size === 0) {
    session.warn(root.at, "config has no values or is empty");
  }
  return {
    root,
    warnings: session.warnings,
    isVariable: (entry) => session.used.has(entry),
  };
}

/** As `parseConfigText`, of a file on disk. */
export function loadConfigFile(path: string, env: Environment = process.env): ParsedConfig {
  return parseConfigText(readBytes(readRegular, path, null), { file: path, env });
}

/** `chain` is the file and, before it, those that include it. */
function parseFile(
  session: Session,
  bytes: Uint8Array,
  chain: readonly string[],
  depth: number,
): ConfigMap {
  const file = chain.at(-1)!;
  const include = (written: string, at: Position, includeDepth: number): ConfigMap => {
    const path = isAbsolute(written) ? written : join(dirname(file), written);
    if (chain.some((each) => resolve(each) === resolve(path))) {
      throw syntaxError(
        at,
        `expected a file to include, found one that includes this one: ${path}`,
      );
    }
    if (chain.length > INCLUDE_DEPTH_MAX) {
      throw syntaxError(
        at,
        `expected at most ${INCLUDE_DEPTH_MAX} includes in a chain, found more`,
      );
    }
    session.countInclude(at);
    return parseFile(session, readBytes(session.read, path, at), [...chain, path], includeDepth);
  };
  return new Parser(session, new Cursor(withoutMark(bytes), file), include, depth).parseFile();
}

/** The byte order mark that some editors put in front of UTF-8 says nothing. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "no such file or directory"],
  ["EACCES", "permission denied"],
  ["EISDIR", "is a directory"],
  ["ENOTDIR", "not a directory"],
  ["ELOOP", "too many symbolic links"],
  ["ENAMETOOLONG", "file name too long"],
]);

/** More is no configuration. */
const FILE_BYTES_MAX = 64 << 20;

/** A device without end or a pipe without a writer must not hang a start, let alone a reload. */
function readRegular(path: string): Uint8Array {
  const file = statSync(path);
  if (!file.isFile() && !file.isDirectory()) throw new Error("not a regular file");
  if (file.size > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
  return readFileSync(path);
}

function readBytes(read: ReadFile, path: string, at: Position | null): Uint8Array {
  try {
    return read(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const fallback = error instanceof Error ? error.message : String(error);
    throw syntaxError(at, `open ${path}: ${REASONS.get(code) ?? fallback}`);
  }
}
