// Recognises the verb that begins a client's command (client-protocol §2.1): letters in either case, no
// white space before it, and an answer even while the line is still arriving.

import { SPACE, TAB } from "./ascii.ts";

/** What a command line starts with. */
export const Verb = {
  incomplete: 0,
  unknown: 1,
  pub: 2,
  hpub: 3,
  sub: 4,
  unsub: 5,
  connect: 6,
  info: 7,
  ping: 8,
  pong: 9,
  ok: 10,
  err: 11,
} as const;
export type Verb = (typeof Verb)[keyof typeof Verb];

interface VerbRow {
  readonly name: string;
  readonly verb: Verb;
  /** True when white space must follow before the arguments. */
  readonly spaced: boolean;
}

const ROWS: readonly VerbRow[] = [
  { name: "PUB", verb: Verb.pub, spaced: true },
  { name: "HPUB", verb: Verb.hpub, spaced: true },
  { name: "SUB", verb: Verb.sub, spaced: true },
  { name: "UNSUB", verb: Verb.unsub, spaced: true },
  { name: "CONNECT", verb: Verb.connect, spaced: false },
  { name: "INFO", verb: Verb.info, spaced: false },
  { name: "PING", verb: Verb.ping, spaced: false },
  { name: "PONG", verb: Verb.pong, spaced: false },
  { name: "+OK", verb: Verb.ok, spaced: false },
  { name: "-ERR", verb: Verb.err, spaced: true },
];

const upper = (byte: number) => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);

/** The verb at `at`, or `incomplete` when the bytes so far could still become one. */
export function readVerb(bytes: Uint8Array, at: number, end: number): Verb {
  for (const row of ROWS) {
    const { name } = row;
    let k = 0;
    while (k < name.length && at + k < end && upper(bytes[at + k]!) === name.charCodeAt(k)) k++;
    if (k === name.length) {
      if (!row.spaced) return row.verb;
      if (at + k === end) return Verb.incomplete;
      const next = bytes[at + k];
      return next === SPACE || next === TAB ? row.verb : Verb.unknown;
    }
    if (at + k === end) return Verb.incomplete;
  }
  return Verb.unknown;
}

/** Bytes that the verb itself takes. */
export function verbBytes(verb: Verb): number {
  return ROWS.find((row) => row.verb === verb)?.name.length ?? 0;
}
