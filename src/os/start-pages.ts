// A start runs through a good part of the runtime (the module loader, the compiler of its regular
// expressions, the reading of options) that serving never needs again. The kernel counts those pages of
// the executable as resident until memory runs short. Taking the code out of the address space once,
// after the start, leaves resident what serving touches; any page still needed comes back from the page
// cache on its next use, in less than a microsecond.
import { readFileSync } from "node:fs";
import { openLibc } from "./libc.ts";

const MADV_DONTNEED = 4;

/**
 * Lets go of the executable's code pages, on Linux. Only of code: it is never written to, so that dropping
 * it loses nothing, which does not hold for the data beside it.
 */
export async function releaseStartPages(executable = process.execPath): Promise<void> {
  if (process.platform !== "linux") return;
  const ranges = codeRanges(readMaps(), executable);
  if (ranges.length === 0) return;
  const libc = await openLibc({
    madvise: { args: ["usize", "usize", "i32"], returns: "i32" },
  });
  for (const { start, bytes } of ranges) libc?.symbols.madvise(start, bytes, MADV_DONTNEED);
  libc?.close();
}

/** Where a file's code lies in memory, from the lines of /proc/self/maps (proc_pid_maps(5)). */
export function codeRanges(maps: string, file: string): { start: bigint; bytes: bigint }[] {
  const ranges: { start: bigint; bytes: bigint }[] = [];
  for (const line of maps.split("\n")) {
    if (!line.endsWith(` ${file}`)) continue;
    const [range = "", permissions] = line.split(" ", 2);
    // Private, never writable: a page that differs from the file can't be among them.
    if (permissions !== "r-xp") continue;
    const [start = "0", end = "0"] = range.split("-");
    const from = BigInt(`0x${start}`);
    ranges.push({ start: from, bytes: BigInt(`0x${end}`) - from });
  }
  return ranges;
}

/** Empty where /proc is not mounted. */
function readMaps(): string {
  try {
    return readFileSync("/proc/self/maps", "latin1");
  } catch {
    return "";
  }
}
