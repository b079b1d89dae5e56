// GET /routez: the connections to other servers of the cluster (monitoring §8). A server of a pool has several.
import { formatTime } from "../proto/format.ts";
import type { Context, Endpoint } from "./endpoint.ts";
import { LongList, LongObject, render } from "./json.ts";
import type { Detail } from "./query.ts";
import { Reply } from "./reply.ts";
import { routeRow } from "./route-row.ts";
import type { MonitorSource } from "./source.ts";

export const routez: Endpoint = {
  path: "/routez",
  countsAs: "/routez",
  countsOnlyDecoded: true,
  async answer(query, context) {
    const subs = query.subs();
    const { source, turns, now } = context;
    const answer = new LongObject({
      server_id: source.serverId,
      server_name: source.serverName,
      now: formatTime(now()),
      ...permissions(source),
      num_routes: source.cluster?.routeCount ?? 0,
      routes: new LongList(rows(context, subs)),
    });
    return Reply.data(await render(answer, turns));
  },
};

/** What is configured here; a route shows what the other side says of itself. */
function permissions({ cluster, options }: MonitorSource) {
  const { publish, subscribe } = (cluster && options.cluster?.permissions) ?? {};
  return {
    ...(publish === undefined ? {} : { import: publish }),
    ...(subscribe === undefined ? {} : { export: subscribe }),
  };
}

function* rows({ source, now }: Context, subs: Detail): Generator<object> {
  const nowMs = now();
  for (const view of source.cluster?.routeViews() ?? []) yield routeRow(view, nowMs, subs);
}
