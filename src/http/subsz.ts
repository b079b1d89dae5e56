// GET /subsz, also as /subscriptionsz: the subject trees in numbers and, asked for, the subscriptions
// themselves (monitoring §9).
import { formatTime } from "../proto/format.ts";
import { isLiteral, matches } from "../proto/subject.ts";
import type { Context, Endpoint } from "./endpoint.ts";
import { LongList, LongObject, render } from "./json.ts";
import { type Page, readPage } from "./paging.ts";
import { BadParameter } from "./query.ts";
import { Reply } from "./reply.ts";
import type { AccountView, SubscriptionView } from "./source.ts";
import { subscriptionRow } from "./subscription-row.ts";
import { decoded } from "./texts.ts";
import { sumTrees } from "./tree-stats.ts";
import type { Turns } from "./turns.ts";

export const subsz: Endpoint = {
  path: "/subsz",
  countsAs: "/subsz",
  async answer(query, context) {
    const isListed = query.bool("subs");
    const page = readPage(query);
    const test = query.bytes("test");
    const account = query.text("acc");
    if (test !== "" && !isPublishSubject(test)) {
      const message = `invalid test subject, must be valid publish subject: ${decoded(test)}`;
      throw new BadParameter(message);
    }
    const { source, turns } = context;
    const all = [...source.accountViews()];
    const accounts = account === "" ? all : all.filter(({ name }) => name === account);
    const listing = isListed ? await list(accounts, test, page, turns) : { total: 0 };
    return Reply.data(await render(envelope(context, accounts, page, listing), turns));
  },
};

export const subscriptionsz: Endpoint = { ...subsz, path: "/subscriptionsz" };

interface Listing {
  readonly total: number;
  /** Missing where it would be empty. */
  readonly subscriptions_list?: LongList;
}

function envelope(
  { source, now }: Context,
  accounts: readonly AccountView[],
  page: Page,
  { total, subscriptions_list }: Listing,
): LongObject {
  return new LongObject({
    server_id: source.serverId,
    now: formatTime(now()),
    ...sumTrees(accounts.map((each) => each.treeStats())),
    total,
    ...page.shown,
    subscriptions_list,
  });
}

async function list(
  accounts: readonly AccountView[],
  test: string,
  page: Page,
  turns: Turns,
): Promise<Listing> {
  const total =
    test === ""
      ? accounts.reduce((sum, { subscriptionCount }) => sum + subscriptionCount, 0)
      : await count(accounts, test, turns);
  if (page.offset >= total) return { total };
  return { total, subscriptions_list: new LongList(rows(accounts, test, page)) };
}

async function count(
  accounts: readonly AccountView[],
  test: string,
  turns: Turns,
): Promise<number> {
  let total = 0;
  for (const view of subscriptions(accounts)) {
    if (matches(view.subject, test)) total++;
    if (turns.isOver) await turns.next();
  }
  return total;
}

/** Looks at so many subscriptions before it lets others look at the clock. */
const STEP = 256;

function* rows(
  accounts: readonly AccountView[],
  test: string,
  { offset, limit }: Page,
): Generator<object | undefined> {
  let found = 0;
  let seen = 0;
  for (const view of subscriptions(accounts)) {
    if (++seen % STEP === 0) yield undefined;
    if (test !== "" && !matches(view.subject, test)) continue;
    if (found++ < offset) continue;
    yield subscriptionRow(view, true);
    if (found - offset >= limit) return;
  }
}

function* subscriptions(accounts: readonly AccountView[]): Generator<SubscriptionView> {
  for (const account of accounts) yield* account.subscriptionViews();
}

/** One subject that can be published to: no empty tokens, no wildcards, no blanks. */
function isPublishSubject(subject: string): boolean {
  return isLiteral(subject);
}
