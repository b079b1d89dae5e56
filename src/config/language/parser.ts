// The grammar: entries of a file, of braces around a file, and of blocks; lists; variables;
// includes. What has no inner structure is read in reader.ts. One pass over the bytes, no way
// back. What a file may say is in the tables of the tests.
import type { ConfigEntry, ConfigMap, ConfigValue, Position } from "../value.ts";
import { quoteText } from "../problem.ts";
import { Cursor, isDigit, isNewline, isSeparator, SLASH } from "./cursor.ts";
import { ConfigSyntaxError, looksSecret, syntaxError } from "./error.ts";
import { Reader } from "./reader.ts";
import { nestingError, NESTING_MAX, type Session } from "./session.ts";
import { DOUBLE_QUOTE, QUOTE } from "./strings.ts";

type Entries = Map<string, ConfigEntry>;
/** Entries stand in a file, between braces around a whole file (as in JSON), or in a block's value. */
type Place = "file" | "braces" | "block";

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_PARENTHESIS = 0x28;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const MINUS = 0x2d;
const DOT = 0x2e;

/** Longer names are left out of messages: they are no names but something that went wrong. */
const NAME_SHOWN_MAX = 200;

const VALUE_END: Readonly<Record<Place, string>> = {
  file: "a new line, ',', ';' or a comment behind the value",
  braces: "a new line, ',', ';' or '}' behind the value",
  block: "a new line, ',', ';' or '}' behind the value",
};

/** Reads and parses another file; the parser itself knows no paths. */
export type Include = (path: string, at: Position, depth: number) => ConfigMap;

export class Parser {
  readonly #session: Session;
  readonly #cursor: Cursor;
  readonly #reader: Reader;
  readonly #include: Include;
  /** The blocks that are open, the root first: where variables are looked up. */
  readonly #scopes: Entries[] = [];
  /** What was in them until its key came again. */
  readonly #overwritten = new Map<Entries, ConfigEntry[]>();
  #depth: number;

  constructor(session: Session, cursor: Cursor, include: Include, depth = 0) {
    this.#session = session;
    this.#cursor = cursor;
    this.#reader = new Reader(cursor, session);
    this.#include = include;
    this.#depth = depth;
  }

  /** A whole file. */
  parseFile(): ConfigMap {
    const at = this.#cursor.position(0);
    this.#reader.refuseNul();
    const entries: Entries = new Map();
    this.#scopes.push(entries);
    this.#parseEntries(entries, "file");
    return this.#completeMap(entries, at);
  }

  /** A text that is one value and nothing else, as the environment's are. */
  parseOnlyValue(): ConfigValue {
    this.#reader.secret = true;
    this.#reader.refuseNul();
    const cursor = this.#cursor;
    cursor.skipBlanks();
    if (cursor.ended) return { kind: "string", value: "", at: cursor.position() };
    const value = this.#parseValue("file");
    cursor.skipBlanks();
    if (cursor.peek() === COMMA || cursor.peek() === SEMICOLON) cursor.at++;
    cursor.skipSpaceAndComments();
    if (!cursor.ended) this.#reader.fail("nothing behind the value");
    return value;
  }

  // --- entries

  #parseEntries(entries: Entries, place: Place): void {
    const cursor = this.#cursor;
    for (;;) {
      cursor.skipSpaceAndComments();
      if (cursor.ended) {
        if (place === "file") return;
        this.#reader.fail("'}' at the end of a block");
      }
      const byte = cursor.peek();
      if (byte === CLOSE_BRACE) {
        if (place === "file") return this.#acceptStrayBrace();
        cursor.at++;
        return;
      }
      if (byte === OPEN_BRACE && place !== "block") this.#parseBraces(entries);
      else this.#parseEntry(entries, place);
    }
  }

  /** Braces around entries without a key: JSON. They belong to the file as if there were none. */
  #parseBraces(entries: Entries): void {
    this.#deeper();
    this.#cursor.at++;
    this.#parseEntries(entries, "braces");
    this.#depth--;
  }

  /** One brace too many at the very end is forgiven; anything behind it would be in doubt. */
  #acceptStrayBrace(): void {
    const cursor = this.#cursor;
    const at = cursor.at;
    cursor.at++;
    cursor.skipSpaceAndComments();
    if (!cursor.ended) this.#reader.fail("a key", at);
    this.#warnStrayBrace(at);
  }

  #warnStrayBrace(at: number): void {
    this.#session.warn(this.#cursor.position(at), "'}' closes nothing and is ignored");
  }

  #parseEntry(entries: Entries, place: Place): void {
    const named = this.#parseKey(place);
    const outerSecret = this.#reader.secret;
    if (named === undefined) {
      this.#parseInclude(entries);
    } else {
      const { key, keyAt } = named;
      this.#reader.secret = outerSecret || looksSecret(key);
      this.#skipSeparator(key, keyAt, place);
      const value = this.#parseValue(place);
      this.#put(entries, { key, keyAt, value });
    }
    this.#endEntry(place);
    this.#reader.secret = outerSecret;
  }

  /** A key that comes again takes the later place, too. */
  #put(entries: Entries, entry: ConfigEntry): void {
    const old = entries.get(entry.key);
    if (old !== undefined) {
      this.#overwrite(entries, [old]);
      entries.delete(entry.key);
    }
    entries.set(entry.key, entry);
  }

  #overwrite(entries: Entries, old: readonly ConfigEntry[]): void {
    const known = this.#overwritten.get(entries);
    if (known) known.push(...old);
    else this.#overwritten.set(entries, [...old]);
  }

  /** The key and where it stands, inside its quotes; undefined for the word "include". */
  #parseKey(place: Place): { readonly key: string; readonly keyAt: Position } | undefined {
    const cursor = this.#cursor;
    const first = cursor.peek();
    if (first === QUOTE || first === DOUBLE_QUOTE) {
      const end = cursor.bytes.indexOf(first, cursor.at + 1);
      if (end === -1) this.#reader.failUnclosed("a quoted key");
      const keyAt = cursor.position(cursor.at + 1);
      const key = this.#reader.text(cursor.bytes.subarray(cursor.at + 1, end), keyAt);
      cursor.at = end + 1;
      return { key, keyAt };
    }
    if (isSeparator(first) || first === COMMA || first === SEMICOLON) this.#reader.fail("a key");
    if (first === SLASH) this.#reader.fail("a key, or a comment behind '#' or '//'");
    if (place === "block" && (first === CLOSE_BRACKET || first === OPEN_BRACE)) {
      this.#reader.fail("a key or '}'");
    }
    const start = cursor.at;
    const keyAt = cursor.position();
    while (!cursor.ended && !isSeparator(cursor.peek()) && cursor.spaceWidth() === 0) cursor.at++;
    const key = this.#reader.text(cursor.bytes.subarray(start, cursor.at), keyAt);
    const isInclude = key.toLowerCase() === "include" && cursor.spaceWidth() > 0;
    return isInclude ? undefined : { key, keyAt };
  }

  #skipSeparator(key: string, keyAt: Position, place: Place): void {
    const cursor = this.#cursor;
    cursor.skipSpace();
    if (isSeparator(cursor.peek())) {
      cursor.at++;
      cursor.skipBlanks();
      if (place !== "file") cursor.skipSpace();
    }
    if (cursor.ended || (place !== "file" && cursor.peek() === CLOSE_BRACE)) {
      const end = cursor.ended ? "the end of the file" : "'}'";
      throw syntaxError(keyAt, `expected a value for the key${shownName(key)}, found ${end}`);
    }
  }

  /** What may follow a value or an include. A closing brace stays, for whom it closes. */
  #endEntry(place: Place): void {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    const byte = cursor.peek();
    if (byte === COMMA || byte === SEMICOLON) {
      cursor.at++;
    } else if (byte === CLOSE_BRACE) {
      if (place !== "file") return;
      this.#warnStrayBrace(cursor.at++);
    } else if (!isNewline(byte) && !cursor.atComment() && !(cursor.ended && place === "file")) {
      this.#reader.fail(VALUE_END[place]);
    }
  }

  // --- values

  #parseValue(place: Place | "list"): ConfigValue {
    const cursor = this.#cursor;
    const byte = cursor.peek();
    switch (byte) {
      case OPEN_BRACKET:
        return this.#parseList();
      case OPEN_BRACE:
        return this.#parseBlock();
      case OPEN_PARENTHESIS:
        return this.#reader.blockText();
      case QUOTE:
      case DOUBLE_QUOTE:
        return this.#reader.quoted(byte);
      case DOT:
        return this.#reader.fail("a digit in front of the '.', or quotes around a text");
      case COMMA:
        if (place === "block" || place === "list") return this.#reader.fail("a value");
        return { kind: "string", value: "", at: cursor.position() };
      case SEMICOLON:
      case CLOSE_BRACE:
        if (place === "list") return this.#reader.fail("a value or ']'");
        return { kind: "string", value: "", at: cursor.position() };
    }
    if (isNewline(byte) || cursor.ended) return this.#reader.fail("a value");
    const numeric = isDigit(byte) || byte === MINUS;
    const value = numeric ? this.#reader.numeric() : this.#reader.bare(cursor.at, cursor.at);
    return value.kind === "variable" ? this.#resolve(value.name, value.at) : value;
  }

  #parseBlock(): ConfigMap {
    const at = this.#cursor.position();
    const entries: Entries = new Map();
    this.#deeper();
    this.#cursor.at++;
    this.#scopes.push(entries);
    this.#parseEntries(entries, "block");
    this.#scopes.pop();
    this.#depth--;
    return this.#completeMap(entries, at);
  }

  #completeMap(entries: Entries, at: Position): ConfigMap {
    const overwritten = this.#overwritten.get(entries);
    const map: ConfigMap = { kind: "map", entries, at, ...(overwritten && { overwritten }) };
    this.#session.measure(map, valuesOf(entries));
    return map;
  }

  #parseList(): ConfigValue {
    const cursor = this.#cursor;
    const at = cursor.position();
    const items: ConfigValue[] = [];
    this.#deeper();
    cursor.at++;
    for (;;) {
      cursor.skipSpaceAndComments();
      if (cursor.peek() === CLOSE_BRACKET) break;
      if (cursor.peek() === SLASH) this.#reader.fail("a value, or a comment behind '#' or '//'");
      items.push(this.#parseValue("list"));
      cursor.skipBlanks();
      const byte = cursor.peek();
      if (byte === COMMA) cursor.at++;
      else if (!isNewline(byte) && byte !== CLOSE_BRACKET && !cursor.atComment()) {
        this.#reader.fail("',' or a new line between values, or ']' at the end of the list");
      }
    }
    cursor.at++;
    this.#depth--;
    const list: ConfigValue = { kind: "array", items, at };
    this.#session.measure(list, items);
    return list;
  }

  #deeper(): void {
    if (++this.#depth > NESTING_MAX) throw nestingError(this.#cursor.position());
  }

  // --- variables and includes

  #resolve(name: string, at: Position): ConfigValue {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const entry = this.#scopes[index]!.get(name);
      if (entry === undefined) continue;
      this.#session.used.add(entry);
      return this.#session.place(entry.value, at, this.#depth);
    }
    return this.#session.place(this.#resolveEnv(name, at), at, this.#depth);
  }

  /** A value of the environment; the variables in it see nothing but the environment. */
  #resolveEnv(name: string, at: Position): ConfigValue {
    const { env, parsedEnv, pendingEnv } = this.#session;
    const known = parsedEnv.get(name);
    if (known !== undefined) return known;
    // What was meant as a secret must not be shown because it starts with "$".
    const shown = this.#reader.secret ? " named here" : shownName(`$${name}`);
    const text = Object.hasOwn(env, name) ? env[name] : undefined;
    if (text === undefined) {
      const expected = `expected the variable${shown} in the file above or in the environment`;
      throw syntaxError(at, `${expected}, found neither; quote what is no variable`);
    }
    if (pendingEnv.has(name) || pendingEnv.size >= NESTING_MAX) {
      throw syntaxError(at, `expected a value in the variable${shown}, found that it needs itself`);
    }
    pendingEnv.add(name);
    const cursor = new Cursor(Buffer.from(text), at.file, at);
    try {
      const parser = new Parser(this.#session, cursor, this.#include, this.#depth);
      const value = parser.parseOnlyValue();
      parsedEnv.set(name, value);
      return value;
    } catch (error) {
      if (!(error instanceof ConfigSyntaxError)) throw error;
      const reason = error.problems[0]?.message ?? "";
      throw syntaxError(at, `the variable${shown} of the environment holds no value: ${reason}`);
    } finally {
      pendingEnv.delete(name);
    }
  }

  #parseInclude(entries: Entries): void {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    const at = cursor.position();
    const path = this.#reader.path();
    const included = this.#include(path, at, this.#depth);
    if (included.overwritten) this.#overwrite(entries, included.overwritten);
    for (const entry of included.entries.values()) this.#put(entries, entry);
  }
}

function shownName(name: string): string {
  return name.length > NAME_SHOWN_MAX ? " that begins here" : ` ${quoteText(name)}`;
}

function* valuesOf(entries: Entries): Iterable<ConfigValue> {
  for (const entry of entries.values()) yield entry.value;
}
