// The executable on the command line: what it prints where, how it ends, which files it leaves.
// The promises that nats-server makes as well can be checked against it too (MIDGE_BIN).
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join as path } from "node:path";
import { connect as open } from "../support/wire.ts";
import { Broker, freePort, midgeTest, run, temporaryFolder, until, within } from "./support.ts";

describe("output and exit codes", () => {
  for (const flag of ["-v", "--version", "version", "-version"])
    midgeTest(`${flag} prints one line with both versions and exits 0`, async () => {
      const stdout = "midge: v0.1.0 (NATS 2.15.0)\n";
      expect(await run(flag)).toEqual({ code: 0, stdout, stderr: "" });
    });

  test.each([["-h"], ["--help"], ["help"]])(
    "%s prints the help on stdout and exits 0",
    async (flag) => {
      const { code, stdout, stderr } = await run(flag);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^\s*Usage: /);
      for (const known of ["--addr", "--port", "--http_port", "--pid", "--debug"])
        expect(stdout).toContain(known);
    },
  );

  const refusals: [flags: string[], text: string][] = [
    [["--badflag"], "flag provided but not defined: -badflag"],
    [["-a", "127.0.0.1", "-p"], "flag needs an argument: -p"],
    [["-p", "abc"], "abc"],
    [["-D=perhaps"], "perhaps"],
    [["serve"], "serve"],
    [["-p", "70000"], "70000"],
  ];
  for (const [flags, text] of refusals)
    midgeTest(`${flags.join(" ")} is refused on stderr with exit code 1`, async () => {
      const { code, stdout, stderr } = await run(...flags);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain(text);
      expect(stderr).not.toMatch(/^\s+at /m);
    });

  test("a port that is taken is told in one line with its address, and exit code 1", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const address = holder.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    try {
      const { code, stdout, stderr } = await run("-a", "127.0.0.1", "-p", String(port));
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      const errors = stderr.split("\n").filter((line) => !/\[(INF|WRN)\]|^$/.test(line));
      expect(errors.length).toBe(1);
      expect(errors[0]).toContain(`127.0.0.1:${port}`);
      expect(errors[0]).toMatch(/in use/i);
    } finally {
      holder.close();
    }
  });

  test.each([["SIGINT"], ["SIGTERM"]] as const)(
    "%s closes every client and exits 0, with nothing on stdout",
    async (signal) => {
      const broker = await Broker.start();
      await using client = await open(broker.port);
      await client.says('CONNECT {"verbose":false}\r\nSUB a 1\r\nPING\r\n');
      await client.hears("PONG\r\n");
      expect(await broker.stop(signal)).toBe(0);
      await client.hearsClose();
      expect(await broker.stdout).toBe("");
      await broker.line(/\[INF\] Server Exiting\.\.$/);
    },
  );

  test("a signal is obeyed from the moment it says that it is ready", async () => {
    const exitCodes: (number | null)[] = [];
    for (let i = 0; i < 8; i += 1) exitCodes.push(await (await Broker.start()).stop());
    expect(exitCodes).toEqual(Array(8).fill(0));
  });

  test("two signals in a row are no worse than one", async () => {
    const broker = await Broker.start();
    await using _client = await open(broker.port);
    broker.child.kill("SIGINT");
    expect(await broker.stop("SIGTERM")).toBe(0);
  });
});

describe("files", () => {
  test("-P writes the pid without a newline", async () => {
    using folder = temporaryFolder();
    const file = path(folder.path, "midge.pid");
    await using broker = await Broker.start({ flags: ["-P", file] });
    expect(readFileSync(file, "utf8")).toBe(String(broker.child.pid));
  });

  midgeTest("a pid file that cannot be written is an error with its name", async () => {
    const flags = ["-a", "127.0.0.1", "-p", "-1", "-P", "/nowhere/midge.pid"];
    const { code, stderr } = await run(...flags);
    expect(code).toBe(1);
    expect(stderr).toContain("/nowhere/midge.pid");
  });

  test("-l sends the log to a file, appended, and stderr stays empty", async () => {
    using folder = temporaryFolder();
    const file = path(folder.path, "midge.log");
    await Bun.write(file, "from before\n");
    const broker = new Broker({ flags: ["-l", file] });
    const log = (): string => readFileSync(file, "utf8");
    await until(() => log().includes("Server is ready"), "the log says that the server is ready");
    expect(await broker.stop()).toBe(0);
    const lines = log().trimEnd().split("\n");
    expect(lines.shift()).toBe("from before");
    const stamp = String.raw`^\[${broker.child.pid}\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} \[(INF|WRN)\] `;
    for (const line of lines) expect(line).toMatch(new RegExp(stamp));
    expect(lines[0]).toMatch(/\] Starting \S+$/);
    expect(broker.lines.join("\n")).toBe("");
  });
});

describe("ports", () => {
  test("-p -1 takes a free port and the log says which", async () => {
    await using one = await Broker.start({ port: -1 });
    await using two = await Broker.start({ port: -1 });
    expect(one.port).toBeGreaterThan(0);
    expect(two.port).not.toBe(one.port);
    await using client = await open(two.port);
    expect(client.info).toMatchObject({ port: two.port, host: "127.0.0.1" });
  });

  test("a given port is the one it listens on", async () => {
    const port = await freePort();
    await using broker = await Broker.start({ port });
    expect(broker.port).toBe(port);
  });

  test("the same port is free again right after the end", async () => {
    const first = await Broker.start();
    await using client = await open(first.port);
    await first.stop();
    await client.hearsClose();
    await using second = await Broker.start({ port: first.port });
    await using _again = await within(open(second.port), () => "a connection");
  });
});
