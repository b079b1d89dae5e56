// The orders in which /connz lists connections (monitoring §6.2).
import { BadParameter, type State } from "./query.ts";
import type { ConnectionView } from "./source.ts";

export interface Order {
  readonly isDescending: boolean;
  /** Connections are kept in this order anyway. */
  readonly isByCid?: boolean;
  readonly isForClosed?: boolean;
  readonly keyOf: (view: ConnectionView, nowMs: number) => number | string;
}

const ascending = (keyOf: Order["keyOf"]): Order => ({ isDescending: false, keyOf });
const descending = (keyOf: Order["keyOf"]): Order => ({ isDescending: true, keyOf });

const BY_CID: Order = { ...ascending((view) => view.cid), isByCid: true };

const ORDERS = new Map<string, Order>([
  ["", BY_CID],
  ["cid", BY_CID],
  ["start", BY_CID],
  ["subs", descending((view) => view.subscriptionCount)],
  ["pending", descending((view) => view.pendingBytes)],
  ["msgs_to", descending((view) => view.outMsgs)],
  ["msgs_from", descending((view) => view.inMsgs)],
  ["bytes_to", descending((view) => view.outBytes)],
  ["bytes_from", descending((view) => view.inBytes)],
  ["last", descending((view) => view.lastActivity)],
  // Idle for longest first.
  ["idle", ascending((view) => view.lastActivity)],
  // The newest first.
  ["uptime", ascending((view, nowMs) => (view.stoppedAt ?? nowMs) - view.startedAt)],
  ["rtt", descending((view) => view.rttMs)],
  ["stop", { ...descending((view) => view.stoppedAt ?? 0), isForClosed: true }],
  ["reason", { ...ascending((view) => view.reason ?? ""), isForClosed: true }],
]);

export function orderNamed(name: string, state: State): Order {
  const order = ORDERS.get(name);
  if (order === undefined) throw new BadParameter(`invalid sorting option: ${name}`);
  if (order.isForClosed === true && state !== "closed") {
    throw new BadParameter(`sort by ${name} only valid on closed connections`);
  }
  return order;
}
