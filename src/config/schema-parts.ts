// What the schemas of blocks inside the options are made of (access-schema.ts, tls-schema.ts). They are
// built when they are first needed: few servers need them, and every start would pay for them.
import * as v from "valibot";
import { parseDuration } from "./duration.ts";
import { nearest } from "./nearest.ts";
import { present } from "./present.ts";

export type Schema<T> = v.GenericSchema<unknown, T>;

export function once<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => (built ??= build());
}

/** What a message says of a key that nobody knows, instead of what it must be. */
export const NOT_AN_OPTION = "is not an option";

/** An object with these fields and no others; nothing in it is undefined. */
export function shape<E extends v.ObjectEntries>(entries: E, expected: string) {
  const isObject = (given: unknown) =>
    typeof given === "object" && given !== null && !Array.isArray(given);
  const fields = v.strictObject(entries, (issue) => {
    if (issue.expected !== "never") return "given";
    const guess = nearest(String(issue.input), Object.keys(entries));
    return `${NOT_AN_OPTION}${guess === undefined ? "" : `; did you mean ${guess}?`}`;
  });
  return v.pipe(v.custom<object>(isObject, expected), fields, v.transform(present));
}

/** A field that may be left out, and must not be undefined. */
export const field = v.exactOptional;

/** Text, where "" is as good as not given. */
export const text = (expected: string) =>
  v.pipe(
    v.string(expected),
    v.transform((given) => (given === "" ? undefined : given)),
  );

/** Text that is right. */
export const textThat = (isRight: (given: string) => boolean, expected: string) =>
  v.pipe(v.string(expected), v.check(isRight, expected));

/** True, or nothing. */
export const flag = () =>
  v.pipe(
    v.boolean("true or false"),
    v.transform((on) => on || undefined),
  );

/** Text that is one of the names, in any case; comes out as its canonical form. */
export const named = <T extends string>(find: (given: string) => T | undefined, expected: string) =>
  v.pipe(
    v.string(expected),
    v.check((given) => find(given) !== undefined, expected),
    v.transform((given) => find(given)!),
  );

/** A list that is not empty. */
export const listOf = <T>(item: Schema<T>, expected: string) =>
  v.pipe(v.array(item, expected), v.nonEmpty(expected));

/** One, or a list that is not empty. */
export function someOf<T>(item: Schema<T>, expected: string): Schema<T[]> {
  const list: Schema<T[]> = listOf(item, expected);
  const one: Schema<T[]> = v.pipe(
    item,
    v.transform((given) => [given]),
  );
  return v.lazy((given) => (Array.isArray(given) ? list : one));
}

/** A whole number from `min`. */
export const wholeFrom = (min: number, expected: string) =>
  v.pipe(v.number(expected), v.safeInteger(expected), v.minValue(min, expected));

/** Milliseconds, from a number of them or from Go's text form; NaN is neither. */
export const milliseconds = (isRight: (ms: number) => boolean, expected: string) =>
  v.pipe(
    v.union([v.number(), v.string()], expected),
    v.transform((given) => (typeof given === "string" ? (parseDuration(given) ?? NaN) : given)),
    v.check(isRight, expected),
  );
