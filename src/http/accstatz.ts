// GET /accstatz: traffic by account (monitoring §13). The directions are the server's: sent is what clients
// and other servers were given, received is what came from them.
import { formatTime } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";
import { LongList, LongObject, render } from "./json.ts";
import { Reply } from "./reply.ts";
import type { AccountView, TrafficView } from "./source.ts";

export const accstatz: Endpoint = {
  path: "/accstatz",
  countsAs: "/accstatz",
  async answer(query, { source, turns, now }) {
    const isUnusedShown = query.bool("unused");
    const answer = new LongObject({
      server_id: source.serverId,
      now: formatTime(now()),
      account_statz: new LongList(rows(source.accountViews(), isUnusedShown)),
    });
    return Reply.data(await render(answer, turns));
  },
};

function* rows(accounts: Iterable<AccountView>, isUnusedShown: boolean): Generator<object> {
  for (const account of accounts) {
    if (account.connections > 0 || isUnusedShown) yield accountRow(account);
  }
}

/** One account, as events tell of it, too. */
export function accountRow(account: AccountView) {
  return {
    acc: account.name,
    name: account.name,
    conns: account.connections,
    leafnodes: 0,
    // Not since the start: clients and leaf nodes together.
    total_conns: account.connections,
    num_subscriptions: account.subscriptionCount + (account.routed?.subscriptionCount ?? 0),
    sent: traffic(account.sent, account.routed?.sent),
    received: traffic(account.received, account.routed?.received),
    slow_consumers: account.slowConsumers,
  };
}

const NONE: TrafficView = { msgs: 0, bytes: 0 };

function traffic(clients: TrafficView, { msgs, bytes } = NONE) {
  return {
    msgs: clients.msgs + msgs,
    bytes: clients.bytes + bytes,
    gateways: NONE,
    routes: { msgs, bytes },
    leafs: NONE,
  };
}
