// The executable with a configuration file: start, check, signals by -sl, the ports file.
import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, linkSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  Broker,
  executable,
  midgeTest,
  run,
  temporaryFolder,
  until,
  within,
} from "../e2e/support.ts";
import { TestAuthority } from "../support/certificates.ts";
import { connect, connectLine, join as joinServer } from "../support/wire.ts";

async function file(folder: string, text: string): Promise<string> {
  const path = join(folder, "midge.conf");
  await Bun.write(path, text);
  return path;
}

describe("-c", () => {
  midgeTest("the image's default configuration starts, and flags override it", async () => {
    using folder = temporaryFolder();
    const text = `port: 4222
monitor_port: 8222
cluster {
  port: 6222
  authorization { user: ruser, password: T0pS3cr3t, timeout: 0.75 }
  routes = []
}
`;
    const config = await file(folder.path, text);
    await using broker = await Broker.start({
      flags: ["-c", config, "-m", "-1", "--cluster", "nats://ruser:T0pS3cr3t@127.0.0.1:-1"],
    });
    expect(broker.port).not.toBe(4222);
    await using client = await connect(broker.port);
    expect(client.info).toMatchObject({ port: broker.port });
    await broker.line(/\[INF\] Using configuration file: .*midge\.conf \(sha256:[\da-f]{64}\)$/);
    await broker.line(/\[INF\] Listening for route connections on 127\.0\.0\.1:\d+$/);
    const monitor = await broker.line(/Starting http monitor on .*:\d+$/);
    expect(monitor).not.toEndWith(":8222");
    const varz = await fetch(`http://127.0.0.1:${monitor.split(":").at(-1)}/varz`);
    expect(await varz.json()).toMatchObject({ port: broker.port });
    expect(broker.lines.join("\n")).not.toContain("T0pS3cr3t");
  });

  midgeTest("what the file says takes effect", async () => {
    using folder = temporaryFolder();
    const text = "server_name: east, max_payload: 2KB, debug: true, logtime: false";
    const config = await file(folder.path, text);
    await using broker = await Broker.start({ flags: ["-c", config] });
    await using client = await connect(broker.port);
    expect(client.info).toMatchObject({ server_name: "east", max_payload: 2048 });
    await broker.line(/^\[\d+\] \[DBG\] /);
  });

  midgeTest("all that is wrong is told on stderr, one line each, with exit code 1", async () => {
    using folder = temporaryFolder();
    const config = await file(folder.path, "port: x\nteapot: 1\naccounts: hunter2");
    const { code, stdout, stderr } = await run("-c", config);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines.map((line) => line.slice(0, `midge: ${config}:1:1`.length))).toEqual([
      `midge: ${config}:1:1`,
      `midge: ${config}:2:1`,
      `midge: ${config}:3:1`,
    ]);
    expect(stderr).not.toContain("hunter2");
  });

  midgeTest("a file that is not there or is none is one line and exit code 1", async () => {
    using folder = temporaryFolder();
    const broken = await file(folder.path, 'listen: "localhost:4242\n');
    for (const config of [broken, join(folder.path, "missing.conf"), folder.path]) {
      const { code, stdout, stderr } = await run("-c", config);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^midge: [^\n]+\n$/);
      expect(stderr).toContain(config);
    }
  });
});

describe("-t", () => {
  midgeTest("a file that is right, with what has no effect", async () => {
    using folder = temporaryFolder();
    const config = await file(folder.path, "port: 4222\njetstream: true\n");
    const { code, stdout, stderr } = await run("-t", "-c", config);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const [warning, verdict, rest] = stderr.split("\n");
    expect(warning).toBe(`midge: warning: ${config}:2:1: jetstream: has no effect yet`);
    expect(verdict).toMatch(/^midge: configuration file .* is valid \(sha256:[\da-f]{64}\)$/);
    expect(verdict).toContain(config);
    expect(rest).toBe("");
  });

  midgeTest("a file that is wrong", async () => {
    using folder = temporaryFolder();
    const config = await file(folder.path, "max_paylod: 1\n");
    const stderr = `midge: ${config}:1:1: max_paylod: unknown key; did you mean max_payload?\n`;
    expect(await run("-t", "-c", config)).toEqual({ code: 1, stdout: "", stderr });
  });

  midgeTest("no file", async () => {
    const { code, stderr } = await run("-t");
    expect(code).toBe(1);
    expect(stderr).toStartWith("midge: -t needs a configuration file\n");
  });
});

midgeTest("--help_tls shows the names TLS knows, in order, and exits 0", async () => {
  const { code, stdout, stderr } = await run("--help_tls");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const suites = [...stdout.matchAll(/^ {4}TLS_\w+$/gm)].map(([name]) => name);
  expect(suites.length).toBeGreaterThan(20);
  expect(suites).toEqual(suites.toSorted());
});

describe("-sl", () => {
  test.each([
    ["quit", "interrupt"],
    ["term", "terminated"],
  ])("%s with a pid ends a server in order", async (command, title) => {
    await using broker = await Broker.start();
    const outcome = await run("-sl", `${command}=${broker.child.pid}`);
    expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" });
    await broker.line(new RegExp(`Trapped "${title}" signal`));
    expect(await within(broker.child.exited, () => "the end")).toBe(0);
  });

  test("reopen with a pid file opens the log again", async () => {
    using folder = temporaryFolder();
    const pidFile = join(folder.path, "midge.pid");
    await using broker = await Broker.start({ flags: ["-P", pidFile] });
    expect((await run("--signal", `reopen=${pidFile}`)).code).toBe(0);
    await broker.line(/Trapped "user defined signal 1" signal/);
  });

  midgeTest("without a pid it finds the one other process of its name, not itself", async () => {
    using folder = temporaryFolder();
    // A name of its own: nothing else on this machine may be signalled.
    const own = join(folder.path, `midge-${process.pid}`);
    try {
      linkSync(executable, own);
    } catch {
      copyFileSync(executable, own);
    }
    const ask = (what: string) => Bun.spawnSync([own, "-sl", what], { stderr: "pipe" });
    const start = () => Bun.spawn([own, "-a", "127.0.0.1", "-p", "-1"], { stderr: "ignore" });
    const exeOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length > 4;

    const none = ask("quit");
    expect(none.exitCode).toBe(1);
    expect(none.stderr.toString()).toBe("midge: no midge processes running\n");

    const children = [start(), start()];
    try {
      const pids = children.map(({ pid }) => pid).sort((left, right) => left - right);
      await until(() => pids.every(exeOf), "both run");
      const two = ask("quit");
      expect(two.exitCode).toBe(1);
      expect(two.stderr.toString()).toBe(
        `midge: multiple midge processes running:\n${pids.join("\n")}\n`,
      );
      children[0]!.kill("SIGKILL");
      await children[0]!.exited;
      expect(ask("stop").exitCode).toBe(0);
      await within(children[1]!.exited, () => "the end of the second");
      expect(children[1]!.signalCode).toBe("SIGKILL");
    } finally {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map(({ exited }) => exited));
    }
  });

  midgeTest("what it does not know is one line and exit code 1", async () => {
    using folder = temporaryFolder();
    const noPid = join(folder.path, "no.pid");
    await Bun.write(noPid, "abc");
    const rows: [request: string, message: string][] = [
      ["bogus", 'unknown signal "bogus": expected one of reload, reopen, ldm, quit, term, stop'],
      ["quit=abc", "invalid pid: abc"],
      ["quit=0", "invalid pid: 0"],
      ["quit=-1", "invalid pid: -1"],
      [`quit=${noPid}`, `invalid pid: ${noPid}`],
      ["a=b=c", "invalid signal parameters: [c]"],
      ["quit=2147483646", "no such process: 2147483646"],
    ];
    for (const [request, message] of rows) {
      const outcome = await run("-sl", request);
      expect(outcome).toEqual({ code: 1, stdout: "", stderr: `midge: ${message}\n` });
    }
  });
});

describe("--ports_file_dir", () => {
  test("names what was opened while it runs, and leaves nothing", async () => {
    using folder = temporaryFolder();
    const flags = ["--ports_file_dir", folder.path, "-m", "-1"];
    await using broker = await Broker.start({ flags });
    const name = `${executable.split("/").at(-1)}_${broker.child.pid}.ports`;
    const path = join(folder.path, name);
    await until(() => existsSync(path) && readFileSync(path, "utf8") !== "", "the file is there");
    const monitor = await broker.line(/Starting http monitor on .*:\d+$/);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      nats: [`nats://127.0.0.1:${broker.port}`],
      monitoring: [`http://127.0.0.1:${monitor.split(":").at(-1)}`],
    });
    expect(await broker.stop()).toBe(0);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  midgeTest("names what is encrypted by its scheme, and both ports of the monitor", async () => {
    using folder = temporaryFolder();
    using authority = await TestAuthority.create();
    const { certFile, keyFile } = await authority.issue({});
    const tls = ["--tlscert", certFile, "--tlskey", keyFile];
    const flags = ["--ports_file_dir", folder.path, "-m", "-1", "-ms", "-1", ...tls];
    await using broker = await Broker.start({ flags });
    const portOf = async (line: RegExp) => (await broker.line(line)).split(":").at(-1);
    const http = await portOf(/Starting http monitor on /);
    const https = await portOf(/Starting https monitor on /);
    const path = join(folder.path, `${executable.split("/").at(-1)}_${broker.child.pid}.ports`);
    await until(() => existsSync(path) && readFileSync(path, "utf8") !== "", "the file is there");
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      nats: [`tls://127.0.0.1:${broker.port}`],
      monitoring: [`http://127.0.0.1:${http}`, `https://127.0.0.1:${https}`],
    });
  });

  midgeTest("a folder that is not there is logged and stops nothing", async () => {
    await using broker = await Broker.start({ flags: ["--ports_file_dir", "/nowhere"] });
    await broker.line(/\[ERR\] Error writing ports file \(\/nowhere\/.*\.ports\): no such file/);
    await using client = await connect(broker.port);
    expect(client.info).toMatchObject({ port: broker.port });
  });
});

describe("flags for access and encryption", () => {
  midgeTest("keep out who does not know the password, and tell it nobody", async () => {
    const flags = ["-DV", "--user", "ann", "--pass", "hunter2"];
    await using broker = await Broker.start({ flags });
    await using _client = await joinServer(broker.port, { user: "ann", pass: "hunter2" });
    await using stranger = await connect(broker.port);
    await stranger.says(connectLine({ user: "ann", pass: "hunter3" }));
    await stranger.hears("-ERR 'Authorization Violation'\r\n");
    await broker.line(/authentication error/);
    expect(broker.lines.join("\n")).not.toMatch(/hunter[23]/);
  });

  midgeTest("that are wrong end the start with exit code 1 and without their value", async () => {
    const rows: [flags: string[], message: string][] = [
      [["--auth", ""], "-auth is empty"],
      [["--tls"], "-tls needs a certificate and its key"],
      [["--auth", "hunter2", "-ms", "8223"], "-ms: needs tls, with a certificate and its key"],
    ];
    for (const [flags, message] of rows) {
      const { code, stdout, stderr } = await run("-p", "-1", ...flags);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toStartWith(`midge: ${message}`);
      expect(stderr).not.toContain("hunter2");
    }
  });
});
