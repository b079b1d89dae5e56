// Text that clients sent, for JSON.

const BEYOND_ASCII = /[^\0-\x7f]/;

/** Bytes given as one character each (latin1) are UTF-8; what is not decodable shows as U+FFFD. */
export function decoded(latin1: string): string {
  return BEYOND_ASCII.test(latin1) ? Buffer.from(latin1, "latin1").toString("utf8") : latin1;
}
