// The states in which monitors are compared: what happened before, and what is asked then.

import type { Words } from "./access-play.ts";

export interface Scene {
  readonly name: string;
  /** Configuration besides the addresses. */
  readonly config?: string;
  /** Where the pages are, with a slash before and none behind; "" unless given. */
  readonly base?: string;
  /** Names of numbers that no two runs have in common. */
  readonly measured?: readonly string[];
  /** The monitor is asked over TLS. */
  readonly isSecure?: boolean;
  readonly steps?: readonly Step[];
  /** `/varz` or `POST /varz`; `{bob}` stands for the connection id of bob. */
  readonly questions: readonly string[];
}

/** Somebody connects with his first step, and stays until he leaves or is sent away. */
export type Step = Speech | Leaving | Loss | SecureArrival;

export interface Speech {
  readonly by: string;
  readonly says: Words;
  /** Reads nothing from now on. */
  readonly isLazy?: boolean;
  /** Not followed by a PING: the server sends this one away, or does not answer yet. */
  readonly isLast?: "until closed" | "not waited for";
}

export interface Leaving {
  readonly leaves: string;
}

/** Somebody who did not read has been sent away meanwhile, and reads what was on its way. */
export interface Loss {
  readonly lost: string;
  /** It reads nothing all the same. */
  readonly isStill?: boolean;
}

/** Connects with an official client over TLS and subscribes to these subjects. */
export interface SecureArrival {
  readonly secure: string;
  readonly subjects: readonly string[];
  readonly tls: {
    readonly caFile: string;
    readonly certFile?: string;
    readonly keyFile?: string;
    readonly handshakeFirst?: boolean;
  };
}

export const NAMED = 'server_name: "one"\nmax_connections: 1000\n';

export const CONNZ = [
  "/connz",
  "/connz?subs=1",
  "/connz?subs=detail",
  "/connz?auth=1",
  "/connz?auth=1&subs=1",
  "/connz?auth=1&subs=detail&state=any",
];

export const TOTALS = [
  "/varz",
  "/subsz",
  "/accstatz",
  "/accstatz?unused=1",
  "/accountz",
  "/healthz",
];
