// The executable and its configuration file from outside: the file of the Docker image, flags over it,
// the check of a file, signals through the pid file, and what cannot be read or written.
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join as path } from "node:path";
import { TestAuthority } from "../support/certificates.ts";
import { connect, connectLine, join } from "../support/wire.ts";
import { Broker, executable, isMidge, run, temporaryFolder, until, within } from "./support.ts";

/** What the image of gnatsd 0.9.6 starts with when it is told nothing else, but for the port of the cluster. */
const IMAGE_CONFIG = `port: 4222
monitor_port: 8222
cluster {
  port: -1
  authorization { user: ruser, password: T0pS3cr3t, timeout: 0.75 }
  routes = []
}
`;
const CLUSTER_WARNING = "Cluster name was dynamically generated, consider setting one";

/** A folder with a configuration file, gone when its block ends. */
function setting(config: string): {
  file: string;
  at(name: string): string;
  [Symbol.dispose](): void;
} {
  const folder = temporaryFolder();
  const file = path(folder.path, "midge.conf");
  writeFileSync(file, config);
  const at = (name: string) => path(folder.path, name);
  return { file, at, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

async function monitorOf(broker: Broker): Promise<Record<string, unknown>> {
  const line = await broker.line(/Starting http monitor on .*:\d+$/);
  const answer = await fetch(`http://127.0.0.1:${line.split(":").at(-1)}/varz`);
  return (await answer.json()) as Record<string, unknown>;
}

/** The words on the terminal are ours. */
function midgeSuite(name: string, body: () => void): void {
  if (isMidge) describe(name, body);
  else describe.skip(`${name} (Midge only: nats-server says it in other words)`, body);
}

midgeSuite("the image's configuration", () => {
  test("starts: clients on its port, /varz on the monitor's, one warning and no secret", async () => {
    using place = setting(IMAGE_CONFIG);
    await using broker = await Broker.start({ flags: ["-c", place.file, "-m", "-1"] });
    await using subscriber = await join(broker.port);
    await subscriber.says("SUB a 1\r\n");
    await subscriber.silent();
    await using publisher = await join(broker.port);
    await publisher.says("PUB a 2\r\nhi\r\n");
    await subscriber.hears("MSG a 1 2\r\nhi\r\n");
    expect(await monitorOf(broker)).toMatchObject({ port: broker.port, connections: 2 });
    const warnings = broker.lines.filter((line) => /\[(WRN|ERR)\]/.test(line));
    // A machine with few open files makes for another one.
    const ours = warnings.filter((line) => !line.includes("max_connections lowered"));
    expect(ours.map((line) => line.replace(/^.*\] /, ""))).toEqual([CLUSTER_WARNING]);
    await broker.line(/Listening for route connections on .*:\d+$/);
    expect(broker.lines.join("\n")).not.toContain("T0pS3cr3t");
  });

  test("is right in the eyes of -t, which opens nothing", async () => {
    using place = setting(IMAGE_CONFIG);
    const { code, stdout, stderr } = await run("-t", "-c", place.file);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/^midge: configuration file .* is valid \(sha256:[\da-f]{64}\)$/),
      "",
    ]);
  });

  const NAMES: readonly (readonly [flags: readonly string[], name: string])[] = [
    [["-n", "west"], "west"],
    [["--name", "west"], "west"],
    [["--server_name=west"], "west"],
  ];
  test.each(NAMES)("%j names the server all the same", async (flags, name) => {
    using place = setting(`${IMAGE_CONFIG}server_name: east\n`);
    await using broker = await Broker.start({ flags: ["-c", place.file, "-m=0", ...flags] });
    await using client = await connect(broker.port);
    expect(client.info).toMatchObject({ server_name: name, host: "127.0.0.1", port: broker.port });
  });

  test("gives way to every flag that says otherwise", async () => {
    const contrary = `debug: false, trace: false, logtime: true, logtime_utc: false
      pid_file: "wrong.pid", ports_file_dir: "/nowhere", log_file: "/nowhere/wrong.log"
      client_advertise: wrong, max_traced_msg_len: 100, log_size_limit: 10, server_name: wrong`;
    using place = setting(`${IMAGE_CONFIG}${contrary}`);
    const flags = ["-c", place.file, "--http_port", "-1", "-DV", "-T=false", "--logtime_utc"];
    flags.push("--log=", "--pid", place.at("a.pid"), "--ports_file_dir", place.at(""));
    flags.push("--client_advertise", "right:1", "--max_traced_msg_len", "3");
    flags.push("--log_size_limit", "0", "--cluster=", "-n", "right");
    await using broker = await Broker.start({ flags });
    await using client = await join(broker.port);
    expect(client.info).toMatchObject({ host: "right", port: 1, server_name: "right" });
    await client.says("PUB a 5\r\nhello\r\n");
    await broker.line(/^\[\d+\] \[TRC\] .*MSG_PAYLOAD: \["hel\.\.\."\]$/);
    await broker.line(/^\[\d+\] \[DBG\] .*Client connection created$/);
    expect(await monitorOf(broker)).toMatchObject({ port: broker.port });
    expect(readFileSync(place.at("a.pid"), "utf8")).toBe(String(broker.child.pid));
    const ports = place.at(`${basename(executable)}_${broker.child.pid}.ports`);
    await until(() => readText(ports).includes(broker.url), "the ports are written");
    expect(broker.lines.join("\n")).not.toContain(CLUSTER_WARNING);
  });

  test("logs to the file that -l names, not to its own", async () => {
    using place = setting("");
    writeFileSync(place.file, `${IMAGE_CONFIG}log_file: "${place.at("wrong.log")}"\n`);
    const broker = new Broker({ flags: ["-c", place.file, "-m=0", "-l", place.at("right.log")] });
    const log = () => readText(place.at("right.log"));
    await until(() => log().includes("Server is ready"), "the log says that the server is ready");
    expect(await broker.stop()).toBe(0);
    expect(readText(place.at("wrong.log"))).toBe("");
    expect(broker.lines).toEqual([]);
  });
});

midgeSuite("flags for access beside a file", () => {
  const GOOD: readonly (readonly [flags: string, config: string, options: object])[] = [
    ["--user ann --pass hunter2", "", { user: "ann", pass: "hunter2" }],
    ["--auth hunter2", "authorization { user: bob, pass: x }", { auth_token: "hunter2" }],
    ["--pass hunter2", "authorization { user: bob, pass: x }", { user: "bob", pass: "hunter2" }],
    ["--user ann", "authorization { users: [{ user: bob, pass: x }] }", { user: "bob", pass: "x" }],
    [
      "--auth hunter2",
      "authorization { users: [{ user: bob, pass: x }] }",
      { auth_token: "hunter2" },
    ],
  ];
  test.each(GOOD)("%s with %j", async (flags, config, options) => {
    using place = setting(`debug: true\n${config}`);
    await using broker = await Broker.start({ flags: ["-c", place.file, ...flags.split(" ")] });
    await using _client = await join(broker.port, options);
    await using stranger = await connect(broker.port);
    await stranger.says(connectLine({ user: "eve", pass: "x", auth_token: "x" }));
    await stranger.hears("-ERR 'Authorization Violation'\r\n");
    await stranger.hearsClose();
    expect(broker.lines.join("\n")).not.toContain("hunter2");
  });

  test("a certificate of the flags takes the place of the file's", async () => {
    using authority = await TestAuthority.create();
    const { certFile, keyFile } = await authority.issue({});
    using place = setting('tls { cert_file: "missing.pem", key_file: "missing.pem" }');
    const flags = ["--tls", "--tlscert", certFile, "--tlskey", keyFile, "-c", place.file];
    await using broker = await Broker.start({ flags });
    await using client = await connect(broker.port);
    expect(client.info).toMatchObject({ tls_required: true });
  });

  test("--tls=false serves in the clear what the file would encrypt", async () => {
    using place = setting('tls { cert_file: "missing.pem", key_file: "missing.pem" }');
    await using broker = await Broker.start({ flags: ["--tls=false", "-c", place.file] });
    await using client = await join(broker.port);
    expect(client.info).not.toHaveProperty("tls_required");
  });

  test("a password without a user would keep nobody out, and ends the start", async () => {
    expect(await run("-p", "-1", "--pass", "hunter2")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "midge: -pass: keeps nobody out without a user; name one, or remove it\n",
    });
  });

  test("a user without a password is warned about", async () => {
    await using broker = await Broker.start({ flags: ["--user", "ann"] });
    await broker.line(/\[WRN\] -user: has no password, and whoever knows the name gets in$/);
    await using _ann = await join(broker.port, { user: "ann" });
  });

  test("--tls=false ends a start that would leave users of certificates unguarded", async () => {
    using place = setting(`authorization { users: [{ user: ann }] }
      tls { cert_file: "missing.pem", key_file: "missing.pem", verify_and_map: true }`);
    const { code, stderr } = await run("-p", "-1", "--tls=false", "-c", place.file);
    expect(code).toBe(1);
    expect(stderr).toStartWith(
      `midge: ${place.file}:1:25: authorization.users[0]: has no password`,
    );
  });
});

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

midgeSuite("-t", () => {
  const PLACED: readonly (readonly [config: string, code: number, messages: readonly string[]])[] =
    [
      ["port: 4222\nmax_payload: 1MB", 0, []],
      ["", 0, ["warning: FILE:1:1: config has no values or is empty"]],
      [
        "\njetstream: true\n  mqtt { port: 1883 }",
        0,
        [
          "warning: FILE:2:1: jetstream: has no effect yet",
          "warning: FILE:3:3: mqtt: has no effect yet: its listener stays closed",
        ],
      ],
      ["max_paylod: 1", 1, ["FILE:1:1: max_paylod: unknown key; did you mean max_payload?"]],
      ["port: 1\n\n  port: 70000", 1, ["FILE:3:3: port: "]],
      ["debug: 5\nlogtime: maybe", 1, ["FILE:1:1: debug: ", "FILE:2:1: logtime: "]],
      ['listen: "localhost:4242\n', 1, ["FILE:1:"]],
      ["cluster {\n  prot: 6222\n}", 1, ["FILE:2:3: cluster.prot: unknown key"]],
      ["max_payload: $LIMIT_THAT_NOBODY_SET", 1, ["FILE:1:14: "]],
      ["include other.conf", 1, ["FILE:1:"]],
      ["include midge.conf", 1, ["FILE:1:"]],
      ["tls { timeout: 2 }", 1, ["FILE:1:1: tls: cert_file and key_file are missing"]],
      ["resolver: MEMORY", 1, ["FILE:1:1: resolver: is not enforced yet"]],
      [
        "authorization { users: [{ user: a }] }\naccounts { A { users: [{ user: a }] } }",
        1,
        [
          'FILE:2:24: accounts.A.users[0]: "a" is there already, at FILE:1:25: authorization.users[0]',
        ],
      ],
      [
        "no_auth_user: a",
        1,
        ["FILE:1:1: no_auth_user: must be one of the users, and there are none"],
      ],
      [
        "authorization { password: hunter2 }",
        1,
        [
          "FILE:1:17: authorization.password: keeps nobody out without a user; name one, or remove it",
        ],
      ],
      ["max_pending: 1KB\nmax_payload: 2KB", 1, ["FILE:2:1: max_payload must not be higher than "]],
    ];
  test.each(PLACED)("%j ends with %d and names the places", async (config, code, messages) => {
    using place = setting(config);
    const outcome = await run("-t", "-c", place.file);
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code, stdout: "" });
    const lines = outcome.stderr.trimEnd().replaceAll(place.file, "FILE").split("\n");
    const verdict = expect.stringMatching(
      /^midge: configuration file FILE is valid \(sha256:[\da-f]{64}\)$/,
    );
    const starts = messages.map((message) => expect.stringContaining(`midge: ${message}`));
    expect(lines).toEqual(code === 0 ? [...starts, verdict] : starts);
  });
});

midgeSuite("-sl with a pid file", () => {
  async function signalled(command: string, pidFile: string): Promise<void> {
    const outcome = await run("-sl", `${command}=${pidFile}`);
    expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" });
  }

  test("reload, reopen and quit do what they say", async () => {
    using place = setting("");
    const [pidFile, log] = [place.at("midge.pid"), place.at("midge.log")];
    writeFileSync(place.file, `pid_file: "${pidFile}"\nlog_file: "${log}"\n`);
    const broker = new Broker({ flags: ["-c", place.file, "--ports_file_dir", place.at("")] });
    const says = (file: string, text: string) =>
      until(() => readText(file).includes(text), `${basename(file)} says ${text}`);
    await says(log, "Server is ready");
    expect(readFileSync(pidFile, "utf8")).toBe(String(broker.child.pid));

    const settings = readFileSync(place.file, "utf8");
    writeFileSync(place.file, `${settings}max_payload: 1KB\n`);
    await signalled("reload", pidFile);
    await says(log, "Reloaded: max_payload = 1024");
    await says(log, "Reloaded server configuration");

    renameSync(log, `${log}.1`);
    await signalled("reopen", pidFile);
    await says(log, "File log re-opened");
    expect(readText(`${log}.1`)).toContain('Trapped "user defined signal 1" signal');
    expect(readText(log).split("\n").length).toBe(2);

    // An editor may have left a line end.
    writeFileSync(pidFile, `${broker.child.pid}\n`);
    await signalled("quit", pidFile);
    expect(await within(broker.child.exited, () => "the end")).toBe(0);
    expect(readText(log)).toContain("Server Exiting..");
    expect(broker.lines).toEqual([]);
  });

  test("ldm sends the clients away and ends", async () => {
    using place = setting('lame_duck_grace_period: "50ms"\nlame_duck_duration: "30s"\n');
    const pidFile = place.at("midge.pid");
    await using broker = await Broker.start({ flags: ["-c", place.file, "-P", pidFile] });
    await using client = await join(broker.port);
    await signalled("ldm", pidFile);
    await broker.line(/Entering lame duck mode, stop accepting new clients$/);
    await client.hearsClose();
    expect(await within(broker.child.exited, () => "the end")).toBe(0);
  });

  test("stop leaves nobody time for a word", async () => {
    using place = setting("");
    const pidFile = place.at("midge.pid");
    await using broker = await Broker.start({ flags: ["-c", place.file, "-P", pidFile] });
    await signalled("stop", pidFile);
    await within(broker.child.exited, () => "the end");
    expect(broker.child.signalCode).toBe("SIGKILL");
  });
});

midgeSuite("what cannot be read or written is one line and exit code 1", () => {
  /** Started to fail, before or after the log is open: what it says without the lines of a start. */
  async function failure(...flags: string[]): Promise<string> {
    const { code, stdout, stderr } = await run("-a", "127.0.0.1", "-p", "-1", ...flags);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).not.toMatch(/^\s+at /m);
    const lines = stderr.trimEnd().split("\n");
    const errors = lines.filter((line) => !/\[(INF|WRN)\]/.test(line));
    expect(errors.length).toBe(1);
    return errors[0]!.replace(/^.*\[FTL\] /, "FTL ");
  }

  test("a configuration file that is not there, or a folder", async () => {
    using place = setting("");
    const missing = place.at("missing.conf");
    expect(await failure("-c", missing)).toBe(`midge: open ${missing}: no such file or directory`);
    expect(await failure("-c", place.at(""))).toBe(`midge: open ${place.at("")}: is a directory`);
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(isRoot)("a configuration file of somebody else (root may read it)", async () => {
    using place = setting("port: -1");
    chmodSync(place.file, 0o000);
    expect(await failure("-c", place.file)).toBe(`midge: open ${place.file}: permission denied`);
  });

  test("an included file that is not there, by the place of its include", async () => {
    using place = setting("debug: true\ninclude missing.conf\n");
    const said = await failure("-c", place.file);
    expect(said).toStartWith(`midge: ${place.file}:2:`);
    expect(said).toEndWith(`open ${place.at("missing.conf")}: no such file or directory`);
  });

  test("a log in a folder that is missing, from the file or by flag", async () => {
    using place = setting("");
    const log = place.at("nowhere/midge.log");
    const message = `midge: can't open the log file ${log}: no such file or directory`;
    expect(await failure("-l", log)).toBe(message);
    writeFileSync(place.file, `log_file: "${log}"`);
    expect(await failure("-c", place.file)).toBe(message);
  });

  test("a log that is a folder", async () => {
    using place = setting("");
    mkdirSync(place.at("log"));
    const said = await failure("-l", place.at("log"));
    expect(said).toBe(`midge: can't open the log file ${place.at("log")}: is a directory`);
  });

  test("a pid file in a folder that is missing, from the file or by flag", async () => {
    using place = setting("");
    const pidFile = place.at("nowhere/midge.pid");
    const message = `FTL Could not write pidfile: ${pidFile}: no such file or directory`;
    expect(await failure("-P", pidFile)).toBe(message);
    writeFileSync(place.file, `pid_file: "${pidFile}"`);
    expect(await failure("-c", place.file)).toBe(message);
  });

  test("a pid file that cannot be written is told on the terminal even with a log file", async () => {
    using place = setting("");
    const pidFile = place.at("nowhere/midge.pid");
    const said = await failure("-P", pidFile, "-l", place.at("midge.log"));
    expect(said).toBe(`midge: Could not write pidfile: ${pidFile}: no such file or directory`);
    expect(readText(place.at("midge.log"))).toContain(`[FTL] Could not write pidfile: ${pidFile}`);
  });

  test("a syslog address without a port", async () => {
    using place = setting('remote_syslog: "udp://localhost"');
    expect(await failure("-c", place.file)).toStartWith("midge: ");
  });
});
