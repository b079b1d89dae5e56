// What clients here want to hear, counted per account and subject, and the lines that tell other servers
// when that changes (cluster §4.6): the first and the last of equal subscriptions, and the number of members
// of each queue group. Lines go out at once: a reply subject is known before the request that names it.

import type { Account, InterestWatcher } from "../broker/account.ts";
import type { Subscription } from "../broker/subscription.ts";

/** Who is told: `subject` so that each route's permissions can be asked. */
export type Announce = (line: string, subject: string) => void;

interface Entry {
  readonly subject: string;
  readonly queue: string | null;
  count: number;
  /** What the others were told last: 0 or 1 for plain subscriptions, else the number of members. */
  told: number;
}

export class LocalInterest implements InterestWatcher {
  readonly #account: string;
  readonly #announce: Announce;
  readonly #entries = new Map<string, Entry>();
  /** Changed since `hold`; null when nothing is held back. */
  #held: Set<Entry> | null = null;

  constructor(account: Account, announce: Announce) {
    // Lines are made of bytes, one character each.
    this.#account = Buffer.from(account.name).latin1Slice();
    this.#announce = announce;
  }

  subscribed({ subject, queue }: Subscription): void {
    const key = keyOf(subject, queue);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { subject, queue, count: 0, told: 0 };
      this.#entries.set(key, entry);
    }
    entry.count++;
    this.#changed(entry);
  }

  unsubscribed({ subject, queue }: Subscription): void {
    const entry = this.#entries.get(keyOf(subject, queue));
    if (entry === undefined) return;
    entry.count--;
    this.#changed(entry);
  }

  hold(): void {
    this.#held = new Set();
  }

  flush(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const entry of held) this.#changed(entry);
  }

  /** All that there is, for a server that just came. */
  *lines(): Iterable<{ line: string; subject: string }> {
    for (const entry of this.#entries.values()) {
      if (entry.told > 0) yield { line: this.#line(entry), subject: entry.subject };
    }
  }

  #changed(entry: Entry): void {
    if (this.#held !== null) {
      this.#held.add(entry);
      return;
    }
    const { subject, queue, count } = entry;
    if (count === 0) this.#entries.delete(keyOf(subject, queue));
    const tell = queue === null ? Math.min(count, 1) : count;
    if (tell === entry.told) return;
    entry.told = tell;
    this.#announce(this.#line(entry), subject);
  }

  #line({ subject, queue, told }: Entry): string {
    const group = queue === null ? "" : ` ${queue}`;
    if (told === 0) return `RS- ${this.#account} ${subject}${group}\r\n`;
    return `RS+ ${this.#account} ${subject}${group}${queue === null ? "" : ` ${told}`}\r\n`;
  }
}

/** No subject and no queue has a blank in it. */
function keyOf(subject: string, queue: string | null): string {
  return queue === null ? subject : `${subject} ${queue}`;
}
