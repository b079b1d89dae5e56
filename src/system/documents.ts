// The documents that a server tells of itself (monitoring §21.2, §21.4): who came and who went, how many
// connections an account has, and the server in figures.

import type { Account } from "../broker/account.ts";
import { AccountView } from "../broker/account-view.ts";
import type { Client } from "../broker/client.ts";
import type { Traffic } from "../broker/roster.ts";
import { accountRow } from "../http/accstatz.ts";
import type { KindCounts, MonitorSource } from "../http/source.ts";
import { UsageMeter } from "../http/usage.ts";
import { formatTime } from "../proto/format.ts";
import { clientFacts, roundTrip } from "./client-facts.ts";
import { newId } from "./id.ts";

const PREFIX = "io.nats.server.advisory.v1";
/** Clients whose messages are not summed up for each event. */
const MANY = 256;
const FRESH_MS = 250;

/** What stands before and behind the server, which is numbered when the document is sent. */
export interface Draft {
  readonly before: object;
  readonly rest: object;
}

export class Documents {
  readonly #source: MonitorSource;
  readonly #usage = new UsageMeter();
  readonly #traffic = new WeakMap<Account, { readonly traffic: Traffic; readonly at: number }>();

  constructor(source: MonitorSource) {
    this.#source = source;
  }

  connected(client: Client, at: number): Draft {
    return event("client_connect", at, { client: describe(client, null) });
  }

  disconnected(client: Client, at: number): Draft {
    return event("client_disconnect", at, {
      client: describe(client, at),
      // Seen from the client.
      sent: { msgs: client.inMsgs, bytes: client.inBytes },
      received: { msgs: client.outMsgs, bytes: client.outBytes },
      reason: client.closeReason ?? "",
    });
  }

  /** `id` is that of the event: it is told to two subjects. */
  connections(account: Account, at: number, id = newId()): Draft {
    const row = accountRow(new AccountView(account, account.isSystem, 0, this.#trafficOf(account)));
    return event("account_connections", at, row, id);
  }

  /** Of accounts with many clients as it was a moment ago: each that comes or goes is told of. */
  #trafficOf(account: Account): Traffic {
    const now = performance.now();
    const known = this.#traffic.get(account);
    if (known !== undefined && now - known.at < FRESH_MS) return known.traffic;
    const { traffic } = account;
    if (account.connections > MANY) this.#traffic.set(account, { traffic, at: now });
    return traffic;
  }

  /** The server in figures, without the list of routes where there can't be any. */
  figures(): Draft {
    const source = this.#source;
    const { mem, cores, cpu } = this.#usage.read();
    const { inMsgs, inBytes, outMsgs, outBytes, cluster } = source;
    const routed = cluster?.traffic;
    const fromClients = { msgs: inMsgs, bytes: inBytes };
    const toClients = { msgs: outMsgs, bytes: outBytes };
    const statsz = {
      start: formatTime(source.startedAt),
      mem,
      cores,
      cpu,
      connections: source.connections,
      total_connections: source.totalConnections,
      active_accounts: activeAccounts(source),
      subscriptions: source.subscriptions + (cluster?.subscriptionCount ?? 0),
      sent: sum(toClients, routed && { msgs: routed.outMsgs, bytes: routed.outBytes }),
      sent_to_clients: toClients,
      received: sum(fromClients, routed && { msgs: routed.inMsgs, bytes: routed.inBytes }),
      received_from_clients: fromClients,
      slow_consumers: source.slowConsumers,
      ...unlessZero("slow_consumer_stats", source.slowConsumerStats),
      ...(source.staleConnections === 0 ? {} : { stale_connections: source.staleConnections }),
      ...unlessZero("stale_connection_stats", source.staleConnectionStats),
      ...(source.stalledClients === 0 ? {} : { stalled_clients: source.stalledClients }),
      ...routesOf(source),
      active_servers: 1 + (cluster?.remotes ?? 0),
      gomaxprocs: cores,
    };
    return { before: {}, rest: { statsz } };
  }
}

function event(type: string, at: number, rest: object, id = newId()): Draft {
  return { before: { type: `${PREFIX}.${type}`, id, timestamp: formatTime(at) }, rest };
}

/** A client as events show it; `stoppedAt` is null while it is there. */
function describe(client: Client, stoppedAt: number | null): object {
  const { user } = client.login;
  const { name } = client.account;
  return {
    ...clientFacts(client),
    ...(stoppedAt === null ? {} : { ...roundTrip(client), stop: formatTime(stoppedAt) }),
    // Of an nkey nobody is the issuer but the account.
    ...(user !== "" && user === client.connect.nkey ? { issuer_key: name } : {}),
    name_tag: name,
    kind: "Client",
    client_type: "nats",
  };
}

interface Messages {
  readonly msgs: number;
  readonly bytes: number;
}

function sum(one: Messages, other: Messages = { msgs: 0, bytes: 0 }): Messages {
  return { msgs: one.msgs + other.msgs, bytes: one.bytes + other.bytes };
}

/** With clients, wherever they are. */
function activeAccounts(source: MonitorSource): number {
  let active = 0;
  for (const { connections, remoteConnections } of source.accountViews()) {
    if (connections + remoteConnections > 0) active++;
  }
  return active;
}

function unlessZero(key: string, counts: KindCounts): object {
  return Object.values(counts).some((count) => count > 0) ? { [key]: counts } : {};
}

/** Missing where there are none. */
function routesOf({ cluster }: MonitorSource): object {
  const routes = [...(cluster?.routeViews() ?? [])].map((route) => ({
    rid: route.rid,
    name: route.remoteName,
    sent: { msgs: route.outMsgs, bytes: route.outBytes },
    received: { msgs: route.inMsgs, bytes: route.inBytes },
    pending: route.pendingBytes,
  }));
  return routes.length === 0 ? {} : { routes };
}
