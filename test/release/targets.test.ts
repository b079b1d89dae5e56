// What a release is named, made from and checked by. The whole of it takes half a minute and a network:
// that is `bun run release`, not a test.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { devDependencies, license, version } from "../../package.json" with { type: "json" };
import { renderLicenses } from "../../scripts/release/licenses.ts";
import { Lock, type Locked } from "../../scripts/release/lock.ts";
import { verify } from "../../scripts/release/runtime.ts";
import { renderSbom } from "../../scripts/release/sbom.ts";
import { renderSums } from "../../scripts/release/sums.ts";
import { fileName, programName, TARGETS } from "../../scripts/release/targets.ts";

const root = join(import.meta.dir, "../..");
const lock = await Lock.read(join(root, "package-lock.json"));

describe("targets", () => {
  test("are Linux with both libcs, macOS and Windows, by names that say so", () => {
    expect(TARGETS.map((target) => fileName("1.2.3", target))).toEqual([
      "midge-1.2.3-linux-x64",
      "midge-1.2.3-linux-arm64",
      "midge-1.2.3-linux-x64-musl",
      "midge-1.2.3-linux-arm64-musl",
      "midge-1.2.3-macos-x64",
      "midge-1.2.3-macos-arm64",
      "midge-1.2.3-windows-x64.exe",
    ]);
  });

  test("are all compiled by the same name, which -sl looks for and the bytes contain", () => {
    expect(new Set(TARGETS.map(programName))).toEqual(new Set(["midge", "midge.exe"]));
  });

  test("have their runtime in the lock, at the version of the Bun that builds", () => {
    for (const { runtime } of TARGETS) {
      expect(lock.package(runtime).version).toBe(devDependencies.bun);
    }
  });
});

describe("a fetched package", () => {
  const bytes = Buffer.from("a package");
  const digest = createHash("sha512").update(bytes).digest("base64");
  const locked: Locked = {
    name: "@oven/some",
    version: "1.0.0",
    integrity: `sha512-${digest}`,
    license: "MIT",
    dependencies: [],
  };

  test("is taken when it has the digest of the lock", () => {
    expect(() => verify(bytes, locked)).not.toThrow();
  });

  test("is refused when a single bit differs", () => {
    const other = Buffer.from(bytes);
    other[3]! ^= 1;
    expect(() => verify(other, locked)).toThrow(
      "@oven/some@1.0.0: the package is not the one of package-lock.json",
    );
  });

  test("is refused where the lock's digest is cut short", () => {
    const cut = { ...locked, integrity: locked.integrity.slice(0, 40) };
    expect(() => verify(bytes, cut)).toThrow("not the one of package-lock.json");
  });

  test("is not even looked for where the lock has no digest", () => {
    const packages = { "node_modules/a": { version: "1.0.0" } };
    const bare = new Lock({ lockfileVersion: 3, packages });
    expect(() => bare.package("a")).toThrow("has no sha512 of a");
    expect(() => bare.package("b")).toThrow("has no b");
    expect(() => new Lock({ lockfileVersion: 1 })).toThrow("not of lockfileVersion 3");
  });
});

describe("the SBOM", () => {
  const executables = new Map([["midge-0.1.0-linux-x64", "ab".repeat(32)]]);
  const runtimes = ["@oven/bun-linux-x64"];
  const name = "midge-server";
  const contents = { name, version, description: "", license, lock, runtimes, executables };
  const document = renderSbom(contents);
  const bom = JSON.parse(document);

  test("is the same text for the same contents, and has another serial number for others", () => {
    expect(renderSbom(contents)).toBe(document);
    const other = JSON.parse(renderSbom({ ...contents, version: "9.9.9" }));
    expect(other.serialNumber).not.toBe(bom.serialNumber);
    expect(document).not.toContain("timestamp");
    expect(bom.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test("names what is inside the executable and nothing that only builds or tests it", () => {
    const names = bom.components.map((each: { name: string }) => each.name);
    expect(names).toEqual([
      "@nats-io/nkeys",
      "citty",
      "consola",
      "tweetnacl",
      "uplot",
      "valibot",
      "@oven/bun-linux-x64",
    ]);
    for (const component of bom.components) {
      expect(component.hashes[0].content).toMatch(/^[0-9a-f]{128}$/);
      expect(component.licenses).toHaveLength(1);
      expect(component.purl).toMatch(/^pkg:npm\/(%40[\w-]+\/)?[\w-]+@\d/);
    }
  });

  test("has every reference that it makes", () => {
    const refs = new Set(bom.components.map((each: { "bom-ref": string }) => each["bom-ref"]));
    refs.add(bom.metadata.component["bom-ref"]);
    for (const { ref, dependsOn } of bom.dependencies) {
      expect(refs).toContain(ref);
      for (const each of dependsOn) expect(refs).toContain(each);
    }
    expect(bom.dependencies).toHaveLength(refs.size);
    expect(bom.metadata.component.components[0].hashes[0].content).toBe("ab".repeat(32));
  });
});

describe("the licenses", () => {
  const modules = join(root, "node_modules");

  test("of all that is inside are there, with their texts", () => {
    const text = renderLicenses(lock.shipped(), modules, "1.2.3");
    for (const { name, version } of lock.shipped())
      expect(text).toContain(`\n${name} ${version} (`);
    expect(text.match(/Permission is hereby granted/g)!.length).toBeGreaterThanOrEqual(4);
    expect(text).toContain("Bun 1.2.3, the runtime");
  });

  test("of a package that has none are missed", () => {
    const missing = { ...lock.shipped()[0]!, name: "none" };
    expect(() => renderLicenses([missing], modules, "1")).toThrow("has no license");
  });
});

test("SHA256SUMS has a line for each file, sorted, as sha256sum reads it", () => {
  const digests = new Map([
    ["b", "22"],
    ["a", "11"],
  ]);
  expect(renderSums(digests)).toBe("11  a\n22  b\n");
});
