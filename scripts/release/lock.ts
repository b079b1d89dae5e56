// package-lock.json as far as a release reads it: which versions are pinned, with which digests, and
// what is shipped inside the executable.

/** One package of the lock. */
export interface Locked {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity of its tarball: sha512-<base64>. */
  readonly integrity: string;
  readonly license: string | undefined;
  readonly dependencies: readonly string[];
}

interface Entry {
  readonly name?: string;
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const FOLDER = "node_modules/";

export class Lock {
  readonly #entries: Readonly<Record<string, Entry>>;

  /** The parsed file. Throws an Error where it is no lock of version 3. */
  constructor(file: unknown) {
    if (!isLock(file)) throw new Error("package-lock.json is not of lockfileVersion 3");
    this.#entries = file.packages;
  }

  static async read(path: string): Promise<Lock> {
    return new Lock(await Bun.file(path).json());
  }

  /** The package with this name. Throws an Error when it, or the digest to check it by, is missing. */
  package(name: string): Locked {
    const entry = this.#entries[FOLDER + name];
    if (entry?.version === undefined) throw new Error(`package-lock.json has no ${name}`);
    if (!entry.integrity?.startsWith("sha512-")) {
      throw new Error(`package-lock.json has no sha512 of ${name}`);
    }
    const { version, integrity, license } = entry;
    const dependencies = Object.keys(entry.dependencies ?? {}).sort();
    return { name: entry.name ?? name, version, integrity, license, dependencies };
  }

  /** What package.json names as dependencies, in the order of their names. */
  direct(): string[] {
    return Object.keys(this.#entries[""]?.dependencies ?? {}).sort();
  }

  /** Those and all that they need: what an executable has inside. In the order of their names. */
  shipped(): Locked[] {
    const found = new Map<string, Locked>();
    const waiting = this.direct();
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (found.has(name)) continue;
      const locked = this.package(name);
      found.set(name, locked);
      waiting.push(...locked.dependencies);
    }
    return [...found.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }
}

function isLock(file: unknown): file is { packages: Record<string, Entry> } {
  if (typeof file !== "object" || file === null) return false;
  return (
    Reflect.get(file, "lockfileVersion") === 3 && typeof Reflect.get(file, "packages") === "object"
  );
}
