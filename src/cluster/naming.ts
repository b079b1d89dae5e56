// What the cluster is called (cluster §4.8): all servers of it agree on one name. A made-up one gives way to
// one that was configured, and to a greater one that was made up.

/** How two names compare: go on, take theirs, or part. */
export type NameVerdict = "same" | "adopt" | "refuse";

const NAME_BYTES = 22;
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export class ClusterName {
  text: string;
  /** It was made up. */
  isDynamic: boolean;

  constructor(configured: string | undefined) {
    this.text = configured ?? randomName();
    this.isDynamic = configured === undefined;
  }

  compare(theirs: string, isDynamic: boolean): NameVerdict {
    if (theirs === this.text) return "same";
    if (!this.isDynamic || theirs === "" || /\s/.test(theirs)) return "refuse";
    if (!isDynamic) return "adopt";
    return Buffer.compare(Buffer.from(theirs), Buffer.from(this.text)) > 0 ? "adopt" : "refuse";
  }

  /** Theirs counts from now on as if it had been configured. */
  adopt(theirs: string): void {
    this.text = theirs;
    this.isDynamic = false;
  }
}

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(NAME_BYTES));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}
