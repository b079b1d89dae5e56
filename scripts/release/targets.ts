// What a release has executables for, and the packages of Bun's runtime that they are made from.

export interface Target {
  /** As it stands in the file's name: os-arch, and -musl where that libc is wanted. */
  readonly name: string;
  readonly os: "linux" | "macos" | "windows";
  readonly arch: "x64" | "arm64";
  readonly musl: boolean;
  /** The package that has the runtime; its version is the one of the devDependency `bun`. */
  readonly runtime: string;
  /** What `bun build --target` calls it. */
  readonly system: string;
}

export const TARGETS: readonly Target[] = [
  target("linux", "x64"),
  target("linux", "arm64"),
  target("linux", "x64", true),
  target("linux", "arm64", true),
  target("macos", "x64"),
  target("macos", "arm64"),
  target("windows", "x64"),
];

/** midge-0.1.0-linux-x64-musl; Windows wants its .exe. */
export function fileName(version: string, { name, os }: Target): string {
  return `midge-${version}-${name}${suffixOf(os)}`;
}

/** The name that the executable has while it is compiled: it becomes part of the bytes. */
export function programName({ os }: Target): string {
  return `midge${suffixOf(os)}`;
}

function suffixOf(os: Target["os"]): string {
  return os === "windows" ? ".exe" : "";
}

function target(os: Target["os"], arch: Target["arch"], musl = false): Target {
  const system = { linux: "linux", macos: "darwin", windows: "windows" }[os];
  const machine = arch === "arm64" ? "aarch64" : "x64";
  const libc = musl ? "-musl" : "";
  return {
    name: `${os}-${arch}${libc}`,
    os,
    arch,
    musl,
    runtime: `@oven/bun-${system}-${machine}${libc}`,
    system: `bun-${system}-${arch}${libc}`,
  };
}
