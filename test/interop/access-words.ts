// What the actors of the access matrix say: logins as whole CONNECT lines and what is done after them.
// Payloads are two bytes so that a case reads in one line.
import { base64url, type Nkey, sign } from "../support/nkeys.ts";
import { connectLine } from "../support/wire.ts";
import type { Case, ReloadCase, Step, Words } from "./access-play.ts";

/** A quiet CONNECT with these options. */
export const login = (options: object = {}): string => connectLine(options);

/** A quiet CONNECT with user and password. */
export const as = (user: string, pass: string): string => connectLine({ user, pass });

/** A quiet CONNECT with an nkey and its signature over what `signed` makes of the nonce. */
export function withNkey(
  key: Nkey,
  options: {
    readonly says?: object;
    readonly signed?: (nonce: string) => Uint8Array | string;
    readonly encoding?: (signature: Uint8Array) => string;
  } = {},
): Words {
  const { says, signed = (nonce) => nonce, encoding = base64url } = options;
  return (nonce) =>
    connectLine({ nkey: key.nkey, sig: encoding(sign(key, signed(nonce))), ...says });
}

/** Words of an actor one after the other, in one write. */
export function both(first: Words, ...rest: readonly string[]): Words {
  const later = rest.join("");
  return typeof first === "string" ? first + later : (nonce) => first(nonce) + later;
}

export const pub = (subject: string, reply = ""): string =>
  `PUB ${reply === "" ? subject : `${subject} ${reply}`} 2\r\nhi\r\n`;

export const hpub = (subject: string): string => `HPUB ${subject} 12 14\r\nNATS/1.0\r\n\r\nhi\r\n`;

export const sub = (subject: string, sid = "1"): string => `SUB ${subject} ${sid}\r\n`;

export const queueSub = (subject: string, queue: string, sid = "1"): string =>
  `SUB ${subject} ${queue} ${sid}\r\n`;

/** Hears itself: proves that a login is more than the absence of an error. */
const HELLO = sub("hello") + pub("hello");

/** One case for each of these logins: the words, and then a message to itself. */
export function logins(words: Readonly<Record<string, Words>>): Case[] {
  return Object.entries(words).map(([name, says]) => ({
    name: `log in with ${name}`,
    steps: [{ by: "client", says: both(says, HELLO) }],
  }));
}

/** One case for each of these first words, of a client that must go. */
export function openings(words: Readonly<Record<string, Words>>): Case[] {
  return Object.entries(words).map(([name, says]) => ({
    name: `begin with ${name}`,
    steps: [{ by: "client", says }],
  }));
}

/** One case for each of these actions of somebody who has logged in with these words. */
export function actions(
  who: string,
  login: Words,
  words: Readonly<Record<string, string>>,
): Case[] {
  return Object.entries(words).map(([name, says]) => ({
    name: `as ${who} ${name}`,
    steps: [
      { by: "client", says: login },
      { by: "client", says },
    ],
  }));
}

/** A case of several actors; each is one word, and says the lines in turn. */
export function talk(
  name: string,
  ...lines: readonly (readonly [by: string, says: Words])[]
): Case {
  return { name, steps: lines.map(([by, says]): Step => ({ by, says })) };
}

/** Publishes to each of these subjects, in one case each. */
export function publishes(who: string, login: Words, subjects: readonly string[]): Case[] {
  return actions(
    who,
    login,
    Object.fromEntries(subjects.map((subject) => [`publish to ${subject}`, pub(subject)])),
  );
}

/** Subscribes to each of these subjects, perhaps with a queue group after a blank, in one case each. */
export function subscribes(who: string, login: Words, wishes: readonly string[]): Case[] {
  return actions(
    who,
    login,
    Object.fromEntries(wishes.map((wish) => [`subscribe to ${wish}`, `SUB ${wish} 1\r\n`])),
  );
}

/** Somebody and what he says, or the text of a reload. */
type Line = readonly [by: string, says: Words] | { readonly reload: string };

/** A case in which actors say their lines in turn, and the configuration changes in between. */
export function reloads(name: string, config: string, ...lines: readonly Line[]): ReloadCase {
  const steps = lines.map((line): Step =>
    "reload" in line ? line : { by: line[0], says: line[1] },
  );
  return { name, config, steps };
}
