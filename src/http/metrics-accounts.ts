// Metrics by account. However many accounts there are, the number of series is bounded: who comes when all
// places are taken is summed up with the others. Accounts come and go with the configuration; what was
// counted for them stays counted, because counters never go back.
import type { MetricsText } from "./metrics-text.ts";
import type { AccountView } from "./source.ts";
import { Top } from "./top.ts";
import type { Turns } from "./turns.ts";

/** Accounts with series of their own. */
const LABELS_MAX = 100;
const OTHER = "other";

const COUNTERS = [
  ["accepted", "connections_accepted_total", "Clients of the account that logged in."],
  ["receivedMsgs", "received_messages_total", "Messages published in the account."],
  ["receivedBytes", "received_bytes_total", "Bytes published in the account."],
  ["sentMsgs", "sent_messages_total", "Messages delivered in the account."],
  ["sentBytes", "sent_bytes_total", "Bytes delivered in the account."],
  ["slowConsumers", "slow_consumers_total", "Clients of the account that were too slow."],
] as const;

type Counts = Record<(typeof COUNTERS)[number][0], number>;

const ZERO: Counts = {
  accepted: 0,
  receivedMsgs: 0,
  receivedBytes: 0,
  sentMsgs: 0,
  sentBytes: 0,
  slowConsumers: 0,
};

/** What is told of one label. */
export interface LabelTotals {
  connections: number;
  subscriptions: number;
  readonly counts: Counts;
}

export class AccountTotals {
  readonly #labels = new Map<string, LabelTotals>();
  /** By account, what was counted of it when it was last seen. */
  #seen = new Map<string, Counts>();
  #reading: Promise<ReadonlyMap<string, LabelTotals>> | null = null;

  /** Who asks while another reading goes on gets that one: growth must not be counted twice. */
  read(accounts: Iterable<AccountView>, turns: Turns): Promise<ReadonlyMap<string, LabelTotals>> {
    this.#reading ??= this.#read(accounts, turns).finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #read(
    accounts: Iterable<AccountView>,
    turns: Turns,
  ): Promise<ReadonlyMap<string, LabelTotals>> {
    const views = [...accounts];
    await this.#label(views, turns);
    for (const totals of this.#labels.values()) totals.connections = totals.subscriptions = 0;
    const seen = new Map<string, Counts>();
    for (const view of views) {
      const counts = countsOf(view);
      seen.set(view.name, counts);
      const totals = this.#labels.get(view.name) ?? this.#open(OTHER);
      totals.connections += view.connections;
      totals.subscriptions += view.clientSubscriptionCount;
      addGrowth(totals.counts, this.#seen.get(view.name) ?? ZERO, counts);
      if (turns.isOver) await turns.next();
    }
    this.#seen = seen;
    return this.#labels;
  }

  /** Free places go to the busiest of those who have none and were not counted among the others yet. */
  async #label(views: readonly AccountView[], turns: Turns): Promise<void> {
    const free = LABELS_MAX - this.#labels.size;
    if (free <= 0) return;
    const busiest = new Top<string>(free, true);
    for (const view of views) {
      const isNew = !this.#labels.has(view.name) && !this.#seen.has(view.name);
      if (isNew && view.name !== OTHER) busiest.add(view.name, traffic(view));
      if (turns.isOver) await turns.next();
    }
    for (const name of busiest.sorted()) this.#open(name);
  }

  #open(label: string): LabelTotals {
    let totals = this.#labels.get(label);
    if (totals === undefined) {
      totals = { connections: 0, subscriptions: 0, counts: { ...ZERO } };
      this.#labels.set(label, totals);
    }
    return totals;
  }
}

export function writeAccounts(text: MetricsText, accounts: ReadonlyMap<string, LabelTotals>): void {
  const samples = (valueOf: (totals: LabelTotals) => number) =>
    [...accounts].map(([account, totals]) => [{ account }, valueOf(totals)] as const);
  text.gauges(
    "midge_account_connections",
    "Clients of the account that are connected.",
    samples(({ connections }) => connections),
  );
  text.gauges(
    "midge_account_subscriptions",
    "Subscriptions of the account.",
    samples(({ subscriptions }) => subscriptions),
  );
  for (const [key, name, help] of COUNTERS) {
    text.counters(
      `midge_account_${name}`,
      help,
      samples(({ counts }) => counts[key]),
    );
  }
}

function traffic({ sent, received }: AccountView): number {
  return sent.msgs + received.msgs;
}

function countsOf({ totalConnections, received, sent, slowConsumers }: AccountView): Counts {
  return {
    accepted: totalConnections,
    receivedMsgs: received.msgs,
    receivedBytes: received.bytes,
    sentMsgs: sent.msgs,
    sentBytes: sent.bytes,
    slowConsumers,
  };
}

/** An account that has less than before is a new one of the same name. */
function addGrowth(totals: Counts, before: Counts, after: Counts): void {
  for (const [key] of COUNTERS) {
    totals[key] += after[key] >= before[key] ? after[key] - before[key] : after[key];
  }
}
