// What clients here want to hear, counted per account and subject, and the lines that tell other servers
// when that changes (cluster §4.6): the first and the last of equal subscriptions, and the number of members
// of each queue group. Lines go out at once: a reply subject is known before the request that names it.

import type { Account, InterestWatcher, Wanted } from "../broker/account.ts";

/** What the others are told of: a subject, perhaps of a queue group. */
export interface Interest {
  readonly subject: string;
  readonly queue: string | null;
  /** What they were told last: 0 or 1 for plain subscriptions, else the number of members. */
  readonly told: number;
}

interface Entry extends Interest {
  count: number;
  told: number;
}

export class LocalInterest implements InterestWatcher {
  readonly name: string;
  readonly #prefix: string;
  readonly #announce: (interest: Interest) => void;
  readonly #entries = new Map<string, Entry>();
  /** Changed since `hold`; null when nothing is held back. */
  #held: Set<Entry> | null = null;

  /** `announce` hears of each change. */
  constructor(account: Account, announce: (interest: Interest) => void) {
    this.name = account.name;
    // Lines are made of bytes, one character each.
    this.#prefix = `${Buffer.from(account.name).latin1Slice()} `;
    this.#announce = announce;
  }

  subscribed({ subject, queue }: Wanted): void {
    const key = keyOf(subject, queue);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { subject, queue, count: 0, told: 0 };
      this.#entries.set(key, entry);
    }
    entry.count++;
    this.#changed(entry);
  }

  unsubscribed({ subject, queue }: Wanted): void {
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
  get all(): readonly Interest[] {
    return [...this.#entries.values()].filter(({ told }) => told > 0);
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
    this.#announce(entry);
  }

  /** What a route is told; one that is for this account alone does not hear its name. */
  line(interest: Interest, isAlone: boolean): string {
    const { subject, queue, told } = interest;
    if (told === 0) return this.end(interest, isAlone);
    const account = isAlone ? "" : this.#prefix;
    return `RS+ ${account}${subject}${queue === null ? "" : ` ${queue} ${told}`}\r\n`;
  }

  /** The line that takes it back. */
  end({ subject, queue }: Interest, isAlone: boolean): string {
    return `RS- ${isAlone ? "" : this.#prefix}${subject}${queue === null ? "" : ` ${queue}`}\r\n`;
  }
}

/** No subject and no queue has a blank in it. */
function keyOf(subject: string, queue: string | null): string {
  return queue === null ? subject : `${subject} ${queue}`;
}
