// Go's flag syntax: what every line of an operator's scripts means, and what is refused.
import { describe, expect, test } from "bun:test";
import { FLAG_BY_NAME } from "../../src/config/flag-table.ts";
import { FlagError, parseFlags, parseInteger } from "../../src/config/flags.ts";

/** The options of a command line, without those not given. */
function options(line: string): object {
  const { asks, options: found } = parseFlags(words(line));
  expect(asks).toBe("run");
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Blanks part arguments; '' is an empty one. */
function words(line: string): string[] {
  return line === "" ? [] : line.split(" ").map((word) => (word === "''" ? "" : word));
}

function mistake(line: string): { message: string; advice: string } {
  try {
    parseFlags(words(line));
  } catch (error) {
    if (error instanceof FlagError) return { message: error.message, advice: error.advice };
    throw error;
  }
  throw new Error(`${line} was accepted`);
}

describe("a command line that is right", () => {
  test.each([
    ["", {}],
    ["-a 1.2.3.4", { host: "1.2.3.4" }],
    ["--addr 1.2.3.4", { host: "1.2.3.4" }],
    ["--net=1.2.3.4", { host: "1.2.3.4" }],
    ["-addr=::1", { host: "::1" }],
    ["-p 4333", { port: 4333 }],
    ["-p=4333", { port: 4333 }],
    ["--p 4333", { port: 4333 }],
    ["-port 4333", { port: 4333 }],
    ["--port=4333", { port: 4333 }],
    ["-p -1", { port: -1 }],
    ["-p 0x1F90", { port: 8080 }],
    ["-P /run/midge.pid", { pidFile: "/run/midge.pid" }],
    ["--pid /run/midge.pid", { pidFile: "/run/midge.pid" }],
    ["-m 8222", { httpPort: 8222 }],
    ["--http_port 8222", { httpPort: 8222 }],
    ["-ms 8223", { httpsPort: 8223 }],
    ["--https_port -1", { httpsPort: -1 }],
    ["-ms 0", { httpsPort: 0 }],
    ["-n east", { serverName: "east" }],
    ["--name east", { serverName: "east" }],
    ["--server_name east", { serverName: "east" }],
    ["-l m.log", { logFile: "m.log" }],
    ["--log m.log", { logFile: "m.log" }],
    ["-T", { logtime: true }],
    ["-T=false", { logtime: false }],
    ["--logtime=0", { logtime: false }],
    ["-D", { debug: true }],
    ["--debug=T", { debug: true }],
    ["-D=0", { debug: false }],
    ["-V", { trace: true }],
    ["--trace=FALSE", { trace: false }],
    ["-DV", { debug: true, trace: true }],
    ["--DV", { debug: true, trace: true }],
    ["-DV=false", { debug: false, trace: false }],
    [
      "-a 1.2.3.4 -p 1 -m 2 -DV",
      { host: "1.2.3.4", port: 1, httpPort: 2, debug: true, trace: true },
    ],
    ["-VV", { trace: true, traceVerbose: true }],
    ["-VV=false", { trace: false, traceVerbose: false }],
    ["-DVV", { debug: true, trace: true, traceVerbose: true }],
    ["-VV -V=false", { trace: false, traceVerbose: true }],
    ["--logtime_utc", { logtimeUtc: true }],
    ["-s", { syslog: true }],
    ["--syslog=false", { syslog: false }],
    ["-r udp://localhost:514", { remoteSyslog: "udp://localhost:514" }],
    ["--remote_syslog tcp://h:1", { remoteSyslog: "tcp://h:1" }],
    ["-r=", { remoteSyslog: "" }],
    ["--log_size_limit 0x400", { logSizeLimit: 1024 }],
    ["--max_traced_msg_len 16", { maxTracedMsgLen: 16 }],
    ["--client_advertise nats.example.com:4222", { clientAdvertise: "nats.example.com:4222" }],
    ["--ports_file_dir /run", { portsFileDir: "/run" }],
    ["--", {}],
    ["-D --", { debug: true }],
  ])("%j", (line, expected) => {
    expect(options(line)).toEqual(expected);
  });

  test("the value of a flag is whatever comes next, dashes and all", () => {
    expect(options("-n -D")).toEqual({ serverName: "-D" });
    expect(options("-l --log")).toEqual({ logFile: "--log" });
    expect(options("-n --no-debug")).toEqual({ serverName: "--no-debug" });
    expect(options("-n --")).toEqual({ serverName: "--" });
    expect(options("-n ''")).toEqual({ serverName: "" });
    expect(options("-l=")).toEqual({ logFile: "" });
    expect(options("-n=a=b")).toEqual({ serverName: "a=b" });
  });

  test("of the same flag the last one wins, in all its spellings", () => {
    expect(options("-p 1 --port 2 -port=3")).toEqual({ port: 3 });
    expect(options("-DV -D=false")).toEqual({ debug: false, trace: true });
    expect(options("-D=false -DV")).toEqual({ debug: true, trace: true });
  });

  test("how an option was spelled is kept for messages", () => {
    const { spelled } = parseFlags(words("--port 1 -m 2 -DV"));
    expect(Object.fromEntries(spelled)).toEqual({
      port: "-port",
      httpPort: "-m",
      debug: "-DV",
      trace: "-DV",
    });
  });
});

describe("the configuration file", () => {
  test.each([["-c a.conf"], ["-c=a.conf"], ["--config a.conf"], ["-config=a.conf"]])(
    "%j names it",
    (line) => {
      expect(parseFlags(words(line))).toMatchObject({ asks: "run", config: "a.conf" });
    },
  );

  test("-t asks for nothing but a check of it", () => {
    expect(parseFlags(words("-t -c a.conf"))).toMatchObject({ asks: "test", config: "a.conf" });
    expect(parseFlags(words("-t=false -c a.conf")).asks).toBe("run");
    expect(mistake("-t")).toEqual({
      message: "-t needs a configuration file",
      advice: "name it with -c FILE",
    });
  });

  test("without -c there is none", () => {
    expect(parseFlags([]).config).toBeUndefined();
  });
});

test.each([["-sl reload"], ["--signal reload"], ["-sl=reload"], ["-signal=reload -p 1"]])(
  "%j signals another one",
  (line) => {
    expect(parseFlags(words(line))).toMatchObject({ asks: "signal", signal: "reload" });
  },
);

describe("whether a server is well", () => {
  const LOCAL = "http://127.0.0.1:8222/healthz";
  test.each([
    ["--healthcheck", LOCAL],
    ["-healthcheck", LOCAL],
    ["--healthcheck http://a:1/healthz", "http://a:1/healthz"],
    ["--healthcheck=http://a:1/x?y=z", "http://a:1/x?y=z"],
    ["--healthcheck=", ""],
    ["--healthcheck ''", ""],
    ["--healthcheck nonsense", "nonsense"],
    ["--healthcheck -D", LOCAL],
    ["--healthcheck --healthcheck=http://a:1", "http://a:1"],
    ["-c a.conf --healthcheck", LOCAL],
    ["-sl quit --healthcheck", LOCAL],
  ])("%j asks %s", (line, url) => {
    expect(parseFlags(words(line))).toMatchObject({ asks: "health", healthcheck: url });
  });

  test("is asked of one address, and by its whole name", () => {
    expect(mistake("--healthcheck http://a:1 http://b:1").message).toBe(
      'unrecognized command: "http://b:1"',
    );
    expect(mistake("--health").message).toBe("flag provided but not defined: -health");
  });

  test("is asked only with the flag", () => {
    expect(parseFlags([]).healthcheck).toBeUndefined();
    expect(parseFlags(words("--healthcheck -v")).asks).toBe("version");
  });
});

describe("access and encryption", () => {
  test.each([
    ["--user ann", { authorization: { user: "ann" } }],
    ["--user ann --pass x", { authorization: { user: "ann", password: "x" } }],
    ["--auth x", { authorization: { token: "x" } }],
    ["--tlscert a --tlskey b", { tls: { certFile: "a", keyFile: "b" } }],
    ["--tls --tlscert a --tlskey b", { tls: { certFile: "a", keyFile: "b" } }],
    ["--tlsverify --tlscert a --tlskey b", { tls: { certFile: "a", keyFile: "b", verify: true } }],
    [
      "--tlscacert c --tlscert a --tlskey b --tlsverify=false",
      { tls: { certFile: "a", keyFile: "b", caFile: "c", verify: false } },
    ],
    ["--tls=false", {}],
    ["--tls=false --tlsverify --tlscert a --tlskey b", {}],
    ["--tls=false --tlscert a", {}],
  ])("%j", (line, expected) => {
    expect(options(line)).toEqual(expected);
  });

  test.each([
    ["--tls", "--tlscert"],
    ["--tlsverify", "--tlscert"],
    ["--tlsverify=false", "--tlscert"],
    ["--tlskey a.pem", "--tlscert"],
    ["--tlscacert a.pem", "--tlscert"],
    ["--tlscert a.pem", "--tlskey"],
    ["--tls --tlscert a.pem", "--tlskey"],
  ])("%j is no encryption yet: it wants %s", (line, missing) => {
    const name = `-${words(line)[0]!.replace(/^-+|=.*/g, "")}`;
    expect(mistake(line)).toEqual({
      message: `${name} needs a certificate and its key`,
      advice: `name them: ${missing} FILE`,
    });
  });

  test.each(["--user ''", "--auth=", "--pass=", "--tlscert ''", "--tlskey=", "--tlscacert="])(
    "%j is refused: a variable was left unset",
    (line) => {
      expect(mistake(line)).toEqual({
        message: expect.stringMatching(/^-(user|auth|pass|tls\w+) is empty$/),
        advice: "give it a value, or leave the flag out",
      });
    },
  );

  test.each([
    ["--user ann", ["-user: has no password, and whoever knows the name gets in"]],
    ["--user ann -c a.conf", []],
    ["--user ann --pass x", []],
    [
      "--user ann --pass x --auth y",
      ["-user has no effect beside -auth", "-pass has no effect beside -auth"],
    ],
  ])("%j is warned about: %j", (line, warnings) => {
    expect(parseFlags(words(line)).warnings).toEqual(warnings);
  });

  test("a question is answered all the same", () => {
    expect(parseFlags(words("--tls -v")).asks).toBe("version");
    expect(parseFlags(words("--tls --help_tls")).asks).toBe("help tls");
  });
});

describe("what has no effect yet", () => {
  test.each([["--profile 6060"], ["-js"], ["--jetstream"], ["-sd /data"], ["--store_dir /data"]])(
    "%j is accepted with a warning",
    (line) => {
      const name = `-${words(line)[0]!.replace(/^-+/, "")}`;
      expect(options(line)).toEqual({});
      expect(parseFlags(words(line)).warnings).toEqual([`${name} has no effect yet`]);
    },
  );

  test.each([["--profile 0"], ["--routes ''"], ["-js=false"]])("%j asks for nothing", (line) => {
    expect(parseFlags(words(line)).warnings).toEqual([]);
  });

  test("several URLs may be parted by a comma and a blank", () => {
    const { options: given } = parseFlags(["--routes", "nats://a:6222, nats://b:6222"]);
    expect(given.cluster).toEqual({ routes: ["nats://a:6222", "nats://b:6222"] });
  });
});

test.each([
  ["--routes nats://a:6222", { routes: ["nats://a:6222"] }],
  ["--cluster nats://0.0.0.0:6222", { host: "0.0.0.0", port: 6222 }],
  [
    "--cluster nats://u:p@0.0.0.0:-1",
    { host: "0.0.0.0", port: -1, authorization: { user: "u", password: "p" } },
  ],
  ["--cluster_listen tls://:6222", { port: 6222 }],
  ["--cluster_name east", { name: "east" }],
  ["--no_advertise", { noAdvertise: true }],
  ["--no_advertise=false", { noAdvertise: false }],
  ["--cluster_advertise a:6222", { advertise: "a:6222" }],
  ["--connect_retries 5", { connectRetries: 5 }],
])("%j is for the cluster", (line, cluster) => {
  expect(options(line)).toEqual({ cluster });
  expect(parseFlags(words(line)).warnings).toEqual([]);
});

test.each([
  ["--tls=false", ["tls"]],
  ["--cluster ''", ["cluster"]],
  ["-js=0", ["jetstream"]],
  ["-D=false", []],
])("%j switches off keys of the file", (line, keys) => {
  expect([...parseFlags(words(line)).switchedOff]).toEqual(keys);
});

describe("a question instead of a start", () => {
  test.each([
    ["-v", "version"],
    ["--version", "version"],
    ["version", "version"],
    ["VERSION", "version"],
    ["-- version", "version"],
    ["-p 1 version", "version"],
    ["-v=true", "version"],
    ["-h", "help"],
    ["-help", "help"],
    ["help", "help"],
    ["HELP", "help"],
    ["--help_tls", "help tls"],
    ["-h --help_tls", "help"],
    ["-t -v", "version"],
    ["-sl quit -h", "help"],
    ["-D help foo", "help"],
    ["-h -v", "version"],
    ["-v serve", "version"],
  ] as const)("%j asks for the %s", (line, asks) => {
    expect(parseFlags(words(line)).asks).toBe(asks);
  });

  test.each(["-v=false", "-h=false"])("%j asks for nothing", (line) => {
    expect(parseFlags(words(line)).asks).toBe("run");
  });
});

describe("a command line that is wrong", () => {
  test.each([
    ["-badflag", "flag provided but not defined: -badflag"],
    ["--badflag=1", "flag provided but not defined: -badflag"],
    ["-VD", "flag provided but not defined: -VD"],
    ["-p4222", "flag provided but not defined: -p4222"],
    ["-__proto__", "flag provided but not defined: -__proto__"],
    ["--no-debug", "flag provided but not defined: -no-debug"],
    ["-httpPort 1", "flag provided but not defined: -httpPort"],
    ["-p", "flag needs an argument: -p"],
    ["-D --port", "flag needs an argument: -port"],
    ["-p abc", 'invalid value "abc" for flag -p: parse error'],
    ["-p ''", 'invalid value "" for flag -p: parse error'],
    ["-p 1.5", 'invalid value "1.5" for flag -p: parse error'],
    ["--port=08", 'invalid value "08" for flag -port: parse error'],
    [
      "-p 99999999999999999999",
      'invalid value "99999999999999999999" for flag -p: value out of range',
    ],
    ["-D=maybe", 'invalid boolean value "maybe" for -D: parse error'],
    ["-T=", 'invalid boolean value "" for -T: parse error'],
    ["---p", "bad flag syntax: ---p"],
    ["-=x", "bad flag syntax: -=x"],
    ["--=x", "bad flag syntax: --=x"],
    ["-T false", 'unrecognized command: "false"'],
    ["serve", 'unrecognized command: "serve"'],
    ["-D serve -badflag", 'unrecognized command: "serve"'],
    ["-", 'unrecognized command: "-"'],
    ["-- -D", 'unrecognized command: "-D"'],
    ["-p 1 -p x", 'invalid value "x" for flag -p: parse error'],
    ["-sl", "flag needs an argument: -sl"],
    ["-c", "flag needs an argument: -c"],
    [
      "--client_advertise a:b",
      "invalid value for flag -client_advertise: expected host or host:port",
    ],
    ["-r localhost", "invalid value for flag -r: expected an address such as udp://host:514"],
    [
      "--routes u:hunter2@a:6222",
      "invalid value for flag -routes: expected URLs such as nats://host:6222, parted by commas",
    ],
    [
      "--routes nats://a",
      "invalid value for flag -routes: expected URLs such as nats://host:6222, parted by commas",
    ],
    ["--cluster foo", "invalid value for flag -cluster: expected a URL such as nats://host:6222"],
    [
      "--cluster_listen nats://a",
      "invalid value for flag -cluster_listen: expected a URL such as nats://host:6222",
    ],
    [
      "--cluster nats://hunter2@a:6222",
      "invalid value for flag -cluster: expected a password after the user",
    ],
    ["--connect_retries x", 'invalid value "x" for flag -connect_retries: parse error'],
    ["-v -badflag", "flag provided but not defined: -badflag"],
  ])("%j is told: %s", (line, message) => {
    expect(mistake(line).message).toBe(message);
  });

  test.each([
    ["-badflag", "run midge -h for the flags"],
    ["--prot 1", "did you mean --port? run midge -h for the flags"],
    ["-d", "did you mean -D? run midge -h for the flags"],
    ["-D=maybe", "write -D=true or -D=false"],
    ["-T false", "to switch a flag off or on, write -flag=false"],
  ])("%j is advised: %s", (line, advice) => {
    expect(mistake(line).advice).toBe(advice);
  });

  test("an argument that closes the line is no value for a boolean", () => {
    expect(mistake("-D true").message).toBe('unrecognized command: "true"');
  });
});

describe("integers", () => {
  test.each([
    ["0", 0],
    ["-0", 0],
    ["4222", 4222],
    ["+4222", 4222],
    ["-1", -1],
    ["4_222", 4222],
    ["0x107E", 4222],
    ["0X10_7e", 4222],
    ["0x_10", 16],
    ["0o17", 15],
    ["017", 15],
    ["0_17", 15],
    ["0b101", 5],
    ["-0x10", -16],
  ])("%s is %d", (text, number) => {
    expect(parseInteger(text)! + 0).toBe(number + 0);
  });

  test.each(["", "-", "_1", "1_", "1__0", "0x", "0xg", "09", "0b2", "1e3", " 1", "1 ", "--1"])(
    "%j is none",
    (text) => {
      expect(parseInteger(text)).toBeUndefined();
    },
  );
});

test("no two flags share a name", () => {
  const names = [...FLAG_BY_NAME.values()].flatMap(([, flag]) => flag.alias);
  const flags = new Set([...FLAG_BY_NAME.values()].map(([, flag]) => flag));
  expect([...flags].flatMap((flag) => flag.alias)).toHaveLength(FLAG_BY_NAME.size);
  expect(new Set(names).size).toBe(FLAG_BY_NAME.size);
});
