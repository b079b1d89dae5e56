// The shared libraries that an executable needs, as the loader of this machine finds them. The image gets
// copies at the same paths: a loader looks where the system that it comes from keeps its libraries.
// They are glibc's. The runtime for musl is some MB smaller, but asks for a C++ library made for musl, and
// hardly any machine that builds images has one.
import { readFileSync } from "node:fs";

/** Since this release glibc resolves names without further libraries that it would load on its own. */
const GLIBC_MIN = [2, 34] as const;

/** Absolute paths, the loader among them. Throws where this machine cannot tell or is too old. */
export async function findLibraries(executable: string): Promise<string[]> {
  if (Bun.which("ldd") === null)
    throw new Error("ldd is not there to say which libraries it needs");
  await requireGlibc();
  const { LD_LIBRARY_PATH: _, LD_PRELOAD: __, ...env } = process.env;
  const told = await Bun.$`ldd ${executable}`.env(env).quiet().nothrow();
  const text = told.stdout.toString();
  const absent = /^\s*(\S+) => not found$/m.exec(text)?.[1];
  if (absent !== undefined) throw new Error(`the library ${absent} is not on this machine`);
  // "libc.so.6 => /lib/…/libc.so.6 (0x…)", "/lib64/ld-linux-x86-64.so.2 (0x…)"; the kernel's own has no path.
  const found = [...text.matchAll(/(?:^\s*|=> )(\/\S+) \(0x[\da-f]+\)$/gm)].map(
    ([, path]) => path!,
  );
  const loader = readLoader(executable);
  if (!found.includes(loader)) found.push(loader);
  if (found.length < 2) throw new Error(`ldd names no libraries of ${executable}`);
  return [...new Set(found)].sort();
}

async function requireGlibc(): Promise<void> {
  const [line = ""] = (await Bun.$`ldd --version`.quiet().nothrow().text()).split("\n");
  const [, major, minor] = /(\d+)\.(\d+)$/.exec(line) ?? [];
  const version = [Number(major ?? 0), Number(minor ?? 0)] as const;
  if (version[0] < GLIBC_MIN[0] || (version[0] === GLIBC_MIN[0] && version[1] < GLIBC_MIN[1])) {
    throw new Error(
      `it takes glibc ${GLIBC_MIN.join(".")} or newer, and this machine has: ${line}`,
    );
  }
}

const PT_INTERP = 3;

/** The loader's path as the executable names it (ELF64, little endian: program header PT_INTERP). */
function readLoader(executable: string): string {
  const elf = readFileSync(executable);
  if (elf.readUInt32BE(0) !== 0x7f454c46) throw new Error(`${executable} is no Linux executable`);
  const headers = Number(elf.readBigUInt64LE(0x20));
  const sizeBytes = elf.readUInt16LE(0x36);
  for (let index = 0; index < elf.readUInt16LE(0x38); index++) {
    const at = headers + index * sizeBytes;
    if (elf.readUInt32LE(at) !== PT_INTERP) continue;
    const from = Number(elf.readBigUInt64LE(at + 8));
    const length = Number(elf.readBigUInt64LE(at + 0x20));
    return elf.toString("latin1", from, from + length - 1);
  }
  throw new Error(`${executable} names no loader`);
}
