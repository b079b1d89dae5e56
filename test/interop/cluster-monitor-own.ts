// Leaves out of the answers of clustered servers what they subscribe to themselves in order to answer requests
// to $SYS.REQ subjects: how many those are is measured, and differs from release to release.
import { type Announced, isOfSystem } from "./cluster-monitor-node.ts";
import type { Idle } from "./monitor-play.ts";
import { isObject, type Json, type JsonObject, type Told } from "./monitor-told.ts";

const SYSTEM = "$SYS";
/** What other servers want, in rows of routes. */
export const LISTS = ["subscriptions_list", "subscriptions_list_detail"];

/** `idle` are the server's own, by account; `announced` those of others that it must not show. */
export function leaveOutOwn({ body }: Told, idle: Idle, announced: readonly Announced[]): void {
  if (!isObject(body)) return;
  const foreign = announced.reduce((sum, { count }) => sum + count, 0);
  const all = Object.values(idle).reduce((sum, count) => sum + count, foreign);
  const ownOf = (account: Json | undefined) =>
    (idle[String(account)] ?? 0) + (account === SYSTEM ? foreign : 0);
  for (const key of ["subscriptions", "num_subscriptions", "num_inserts"]) subtract(body, key, all);
  const { account_statz: accounts, account_detail: detail } = body;
  for (const each of Array.isArray(accounts) ? accounts.filter(isObject) : []) {
    subtract(each, "num_subscriptions", ownOf(each["acc"]));
  }
  if (isObject(detail)) leaveOutOfAccount(detail, ownOf(detail["account_name"]));
  for (const route of Array.isArray(body["routes"]) ? body["routes"].filter(isObject) : []) {
    leaveOutOfRoute(route, announced);
  }
}

function leaveOutOfAccount(detail: JsonObject, count: number): void {
  // Those services are imported from the system account.
  delete detail["imports"];
  delete detail["exports"];
  subtract(detail, "subscriptions", count);
  const stats = detail["sublist_stats"];
  for (const key of ["num_subscriptions", "num_inserts"]) {
    if (isObject(stats)) subtract(stats, key, count);
  }
}

function leaveOutOfRoute(route: JsonObject, announced: readonly Announced[]): void {
  const { remote_id: id, account = "" } = route;
  const known = announced.find((each) => each.by === id && each.account === account);
  if (known === undefined) return;
  subtract(route, "subscriptions", known.count);
  for (const key of LISTS) {
    const list = route[key];
    if (!Array.isArray(list)) continue;
    const subject = (each: Json) => String(isObject(each) ? each["subject"] : each);
    route[key] = list.filter((each) => !isOfSystem(subject(each)));
    // A list that would be empty is none.
    if (Array.isArray(route[key]) && route[key].length === 0) delete route[key];
  }
}

function subtract(from: JsonObject, key: string, count: number): void {
  const value = from[key];
  if (typeof value === "number") from[key] = value - count;
}
