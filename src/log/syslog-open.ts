// From options to an open syslog output: reads the address of a remote one, names this program as
// syslog wants it, and waits for the first connection. Loaded only when somebody wants a syslog.

import { basename } from "node:path";
import type { Output } from "./output.ts";
import { reasonOf } from "./reason.ts";
import { DAEMON, frameFormat, KERNEL } from "./syslog-frame.ts";
import { dialStream, dialUdp } from "./syslog-link.ts";
import { dialLocal } from "./syslog-local.ts";
import { type Dial, SyslogOutput } from "./syslog.ts";

type Complain = (text: string) => void;

interface Remote {
  readonly name: string;
  readonly dial: Dial;
  /** Whether frames carry the machine's name: those that leave it. */
  readonly leaves: boolean;
}

const NETWORK = /^(udp|tcp):\/\/(\[[\da-f:.%]+\]|[^\s:/?#@[\]]*):(\d{1,5})\/?$/i;
const UNIX = /^unix:\/\/(\/.+)$/i;
const PORT_MAX = 65_535;

/** Throws an Error for people when this is no address of a syslog. */
export function readSyslogAddress(address: string): Remote {
  const path = UNIX.exec(address)?.[1];
  if (path !== undefined) {
    return { name: `unix://${path}`, dial: dialStream({ unix: path }), leaves: false };
  }
  const [, scheme, host = "", digits] = NETWORK.exec(address) ?? [];
  const port = Number(digits);
  if (scheme === undefined || !(port >= 1 && port <= PORT_MAX)) {
    const wanted = "udp://host:port, tcp://host:port or unix:///path";
    const shown = address.replace(/\/\/[^/]*:[^/]*@/, "//…@");
    throw new Error(`the address of a remote syslog is ${wanted}, not "${shown}"`);
  }
  const place = { hostname: host.replace(/^\[|\]$/g, "") || "localhost", port };
  const dial = scheme.toLowerCase() === "udp" ? dialUdp(place) : dialStream(place);
  return { name: `${scheme.toLowerCase()}://${host}:${port}`, dial, leaves: true };
}

/** A remote syslog may be away, which people are told: the server starts all the same. */
export async function openRemoteSyslog(address: string, complain: Complain): Promise<Output> {
  const { name, dial, leaves } = readSyslogAddress(address);
  const host = leaves ? (await import("node:os")).hostname() || "localhost" : undefined;
  const format = frameFormat({ facility: KERNEL, host, ...program() });
  const output = new SyslogOutput({ name, format, dial, complain });
  await output.tryOpen();
  return output;
}

/** Rejects with an Error for people when this machine has no syslog. */
export async function openLocalSyslog(
  complain: Complain,
  paths?: readonly string[],
): Promise<Output> {
  const format = frameFormat({ facility: DAEMON, ...program() });
  const name = "of this machine";
  const output = new SyslogOutput({ name, format, dial: dialLocal(paths), complain });
  try {
    await output.open();
  } catch (error) {
    throw new Error(`error connecting to syslog: ${reasonOf(error)}`, { cause: error });
  }
  return output;
}

/** The name the executable was called by; from source that would be Bun's. */
function program(): { tag: string; pid: number } {
  const called = basename(process.argv0);
  return { tag: /^bun\b/.test(called) ? "midge" : called, pid: process.pid };
}
