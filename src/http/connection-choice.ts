// Which connections an answer of /connz lists, and in which order. Open connections are chosen by their
// number and looked up again when they are written: a choice is held for as long as its reader takes.
import type { Order } from "./connection-order.ts";
import type { Page } from "./paging.ts";
import type { State } from "./query.ts";
import type { ConnectionView, MonitorSource } from "./source.ts";
import { overlaps } from "../proto/subject.ts";
import { Top } from "./top.ts";
import type { Turns } from "./turns.ts";

export interface Criteria {
  readonly state: State;
  readonly order: Order;
  readonly page: Page;
  /** 0 for any. */
  readonly cid: bigint;
  /** "" for any, as the next ones. */
  readonly user: string;
  readonly account: string;
  readonly mqttClient: string;
  /** Who is connected and subscribed to something that this overlaps; one character per byte. */
  readonly filterSubject: string;
}

/** An open connection's number, or what is remembered of a closed one. */
export type Chosen = number | ConnectionView;

export interface Choice {
  /** Connections in this state and account, chosen or not. */
  readonly total: number;
  readonly chosen: readonly Chosen[];
}

export async function choose(
  source: MonitorSource,
  criteria: Criteria,
  turns: Turns,
  nowMs: number,
): Promise<Choice> {
  const { state, order, account, user, mqttClient, page } = criteria;
  const closed = state === "open" ? [] : source.closedViews();
  if (account === "") {
    const total = (state === "closed" ? 0 : source.connections) + closed.length;
    if (criteria.cid !== 0n) return { total, chosen: lookUp(source, criteria, closed) };
    if (order.isByCid === true && state === "open" && user === "" && mqttClient === "") {
      return { total, chosen: await slice(source.connectionViews(), page, turns) };
    }
  }
  const found = await rank(source, criteria, closed, turns, nowMs);
  if (criteria.cid === 0n) return found;
  return { total: found.total, chosen: lookUp(source, criteria, closed) };
}

/** One connection by its number; an open one comes before a closed one. */
function lookUp(
  source: MonitorSource,
  { cid, state, page, account, user, mqttClient }: Criteria,
  closed: readonly ConnectionView[],
): Chosen[] {
  const wanted = Number(cid);
  const isOurs = (view: ConnectionView) =>
    (account === "" || view.accountName === account) && (user === "" || view.user === user);
  const open = state === "closed" ? undefined : source.connectionView(wanted);
  const found = open ?? closed.findLast((view) => view.cid === wanted);
  if (found === undefined || page.offset > 0 || mqttClient !== "" || !isOurs(found)) return [];
  return [found.stoppedAt === null ? found.cid : found];
}

/** Connections come in the order of their numbers: no need to look at all of them. */
async function slice(
  views: Iterable<ConnectionView>,
  { offset, limit }: Page,
  turns: Turns,
): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  let passed = 0;
  for (const { cid } of views) {
    if (passed++ >= offset) chosen.push(cid);
    if (chosen.length >= limit) break;
    if (turns.isOver) await turns.next();
  }
  return chosen;
}

async function rank(
  source: MonitorSource,
  criteria: Criteria,
  closed: readonly ConnectionView[],
  turns: Turns,
  nowMs: number,
): Promise<Choice> {
  const { state, order, user, account, mqttClient, filterSubject, page } = criteria;
  const top = new Top<Chosen>(page.offset + page.limit, order.isDescending);
  let total = 0;
  const consider = (view: ConnectionView, isOpen: boolean) => {
    if (account !== "" && view.accountName !== account) return;
    total++;
    if (filterSubject !== "" && !(isOpen && hears(view, filterSubject))) return;
    if ((user !== "" && view.user !== user) || mqttClient !== "") return;
    const { cid } = view;
    // Ties are in the order of their numbers.
    top.add(isOpen ? cid : view, order.keyOf(view, nowMs), cid);
  };
  for (const view of state === "closed" ? [] : source.connectionViews()) {
    consider(view, true);
    if (turns.isOver) await turns.next();
  }
  for (const view of closed) {
    consider(view, false);
    if (turns.isOver) await turns.next();
  }
  return { total, chosen: await inOrder(top, page, turns) };
}

function hears(view: ConnectionView, filter: string): boolean {
  for (const { subject } of view.subscriptionViews()) if (overlaps(subject, filter)) return true;
  return false;
}

async function inOrder(top: Top<Chosen>, { offset }: Page, turns: Turns): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  for (let last = top.pop(); last !== undefined; last = top.pop()) {
    chosen.push(last);
    if (turns.isOver) await turns.next();
  }
  return chosen.reverse().slice(offset);
}
