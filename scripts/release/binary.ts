// Which system an executable is for, read from its first bytes: what a release says about a file in its
// name has to be true even where the file cannot be run.
import type { Target } from "./targets.ts";

/** Enough of a file to tell. */
const HEAD_BYTES = 4096;

export interface Binary {
  readonly os: Target["os"];
  readonly arch: Target["arch"];
  /** The program that loads it, on Linux. */
  readonly loader?: string;
  /** Whether it carries a signature, on macOS: arm64 runs nothing without one. */
  readonly signed?: boolean;
}

/** The same of a file. */
export async function readBinary(path: string): Promise<Binary | undefined> {
  return inspect(new Uint8Array(await Bun.file(path).slice(0, HEAD_BYTES).arrayBuffer()));
}

/** Undefined when it is no executable of a kind that a release has. */
export function inspect(head: Uint8Array): Binary | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    return inspectElf(view) ?? inspectMachO(view) ?? inspectPe(view);
  } catch (error) {
    // Offsets in it point behind its end.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Why that file is not for this target; undefined when it is. */
export function mismatch(found: Binary | undefined, target: Target): string | undefined {
  if (found === undefined) return "it is no executable";
  const { os, arch, loader, signed } = found;
  if (os !== target.os || arch !== target.arch) return `it is for ${os} ${arch}`;
  if (os === "linux" && loader?.includes("musl") !== target.musl) return `it wants ${loader}`;
  if (os === "macos" && arch === "arm64" && !signed) return "it is not signed";
  return undefined;
}

const ELF_MAGIC = 0x7f454c46;
const ELF_MACHINES: Readonly<Record<number, Target["arch"]>> = { 62: "x64", 183: "arm64" };
const PROGRAM_INTERPRETER = 3;

function inspectElf(view: DataView): Binary | undefined {
  if (view.getUint32(0) !== ELF_MAGIC) return undefined;
  const arch = ELF_MACHINES[view.getUint16(18, true)];
  if (arch === undefined) return undefined;
  const start = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  for (let index = 0; index < count; index++) {
    const at = start + index * size;
    if (view.getUint32(at, true) !== PROGRAM_INTERPRETER) continue;
    const offset = Number(view.getBigUint64(at + 8, true));
    const length = Number(view.getBigUint64(at + 32, true));
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, length - 1);
    return { os: "linux", arch, loader: new TextDecoder().decode(bytes) };
  }
  return { os: "linux", arch };
}

const MACH_MAGIC = 0xfeedfacf;
const MACH_MACHINES: Readonly<Record<number, Target["arch"]>> = {
  0x01000007: "x64",
  0x0100000c: "arm64",
};
const MACH_HEADER_BYTES = 32;
const CODE_SIGNATURE = 0x1d;

function inspectMachO(view: DataView): Binary | undefined {
  if (view.getUint32(0, true) !== MACH_MAGIC) return undefined;
  const arch = MACH_MACHINES[view.getUint32(4, true)];
  if (arch === undefined) return undefined;
  const count = view.getUint32(16, true);
  let signed = false;
  for (let index = 0, at = MACH_HEADER_BYTES; index < count; index++) {
    if (view.getUint32(at, true) === CODE_SIGNATURE) signed = true;
    at += view.getUint32(at + 4, true);
  }
  return { os: "macos", arch, signed };
}

const DOS_MAGIC = 0x4d5a;
const PE_MAGIC = 0x50450000;
const PE_MACHINES: Readonly<Record<number, Target["arch"]>> = { 0x8664: "x64", 0xaa64: "arm64" };

function inspectPe(view: DataView): Binary | undefined {
  if (view.getUint16(0) !== DOS_MAGIC) return undefined;
  const at = view.getUint32(0x3c, true);
  if (view.getUint32(at) !== PE_MAGIC) return undefined;
  const arch = PE_MACHINES[view.getUint16(at + 4, true)];
  return arch && { os: "windows", arch };
}
