// Text from clients, for people.

/** What the protocol carries as bytes, here one character each: UTF-8 in most cases, shown as that. */
export function textFromBytes(bytes: string): string {
  return /^[\x20-\x7e]*$/.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}
