// The image as a file: what `bun run image` lays out, what the Dockerfile makes of it, and that a builder
// makes the same of it.
import { describe, expect, test } from "bun:test";
import { lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { buildImage } from "../../scripts/image/builder.ts";
import { run, temporaryFolder } from "../e2e/support.ts";
import { readDockerfile, root } from "./container.ts";

const SIZE_MAX_BYTES = 120e6;
const PATIENCE_MS = 30_000;
const rootfs = join(root, "dist", "rootfs");

/** Everything that is in the image of this machine's architecture, folders included. */
const EXPECTED = {
  x64: ["lib64", "lib64/ld-linux-x86-64.so.2", ...librariesIn("x86_64-linux-gnu")],
  arm64: ["lib/ld-linux-aarch64.so.1", ...librariesIn("aarch64-linux-gnu")],
};
const ALWAYS = [
  "etc",
  "etc/group",
  "etc/passwd",
  "etc/ssl",
  "etc/ssl/certs",
  "etc/ssl/certs/ca-certificates.crt",
  "lib",
  "midge",
  "midge.conf",
  "proc",
  "proc/self",
  "proc/self/maps",
  "tmp",
];

function librariesIn(folder: string): string[] {
  const names = ["libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"];
  return [`lib/${folder}`, ...names.map((name) => `lib/${folder}/${name}`)];
}

/** Debian's paths; elsewhere the same libraries lie in other folders. */
function expectedFiles(): string[] {
  if (process.arch !== "x64" && process.arch !== "arm64")
    throw new Error(`no ${process.arch} here`);
  return [...ALWAYS, ...EXPECTED[process.arch]].sort();
}

/** A group that needs something of the machine, with the reason why it may be missing. */
function describeWhere(holds: boolean, name: string, reason: string, body: () => void): void {
  if (holds) describe(name, body);
  else if (process.env["MIDGE_REQUIRE_PEERS"] === "1") {
    test(name, () => {
      throw new Error(reason);
    });
  } else {
    console.warn(`skipped: ${name}: ${reason}`);
    test.skip(`${name} (${reason})`, () => {});
  }
}

describe("the Dockerfile", () => {
  const says = readDockerfile();

  test("starts from nothing and copies the tree that was laid out", () => {
    expect(says.get("FROM")).toBe("scratch");
    expect(says.get("COPY")).toBe("dist/rootfs /");
    expect(says.has("RUN")).toBe(false);
  });

  test("names a user by number, who is not root and whom the tree knows", () => {
    expect(says.get("USER")).toBe("65532");
  });

  test("names the ports of the NATS image, and flags override the file", () => {
    expect(says.get("EXPOSE")).toBe("4222 6222 8222");
    expect(says.get("ENTRYPOINT")).toBe('["/midge", "-c", "/midge.conf"]');
    expect(says.has("CMD")).toBe(false);
  });

  test("stops it with SIGTERM, and asks it how it is with itself", () => {
    expect(says.get("STOPSIGNAL")).toBe("SIGTERM");
    expect(says.get("HEALTHCHECK")).toEndWith(' CMD ["/midge", "--healthcheck"]');
  });
});

test("the default file is valid", async () => {
  const file = join(root, "scripts/image/midge.conf");
  const { code, stderr } = await run("-t", "-c", file);
  expect(stderr).toMatch(/^midge: configuration file \S+ is valid \(sha256:\w+\)\n$/);
  expect(code).toBe(0);
});

const isLinux = process.platform === "linux";
describeWhere(isLinux, "bun run image", "its libraries are those of a Linux machine", () => {
  test(
    "leaves the image's tree in dist/rootfs and tells its size, which is below 120 MB",
    async () => {
      const command = [process.execPath, join(root, "scripts/image.ts"), "--tree"];
      const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
      const [code, text] = await Promise.all([child.exited, child.stdout.text()]);
      expect(code).toBe(0);
      const line = text.trimEnd().split("\n").at(-1)!;
      expect(line).toMatch(/^dist\/rootfs: \d+ files, [\d.]+ MB, compressed [\d.]+ MB$/);
      console.log(line);
      expect(listAll(rootfs)).toEqual(expectedFiles());
      expect(sizeOf(rootfs)).toBeLessThan(SIZE_MAX_BYTES);
    },
    PATIENCE_MS,
  );

  test("lets everybody read, only the owner write, and nobody become another user", () => {
    for (const path of listAll(rootfs)) {
      const mode = lstatSync(join(rootfs, path)).mode & 0o7777;
      const runs = lstatSync(join(rootfs, path)).isDirectory() || /^midge$|\.so/.test(path);
      expect([path, mode]).toEqual([path, path === "tmp" ? 0o1777 : runs ? 0o755 : 0o644]);
    }
  });

  test("knows the user's number by a name, and authorities by their certificates", () => {
    const read = (path: string) => readFileSync(join(rootfs, path), "utf8");
    expect(read("etc/passwd")).toBe("midge:x:65532:65532:Midge:/:/midge\n");
    expect(read("etc/group")).toBe("midge:x:65532:\n");
    expect(read("etc/ssl/certs/ca-certificates.crt")).toContain("-----BEGIN CERTIFICATE-----");
  });
});

const buildah = Bun.which("buildah");
const absent = "buildah is not installed, or this is not root";
const builds = isLinux && buildah !== null && process.getuid?.() === 0;
describeWhere(builds, "an image built from the Dockerfile", absent, () => {
  test(
    "has the tree and nothing else, and says what the Dockerfile says",
    async () => {
      using folder = temporaryFolder();
      const flags = ["--storage-driver", "vfs", "--root", join(folder.path, "images")];
      flags.push("--runroot", join(folder.path, "run"));
      mkdirSync(join(folder.path, "run"));
      const ask = (...args: string[]) => Bun.$`${buildah} ${flags} ${args}`.quiet().text();
      const builder = { name: "buildah", path: buildah ?? "", flags } as const;
      await buildImage(builder, root, manifest.version, ["midge:test"]);

      const { Docker } = JSON.parse(await ask("inspect", "--type", "image", "midge:test"));
      expect(Docker.config).toMatchObject({
        User: "65532",
        Entrypoint: ["/midge", "-c", "/midge.conf"],
        Healthcheck: { Test: ["CMD", "/midge", "--healthcheck"] },
        StopSignal: "SIGTERM",
        Labels: { "org.opencontainers.image.version": manifest.version },
      });
      expect(Object.keys(Docker.config.ExposedPorts).sort()).toEqual([
        "4222/tcp",
        "6222/tcp",
        "8222/tcp",
      ]);

      const container = (await ask("from", "midge:test")).trim();
      const mounted = (await ask("mount", container)).trim();
      expect(listAll(mounted)).toEqual(listAll(rootfs));
      expect(lstatSync(join(mounted, "tmp")).mode & 0o7777).toBe(0o1777);
      expect(lstatSync(join(mounted, "midge"))).toMatchObject({ uid: 0, gid: 0 });
      await ask("rm", container);
    },
    PATIENCE_MS,
  );
});

function listAll(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
}

function sizeOf(folder: string): number {
  return listAll(folder).reduce((sum, path) => {
    const stat = lstatSync(join(folder, path));
    return stat.isFile() ? sum + stat.size : sum;
  }, 0);
}
