// Tells other servers what clients here want (cluster §4.6, §4.14): each account on the connection that
// carries it, and only what may be imported.

import type { Permissions } from "../auth/permissions.ts";
import type { Account } from "../broker/account.ts";
import { type Interest, LocalInterest } from "./local-interest.ts";
import type { Remote } from "./remote.ts";
import type { Route } from "./route.ts";

/** So much is written at a time. */
const BATCH_CHARS = 16_384;

export class Announcer {
  /** Of which subjects others are told; null for all. */
  imports: Permissions | null = null;
  readonly #remotes: ReadonlyMap<string, Remote>;
  readonly #interests = new Map<Account, LocalInterest>();

  constructor(remotes: ReadonlyMap<string, Remote>) {
    this.#remotes = remotes;
  }

  /** Counts what clients of this account want, and the server itself. */
  watch(account: Account): void {
    if (account.watcher !== null) return;
    const local = new LocalInterest(account, (interest) => this.#announce(local, interest));
    for (const each of account.ownSubscriptions) if (each.isTold) local.subscribed(each);
    this.#interests.set(account, local);
    account.watcher = local;
  }

  #announce(local: LocalInterest, interest: Interest): void {
    if (this.#remotes.size === 0 || !this.#mayTell(interest)) return;
    for (const remote of this.#remotes.values()) {
      const route = remote.routeFor(local.name);
      if (route !== undefined) route.announce(local.line(interest, route.account !== ""));
    }
  }

  #mayTell({ subject }: Interest): boolean {
    return this.imports?.mayPublish(subject) !== false;
  }

  /** Everything that this connection carries: it is fresh, or the other side takes more than before. */
  dump(route: Route, remote: Remote): void {
    for (const local of this.#interests.values()) {
      if (remote.routeFor(local.name) === route) this.#tellAll(local, route);
    }
  }

  /** Everything of one account that has moved to another connection. */
  dumpAccount(account: string, remote: Remote): void {
    const route = remote.routeFor(account);
    for (const local of this.#interests.values()) {
      if (local.name === account && route !== undefined) this.#tellAll(local, route);
    }
  }

  #tellAll(local: LocalInterest, route: Route): void {
    const isAlone = route.account !== "";
    let lines = "";
    for (const interest of local.all) {
      if (!this.#mayTell(interest)) continue;
      lines += local.line(interest, isAlone);
      if (lines.length < BATCH_CHARS) continue;
      route.announce(lines);
      lines = "";
    }
    if (lines !== "") route.announce(lines);
  }

  /** Other subjects may be imported: tells everybody the difference. */
  permit(imports: Permissions | null): void {
    const before = this.imports;
    this.imports = imports;
    for (const local of this.#interests.values()) {
      for (const interest of local.all) {
        const told = before?.mayPublish(interest.subject) !== false;
        if (told === this.#mayTell(interest)) continue;
        for (const remote of this.#remotes.values()) {
          const route = remote.routeFor(local.name);
          const isAlone = route?.account !== "";
          route?.announce(told ? local.end(interest, isAlone) : local.line(interest, isAlone));
        }
      }
    }
  }
}
