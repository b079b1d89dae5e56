// What flags do, found by giving each of them an example: the options that it sets and the keys of the file
// that it stands for.
import { dashed, parseFlags } from "../../src/config/flags.ts";
import { FLAGS, type Flag, type FlagKey } from "../../src/config/flag-table.ts";
import { differences } from "./facts.ts";

export interface FlagFacts {
  readonly key: FlagKey;
  readonly flag: Flag;
  /** As it may be given, with the flags that it needs: `--port 4333`. */
  readonly example: readonly string[];
  /** All its spellings: `-p`, `--port`. */
  readonly names: readonly string[];
  /** The options that it sets. */
  readonly options: readonly string[];
}

/** By what the help page says has to follow. */
const VALUES: Readonly<Record<string, string>> = {
  host: "127.0.0.1",
  port: "4333",
  name: "east",
  "cmd[=pid]": "reload=midge.pid",
  addr: "nats.example.com:4222",
  dir: "/run/midge",
  bytes: "1024",
  user: "ann",
  password: "T0pS3cr3t",
  token: "T0k3n",
  url: "nats://ruser:T0pS3cr3t@0.0.0.0:6222",
  "url, url": "nats://nats-main:6222",
  number: "5",
};

/** Where the page's word would not do. */
const OWN_VALUES: Partial<Record<FlagKey, string>> = {
  pidFile: "/run/midge.pid",
  config: "midge.conf",
  logFile: "/var/log/midge.log",
  remoteSyslog: "udp://logs.example.com:514",
  httpPort: "8222",
  httpsPort: "8443",
  profile: "65432",
  healthcheck: "http://127.0.0.1:8222/healthz",
  tlscert: "east.pem",
  tlskey: "east-key.pem",
  tlscacert: "ca.pem",
  clusterAdvertise: "a.example.com:6222",
  storeDir: "/data",
};

/** What has to stand beside a flag, to be taken for what is given anyway. */
const COMPANIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "TLS Options": { tlscert: "server.pem", tlskey: "server-key.pem" },
  test: { config: "midge.conf" },
};

const DEPTH = 2;

export function findFlags(): FlagFacts[] {
  return Object.entries<Flag>(FLAGS).map(([key, flag]) => {
    const companions = Object.entries(COMPANIONS[key] ?? COMPANIONS[flag.group] ?? {});
    const besides = companions.map(([name, value]) => [name, `--${name}`, value] as const);
    const lone = exampleOf(key as FlagKey, flag);
    const others = besides.filter(([name]) => name !== key).flatMap(([, ...words]) => words);
    const before = parseFlags(besides.flatMap(([, ...words]) => words));
    const after = parseFlags([...others, ...lone]);
    return {
      key: key as FlagKey,
      flag,
      example: [...lone, ...others],
      names: flag.alias.map(dashed),
      options: differences(before.options, after.options, DEPTH),
    };
  });
}

function exampleOf(key: FlagKey, flag: Flag): string[] {
  const name = dashed(flag.alias.at(-1)!);
  // What is on unless told shows what it is for when it is off.
  if (flag.type === "boolean") return [flag.description.includes("true") ? `${name}=false` : name];
  const value = OWN_VALUES[key] ?? VALUES[flag.valueHint ?? ""];
  if (value === undefined) throw new Error(`no example of <${flag.valueHint}> for ${name}`);
  return [name, value];
}
