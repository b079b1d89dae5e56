// The kinds of single values that configuration keys take, each with the words that finish the
// sentence "expected …".
import * as v from "valibot";
import { kindOf, SubjectKind } from "../proto/subject.ts";
import { parseAddress, type Address } from "./address.ts";
import { parseDuration } from "./duration.ts";
import { either, leaf, mismatch, remark, type Rule } from "./rules.ts";

const TRUE_OR_FALSE = "true or false";

export const yesNo = leaf(v.boolean(TRUE_OR_FALSE));

/** Any text; unquoted numbers are none, as in nats-server. */
export const text = (expected = "a string") => leaf(v.string(expected));

export const path = text("a path");

export const nonEmpty = (expected: string) =>
  leaf(v.pipe(v.string(expected), v.minLength(1, expected)));

export const oneWord = (expected: string) =>
  leaf(v.pipe(v.string(expected), v.regex(/^\S*$/, expected)));

export function whole(
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
  expected = "a whole number",
): Rule<number> {
  return leaf(
    v.pipe(
      v.number(expected),
      v.safeInteger(expected),
      v.minValue(min, expected),
      v.maxValue(max, expected),
    ),
  );
}

export const port = whole(-1, 65_535, "a port from 1 to 65535, -1 for any free one or 0 for none");

/** A size; JetStream's also come as text with a letter: "512M". */
export const quotedSize: Rule<unknown> = either('a size in bytes such as 1073741824 or "1G"', {
  integer: whole(-1, undefined, "a size in bytes, or -1 for no limit"),
  string: leaf(
    v.pipe(
      v.string(),
      v.regex(/^(-1|\d+[KMGT]?)?$/i, 'a size in bytes such as 1073741824 or "1G"'),
    ),
  ),
});

export function oneOf(...words: readonly string[]): Rule<string> {
  const expected = `one of ${words.join(", ")}`;
  return leaf(
    v.pipe(
      v.string(expected),
      v.transform((given) => given.toLowerCase()),
      v.picklist(words, expected),
    ),
  );
}

const DURATION = 'a duration such as "10s"';

/**
 * Milliseconds. Older files give some of them as a number of seconds, which is warned about, and
 * time-outs may always be given so.
 */
export function duration(
  seconds: "refused" | "old form" | "fine",
  expected = DURATION,
): Rule<number> {
  return (value, place) => {
    if (value.kind === "string") {
      const ms = parseDuration(value.value);
      return ms !== undefined && ms >= 0 ? ms : mismatch(place, expected, value);
    }
    const isNumber = value.kind === "integer" || (value.kind === "float" && seconds === "fine");
    if (!isNumber || seconds === "refused" || value.value < 0)
      return mismatch(place, expected, value);
    if (seconds === "old form") remark(place, `seconds should have their unit: "${value.value}s"`);
    return Number(value.value) * 1000;
  };
}

/** Seconds, whole or not, or a duration. */
export const timeout = duration("fine", 'a number of seconds or a duration such as "2s"');

export const address: Rule<Address> = (value, place) => {
  const expected = "a port or host:port";
  if (value.kind === "integer") {
    const number = port(value, place);
    return number === undefined ? undefined : { host: "", port: number };
  }
  if (value.kind !== "string") return mismatch(place, expected, value);
  return parseAddress(value.value) ?? mismatch(place, expected, value);
};

export const advertised: Rule<string> = leaf(
  v.pipe(
    v.string("an address such as host or host:port"),
    v.check(
      (given) => given === "" || parseAddress(given, "port optional") !== undefined,
      "an address such as host or host:port",
    ),
  ),
);

/** URLs carry credentials; messages leave them out. */
export const url: Rule<string> = leaf(
  v.pipe(
    v.string("a URL such as nats://host:port"),
    v.regex(/^[a-z][a-z\d+.-]*:\/\/\S+$/i, "a URL such as nats://host:port"),
  ),
);

const SUBJECT = "a subject";

export const subject: Rule<string> = leaf(
  v.pipe(
    v.string(SUBJECT),
    v.check((given) => !/\s/.test(given) && kindOf(given) !== SubjectKind.invalid, SUBJECT),
  ),
);

/** A subject, maybe with a queue group after a blank. */
export const queueSubject: Rule<string> = leaf(
  v.pipe(
    v.string(SUBJECT),
    v.check((given) => {
      const words = given.trim().split(/\s+/);
      return words.length <= 2 && words.every((word) => kindOf(word) !== SubjectKind.invalid);
    }, SUBJECT),
  ),
);

/** A public nkey of one kind, by its first letter. */
export function publicNkey(letter: "A" | "N" | "O" | "U" | "X"): Rule<string> {
  const expected = `a public nkey that starts with ${letter}`;
  return leaf(v.pipe(v.string(expected), v.regex(new RegExp(`^${letter}[A-Z2-7]{55}$`), expected)));
}

/** 0 to 100, or "25%". */
export const percent: Rule<unknown> = either("a percentage", {
  integer: whole(0, 100, "a percentage from 0 to 100"),
  string: leaf(v.pipe(v.string(), v.regex(/^(\d\d?|100)%?$/, "a percentage from 0 to 100"))),
});

/** Anything at all: keys of machinery that Midge will not read before it has it. */
export const anything: Rule<unknown> = (value) => value;
