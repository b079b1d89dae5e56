// GET /accountz: the accounts by name, or one of them in detail (monitoring §12).
import { formatTime } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";
import { LongList, LongObject, render } from "./json.ts";
import { BadParameter } from "./query.ts";
import { Reply } from "./reply.ts";
import type { AccountView, MonitorSource } from "./source.ts";
import { sharedServices } from "./shared-services.ts";
import { sumTrees } from "./tree-stats.ts";

export const accountz: Endpoint = {
  path: "/accountz",
  countsAs: "/accountz",
  async answer(query, { source, turns, now }) {
    const name = query.text("acc");
    const { systemAccountName } = source;
    const envelope = {
      server_id: source.serverId,
      now: formatTime(now()),
      ...(systemAccountName === "" ? {} : { system_account: systemAccountName }),
    };
    if (name !== "") return { ...envelope, account_detail: detail(source, name) };
    const accounts = new LongList(names(source.accountViews()));
    return Reply.data(await render(new LongObject({ ...envelope, accounts }), turns));
  },
};

function* names(accounts: Iterable<AccountView>): Generator<string> {
  for (const { name } of accounts) yield name;
}

function detail(source: MonitorSource, wanted: string) {
  for (const account of source.accountViews()) {
    if (account.name === wanted) return describe(account, source);
  }
  throw new BadParameter(`Account ${wanted} does not exist`);
}

function describe(account: AccountView, source: MonitorSource) {
  return {
    account_name: account.name,
    update_time: formatTime(source.configLoadedAt),
    ...(account.isSystem ? { is_system: true } : {}),
    expired: false,
    complete: true,
    jetstream_enabled: false,
    leafnode_connections: 0,
    client_connections: account.connections,
    subscriptions: account.subscriptionCount + (account.routed?.subscriptionCount ?? 0),
    ...sharedServices(account, source),
    name_tag: account.name,
    sublist_stats: sumTrees([account.treeStats()]),
  };
}
