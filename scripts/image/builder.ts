// Makes the image from the Dockerfile with whatever this machine has for it.

/** A program that builds images from a Dockerfile. */
export interface Builder {
  readonly name: "docker" | "podman" | "buildah";
  readonly path: string;
  /** Flags before its command, such as where images are kept. */
  readonly flags?: readonly string[];
}

/**
 * Docker's format knows health checks, OCI's own does not. Nothing runs while this image is built, so
 * buildah may use the isolation that needs least.
 */
const COMMANDS = {
  docker: ["build"],
  podman: ["build", "--format", "docker"],
  buildah: ["build", "--format", "docker", "--isolation", "chroot"],
} as const;
const PATIENCE_MS = 10_000;

/** The first one that is there and works: docker without its daemon does not. */
export function findBuilder(): Builder | null {
  for (const name of ["docker", "podman", "buildah"] as const) {
    const path = Bun.which(name);
    if (path === null) continue;
    const { success } = Bun.spawnSync([path, name === "buildah" ? "images" : "info"], {
      stdio: ["ignore", "ignore", "ignore"],
      timeout: PATIENCE_MS,
    });
    if (success) return { name, path };
  }
  return null;
}

/** Builds the Dockerfile of `folder` under these names. Throws with what the builder said last. */
export async function buildImage(
  { name, path, flags = [] }: Builder,
  folder: string,
  version: string,
  names: readonly string[],
): Promise<void> {
  const tags = names.flatMap((each) => ["-t", each]);
  const args = ["--build-arg", `VERSION=${version}`, ...tags, "-f", "Dockerfile", "."];
  const build = Bun.spawn([path, ...flags, ...COMMANDS[name], ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [code, errors] = await Promise.all([build.exited, build.stderr.text()]);
  if (code === 0) return;
  throw new Error(`${name} ended with ${code}: ${errors.trim().split("\n").at(-1) ?? ""}`);
}
