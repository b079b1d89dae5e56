// What this server says of itself to others: the INFO and CONNECT of a route (cluster §4.2, §4.3), and the
// addresses at which clients reach it.

import { networkInterfaces } from "node:os";
import { parseAddress } from "../config/address.ts";
import type { ClusterOptions, RouteUrl } from "../config/cluster.ts";
import type { Options } from "../config/options.ts";
import { formatAddress } from "../net/listener.ts";
import { MIDGE_VERSION, NATS_LEVEL } from "../proto/version.ts";
import { PRIMARY, type Slot } from "./slot.ts";

/** Who introduces itself. */
export interface Introduced {
  readonly serverId: string;
  readonly serverName: string;
  readonly options: Options;
  /** Where clients reach this server. */
  readonly clientAddress: { readonly host: string; readonly port: number };
}

/** The cluster's side of it. */
export interface Membership {
  readonly settings: ClusterOptions;
  readonly name: string;
  /** The name was made up. */
  readonly isDynamic: boolean;
  /** The port routes come to. */
  readonly port: number;
  readonly isEncrypted: boolean;
  /** Connections per server; 0 without a pool. */
  readonly poolSize: number;
}

type Fields = Readonly<Record<string, unknown>>;

const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);

/** `slot` is for whom a dialled connection is meant; an accepted one does not say. */
export function infoOf(self: Introduced, membership: Membership, slot: Slot = PRIMARY): Fields {
  const { serverId, serverName, options } = self;
  const { settings, name, isDynamic, isEncrypted, poolSize } = membership;
  const { host = options.host, advertise, noAdvertise, permissions } = settings;
  const told = advertise === undefined ? undefined : parseAddress(advertise, "port optional");
  const port = told?.port ?? membership.port;
  return {
    server_id: serverId,
    server_name: serverName,
    version: NATS_LEVEL,
    midge: MIDGE_VERSION,
    proto: 2,
    go: `bun${Bun.version}`,
    host: told?.host ?? host,
    port,
    headers: !options.noHeaderSupport,
    auth_required: settings.authorization !== undefined,
    tls_required: isEncrypted,
    tls_verify: isEncrypted,
    max_payload: options.maxPayload,
    ip: told === undefined ? "" : `nats-route://${formatAddress(told.host, port)}/`,
    cluster: name,
    cluster_dynamic: isDynamic,
    connect_urls: noAdvertise ? undefined : ownUrls(self),
    import: permissions?.publish,
    export: permissions?.subscribe,
    lnoc: true,
    lnocu: true,
    compression: "off",
    route_pool_size: poolSize > 0 ? poolSize : undefined,
    route_pool_idx: typeof slot === "number" && slot > 0 ? slot : undefined,
    route_account: typeof slot === "string" ? slot : undefined,
  };
}

export function connectOf(
  { serverId, options }: Introduced,
  { name, isDynamic, isEncrypted }: Membership,
  { user, password }: RouteUrl,
): Fields {
  return {
    echo: true,
    verbose: false,
    pedantic: false,
    ...(user === "" ? {} : { user, pass: password }),
    tls_required: isEncrypted,
    headers: !options.noHeaderSupport,
    name: serverId,
    cluster: name,
    ...(isDynamic ? { cluster_dynamic: true } : {}),
    lnoc: true,
    lnocu: true,
  };
}

/** Of a server that listens everywhere: every address of the machine. */
export function ownUrls({ clientAddress: { host, port } }: Introduced): readonly string[] {
  const hosts = EVERYWHERE.has(host) ? machineAddresses() : [host];
  return hosts.map((each) => formatAddress(each, port));
}

/** Addresses at which this machine is reached from others. */
function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return outside.map(({ address }) => address);
}
