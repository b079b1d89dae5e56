// Distinguished names such as `CN=bob,OU=dev,O=Acme`: read from text, written, compared (auth.md §12).
// Certificates have theirs with the most general part first, text with the most special one.

export interface NamePart {
  /** A short name in text, an object identifier in a certificate. */
  readonly type: string;
  readonly value: string;
}

/** Several parts in one place are equals, in any order: `CN=bob+OU=dev`. */
export type RelativeName = readonly NamePart[];

export type Name = readonly RelativeName[];

const DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";

/** The types by which names can be compared. One with another type in it equals none. */
const COMPARED: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.17", "POSTALCODE"],
  [DOMAIN_COMPONENT, "DC"],
]);

/** The types that the written form has, in its order; of CN and SERIALNUMBER only the last one counts. */
const WRITTEN = ["SERIALNUMBER", "CN", "OU", "O", "POSTALCODE", "STREET", "L", "ST", "C"];
const SINGLE = new Set(["SERIALNUMBER", "CN"]);

/** A certificate's name with types in letters, in the order of text; null with a type that has none. */
export function comparable(subject: Name): Name | null {
  const name: RelativeName[] = [];
  for (const relative of subject) {
    const parts: NamePart[] = [];
    for (const { type, value } of relative) {
      const letters = COMPARED.get(type);
      if (letters === undefined) return null;
      parts.push({ type: letters, value });
    }
    if (parts.length > 0) name.unshift(parts);
  }
  return name;
}

/** A certificate's name as Go's standard library writes it, which leaves out all but nine types. */
export function written(subject: Name): string {
  const found = new Map<string, string[]>(WRITTEN.map((type) => [type, []]));
  for (const { type, value } of subject.flat()) found.get(COMPARED.get(type) ?? "")?.push(value);
  const parts: string[] = [];
  for (const [type, values] of found) {
    const kept = SINGLE.has(type) ? values.slice(-1) : values;
    if (kept.length > 0) parts.push(kept.map((value) => `${type}=${escape(value)}`).join("+"));
  }
  return parts.join(",");
}

/** The domain components of a certificate's name, which `written` leaves out: `DC=org,DC=example`. */
export function domainComponents(subject: Name): string {
  const found = subject.flat().filter(({ type }) => type === DOMAIN_COMPONENT);
  return found.map(({ value }) => `DC=${value}`).join(",");
}

function escape(value: string): string {
  return value.replace(/[,+"\\<>;]|^[# ]| $/g, "\\$&");
}

/** A type and its value with what ends them: `+` another part of the same place, `,` a new place. */
const PIECE = /((?:\\.|[^\\,+])*)([,+]|$)/gsy;
/** Blanks around both are not theirs. A `#` would begin a value in hexadecimal DER. */
const PART = /^ *([^=\\ ]+) *= *(?!#)((?:\\[\da-f]{2}|\\[ "#+,;<=>\\]|[^\\=])*?) *$/is;
const ESCAPED = /((?:\\[\da-f]{2})+)|\\(.)/gi;

/** Reads `CN=bob,O=Acme`; null when the text is no distinguished name. */
export function parseName(text: string): Name | null {
  const name: NamePart[][] = [];
  let parts: NamePart[] = [];
  for (const [, pair = "", end] of text.matchAll(PIECE)) {
    const [, type, value] = PART.exec(pair) ?? [];
    if (type === undefined || value === undefined) return null;
    parts.push({ type: type.toUpperCase(), value: unescape(value) });
    if (end === "+") continue;
    name.push(parts);
    parts = [];
    if (end === "") return name;
  }
  return null;
}

/** `\,` and `\2C` are both a comma; several bytes in hexadecimal may be one character. */
function unescape(value: string): string {
  return value.replace(ESCAPED, (_, hex: string | undefined, plain: string) =>
    hex === undefined ? plain : Buffer.from(hex.replaceAll("\\", ""), "hex").toString("utf8"),
  );
}

/** Equal for names with the same parts in the same order. */
export function orderedKey(name: Name): string {
  return JSON.stringify(["in order", ...name.map(keyOf)]);
}

/** Equal for names with the same parts in any order. */
export function unorderedKey(name: Name): string {
  return JSON.stringify(["in any order", ...name.map(keyOf).sort()]);
}

function keyOf(relative: RelativeName): string {
  return JSON.stringify(relative.map(({ type, value }) => `${type}=${value}`).sort());
}
