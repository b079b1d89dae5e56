// What other servers tell of themselves in the system account: how many connections they have for each
// account, since an account's limit is one for the whole cluster.

import { type Account, GLOBAL_ACCOUNT } from "../broker/account.ts";
import type { SystemHost } from "./system.ts";
import type { ServerCall } from "../broker/server-subscription.ts";
import type { Purpose } from "./subjects.ts";

export class Neighbours {
  readonly #host: SystemHost;
  /** Connections by server and account. */
  readonly #connections = new Map<string, Map<Account, number>>();
  readonly #greeted = new Set<string>();
  /** A server was heard of for the first time. */
  onNewcomer: () => void = () => {};

  constructor(host: SystemHost) {
    this.#host = host;
  }

  /** False when this is for others to answer. Of clients nothing is believed. */
  hear({ kind }: Purpose, { subject, payload, caller }: ServerCall): boolean {
    if (caller !== null) return kind === "connections" || kind === "news" || kind === "shutdown";
    switch (kind) {
      case "connections":
        this.#count(payload);
        return true;
      case "news":
        this.#greet(subject.split(".")[2] ?? "");
        return true;
      case "shutdown":
        this.#forget(subject.split(".")[2] ?? "");
        return true;
      default:
        return false;
    }
  }

  /** Forgets servers that are not there any more. */
  prune(): void {
    const { cluster } = this.#host;
    for (const id of this.#connections.keys()) if (!cluster?.hasRemote(id)) this.#forget(id);
  }

  /** Its figures are the first that a server tells: then it wants to know of the others. */
  #greet(id: string): void {
    if (this.#greeted.has(id) || this.#meet(id) === undefined) return;
    this.#greeted.add(id);
    this.onNewcomer();
  }

  #meet(id: string): Map<Account, number> | undefined {
    const known = this.#connections.get(id);
    if (known !== undefined || this.#host.cluster?.hasRemote(id) !== true) return known;
    const connections = new Map<Account, number>();
    this.#connections.set(id, connections);
    return connections;
  }

  #count(payload: Buffer): void {
    const said = parse(payload);
    // Old servers tell of it, too, and it is each server's own matter.
    if (said.account === GLOBAL_ACCOUNT) return;
    const account = this.#host.accountIfAny(said.account);
    const { connections } = said;
    if (account === undefined || !Number.isSafeInteger(connections) || connections < 0) return;
    const known = this.#meet(said.id);
    if (known === undefined) return;
    account.remoteConnections += connections - (known.get(account) ?? 0);
    known.set(account, connections);
  }

  #forget(id: string): void {
    for (const [account, count] of this.#connections.get(id) ?? []) {
      account.remoteConnections -= count;
    }
    this.#connections.delete(id);
    this.#greeted.delete(id);
  }
}

/** Who has how many connections of which account; what makes no sense counts for nobody. */
function parse(payload: Buffer): { id: string; account: string; connections: number } {
  try {
    const { server, acc, conns } = JSON.parse(payload.toString());
    return { id: String(server?.id), account: String(acc), connections: Number(conns) };
  } catch {
    return { id: "", account: "", connections: 0 };
  }
}
