// A map from text to value that is asked with bytes and their hash, so that looking something up makes no
// string. The hash is not keyed, and whoever wants to can find texts that share one: a chain of such texts
// is kept short, and those that find no room in it go by their text.

/** Texts with one hash that are kept in a chain. */
const CHAIN_MAX = 8;

/** What such a map holds: it knows its own text, and who shares its hash. */
export interface TextMapEntry<T> {
  readonly text: string;
  sibling: T | null;
}

export class TextMap<T extends TextMapEntry<T>> {
  readonly #byHash = new Map<number, T>();
  #crowded: Map<string, T> | null = null;

  get isEmpty(): boolean {
    return this.#byHash.size === 0 && this.#crowded === null;
  }

  /** The entry whose text is bytes[at, end), which hash to `hash`. */
  find(bytes: Buffer, at: number, end: number, hash: number): T | null {
    let entry = this.#byHash.get(hash) ?? null;
    while (entry !== null && !isText(entry.text, bytes, at, end)) entry = entry.sibling;
    if (entry !== null || this.#crowded === null) return entry;
    return this.#crowded.get(bytes.latin1Slice(at, end)) ?? null;
  }

  get(text: string, hash: number): T | null {
    let entry = this.#byHash.get(hash) ?? null;
    while (entry !== null && entry.text !== text) entry = entry.sibling;
    return entry ?? this.#crowded?.get(text) ?? null;
  }

  /** Adds an entry whose text is not in the map. */
  add(entry: T, hash: number): void {
    const first = this.#byHash.get(hash) ?? null;
    let length = 0;
    for (let each = first; each !== null; each = each.sibling) length++;
    if (length < CHAIN_MAX) {
      entry.sibling = first;
      this.#byHash.set(hash, entry);
    } else {
      this.#crowded ??= new Map();
      this.#crowded.set(entry.text, entry);
    }
  }

  /** Removes an entry that is in the map. */
  remove(entry: T, hash: number): void {
    if (this.#crowded !== null && this.#crowded.delete(entry.text)) {
      if (this.#crowded.size === 0) this.#crowded = null;
      return;
    }
    let before = this.#byHash.get(hash)!;
    if (before !== entry) {
      while (before.sibling !== entry) before = before.sibling!;
      before.sibling = entry.sibling;
    } else if (entry.sibling !== null) this.#byHash.set(hash, entry.sibling);
    else this.#byHash.delete(hash);
  }
}

function isText(text: string, bytes: Uint8Array, at: number, end: number): boolean {
  if (text.length !== end - at) return false;
  for (let i = 0; at < end; i++, at++) if (text.charCodeAt(i) !== bytes[at]) return false;
  return true;
}
