// The body of a request: an object of options, and of filters that say which servers are meant (monitoring
// §21.1). Names count in any case, unknown ones are ignored, and a value has the right type or is refused.

import { reasonOf } from "../log/reason.ts";

/** The body is of no use: the message tells its sender why. */
export class BadBody extends Error {}

type Type = "text" | "texts" | "yes or no" | "number" | "count";
export type Shape = Readonly<Record<string, Type>>;

type ValueOf<T extends Type> = T extends "text"
  ? string
  : T extends "texts"
    ? readonly string[]
    : T extends "number" | "count"
      ? number
      : boolean;

/** What was given, by its name here. */
export type Given<S extends Shape> = { readonly [Name in keyof S]?: ValueOf<S[Name]> };

const FITS: Readonly<Record<Type, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  texts: (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
  "yes or no": (value) => typeof value === "boolean",
  number: (value) => Number.isSafeInteger(value),
  count: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
};

const EXPECTED: Readonly<Record<Type, string>> = {
  text: "a text",
  texts: "a list of texts",
  "yes or no": "true or false",
  number: "a whole number",
  count: "a whole number, 0 or more",
};

/** Which servers are meant: all where nothing is said. */
export const FILTERS = {
  server_name: "text",
  cluster: "text",
  host: "text",
  exact_match: "yes or no",
  tags: "texts",
  domain: "text",
} as const satisfies Shape;

/** Throws a BadBody. An empty body, and null, say nothing. */
export function readBody<S extends Shape>(payload: Buffer, shape: S): Given<S & typeof FILTERS> {
  const known: Shape = { ...FILTERS, ...shape };
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parse(payload))) {
    const name = key.toLowerCase();
    const type = Object.hasOwn(known, name) ? known[name] : undefined;
    if (type === undefined || value === null) continue;
    if (!FITS[type](value)) throw new BadBody(`"${name}" has to be ${EXPECTED[type]}`);
    given[name] = value;
  }
  return given as Given<S & typeof FILTERS>;
}

function parse(payload: Buffer): object {
  if (payload.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch (error) {
    throw new BadBody(`the request is no JSON: ${reasonOf(error)}`);
  }
  if (value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value;
  throw new BadBody(
    `the request is ${Array.isArray(value) ? "a list" : `a ${typeof value}`}; expected an object`,
  );
}

export interface Described {
  readonly name: string;
  readonly host: string;
  readonly cluster: string;
  readonly tags: readonly string[];
}

/** The filters mean this server: parts of names are enough, unless they have to be exact; all tags are needed. */
export function means(filters: Given<typeof FILTERS>, server: Described): boolean {
  const { server_name: name = "", cluster = "", host = "", tags = [], domain = "" } = filters;
  const fits = (wanted: string, is: string) =>
    wanted === "" || (filters.exact_match === true ? is === wanted : is.includes(wanted));
  if (!fits(name, server.name) || !fits(cluster, server.cluster) || !fits(host, server.host)) {
    return false;
  }
  // Nothing here has a JetStream domain.
  return domain === "" && tags.every((tag) => server.tags.includes(tag.toLowerCase()));
}
