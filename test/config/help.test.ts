// The help page fits a screen and leaves no flag out.
import { expect, test } from "bun:test";
import { FLAG_BY_NAME } from "../../src/config/flag-table.ts";
import { dashed } from "../../src/config/flags.ts";
import { renderHelp } from "../../src/config/help.ts";

const lines = renderHelp().split("\n");

test("every flag is on the page, in all its spellings", () => {
  const shown = new Set(renderHelp().match(/(?<= )--?[\w]+/g));
  for (const name of FLAG_BY_NAME.keys()) expect(shown).toContain(dashed(name));
});

test("what has to follow a flag is told from what may", () => {
  expect(renderHelp()).toContain(" --https_port <port> ");
  expect(renderHelp()).toContain(" --healthcheck [url] ");
});

test("the groups are the ones NATS users know, in their order", () => {
  expect(lines.filter((line) => line.endsWith(":"))).toEqual([
    "Server Options:",
    "Logging Options:",
    "JetStream Options:",
    "Authorization Options:",
    "TLS Options:",
    "Cluster Options:",
    "Profiling Options:",
    "Common Options:",
  ]);
  expect(lines[1]).toBe("Usage: midge [options]");
});

test("descriptions stand in one column, and the page fits a terminal", () => {
  const flags = lines.filter((line) => line.startsWith("    -"));
  expect(flags.length).toBeGreaterThan(10);
  for (const line of flags) expect(line.length < 37 ? " x" : line.slice(36)).toMatch(/^ \S/);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  expect(lines.length).toBeLessThanOrEqual(75);
});
