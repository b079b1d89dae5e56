// Passwords and tokens: compared as they are, or with the bcrypt hash that the configuration has in their
// place (auth.md §2). A hash costs a tenth of a second and more, so it is reckoned off the main thread, and
// only once for the same password: a storm of reconnects or a reload must not cost one per client.

import { HashQueue } from "./hash-queue.ts";
import { networkOf } from "./network.ts";

const BCRYPT = /^\$2[abxy]\$\d\d\$/;
/** What comes behind is no part of the hash. */
const BCRYPT_LENGTH = 60;
/** bcrypt looks at no more of a password. */
const SIGNIFICANT_BYTES = 72;
/** Hashes of which answers are remembered; beyond, the one reckoned longest ago is forgotten. */
const REMEMBERED_MAX = 10_000;

/** True when a configured password or token is a bcrypt hash. */
export function isBcrypt(configured: string): boolean {
  return BCRYPT.test(configured);
}

/**
 * The last passwords that were right and wrong for a hash, as keyed digests: one of each, so that guessing
 * fills no memory. The wrong one is kept for fleets that retry an old password for ever.
 */
interface Remembered {
  right: string | null;
  wrong: string | null;
}

/** Who wants a password checked, and how long that may wait behind the passwords of others. */
export interface Asker {
  /** Senders take turns. Empty when unknown, which is one more sender. */
  readonly address: string;
  /** Milliseconds until the check must have begun. */
  readonly patienceMs: number;
  /** The sender will say nothing more, and maybe is gone: others come first. */
  readonly hasEnded: () => boolean;
}

const ANYBODY: Asker = { address: "", patienceMs: Infinity, hasEnded: () => false };

/** Checks passwords. The server has one and keeps it, so that what it learnt outlives a reload. */
export class PasswordVerifier {
  readonly #queue: HashQueue;
  readonly #remembered = new Map<string, Remembered>();
  /** Made when first needed, known to nobody, gone with the process. */
  #key: Uint8Array | null = null;

  /** Hashes to reckon at a time; unless given, as many as the processors allow. */
  constructor(concurrency?: number) {
    this.#queue = new HashQueue(concurrency);
  }

  /** Password checks that wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** As `check`, for anybody: what was not checked is not right. */
  verify(configured: string, given: string, isWanted: () => boolean): boolean | Promise<boolean> {
    const isRight = this.check(configured, given, isWanted);
    return typeof isRight === "boolean" ? isRight : isRight.then((is) => is === true);
  }

  /**
   * True when `given` is the configured password. Only a hash not asked for before takes a promise; it
   * never rejects, and is null for who is no longer wanted when its turn comes, or waits for it too long.
   */
  check(
    configured: string,
    given: string,
    isWanted: () => boolean,
    { address, patienceMs, hasEnded }: Asker = ANYBODY,
  ): boolean | Promise<boolean | null> {
    // Under a random key, how far two digests agree tells nothing about how far the passwords do.
    if (!isBcrypt(configured)) return this.#digest(given) === this.#digest(configured);
    const password = significantBytes(given);
    const digest = this.#digest(password);
    const known = this.#recall(configured, digest);
    if (known !== null) return known;
    // Whoever guesses one user's password is in the way of no other user, even from the same address.
    const lanes = [networkOf(address), configured];
    const place = { lanes, patienceMs, isWanted, isLast: hasEnded };
    return this.#queue.ask(digest + configured, place, async () => {
      const isRight = await matchesHash(configured, password);
      this.#remember(configured, digest, isRight);
      return isRight;
    });
  }

  #digest(secret: string | Uint8Array): string {
    this.#key ??= crypto.getRandomValues(new Uint8Array(32));
    return new Bun.CryptoHasher("sha256", this.#key).update(secret).digest("base64");
  }

  #recall(configured: string, digest: string): boolean | null {
    const remembered = this.#remembered.get(configured);
    if (remembered?.right === digest) return true;
    return remembered?.wrong === digest ? false : null;
  }

  #remember(configured: string, digest: string, isRight: boolean): void {
    const remembered = this.#remembered.get(configured) ?? { right: null, wrong: null };
    if (isRight) remembered.right = digest;
    else remembered.wrong = digest;
    // What was reckoned last stands last.
    this.#remembered.delete(configured);
    this.#remembered.set(configured, remembered);
    if (this.#remembered.size <= REMEMBERED_MAX) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/**
 * The bytes that bcrypt works with. Bun would hash a longer password first and refuses an empty one, which
 * to bcrypt is the same as its own closing NUL.
 */
function significantBytes(password: string): Uint8Array {
  const bytes = Buffer.from(password === "" ? "\0" : password, "utf8");
  return bytes.subarray(0, SIGNIFICANT_BYTES);
}

/** A hash that makes no sense matches nothing. */
async function matchesHash(configured: string, password: Uint8Array): Promise<boolean> {
  try {
    return await Bun.password.verify(password, plainForm(configured), "bcrypt");
  } catch {
    return false;
  }
}

/** bcrypt's base64 digits; the last one of a salt carries two bits, and some generators fill the others. */
const DIGITS = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SALT_ENDS_AT = 28;

/** The one form that Bun takes of what are many spellings of a hash: the four variants are one algorithm. */
function plainForm(configured: string): string {
  const ending = DIGITS[DIGITS.indexOf(configured.charAt(SALT_ENDS_AT)) & 0x30] ?? "";
  const hash = configured.slice(SALT_ENDS_AT + 1, BCRYPT_LENGTH);
  return `$2b${configured.slice(3, SALT_ENDS_AT)}${ending}${hash}`;
}
