// The kinds of single values that configuration keys take, each with the words that finish the
// sentence "expected …".
import * as v from "valibot";
import { parseAddress, type Address } from "./address.ts";
import { parseDuration } from "./duration.ts";
import { isPublicNkey, looksLikeSeed, type NkeyLetter } from "./nkey.ts";
import { either, fault, leaf, mismatch, remark, type Rule } from "./rules.ts";
import { isSubject, parseQueueSubject } from "./subjects.ts";

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

export function oneOf<const W extends string>(...words: readonly W[]): Rule<W> {
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

/** Milliseconds, negative for no end. */
export const endlessDuration: Rule<number> = (value, place) => {
  const ms = value.kind === "string" ? parseDuration(value.value) : undefined;
  return ms ?? mismatch(place, `${DURATION}, negative for no end`, value);
};

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

export const subject: Rule<string> = leaf(v.pipe(v.string(SUBJECT), v.check(isSubject, SUBJECT)));

const QUEUE_SUBJECT = "a subject, perhaps with a queue group after a blank";

/** A subject, maybe with a queue group after a blank: exactly one then. */
export const queueSubject: Rule<string> = (value, place) => {
  const found = value.kind === "string" ? parseQueueSubject(value.value) : undefined;
  return found ?? mismatch(place, QUEUE_SUBJECT, value);
};

/** A public nkey of one kind, by its first letter, or of any. */
export function publicNkey(letter?: NkeyLetter): Rule<string> {
  const expected = letter ? `a public nkey that starts with ${letter}` : "a public nkey";
  return (value, place) => {
    if (value.kind === "string") {
      if (isPublicNkey(value.value, letter)) return value.value;
      if (looksLikeSeed(value.value)) {
        return fault(place, `expected ${expected}, found a seed, which only its owner may have`);
      }
    }
    return mismatch(place, expected, value);
  };
}

/** 0 to 100, or "25%". */
export const percent: Rule<unknown> = either("a percentage", {
  integer: whole(0, 100, "a percentage from 0 to 100"),
  string: leaf(v.pipe(v.string(), v.regex(/^(\d\d?|100)%?$/, "a percentage from 0 to 100"))),
});

/** Anything at all: keys of machinery that Midge will not read before it has it. */
export const anything: Rule<unknown> = (value) => value;
