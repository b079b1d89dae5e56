// scripts/install.sh installs what SHA256SUMS names, and nothing else.
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderSums, sha256 } from "../../scripts/release/sums.ts";
import { fileName, TARGETS } from "../../scripts/release/targets.ts";

const script = join(import.meta.dir, "../../scripts/install.sh");
const scratch = mkdtempSync(join(tmpdir(), "midge-install-"));
let release = "";
let prefix = "";

beforeEach(async () => {
  const folder = mkdtempSync(join(scratch, "a case "));
  release = join(folder, "release");
  prefix = join(folder, "prefix");
  mkdirSync(release);
  for (const target of TARGETS) {
    const says = `#!/bin/sh\necho "midge: v1.2.3 for ${target.name}"\n`;
    writeFileSync(join(release, fileName("1.2.3", target)), says);
  }
  await writeSums();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function writeSums(): Promise<void> {
  const digests = new Map<string, string>();
  for (const name of readdirSync(release)) {
    if (name !== "SHA256SUMS") digests.set(name, await sha256(join(release, name)));
  }
  writeFileSync(join(release, "SHA256SUMS"), renderSums(digests));
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function install(...options: string[]): Promise<Outcome> {
  const command = ["sh", script, "--prefix", prefix, ...options];
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  const [code, stdout, stderr] = await ended;
  return { code, stdout, stderr };
}

/** One line on standard error, and not a trace of a file. */
async function refused(options: string[], reason: string | RegExp): Promise<void> {
  const { code, stdout, stderr } = await install(...options);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr.trim().split("\n").at(-1)).toMatch(reason);
  const bin = join(prefix, "bin");
  expect(existsSync(bin) ? readdirSync(bin) : []).toEqual([]);
}

const installed = () => readFileSync(join(prefix, "bin", "midge"), "utf8");

describe("from a folder", () => {
  test("this system's executable is installed, and tells its version", async () => {
    const { code, stdout, stderr } = await install("--from", release);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toStartWith(`${prefix}/bin/midge: midge: v1.2.3 for `);
    expect(readdirSync(join(prefix, "bin"))).toEqual(["midge"]);
    expect(statSync(join(prefix, "bin", "midge")).mode & 0o777).toBe(0o755);
  });

  test.each(TARGETS.map((target) => target.name))("--target %s chooses that one", async (name) => {
    const { code, stdout } = await install("--from", release, "--target", name);
    expect(code).toBe(0);
    expect(stdout).toContain("not run");
    const file = name.startsWith("windows") ? "midge.exe" : "midge";
    expect(readFileSync(join(prefix, "bin", file), "utf8")).toContain(`for ${name}"`);
  });

  test("an older one is replaced, and stays when the new one is refused", async () => {
    mkdirSync(join(prefix, "bin"), { recursive: true });
    writeFileSync(join(prefix, "bin", "midge"), "old");
    for (const target of TARGETS) {
      writeFileSync(join(release, fileName("1.2.3", target)), "changed after its sum was made");
    }
    expect((await install("--from", release)).code).toBe(1);
    expect(installed()).toBe("old");
    await writeSums();
    expect((await install("--from", release, "--target", "linux-x64")).code).toBe(0);
    expect(installed()).toBe("changed after its sum was made");
  });

  test("of several versions one has to be chosen", async () => {
    const target = TARGETS[0]!;
    writeFileSync(join(release, fileName("1.3.0-rc.1", target)), "newer");
    await writeSums();
    const options = ["--from", release, "--target", target.name];
    await refused(options, /several for linux-x64: choose with --version$/);
    await refused([...options, "--version", "9"], /has no midge 9 for linux-x64$/);
    expect((await install(...options, "--version", "v1.3.0-rc.1")).code).toBe(0);
    expect(installed()).toBe("newer");
  });
});

describe("refused is", () => {
  test("a file whose bytes are not those of SHA256SUMS", async () => {
    const target = TARGETS[0]!;
    writeFileSync(join(release, fileName("1.2.3", target)), "something else");
    await refused(
      ["--from", release, "--target", target.name],
      /^install\.sh: midge-1\.2\.3-linux-x64 is not what it should be: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}$/,
    );
  });

  test("a SHA256SUMS that is not the one known from elsewhere", async () => {
    const options = ["--from", release, "--target", "linux-x64", "--sums"];
    await refused([...options, "0".repeat(64)], /SHA256SUMS is not what it should be/);
    const known = await sha256(join(release, "SHA256SUMS"));
    expect((await install(...options, known)).code).toBe(0);
  });

  test("a release without sums, without the file, or without this target", async () => {
    const options = ["--from", release, "--target", "linux-x64"];
    await refused(["--from", release, "--target", "plan9-mips"], /has no midge for plan9-mips$/);
    rmSync(join(release, "midge-1.2.3-linux-x64"));
    await refused(options, /has no midge-1\.2\.3-linux-x64$/);
    rmSync(join(release, "SHA256SUMS"));
    await refused(options, /has no SHA256SUMS$/);
  });

  test("a name in SHA256SUMS that leads out of the folder", async () => {
    const line = `${"0".repeat(64)}  midge-1/../../secret-linux-x64\n`;
    writeFileSync(join(release, "SHA256SUMS"), line);
    await refused(["--from", release, "--target", "linux-x64"], /has no midge for linux-x64$/);
  });

  test("a file that does not run on this system", async () => {
    for (const target of TARGETS) {
      writeFileSync(
        join(release, fileName("1.2.3", target)),
        "#!/bin/sh\necho no such libc; exit 127\n",
      );
    }
    await writeSums();
    await refused(["--from", release], /does not run on this system.*: no such libc$/);
  });

  test("an address that anybody on the way could change", async () => {
    for (const from of [
      "http://releases.example/1",
      "ftp://127.0.0.1/",
      "http://localhost.evil.example/",
    ]) {
      await refused(["--from", from], /only https:\/\/ addresses and folders/);
    }
    for (const from of ["http://127.0.0.1:1@evil.example/", "http://localhost:x@evil.example"]) {
      await refused(["--from", from], /no user in an address/);
    }
  });

  test("a command line that is not whole", async () => {
    await refused([], /say where the release is/);
    await refused(["--from"], /--from needs a value/);
    await refused(["--from", ""], /--from is empty/);
    await refused(["--from", "/nonexistent"], /no such folder/);
    await refused(["--form", release], /unknown option --form/);
  });

  test("a prefix that is no folder", async () => {
    const { code, stderr } = await install("--from", release, "--prefix", script);
    expect(code).toBe(1);
    expect(stderr).toEndWith(`install.sh: cannot create ${script}/bin\n`);
  });
});

describe("from an address", () => {
  test("the executable is fetched and checked in the same way", async () => {
    const asked: string[] = [];
    await using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        const name = decodeURIComponent(new URL(request.url).pathname).replace("/v1/", "");
        asked.push(name);
        const file = join(release, name);
        return existsSync(file)
          ? new Response(Bun.file(file))
          : new Response("none", { status: 404 });
      },
    });
    const from = `http://127.0.0.1:${server.port}/v1/`;
    const options = ["--from", from, "--target", "linux-arm64-musl"];
    expect((await install(...options)).code).toBe(0);
    expect(installed()).toContain("for linux-arm64-musl");
    expect(asked).toEqual(["SHA256SUMS", "midge-1.2.3-linux-arm64-musl"]);
    rmSync(join(prefix, "bin", "midge"));
    writeFileSync(join(release, "midge-1.2.3-linux-arm64-musl"), "cut sho");
    await refused(options, /midge-1\.2\.3-linux-arm64-musl is not what it should be/);
    rmSync(join(release, "SHA256SUMS"));
    await refused(options, /cannot fetch SHA256SUMS from/);
  });
});

test("--help tells the options", async () => {
  const { code, stdout } = await install("--help");
  expect(code).toBe(0);
  for (const option of ["--from", "--prefix", "--version", "--target", "--sums"]) {
    expect(stdout).toContain(`    ${option} `);
  }
});
