// The options of an embedded broker: those of a configuration file, and whether it listens at all; and those
// of a connection to it.

import type { ConnectionOptions } from "@nats-io/nats-core";
import { type MidgeOptions, OptionsError } from "../config/options.ts";
import { describe } from "../config/options-error.ts";

/**
 * Options of a broker in a program: the keys of the configuration file in camelCase, and `listen`.
 * Durations are milliseconds or texts such as "2m", sizes are bytes.
 */
export type EmbeddedOptions = MidgeOptions & {
  /**
   * Whether clients can connect over TCP, default true. With false no port is opened for them, `host` and
   * `port` have no effect, and `server.connect()` is the only way in. The monitor and the cluster have
   * ports of their own.
   */
  readonly listen?: boolean | undefined;
};

/**
 * Options of a connection within the process: those of `@nats-io/nats-core`, except for where to connect and
 * how to encrypt.
 */
export type InProcessOptions = Omit<
  ConnectionOptions,
  "servers" | "port" | "tls" | "resolve" | "ignoreClusterUpdates"
>;

/**
 * Options with others over them: a block keeps what the others do not name of it, a list is replaced. Nothing
 * of it is the caller's any more.
 */
export function mergeOptions(old: EmbeddedOptions, next: EmbeddedOptions): EmbeddedOptions {
  return merged(old, structuredClone(next)) as EmbeddedOptions;
}

function merged(old: unknown, next: unknown): unknown {
  if (!isBlock(old) || !isBlock(next)) return next;
  const both = new Map([...Object.entries(old), ...Object.entries(next)]);
  return Object.fromEntries(
    Array.from(both, ([key, value]) => {
      const isInBoth = Object.hasOwn(old, key) && Object.hasOwn(next, key);
      return [key, isInBoth ? merged(Reflect.get(old, key), value) : value];
    }),
  );
}

const isBlock = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Takes apart what was given. Throws an OptionsError for a `listen` that is neither true nor false. */
export function splitOptions(given: EmbeddedOptions): {
  readonly listens: boolean;
  readonly options: MidgeOptions;
} {
  // What is no object is refused with the other options, in their words.
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return { listens: true, options: given };
  const { listen = true, ...options } = given;
  if (typeof listen !== "boolean") {
    const message = `listen must be true or false, not ${describe(listen)}; an address goes to host and port`;
    throw new OptionsError([{ key: "listen", message }]);
  }
  return { listens: listen, options };
}
