// By which certificates and rules the monitor is encrypted: those of the clients (monitoring §1.1), but for
// client certificates, which it asks nobody for, as nats-server. Loaded only where there is an https port.
import { X509Certificate } from "node:crypto";
import type { TLSOptions } from "bun";
import { parseCertificate } from "../auth/certificate.ts";
import type { MonitorTls, PemPair } from "./source.ts";

const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
const SUITE_OF_1_3 = /^TLS_/;

/** The type of bun-types lacks what the runtime takes here, too. */
interface DoorCertificate extends TLSOptions {
  /** As on the wire. */
  readonly minVersion: number;
  /** Names with colons between them. */
  readonly ecdhCurve?: string;
}

/** What `Bun.serve` is told: first the certificate for everybody, then those for hosts asked for by name. */
export type DoorTls = DoorCertificate[];

/** Of several certificates for the same host the first one is shown, as clients see it. */
export function doorTls({ cert, key, others = [], ...rules }: MonitorTls): DoorTls {
  const limits = limitsOf(rules);
  const shown: DoorTls = [{ ...limits, cert, key }];
  if (others.length === 0) return shown;
  const known = new Set<string>();
  for (const pair of [{ cert, key }, ...others]) {
    for (const serverName of hostsOf(pair)) {
      if (known.has(serverName)) continue;
      known.add(serverName);
      shown.push({ ...limits, cert: pair.cert, key: pair.key, serverName });
    }
  }
  return shown;
}

/** The runtime refuses a list without suites of TLS 1.2, where nothing but TLS 1.3 is meant. */
function limitsOf({ ciphers, ecdhCurve, minVersion }: Omit<MonitorTls, keyof PemPair | "others">) {
  const curves = ecdhCurve === undefined ? {} : { ecdhCurve };
  if (ciphers?.split(":").every((suite) => SUITE_OF_1_3.test(suite)) === true) {
    return { ...curves, minVersion: TLS_1_3 };
  }
  return {
    ...curves,
    ...(ciphers === undefined ? {} : { ciphers }),
    minVersion: minVersion === "TLSv1.3" ? TLS_1_3 : TLS_1_2,
  };
}

function hostsOf({ cert }: PemPair): string[] {
  const { dnsNames } = parseCertificate(new Uint8Array(new X509Certificate(cert).raw));
  return dnsNames.map((name) => name.toLowerCase());
}
