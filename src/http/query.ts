// The parameters of a request, read as nats-server reads them: what makes no sense is refused in its
// words (monitoring §1.5). Whoever reads several reads them in the documented order, so that the first
// bad one is the one that is told.
import { quote } from "../proto/quote.ts";

/** A 400; the message is the whole answer. */
export class BadParameter extends Error {
  /** The text is no value of its type at all; otherwise the value is of no use. */
  readonly isUndecodable: boolean;

  constructor(message: string, isUndecodable = false) {
    super(message);
    this.isUndecodable = isUndecodable;
  }
}

export type Detail = false | true | "detail";
export type State = "open" | "closed" | "all";

/** A whole number that a double has no room for is a bigint. */
export type ExactInt = number | bigint;

const INT = /^[+-]?[0-9]+$/;
const UINT = /^[0-9]+$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["", "0", "f", "F", "FALSE", "false", "False"]);
const STATES = new Map<string, State>([
  ["", "open"],
  ["open", "open"],
  ["closed", "closed"],
  ["any", "all"],
  ["all", "all"],
]);

export class Query {
  /** Names and values as bytes, one character each. */
  readonly #values: ReadonlyMap<string, string>;

  /** What stands behind the `?`, or names with values, both as bytes. */
  constructor(given: string | ReadonlyMap<string, string>) {
    this.#values = typeof given === "string" ? parsePairs(given) : given;
  }

  /** The value as bytes, one character each; "" where it is not given. */
  bytes(name: string): string {
    return this.#values.get(name) ?? "";
  }

  /** The value as text; "" where it is not given. */
  text(name: string): string {
    return Buffer.from(this.bytes(name), "latin1").toString("utf8");
  }

  /** A 64-bit integer; 0 where it is not given. Beyond 2^53 it is not exact. */
  int(name: string): number {
    return Number(this.exactInt(name));
  }

  exactInt(name: string): ExactInt {
    const value = this.#integer(name, "int", INT, INT64_MIN, INT64_MAX);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  uint64(name: string): bigint {
    return this.#integer(name, "uint64", UINT, 0n, UINT64_MAX);
  }

  bool(name: string): boolean {
    const value = this.bytes(name);
    if (TRUE.has(value)) return true;
    if (FALSE.has(value)) return false;
    throw undecodable("boolean", name, "ParseBool", value);
  }

  /** A boolean, or the word "detail". */
  subs(name = "subs"): Detail {
    return this.bytes(name).toLowerCase() === "detail" ? "detail" : this.bool(name);
  }

  state(name = "state"): State {
    const state = STATES.get(this.bytes(name).toLowerCase());
    if (state !== undefined) return state;
    throw new BadParameter(`Error decoding state for ${this.text(name)}`, true);
  }

  #integer(name: string, type: "int" | "uint64", form: RegExp, min: bigint, max: bigint): bigint {
    const text = this.bytes(name);
    if (text === "") return 0n;
    const parser = type === "int" ? "Atoi" : "ParseUint";
    if (!form.test(text)) throw undecodable(type, name, parser, text);
    // A sign is part of Go's numbers and, in front of zeros, too much for BigInt's.
    const digits = text.replace(/^[+-]/, "").replace(/^0+(?=.)/, "");
    const value = digits.length > 20 ? UINT64_MAX + 1n : BigInt(digits);
    const signed = text.startsWith("-") ? -value : value;
    if (signed < min || signed > max) {
      throw undecodable(type, name, parser, text, "value out of range");
    }
    return signed;
  }
}

function undecodable(
  type: string,
  name: string,
  parser: string,
  value: string,
  reason = "invalid syntax",
): BadParameter {
  const message = `Error decoding ${type} for '${name}': strconv.${parser}: parsing ${quote(value)}: ${reason}`;
  return new BadParameter(message, true);
}

/** Repeated names keep their first value; what is not decodable, or has a semicolon, is left out. */
function parsePairs(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of text.split("&")) {
    if (pair === "" || pair.includes(";")) continue;
    const equals = pair.indexOf("=");
    const name = unescape(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : unescape(pair.slice(equals + 1));
    if (name !== null && value !== null && !values.has(name)) values.set(name, value);
  }
  return values;
}

/** Bytes as one character each; null where a `%` has no two digits. */
export function unescape(text: string, plus = " "): string | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return null;
  const bytes = /[^\0-\x7f]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
  return bytes
    .replaceAll("+", plus)
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
