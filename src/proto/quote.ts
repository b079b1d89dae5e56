// Text for people, quoted as Go's %q does: the form in which -ERR texts and trace lines name a subject
// (client-protocol §0).

const SHORT = new Map([
  [0x07, "\\a"],
  [0x08, "\\b"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0b, "\\v"],
  [0x0c, "\\f"],
  [0x0d, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");

/** Quotes bytes given as a latin1 string (one character per byte), reading them as UTF-8. */
export function quote(latin1: string): string {
  let out = '"';
  for (let i = 0; i < latin1.length;) {
    const byte = latin1.charCodeAt(i);
    if (byte < 0x80) {
      const short = SHORT.get(byte);
      if (short !== undefined) out += short;
      else if (byte < 0x20 || byte === 0x7f) out += `\\x${hex(byte, 2)}`;
      else out += latin1[i];
      i++;
      continue;
    }
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    const rune = Buffer.from(latin1.slice(i, i + length), "latin1").toString("utf8");
    const code = rune.codePointAt(0)!;
    if (code === 0xfffd || [...rune].length !== 1) {
      out += `\\x${hex(byte, 2)}`;
      i++;
      continue;
    }
    if (PRINTABLE.test(rune)) out += rune;
    else out += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
    i += length;
  }
  return `${out}"`;
}
