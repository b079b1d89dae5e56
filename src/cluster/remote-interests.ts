// What one route announced (cluster §4.5, §4.6): kept by the words it was announced with, and entered into
// the accounts, from which all of it goes when the route does.

import type { Account } from "../broker/account.ts";
import { RemoteInterest, type RouteLink } from "../broker/routing.ts";
import type { Permissions } from "../auth/permissions.ts";
import { kindOf, SubjectKind } from "../proto/subject.ts";
import { parseSize } from "../proto/ascii.ts";

/** What became of a line. */
export type Heard = "taken" | "ignored" | "invalid subject" | "malformed";

const WEIGHT_MAX = 1 << 20;
/** Interests kept for accounts that may come with a reload. */
const HOMELESS_MAX = 10_000;

export class RemoteInterests {
  /** The account that the route is for alone, which its lines do not name; empty for all. */
  onlyAccount = "";
  readonly #link: RouteLink;
  readonly #accountNamed: (name: string) => Account | undefined;
  readonly #entries = new Map<string, RemoteInterest>();
  /** Of accounts that are not there, or not yet: by key, as they were announced. */
  readonly #homeless = new Map<string, readonly [verb: string, words: readonly string[]]>();
  /** The account of the last line, as it stood there and as text: mostly the next one has the same. */
  #lastAccount = "";
  #lastName = "";

  constructor(link: RouteLink, accountNamed: (name: string) => Account | undefined) {
    this.#link = link;
    this.#accountNamed = accountNamed;
  }

  /** Interests in force. */
  get size(): number {
    return this.#entries.size;
  }

  get all(): Iterable<RemoteInterest> {
    return this.#entries.values();
  }

  /**
   * The same as `hear` for nearly all lines of a long announcement: RS+ without a queue group, and RS-, with
   * single blanks. `text` is what follows the verb. Null when it is none of these.
   */
  hearPlain(joins: boolean, text: string, exports: Permissions | null): Heard | null {
    if (text.includes("\t")) return null;
    const blank = this.onlyAccount === "" ? text.indexOf(" ") : -1;
    if (this.onlyAccount === "" ? blank <= 0 : text === "") return null;
    const next = text.indexOf(" ", blank + 1);
    if (!joins) {
      const last = next < 0 ? -1 : text.indexOf(" ", next + 1);
      const isOdd = next === blank + 1 || last >= 0 || next === text.length - 1;
      return isOdd ? null : this.#leave(text);
    }
    if (next >= 0 || blank === text.length - 1) return null;
    const account = blank < 0 ? this.onlyAccount : text.slice(0, blank);
    return this.#join(text, account, text.slice(blank + 1), null, 1, "", exports, null);
  }

  /** `words` are those after the verb; `exports` says what may be heard of, null for everything. */
  hear(
    verb: string,
    words: readonly string[],
    originInLeave: boolean,
    exports: Permissions | null,
  ): Heard {
    const joins = verb.endsWith("+");
    const fromLeaf = verb.startsWith("L");
    const hasOrigin = fromLeaf && (joins || originInLeave);
    const origin = hasOrigin ? words[0] : "";
    const own = hasOrigin ? words.slice(1) : words;
    const named = this.onlyAccount === "" ? own : [this.onlyAccount, ...own];
    const [account, subject, queue, weight] = named;
    const count = named.length;
    if (origin === undefined || account === undefined || subject === undefined) return "malformed";
    if (joins ? count !== 2 && count !== 4 : count > 3) return "malformed";
    const size = weight === undefined ? 1 : parseSize(weight);
    if (size < 0) return "malformed";
    const about = (weight === undefined ? own : own.slice(0, -1)).join(" ");
    // Without the origin in LS- it cannot be part of the name.
    const key = originInLeave && origin !== "" ? `${origin}\n${about}` : about;
    if (!joins) return this.#leave(key);
    return this.#join(key, account, subject, queue ?? null, size, origin, exports, [verb, words]);
  }

  /** `line` is how to hear it again; null for a plain one, which its key tells. */
  #join(
    key: string,
    account: string,
    subject: string,
    queue: string | null,
    weight: number,
    origin: string,
    exports: Permissions | null,
    line: readonly [verb: string, words: readonly string[]] | null,
  ): Heard {
    const kind = kindOf(subject);
    if (kind === SubjectKind.invalid) return "invalid subject";
    if (account !== this.#lastAccount) {
      this.#lastAccount = account;
      this.#lastName = Buffer.from(account, "latin1").utf8Slice();
    }
    const home = this.#accountNamed(this.#lastName);
    if (home === undefined) {
      if (this.#homeless.size < HOMELESS_MAX) {
        this.#homeless.set(key, line ?? ["RS+", key.split(" ")]);
      }
      return "ignored";
    }
    if (exports?.maySubscribe(subject, queue) === false) return "ignored";
    const members = Math.min(weight, WEIGHT_MAX);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.account.reweigh(known, members);
      return "taken";
    }
    const isPattern = kind === SubjectKind.pattern;
    const entry = new RemoteInterest(this.#link, home, subject, isPattern, queue, members, origin);
    this.#entries.set(key, entry);
    home.addRemote(entry);
    return "taken";
  }

  #leave(key: string): Heard {
    this.#homeless.delete(key);
    const entry = this.#entries.get(key);
    if (entry === undefined) return "ignored";
    this.#entries.delete(key);
    entry.account.removeRemote(entry);
    return "taken";
  }

  /** Accounts came or went, or other subjects may be exported now. */
  settle(originInLeave: boolean, exports: Permissions | null): void {
    for (const [key, entry] of this.#entries) {
      const { account, subject, queue } = entry;
      const isHome = this.#accountNamed(account.name) === account;
      if (isHome && exports?.maySubscribe(subject, queue) !== false) continue;
      this.#leave(key);
    }
    const homeless = [...this.#homeless.values()];
    this.#homeless.clear();
    for (const [verb, words] of homeless) this.hear(verb, words, originInLeave, exports);
  }

  /** An account moves to another connection, which announces it anew. */
  drop(account: string): void {
    for (const [key, entry] of this.#entries) if (entry.account.name === account) this.#leave(key);
  }

  /** The route is gone, and all that it wanted. */
  clear(): void {
    this.#homeless.clear();
    for (const entry of this.#entries.values()) entry.account.removeRemote(entry);
    this.#entries.clear();
  }
}
