// The look at an executable's first bytes: a file with the wrong name never gets into a release.
import { describe, expect, test } from "bun:test";
import { inspect, mismatch, readBinary, type Binary } from "../../scripts/release/binary.ts";
import { TARGETS } from "../../scripts/release/targets.ts";

function elf(machine: number, loader: string): Uint8Array {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  // A segment of another kind comes first.
  bytes.writeUInt32LE(6, 64);
  bytes.writeUInt32LE(3, 120);
  bytes.writeBigUInt64LE(176n, 128);
  bytes.writeBigUInt64LE(BigInt(loader.length + 1), 152);
  bytes.write(loader, 176);
  return bytes;
}

function machO(cpu: number, ...commands: number[]): Uint8Array {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(cpu, 4);
  bytes.writeUInt32LE(commands.length, 16);
  for (const [index, command] of commands.entries()) {
    bytes.writeUInt32LE(command, 32 + 16 * index);
    bytes.writeUInt32LE(16, 36 + 16 * index);
  }
  return bytes;
}

function pe(machine: number): Uint8Array {
  const bytes = Buffer.alloc(128);
  bytes.write("MZ", 0);
  bytes.writeUInt32LE(64, 0x3c);
  bytes.write("PE", 64);
  bytes.writeUInt16LE(machine, 68);
  return bytes;
}

const X64 = 0x01000007;
const ARM64 = 0x0100000c;
const samples: [name: string, head: Uint8Array, found: Binary][] = [
  [
    "linux-x64",
    elf(62, "/lib64/ld-linux-x86-64.so.2"),
    { os: "linux", arch: "x64", loader: "/lib64/ld-linux-x86-64.so.2" },
  ],
  [
    "linux-arm64-musl",
    elf(183, "/lib/ld-musl-aarch64.so.1"),
    { os: "linux", arch: "arm64", loader: "/lib/ld-musl-aarch64.so.1" },
  ],
  ["macos-x64", machO(X64, 0x19, 0x1d), { os: "macos", arch: "x64", signed: true }],
  ["macos-arm64", machO(ARM64, 0x19, 0x1d), { os: "macos", arch: "arm64", signed: true }],
  ["windows-x64", pe(0x8664), { os: "windows", arch: "x64" }],
];

describe.each(samples)("an executable for %s", (name, head, found) => {
  test("is known by its first bytes", () => {
    expect(inspect(head)).toEqual(found);
  });

  test("fits its own target and no other", () => {
    const fitting = TARGETS.filter((target) => mismatch(inspect(head), target) === undefined);
    expect(fitting.map((target) => target.name)).toEqual([name]);
  });

  test("is no executable any more when its head is cut off anywhere before the machine", () => {
    for (const length of [0, 1, 4, 7]) expect(inspect(head.slice(0, length))).toBeUndefined();
  });
});

test("a file for macOS on arm64 without a signature is refused", () => {
  const target = TARGETS.find((each) => each.name === "macos-arm64")!;
  expect(mismatch(inspect(machO(ARM64, 0x19)), target)).toBe("it is not signed");
});

test("a script and an executable for another machine are refused", () => {
  for (const head of [Buffer.from("#!/bin/sh\necho\n".padEnd(128)), elf(8, "/lib/ld.so")]) {
    expect(inspect(head)).toBeUndefined();
    expect(mismatch(inspect(head), TARGETS[0]!)).toBe("it is no executable");
  }
});

test("the Bun that runs this is known", async () => {
  const os = { linux: "linux", darwin: "macos", win32: "windows" }[process.platform as string];
  expect(await readBinary(process.execPath)).toMatchObject({ os, arch: process.arch });
});
