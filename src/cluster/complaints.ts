// What is wrong with those who connect, told once: who is refused comes again each second, and would fill the
// log with one and the same line.

/** After so long without it a complaint is news again. */
const QUIET_MS = 600_000;
const KEPT_MAX = 1000;
/** What the other side said: it may be different each time. */
const QUOTED = /".*"/g;

export class Complaints {
  /** When each was last made, oldest first. */
  readonly #made = new Map<string, number>();

  /** Is it the first time, in a while, that this is said of this address? `nowMs` as performance.now(). */
  isNews(address: string, text: string, nowMs: number): boolean {
    const key = `${address} ${text.replace(QUOTED, "")}`;
    const last = this.#made.get(key);
    this.#made.delete(key);
    this.#made.set(key, nowMs);
    if (this.#made.size > KEPT_MAX) {
      const [oldest = ""] = this.#made.keys();
      this.#made.delete(oldest);
    }
    return last === undefined || nowMs - last > QUIET_MS;
  }

  /** All is well with this address: what goes wrong next is news. */
  forget(address: string): void {
    for (const key of this.#made.keys()) if (key.startsWith(`${address} `)) this.#made.delete(key);
  }
}
