// Subjects by activity, as a tree of their tokens. The busiest ones have places of their own; all others,
// of which there may be a hundred thousand, are summed up where they belong, so that every sum is exact.
import type { AccountView, MonitorSource } from "./source.ts";
import type { Turns } from "./turns.ts";
import { rateOf } from "./live-history.ts";
import type { SubjectNode, SubjectOrder, SubjectTree } from "./live-shapes.ts";
import { type MonotonicClock, monotonic, Shared } from "./live-shared.ts";
import { textFromBytes } from "./live-text.ts";
import { Top } from "./top.ts";
import { forEachInTurns } from "./live-turns.ts";

export interface SubjectQuestion {
  /** "" for the busiest one. */
  readonly account: string;
  /** The subject that everything is below; "" for all. One character for each byte. */
  readonly under: string;
  readonly order: SubjectOrder;
}

/** Subjects of one account with what was published to each. */
interface Activity {
  readonly takenAt: number;
  readonly messages: ReadonlyMap<string, number>;
  /** What it is compared with to tell rates. */
  readonly before: Activity | null;
}

interface Sum {
  subjects: number;
  messages: number;
  rate: number;
}

interface Branch extends Sum {
  readonly token: string;
  readonly children: Map<string, Branch>;
  /** Subjects below that have no branch. */
  readonly rest: Sum;
}

interface Busy {
  readonly subject: string;
  readonly messages: number;
  readonly rate: number;
}

const PERIOD_MS = 2000;
const RATE_MS_MAX = 30_000;
const BUSIEST_SHOWN = 250;
/** Tokens below `under`; what is deeper is summed up. */
const DEPTH_MAX = 10;

const NO_ACTIVITY: Activity = { takenAt: 0, messages: new Map(), before: null };

export class SubjectActivity {
  readonly #source: MonitorSource;
  readonly #turns: Turns;
  readonly #now: MonotonicClock;
  readonly #accounts: Shared<readonly AccountView[]>;
  readonly #activities: Shared<Activity>;
  readonly #before = new Map<string, Activity>();

  constructor(source: MonitorSource, turns: Turns, now: MonotonicClock = monotonic) {
    this.#source = source;
    this.#turns = turns;
    this.#now = now;
    this.#accounts = new Shared(PERIOD_MS, now);
    this.#activities = new Shared(PERIOD_MS, now);
  }

  /** An account that does not exist is one without subjects. */
  async tree(question: SubjectQuestion): Promise<SubjectTree> {
    const views = await this.#accounts.get("", () => this.#byTraffic());
    const accounts = views.map(({ name }) => name);
    const account = question.account || (accounts[0] ?? "");
    const view = views.find(({ name }) => name === account);
    // Nothing is remembered of accounts that there are not: anybody can name as many as they like.
    const activity =
      view === undefined
        ? NO_ACTIVITY
        : await this.#activities.get(account, () => this.#read(account, view));
    const { under, order } = question;
    const root = shown(await this.#grow(activity, under, order), order);
    const hasRates = activity.before !== null;
    return { accounts, account, under: textFromBytes(under), hasRates, root };
  }

  sweep(): void {
    this.#accounts.sweep();
    this.#activities.sweep();
    const now = this.#now();
    for (const [account, { takenAt }] of this.#before) {
      if (now - takenAt > RATE_MS_MAX) this.#before.delete(account);
    }
  }

  /** The busiest one first. To tell how busy one is may take a look at all its clients. */
  #byTraffic(): AccountView[] {
    const views = [...this.#source.accountViews()];
    const busy = new Map(views.map((view) => [view, view.received.msgs]));
    return views.sort((left, right) => busy.get(right)! - busy.get(left)!);
  }

  async #read(account: string, view: AccountView): Promise<Activity> {
    const takenAt = this.#now();
    // The cache changes between turns, so it is read in one; the rest has time.
    const entries = [...view.activity()];
    const messages = new Map<string, number>();
    await forEachInTurns(this.#turns, entries, (each) => {
      messages.set(each.subject, each.messages);
    });
    const last = this.#before.get(account);
    // Without a chain to all that ever were.
    const before = last === undefined ? null : { ...last, before: null };
    const activity = { takenAt, messages, before };
    this.#before.set(account, activity);
    return activity;
  }

  async #grow(activity: Activity, under: string, order: SubjectOrder): Promise<Branch> {
    const { messages, before, takenAt } = activity;
    const seconds = before === null ? 0 : (takenAt - before.takenAt) / 1000;
    const prefix = under === "" ? "" : `${under}.`;
    const busiest = new Top<Busy>(BUSIEST_SHOWN, true);
    const others: Busy[] = [];
    await forEachInTurns(this.#turns, messages, ([subject, count]) => {
      if (!subject.startsWith(prefix) && subject !== under) return;
      const since = before?.messages.get(subject) ?? 0;
      // One that is new, or was forgotten and came back, has its count from nothing.
      const rate = before === null ? 0 : rateOf(count < since ? count : count - since, seconds);
      const busy = { subject, messages: count, rate };
      const left = busiest.add(busy, before !== null && order === "rate" ? rate : count);
      if (left !== undefined) others.push(left);
    });
    const root = branch(under);
    for (const each of busiest.sorted()) add(root, each, prefix.length, true);
    await forEachInTurns(this.#turns, others, (each) => add(root, each, prefix.length, false));
    return root;
  }
}

function comparison(order: SubjectOrder) {
  return (left: Sum, right: Sum): number =>
    order === "rate"
      ? right.rate - left.rate || right.messages - left.messages
      : right.messages - left.messages;
}

function branch(token: string): Branch {
  return { token, ...nothing(), children: new Map(), rest: nothing() };
}

function nothing(): Sum {
  return { subjects: 0, messages: 0, rate: 0 };
}

/** Walks down the tokens from `at` on; only who is busy gets branches that are not there yet. */
function add(root: Branch, { subject, messages, rate }: Busy, at: number, isBusy: boolean): void {
  let node = root;
  count(node, messages, rate);
  for (let depth = 0, start = at; start < subject.length; depth++) {
    const dot = subject.indexOf(".", start);
    const end = dot < 0 ? subject.length : dot;
    const token = subject.slice(start, end);
    let child = node.children.get(token);
    if (child === undefined) {
      if (!isBusy || depth === DEPTH_MAX) return count(node.rest, messages, rate);
      child = branch(token);
      node.children.set(token, child);
    }
    count(child, messages, rate);
    node = child;
    start = end + 1;
  }
}

function count(sum: Sum, messages: number, rate: number): void {
  sum.subjects++;
  sum.messages += messages;
  sum.rate += rate;
}

function shown(node: Branch, order: SubjectOrder): SubjectNode {
  const children = [...node.children.values()].sort(comparison(order));
  return {
    token: textFromBytes(node.token),
    subjects: node.subjects,
    messages: node.messages,
    rate: oneDecimal(node.rate),
    children: children.map((child) => shown(child, order)),
    rest: { ...node.rest, rate: oneDecimal(node.rest.rate) },
  };
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
