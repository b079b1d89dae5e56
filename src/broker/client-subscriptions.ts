// What one client wants to hear: its subscriptions by sid, within its limits and permissions.

import { kindOf, countTokens, SubjectKind } from "../proto/subject.ts";
import { ProtocolErrors } from "../proto/errors.ts";
import { quote } from "../proto/quote.ts";
import type { Client } from "./client.ts";
import { lower } from "./limit.ts";
import { plainly, type Refusal, removalOf, subscriptionRefusal } from "./refusal.ts";
import { Subscription } from "./subscription.ts";

/** Tokens of a subscription where no lower limit is set; more than fit the usual control line. */
const TOKENS_MAX = 4096;
/** The queue name that the servers keep for themselves. */
const SYSTEM_QUEUE = "_sys_";

export class ClientSubscriptions {
  readonly #client: Client;
  readonly #bySid = new Map<string, Subscription>();

  constructor(client: Client) {
    this.#client = client;
  }

  get size(): number {
    return this.#bySid.size;
  }

  get(sid: string): Subscription | undefined {
    return this.#bySid.get(sid);
  }

  values(): Iterable<Subscription> {
    return this.#bySid.values();
  }

  /** Null, or why not; a sid that is in use keeps its first subscription. */
  add(subject: string, queue: string | null, sid: string): Refusal | null {
    const { permissions, host, account } = this.#client;
    if (queue === SYSTEM_QUEUE || permissions?.maySubscribe(subject, queue) === false) {
      return subscriptionRefusal(subject, queue, sid);
    }
    if (countTokens(subject) > (host.options.maxSubscriptionTokens || TOKENS_MAX)) {
      return plainly(
        `Permissions Violation for Subscription to ${quote(subject)}, too many tokens`,
      );
    }
    if (this.#bySid.size >= this.max) return plainly(ProtocolErrors.maxSubscriptions.text);
    if (this.#bySid.has(sid)) return null;
    const kind = kindOf(subject);
    if (kind === SubjectKind.invalid) return plainly(ProtocolErrors.invalidSubject.text);
    const isPattern = kind === SubjectKind.pattern;
    const subscription = new Subscription(this.#client, subject, isPattern, queue, sid);
    if (permissions !== null) subscription.filter = permissions.filterFor(subject, queue);
    this.#bySid.set(sid, subscription);
    account.subscribe(subscription);
    return null;
  }

  /** How many there may be: the server's limit or the account's, whichever is lower. */
  get max(): number {
    const { host, account } = this.#client;
    const limit = lower(host.options.maxSubscriptions || -1, account.limits.maxSubscriptions);
    return limit < 0 ? Infinity : limit;
  }

  /** Asked for, used up, or not wanted any more. */
  remove(subscription: Subscription): void {
    const client = this.#client;
    if (client.host.logger.traceOn) client.trace(`<-> [DELSUB ${subscription.sid}]`);
    this.#bySid.delete(subscription.sid);
    client.account.unsubscribe(subscription);
  }

  /** The client's permissions changed: what it may not hear any more goes. */
  recheck(): void {
    const client = this.#client;
    const { permissions } = client;
    for (const subscription of this.#bySid.values()) {
      const { subject, queue, sid } = subscription;
      if (permissions?.maySubscribe(subject, queue) === false) {
        const removal = removalOf(subject, queue, sid);
        this.remove(subscription);
        client.sendError(removal.text);
        client.notice(removal.logged);
        continue;
      }
      subscription.filter = permissions?.filterFor(subject, queue) ?? null;
    }
    client.account.forgetInterests();
  }

  /** All of them go; other servers are told what is left of each subject, once. */
  clear(): void {
    const { watcher } = this.#client.account;
    watcher?.hold();
    for (const subscription of this.#bySid.values()) this.remove(subscription);
    watcher?.flush();
  }
}
