// What clients are told of a server in INFO (client-protocol §3).

import type { Client } from "./broker/client.ts";
import { parseAddress } from "./config/address.ts";
import type { Options } from "./config/options.ts";
import type { Info } from "./proto/info.ts";
import { MIDGE_VERSION, NATS_LEVEL } from "./proto/version.ts";

/** The JetStream API level of the NATS release that Midge stands for. */
const API_LEVEL = 5;

/** The server that is told of. */
export interface Told {
  readonly serverId: string;
  readonly serverName: string;
  readonly xkey: string;
  readonly options: Options;
  readonly port: number;
  readonly authAdvertised: boolean;
  /** Other servers; null where there are none. */
  readonly cluster: { readonly name: string; readonly clientUrls: readonly string[] } | null;
}

/** As this client is told it now. */
export function infoOf(server: Told, client: Client): Info {
  const { options, cluster } = server;
  return {
    server_id: server.serverId,
    server_name: server.serverName,
    version: NATS_LEVEL,
    midge: MIDGE_VERSION,
    proto: 1,
    go: `bun${Bun.version}`,
    ...clientAddressOf(server),
    headers: !options.noHeaderSupport,
    auth_required: server.authAdvertised,
    ...encryptionOf(options),
    ...(cluster === null ? {} : { cluster: cluster.name, connect_urls: cluster.clientUrls }),
    max_payload: client.maxPayload,
    client_id: client.cid,
    client_ip: client.connection.remoteAddress,
    api_lvl: API_LEVEL,
    xkey: server.xkey,
  };
}

function encryptionOf({
  tls,
  allowNonTls,
}: Options): Pick<Info, "tls_required" | "tls_verify" | "tls_available"> {
  if (tls === undefined) return {};
  return {
    tls_required: !allowNonTls || tls.handshakeFirst === true,
    tls_verify: tls.verify === true || tls.verifyAndMap === true,
    tls_available: allowNonTls,
  };
}

/** Where clients are told to connect to. */
export function clientAddressOf({ options, port }: Pick<Told, "options" | "port">) {
  const { clientAdvertise, host } = options;
  if (clientAdvertise === undefined) return { host, port };
  const advertised = parseAddress(clientAdvertise, "port optional");
  return { host: advertised?.host ?? host, port: advertised?.port ?? port };
}
