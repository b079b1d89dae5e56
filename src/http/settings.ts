// The options that are the monitor's own, with their defaults.
import type { Options } from "../config/options.ts";
import type { MonitorAuthorization } from "./gate.ts";
import type { MonitorSource } from "./source.ts";

export interface MonitorOptions {
  readonly httpHost: string;
  /** 0 is off, -1 picks a free one; as all ports here. */
  readonly httpPort: number;
  readonly httpsHost: string;
  readonly httpsPort: number;
  /** As it is configured; "" for none. */
  readonly httpBasePath: string;
  /** Everybody may ask unless given. */
  readonly monitorAuthorization?: MonitorAuthorization;
}

export function monitorOptions({ options }: Pick<MonitorSource, "options">): MonitorOptions {
  const given: Options & Partial<MonitorOptions> = options;
  const { httpHost, httpPort, httpsHost, httpsPort, httpBasePath, monitorAuthorization } = given;
  return {
    httpHost,
    httpPort,
    httpsHost: httpsHost ?? httpHost,
    httpsPort: httpsPort ?? 0,
    httpBasePath: httpBasePath ?? "",
    ...(monitorAuthorization === undefined ? {} : { monitorAuthorization }),
  };
}

/** Seconds for a handshake and for CONNECT where nothing else is set; with TLS both are waited for. */
const TLS_SECONDS = 2;
const AUTH_SECONDS = 2;
const AUTH_AFTER_TLS_SECONDS = 1;

/** The time-outs in force, in seconds as nats-server shows them. */
export function timeouts({ options }: Pick<MonitorSource, "options">) {
  return loginTimeouts(options.authorization, options.tls);
}

/** The same for any port. */
export function loginTimeouts(authorization: Timed | undefined, tls: Timed | undefined) {
  const tlsSeconds = tls?.timeout === undefined ? TLS_SECONDS : tls.timeout / 1000;
  const defaultSeconds = tls === undefined ? AUTH_SECONDS : tlsSeconds + AUTH_AFTER_TLS_SECONDS;
  const given = authorization?.timeout;
  return { tlsSeconds, authSeconds: given === undefined ? defaultSeconds : given / 1000 };
}

interface Timed {
  /** Milliseconds. */
  readonly timeout?: number;
}
