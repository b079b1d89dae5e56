// Paths and values that would hang, flood or open a less careful server: each ends at once, in words.
import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { midgeTest, run, temporaryFolder } from "./support.ts";

/** Runs midge with a folder that holds a pipe without reader or writer, and this configuration. */
async function refused(config: string, flags: (at: (name: string) => string) => string[]) {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  expect(Bun.spawnSync(["mkfifo", at("pipe")]).exitCode).toBe(0);
  writeFileSync(at("midge.conf"), config.replaceAll("PIPE", at("pipe")));
  const { code, stderr } = await run("-a", "127.0.0.1", "-p", "-1", ...flags(at));
  expect(code).toBe(1);
  return stderr;
}

midgeTest("a pipe as log file is an error, not a wait for its reader", async () => {
  expect(await refused("", (at) => ["-l", at("pipe")])).toMatch(/^midge: can't open the log file/);
});

midgeTest("a pipe as pid file is an error, too", async () => {
  expect(await refused("", (at) => ["-P", at("pipe")])).toMatch(/Could not write pidfile/);
});

midgeTest("a pipe or a device as configuration or include is refused", async () => {
  expect(await refused("", (at) => ["-c", at("pipe")])).toMatch(/not a regular file/);
  const includes = await refused("include 'PIPE'", (at) => ["-c", at("midge.conf")]);
  expect(includes).toMatch(/not a regular file/);
  expect(await refused("", () => ["-c", "/dev/zero"])).toMatch(/not a regular file/);
});

midgeTest("a duration of a hundred thousand digits is refused at once", async () => {
  const config = `ping_interval: "${"1".repeat(100_000)}"`;
  expect(await refused(config, (at) => ["-c", at("midge.conf")])).toMatch(/expected a duration/);
});

midgeTest("credentials that are empty still ask for access control", async () => {
  for (const config of ['authorization { token: "" }', 'authorization { user: "", pass: "" }']) {
    const said = await refused(config, (at) => ["-c", at("midge.conf")]);
    expect(said).toMatch(/:1:17: authorization\.\w+: is empty, .* does not start unprotected/);
  }
  for (const flag of ["--user", "--pass", "--auth", "--tlscert"]) {
    expect(await refused("", () => [flag, ""])).toMatch(/^midge: -\w+ is empty\n/);
  }
  expect(await refused("", () => ["-c", ""])).toMatch(/-c is empty/);
});
