// GET /connz: the connections, open and remembered ones, in any order and by pages (monitoring §6).
import { formatTime } from "../proto/format.ts";
import { choose, type Chosen, type Criteria } from "./connection-choice.ts";
import { orderNamed } from "./connection-order.ts";
import { connectionRow, type RowOptions } from "./connection-row.ts";
import type { Context, Endpoint } from "./endpoint.ts";
import { LongList, LongObject, render } from "./json.ts";
import { page, readPage } from "./paging.ts";
import type { Query } from "./query.ts";
import { Reply } from "./reply.ts";
import type { ConnectionView, MonitorSource } from "./source.ts";

export const connz: Endpoint = {
  path: "/connz",
  countsAs: "/connz",
  countsOnlyDecoded: true,
  answer: (query, context) => listConnections(query, context, ""),
};

/**
 * `filterSubject` leaves those that subscribe to something that it may be published to; over HTTP nobody can
 * ask for that. Throws a BadParameter.
 */
export async function listConnections(
  query: Query,
  context: Context,
  filterSubject: string,
): Promise<Reply> {
  const nowMs = context.now();
  const auth = query.bool("auth");
  const subs = query.subs();
  const criteria = readCriteria(query, filterSubject);
  const { source, turns } = context;
  const { total, chosen } = await choose(source, criteria, turns, nowMs);
  const options = await withCertificates({ nowMs, auth, subs }, context);
  const answer = new LongObject({
    server_id: source.serverId,
    now: formatTime(nowMs),
    num_connections: chosen.length,
    total,
    ...criteria.page.shown,
    connections: new LongList(rows(source, chosen, options)),
  });
  return Reply.data(await render(answer, turns));
}

function readCriteria(query: Query, filterSubject: string): Criteria {
  const asked = readPage(query);
  const cid = query.uint64("cid");
  const state = query.state();
  return {
    state,
    cid,
    // One connection is all there can be.
    page: cid === 0n ? asked : page(asked.offset, 1),
    user: query.text("user"),
    account: query.text("acc"),
    mqttClient: query.text("mqtt_client"),
    filterSubject,
    order: orderNamed(query.text("sort"), state),
  };
}

/** What reads certificates is loaded where clients have some. */
async function withCertificates(options: RowOptions, { source }: Context): Promise<RowOptions> {
  if (!options.auth || !source.tlsVerify) return options;
  const { describeCertificate } = await import("./peer-certificate.ts");
  return { ...options, describeCertificate };
}

function* rows(
  source: MonitorSource,
  chosen: readonly Chosen[],
  options: RowOptions,
): Generator<object | undefined> {
  // Who has gone since it was chosen is looked for among the closed ones, of which one look is enough.
  let closed: Map<number, ConnectionView> | null = null;
  const find = (cid: number) => {
    closed ??= new Map(source.closedViews().map((view) => [view.cid, view]));
    return closed.get(cid);
  };
  for (const each of chosen) {
    const view = typeof each === "number" ? (source.connectionView(each) ?? find(each)) : each;
    if (view === undefined) continue;
    // Its round-trip time is not known yet: it will be when it is asked for again.
    if (view.rttMs === 0 && view.lang !== "" && view.stoppedAt === null) view.ping();
    yield connectionRow(view, options);
  }
}
