// What a server can be told of its cluster, as options (config-and-cli §2.4). Lists are never empty.
import type { GivenPermissions, PermissionOptions } from "./access.ts";
import { parseAddress } from "./address.ts";
import type { GivenTls, TlsOptions } from "./tls.ts";

export interface ClusterOptions {
  /** Address for routes; `host` unless given. */
  readonly host?: string;
  /** Port for routes, default 6222; -1 picks a free one. */
  readonly port: number;
  /** All servers of a cluster have the same; one that was given none takes it from the others. */
  readonly name?: string;
  /** Servers to connect to, such as nats://user:pass@host:6222. */
  readonly routes?: readonly string[];
  /** Address that other servers are told, host or host:port, instead of the real one. */
  readonly advertise?: string;
  /** Neither tell other servers' clients of this one nor clients here of the others. */
  readonly noAdvertise: boolean;
  /** Further attempts for a server that was heard of and does not answer. */
  readonly connectRetries: number;
  /** Wait longer from attempt to attempt, up to 30 s. */
  readonly connectBackoff: boolean;
  /** Who may connect, and how this server presents itself to those it heard of. */
  readonly authorization?: ClusterAuthorization;
  /** `publish`: of what subscriptions here others are told; `subscribe`: of which of theirs count here. */
  readonly permissions?: PermissionOptions;
  /** Milliseconds between pings; that of clients unless given, and 30 s at the most. */
  readonly pingInterval?: number;
  readonly pingMax?: number;
  /** Connections to each server, among which the accounts are shared out, default 3; -1 for one only. */
  readonly poolSize: number;
  /** Accounts that get a connection of their own to each server. */
  readonly accounts?: readonly string[];
  /** Milliseconds that bytes may wait for a server that reads nothing; that of clients unless given. */
  readonly writeDeadline?: number;
  /** Encrypt what servers say to each other; both sides show a certificate of the same authority. */
  readonly tls?: TlsOptions;
}

export interface ClusterAuthorization {
  readonly user: string;
  /** Plain, or its bcrypt hash. */
  readonly password: string;
  /** Milliseconds in which the other side has to log in, default 2 s. */
  readonly timeout?: number;
}

/** The same as a program may give it: durations also as text, most of it optional. */
export interface GivenCluster extends Partial<
  Omit<ClusterOptions, "authorization" | "permissions" | "pingInterval" | "writeDeadline" | "tls">
> {
  readonly tls?: GivenTls;
  readonly authorization?: Omit<ClusterAuthorization, "timeout"> & {
    readonly timeout?: number | string;
  };
  readonly permissions?: GivenPermissions;
  readonly pingInterval?: number | string;
  readonly writeDeadline?: number | string;
}

/** Where a server is dialled, and as whom. */
export interface RouteUrl {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** More connections to one server than anybody needs. */
export const POOL_SIZE_MAX = 64;

const DEFAULT_PORT = 6222;
const ROUTE_URL = /^[a-z][a-z\d+.-]*:\/\/(?:([^/?#]*)@)?([^/@?#]+)\/?$/i;

/** Undefined when it is none. */
export function parseRouteUrl(text: string): RouteUrl | undefined {
  const [, login = "", place = ""] = ROUTE_URL.exec(text.trim()) ?? [];
  const address = parseAddress(place, "port optional");
  if (address === undefined || address.host === "") return undefined;
  const colon = login.indexOf(":");
  const [user, password] =
    colon < 0 ? [login, ""] : [login.slice(0, colon), login.slice(colon + 1)];
  try {
    return {
      host: address.host,
      port: address.port ?? DEFAULT_PORT,
      user: decodeURIComponent(user),
      password: decodeURIComponent(password),
    };
  } catch {
    return undefined;
  }
}

// ---- Flags

/** What the flags say of the cluster; undefined when nothing. */
export interface ClusterFlags {
  readonly cluster?: string | undefined;
  readonly routes?: string | undefined;
  readonly clusterName?: string | undefined;
  readonly clusterAdvertise?: string | undefined;
  readonly noAdvertise?: boolean | undefined;
  readonly connectRetries: number | undefined;
}

export function clusterOf(flags: ClusterFlags): GivenCluster | undefined {
  const { cluster, routes, clusterName, clusterAdvertise, noAdvertise, connectRetries } = flags;
  const given: GivenCluster = {
    ...(cluster ? placeOf(cluster) : {}),
    ...(routes ? { routes: routes.split(",").map((each) => each.trim()) } : {}),
    ...(clusterName ? { name: clusterName } : {}),
    ...(clusterAdvertise ? { advertise: clusterAdvertise } : {}),
    ...(noAdvertise === undefined ? {} : { noAdvertise }),
    ...(connectRetries === undefined ? {} : { connectRetries: Math.max(0, connectRetries) }),
  };
  return Object.keys(given).length > 0 ? given : undefined;
}

/** `nats://user:password@host:port`, where the port may be -1. */
function placeOf(text: string): GivenCluster {
  const [, login, place = ""] = /^[^:]+:\/\/(?:([^/]*)@)?([^/]*)\/?$/.exec(text) ?? [];
  const { host = "", port: number = 0 } = parseAddress(place) ?? {};
  const colon = login?.indexOf(":") ?? -1;
  return {
    ...(host === "" ? {} : { host }),
    port: number,
    ...(login === undefined
      ? {}
      : {
          authorization: {
            user: decode(login.slice(0, colon)),
            password: decode(login.slice(colon + 1)),
          },
        }),
  };
}

/** A flag replaces what it stands for; an address without a login takes the file's login away. */
export function mergeCluster(
  flags: GivenCluster | undefined,
  file: GivenCluster | undefined,
): GivenCluster | undefined {
  if (flags === undefined) return file;
  const { authorization, host, ...others } = file ?? {};
  const kept = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(host === undefined ? {} : { host }),
  };
  return { ...others, ...(flags.port === undefined ? kept : {}), ...flags };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
