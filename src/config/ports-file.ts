// The file that tells tests and supervisors which ports were really opened: <program>_<pid>.ports in
// the folder of `ports_file_dir`. Written once the server listens, removed when it stops in order.
import { rmSync, writeFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { basename, join } from "node:path";
import type { Options } from "./options.ts";

/** What was opened, by the real addresses. */
export interface OpenedPorts extends Pick<Options, "tls" | "allowNonTls"> {
  readonly host: string;
  readonly port: number;
  readonly httpHost: string;
  /** 0 when the monitor is off, as the next one. */
  readonly httpPort: number;
  readonly httpsHost: string;
  readonly httpsPort: number;
}

export function portsFilePath(folder: string): string {
  const program = basename(process.execPath);
  const name = program.startsWith("bun") ? "midge" : program;
  return join(folder, `${name}_${process.pid}.ports`);
}

/** Throws what the file system throws. */
export function writePortsFile(path: string, opened: OpenedPorts): void {
  const monitoring = [
    ...urlsOf("http", opened.httpHost, opened.httpPort),
    ...urlsOf("https", opened.httpsHost, opened.httpsPort),
  ];
  const scheme = opened.tls === undefined || opened.allowNonTls ? "nats" : "tls";
  const content = {
    nats: urlsOf(scheme, opened.host, opened.port),
    ...(monitoring.length === 0 ? {} : { monitoring }),
  };
  writeFileSync(path, JSON.stringify(content), { mode: 0o644 });
}

export function removePortsFile(path: string): void {
  rmSync(path, { force: true });
}

/** One URL, or one for each address of this machine where it listens on all of them, or none. */
function urlsOf(scheme: string, host: string, port: number): string[] {
  if (port === 0) return [];
  return addressesOf(host).map((address) => {
    return `${scheme}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
  });
}

function addressesOf(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const heard = host === "::" ? all : all.filter(({ family }) => family === "IPv4");
  return heard.map(({ address }) => address);
}
