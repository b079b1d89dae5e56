// The fingerprint of a configuration, equal to nats-server's: a SHA-256 over the resolved tree as
// compact JSON with sorted keys, so that comments, quoting and layout do not count.
import type { ConfigMap, ConfigValue } from "../value.ts";

/** `sha256:` and 64 hexadecimal digits. */
export function configDigest(root: ConfigMap): string {
  const hash = new Bun.CryptoHasher("sha256");
  hash.update(`${writeValue(root)}\n`);
  return `sha256:${hash.digest("hex")}`;
}

function writeValue(value: ConfigValue): string {
  switch (value.kind) {
    case "string":
      return writeText(value.value);
    case "float":
      return Object.is(value.value, -0) ? "-0" : String(value.value);
    case "integer":
    case "boolean":
      return String(value.value);
    case "date":
      return `"${value.value.toISOString().slice(0, 19)}Z"`;
    case "array":
      return `[${value.items.map(writeValue).join(",")}]`;
    case "map":
      return writeMap(value);
  }
}

function writeMap({ entries }: ConfigMap): string {
  // By their UTF-8 bytes, which is not how JavaScript compares texts beyond U+FFFF.
  const sorted = [...entries.keys()]
    .map((key) => ({ key, bytes: Buffer.from(key) }))
    .sort((left, right) => Buffer.compare(left.bytes, right.bytes));
  const members = sorted.map(({ key }) => {
    return `${writeText(key)}:${writeValue(entries.get(key)!.value)}`;
  });
  return `{${members.join(",")}}`;
}

/** JSON as Go writes it: safe inside HTML and JavaScript. */
function writeText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
