// What the monitor sees of an account: the shape that http/source.ts calls AccountView.

import type { Account } from "./account.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import { SubscriptionView } from "./connection-view.ts";
import type { Traffic } from "./roster.ts";

/** The server itself is no client: it has no number. */
function ownView({
  subject,
  queue,
  sid,
  delivered,
  account,
}: ServerSubscription): SubscriptionView {
  return { subject, queue, sid, delivered, max: 0, cid: 0, account: account.name };
}

export class AccountView {
  readonly isSystem: boolean;
  readonly #account: Account;
  readonly #strangers: number;
  readonly #traffic: Traffic | null;

  /**
   * `strangers` are connected and count here without having logged in. `traffic` is what went through the
   * account where that is known already: to sum it up takes a look at each client.
   */
  constructor(account: Account, isSystem: boolean, strangers = 0, traffic: Traffic | null = null) {
    this.#account = account;
    this.isSystem = isSystem;
    this.#strangers = strangers;
    this.#traffic = traffic;
  }

  get name(): string {
    return this.#account.name;
  }

  get connections(): number {
    return this.#account.connections + this.#strangers;
  }

  get remoteConnections(): number {
    return this.#account.remoteConnections;
  }

  get totalConnections(): number {
    return this.#account.totalConnections;
  }

  get subscriptionCount(): number {
    return this.#account.subscriptionCount + this.#account.ownSubscriptions.size;
  }

  get clientSubscriptionCount(): number {
    return this.#account.subscriptionCount;
  }

  get sent(): { readonly msgs: number; readonly bytes: number } {
    const { outMsgs, outBytes } = this.#traffic ?? this.#account.traffic;
    return { msgs: outMsgs, bytes: outBytes };
  }

  get received(): { readonly msgs: number; readonly bytes: number } {
    const { inMsgs, inBytes } = this.#traffic ?? this.#account.traffic;
    return { msgs: inMsgs, bytes: inBytes };
  }

  /** What goes between its clients and those of other servers. */
  get routed() {
    const { remoteInterests: subscriptionCount, routeTraffic } = this.#account;
    const { inMsgs, inBytes, outMsgs, outBytes } = routeTraffic;
    return {
      sent: { msgs: outMsgs, bytes: outBytes },
      received: { msgs: inMsgs, bytes: inBytes },
      subscriptionCount,
    };
  }

  get slowConsumers(): number {
    return this.#account.slowConsumers;
  }

  /**
   * Every publish asks for its receivers; those that the cache could not answer went to the tree. The hot
   * path counts only the latter.
   */
  treeStats() {
    const { inserts, removes, lookUps, traffic, remoteInterests } = this.#account;
    const matches = Math.max(traffic.inMsgs, lookUps);
    let cached = 0;
    let maxFanout = 0;
    let fanout = 0;
    for (const { plain, groups } of this.#account.interests) {
      const receivers = plain.length + groups.length;
      cached++;
      fanout += receivers;
      if (receivers > maxFanout) maxFanout = receivers;
    }
    return {
      subscriptions: this.subscriptionCount + remoteInterests,
      cached,
      inserts,
      removes,
      matches,
      cacheHits: matches - lookUps,
      maxFanout,
      avgFanout: cached === 0 ? 0 : fanout / cached,
      fanoutEntries: cached,
    };
  }

  *subscriptionViews(): Iterable<SubscriptionView> {
    for (const client of this.#account.clients) {
      for (const each of client.subscriptions.values()) yield new SubscriptionView(each);
    }
    for (const each of this.#account.ownSubscriptions) yield ownView(each);
  }

  *activity(): Iterable<{ readonly subject: string; readonly messages: number }> {
    for (const { subject, messages } of this.#account.interests) yield { subject, messages };
  }
}
