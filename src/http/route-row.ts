// A route as /routez shows it (monitoring §8): names and order are nats-server's.
import { formatTime, formatUptime } from "../proto/format.ts";
import { LongList, LongObject } from "./json.ts";
import type { Detail } from "./query.ts";
import { formatRoundTrip } from "./round-trip.ts";
import type { RemoteInterestView, RouteView } from "./route-source.ts";
import { decoded } from "./texts.ts";

/** Subjects of one route that are written in one go. */
const SHORT_LIST_MAX = 64;

/** A plain object, or a long one where there are many subjects to show. */
export function routeRow(view: RouteView, nowMs: number, subs: Detail): object {
  const count = view.subscriptionCount;
  const isLong = subs !== false && count > SHORT_LIST_MAX;
  const { imports, exports, account } = view;
  const fields = {
    rid: view.rid,
    remote_id: view.remoteId,
    remote_name: view.remoteName,
    did_solicit: view.isSolicited,
    is_configured: view.isConfigured,
    ip: view.ip,
    port: view.port,
    start: formatTime(view.startedAt),
    last_activity: formatTime(view.lastActivity),
    rtt: formatRoundTrip(view.rttMs),
    uptime: formatUptime(nowMs - view.startedAt),
    idle: formatUptime(nowMs - view.lastActivity),
    ...(imports === null ? {} : { import: imports }),
    ...(exports === null ? {} : { export: exports }),
    pending_size: view.pendingBytes,
    in_msgs: view.inMsgs,
    out_msgs: view.outMsgs,
    in_bytes: view.inBytes,
    out_bytes: view.outBytes,
    subscriptions: count,
    ...(subs === false || count === 0 ? {} : subscriptions(view, subs, isLong)),
    ...(account === "" ? {} : { account }),
    compression: view.compression,
  };
  return isLong ? new LongObject(fields) : fields;
}

function subscriptions(view: RouteView, subs: true | "detail", isLong: boolean) {
  const rows = subs === "detail" ? details(view) : subjects(view);
  const list = isLong ? new LongList(rows) : [...rows];
  return subs === "detail" ? { subscriptions_list_detail: list } : { subscriptions_list: list };
}

function* subjects(view: RouteView): Generator<string> {
  for (const { subject } of view.interestViews()) yield decoded(subject);
}

function* details(view: RouteView): Generator<object> {
  for (const each of view.interestViews()) yield detail(view, each);
}

/** Its id is what it is known by: less the account where the route is for one alone. */
function detail({ rid, account, tellsKinds }: RouteView, each: RemoteInterestView) {
  const subject = decoded(each.subject);
  const kind = each.origin === "" ? ["R"] : ["L", decoded(each.origin)];
  const words = [...(tellsKinds ? kind : []), ...(account === "" ? [each.account] : []), subject];
  const queue = each.queue === null ? [] : [decoded(each.queue)];
  return {
    subject,
    ...(queue.length === 0 ? {} : { qgroup: queue[0] }),
    sid: [...words, ...queue].join(" "),
    // What one message costs is counted by route, not for each subject that wanted it.
    msgs: 0,
    cid: rid,
  };
}
