// What the tables of configuration keys are made of: rules, which turn a value of the language into
// one of the program and report what is wrong with it, and keys, which give rules their names.
// Leaves are valibot schemas; walking, positions, spelling and case are done here.
import { safeParse, type GenericSchema } from "valibot";
import { entriesThatCount, type ReportDoubled } from "./doubled.ts";
import { nearest } from "./nearest.ts";
import { describeValue, formatPosition, joinPath } from "./problem.ts";
import type { ConfigEntry, ConfigMap, ConfigProblem, ConfigValue, Position } from "./value.ts";

export interface ReadSettings {
  /** Keys that a flag switched off, such as `tls` by --tls=false: checked, then ignored. */
  readonly switchedOff?: ReadonlySet<string>;
  /** Entries that other values refer to, which may have any name. */
  readonly isVariable?: (entry: ConfigEntry) => boolean;
}

/** One reading of a file: everything that is wrong and everything worth a warning. */
export class Reading {
  readonly errors: ConfigProblem[] = [];
  readonly warnings: ConfigProblem[] = [];
  /** Where the values stand, by their ids. */
  readonly places = new Map<string, Place>();
  readonly switchedOff: ReadonlySet<string>;
  /** Entries that are there to be used as variables; no table needs to know them. */
  readonly isVariable: (entry: ConfigEntry) => boolean;

  constructor({ switchedOff = new Set(), isVariable = () => false }: ReadSettings = {}) {
    this.switchedOff = switchedOff;
    this.isVariable = isVariable;
  }
}

/** Where a value stands, for messages. */
export interface Place {
  readonly reading: Reading;
  /** `cluster.routes[2]`, the keys as they are written there; "" for the whole file. */
  readonly path: string;
  /** The same with each key by its first name. */
  readonly id: string;
  /** Of the key, or of the element of an array. */
  readonly at: Position;
  /** Whether what stands here may be a secret. */
  readonly secret: boolean;
}

/** Gives the value it stands for, or undefined after it reported what is wrong. */
export type Rule<T> = (value: ConfigValue, place: Place) => T | undefined;

export interface Key<T = unknown> {
  /** The name and its aliases, in lower case. */
  readonly names: readonly [string, ...string[]];
  readonly rule: Rule<T>;
  readonly secret: boolean;
  /** It guards access: a second entry would undo the first, and is a mistake. */
  readonly once?: boolean;
}

/** What a block holds, by the names of its keys; what was wrong is undefined. */
export type Values = Readonly<Record<string, unknown>>;

/** Unknown keys for which a known one is suggested. */
const GUESSES_MAX = 100;

/** A key with its aliases, parted by blanks. */
export function key<T>(names: string, rule: Rule<T>): Key<T> {
  return { names: namesOf(names), rule, secret: false };
}

/** A key whose value no message may show. */
export function secretKey<T>(names: string, rule: Rule<T>): Key<T> {
  return { ...key(names, rule), secret: true };
}

export function namesOf(names: string): [string, ...string[]] {
  const [first = "", ...others] = names.split(" ");
  return [first, ...others];
}

export function fault(place: Place, text: string): undefined {
  place.reading.errors.push({ position: place.at, message: titled(place, text) });
}

export function remark(place: Place, text: string): undefined {
  place.reading.warnings.push({ position: place.at, message: titled(place, text) });
}

export function mismatch(place: Place, expected: string, value: ConfigValue): undefined {
  return fault(place, `expected ${expected}, found ${describeValue(value, place.secret)}`);
}

function titled(place: Place, text: string): string {
  return place.path === "" ? text : `${place.path}: ${text}`;
}

/** A place inside another one, which is remembered by its id. */
function innerPlace(
  { reading, secret: outer }: Place,
  at: Position,
  path: string,
  id: string,
  secret = outer,
): Place {
  const place = { reading, at, path, id, secret };
  reading.places.set(id, place);
  return place;
}

/** What a guard's error ends with; the rest of the file may be right all the same. */
export const NOT_ENFORCED =
  "is not enforced yet, and midge does not start unprotected; remove it to do without";

/** Whether a flag made this part of the file pointless. */
export function isSwitchedOff({ reading, id }: Place): boolean {
  return reading.switchedOff.has(id.split(/[.[]/, 1)[0]!);
}

/** What is checked and then only warned about. */
export function later(rule: Rule<unknown>, why = "has no effect yet"): Rule<never> {
  return (value, place) => {
    const given = faultless(rule, value, place);
    return given === undefined ? undefined : remark(place, why);
  };
}

/** What would keep somebody out and does not do that yet: refused where it asks for it. */
export function guarded<T>(rule: Rule<T>, asks: (value: T) => boolean = () => true): Rule<never> {
  return (value, place) => {
    const given = faultless(rule, value, place);
    return given !== undefined && asks(given) ? fault(place, NOT_ENFORCED) : undefined;
  };
}

/** A value without any mistake, unless a flag made it pointless. */
function faultless<T>(rule: Rule<T>, value: ConfigValue, place: Place): T | undefined {
  const before = place.reading.errors.length;
  const given = rule(value, place);
  return place.reading.errors.length > before || isSwitchedOff(place) ? undefined : given;
}

/** What a schema sees: plain values; blocks and arrays stay as they are and match none. */
export function plain(value: ConfigValue): unknown {
  return "value" in value ? value.value : value;
}

/** One value, by a schema whose messages finish the sentence "expected …". */
export function leaf<T>(schema: GenericSchema<unknown, T>): Rule<T> {
  return (value, place) => {
    const checked = safeParse(schema, plain(value));
    if (checked.success) return checked.output;
    return mismatch(place, checked.issues[0].message, value);
  };
}

type RulesByKind = Partial<Record<ConfigValue["kind"], Rule<unknown>>>;
type Result<R> = R extends Rule<infer T> ? T : never;

/** The rule whose kind of value this is. */
export function either<R extends RulesByKind>(
  expected: string,
  rules: R,
): Rule<Result<R[keyof R]>> {
  const known = rules as Partial<Record<ConfigValue["kind"], Rule<Result<R[keyof R]>>>>;
  return (value, place) => {
    const rule = known[value.kind];
    return rule ? rule(value, place) : mismatch(place, expected, value);
  };
}

export function listOf<T>(rule: Rule<T>, expected = "an array"): Rule<T[]> {
  return (value, place) => {
    if (value.kind !== "array") return mismatch(place, expected, value);
    const values = value.items.map((item, index) => {
      const inner = innerPlace(place, item.at, `${place.path}[${index}]`, `${place.id}[${index}]`);
      return rule(item, inner);
    });
    return values.filter((item) => item !== undefined);
  };
}

/** One of something, or an array of it. */
export function oneOrMore<T>(rule: Rule<T>): Rule<T[]> {
  const list = listOf(rule);
  return (value, place) => {
    if (value.kind === "array") return list(value, place);
    const one = rule(value, place);
    return one === undefined ? undefined : [one];
  };
}

/**
 * A block whose keys are names that the operator chose, each with the same kind of value; of two by the
 * same name the last one counts unless each may be there only `once`.
 */
export function mapOf<T>(
  rule: Rule<T>,
  checkName?: (name: string, place: Place) => void,
  { once = false } = {},
): Rule<ReadonlyMap<string, T>> {
  return (value, place) => {
    if (value.kind !== "map") return mismatch(place, "a block", value);
    const values = new Map<string, T>();
    const { isVariable } = place.reading;
    const nameOf = (entry: ConfigEntry) => (once && !isVariable(entry) ? entry.key : undefined);
    for (const entry of entriesThatCount(value, nameOf, isVariable, doubledIn(place))) {
      if (isVariable(entry)) continue;
      const id = joinPath(place.id, entry.key);
      const inner = innerPlace(place, entry.keyAt, joinPath(place.path, entry.key), id);
      checkName?.(entry.key, inner);
      const found = rule(entry.value, inner);
      if (found !== undefined) values.set(entry.key, found);
    }
    return values;
  };
}

export interface BlockRules {
  /** The few blocks whose keys must be in lower case. */
  readonly exact?: boolean;
  /** Rules between the keys of the block, for values that are right by themselves. */
  readonly check?: (values: Values, place: Place) => void;
}

type Keys = Readonly<Record<string, Key>>;

/** What a block with these keys gives: their values, as far as they were there and right. */
export type Shape<K extends Keys> = {
  readonly [N in keyof K]?: K[N] extends Key<infer T> ? T : never;
};

/** A block that becomes options: its values go by the names that the keys have here, each there once. */
export function shape<K extends Keys>(
  keys: K,
  check?: (values: Shape<K>, place: Place) => void,
): Rule<Shape<K>> {
  const table = tableOf(
    Object.entries(keys).map(([name, each]) => ({ ...each, name, once: true })),
  );
  return (value, place) => {
    if (value.kind !== "map") return mismatch(place, "a block", value);
    const values: Record<string, unknown> = {};
    const before = place.reading.errors.length;
    walk(table, value, place, false, ({ name }, _entry, given) => {
      if (given !== undefined) values[name] = given;
    });
    const found = values as Shape<K>;
    if (place.reading.errors.length === before) check?.(found, place);
    return found;
  };
}

/** A block with known keys, which nothing follows yet. */
export function block(keys: readonly Key[], rules: BlockRules = {}): Rule<Values> {
  const table = tableOf(keys);
  return (value, place) => {
    if (value.kind !== "map") return mismatch(place, "a block", value);
    const values: Record<string, unknown> = {};
    const before = place.reading.errors.length;
    walk(table, value, place, rules.exact ?? false, (found, _entry, given) => {
      values[found.names[0]] = given;
    });
    if (place.reading.errors.length === before) rules.check?.(values, place);
    return values;
  };
}

export type Table<K extends Key = Key> = ReadonlyMap<string, K>;

export function tableOf<K extends Key>(keys: readonly K[]): Table<K> {
  return new Map(keys.flatMap((each) => each.names.map((name) => [name, each] as const)));
}

/** Reads the entries of a block in the order of the file; unknown ones are reported. */
export function walk<K extends Key>(
  table: Table<K>,
  map: ConfigMap,
  place: Place,
  exact: boolean,
  found: (key: K, entry: ConfigEntry, value: unknown, place: Place) => void,
): void {
  const { isVariable } = place.reading;
  const keyOf = ({ key: name }: ConfigEntry) => table.get(exact ? name : name.toLowerCase());
  const onceOf = (entry: ConfigEntry) => {
    const known = keyOf(entry);
    return known?.once ? known : undefined;
  };
  for (const entry of entriesThatCount(map, onceOf, isVariable, doubledIn(place))) {
    const path = joinPath(place.path, entry.key);
    const known = keyOf(entry);
    if (known) {
      const id = joinPath(place.id, known.names[0]);
      const inner = innerPlace(place, entry.keyAt, path, id, place.secret || known.secret);
      found(known, entry, known.rule(entry.value, inner), inner);
    } else if (!isVariable(entry)) {
      // Guessing takes time; a file that is wrong from end to end is no configuration at all.
      const guesses = place.reading.errors.length < GUESSES_MAX;
      const guess = guesses ? nearest(entry.key, table.keys()) : undefined;
      const hint = guess === undefined ? "" : `; did you mean ${guess}?`;
      fault({ ...place, at: entry.keyAt, path }, `unknown key${hint}`);
    }
  }
}

/** Tells of both places. */
function doubledIn(place: Place): ReportDoubled {
  const pathOf = (entry: ConfigEntry) => joinPath(place.path, entry.key);
  return (entry, first) => {
    const other = `${formatPosition(first.keyAt)}: ${pathOf(first)}`;
    fault({ ...place, at: entry.keyAt, path: pathOf(entry) }, `is there already, at ${other}`);
  };
}
