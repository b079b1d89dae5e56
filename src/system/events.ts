// What the server tells in the system account without being asked (monitoring §21.3): clients that come and
// go, accounts' connections, and its own figures. Where nobody listens, nothing is made.

import { type Account, GLOBAL_ACCOUNT } from "../broker/account.ts";
import type { Client } from "../broker/client.ts";
import { CloseReason } from "../proto/errors.ts";
import { toJson } from "../proto/format.ts";
import { textMessage } from "../proto/publish.ts";
import { isPlainName } from "../proto/subject.ts";
import type { Documents, Draft } from "./documents.ts";
import { newId } from "./id.ts";
import type { System } from "./system.ts";

/** From one telling of the figures to the next: first so long, then twice as long, up to the last. */
const FIGURES_MS_MIN = 250;
const FIGURES_MS_MAX = 10_000;
/** Accounts with connections are told of at least so often. */
const CONNECTIONS_MS = 30_000;

type Make = (documents: Documents) => Draft;

export class Events {
  readonly #system: System;
  #figuresMs = FIGURES_MS_MIN;
  #figuresTimer: Timer;
  readonly #connectionsTimer: Timer;
  /** When all is told that there is to tell. */
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(system: System) {
    this.#system = system;
    this.#figuresTimer = setTimeout(figuresDue, this.#figuresMs, this).unref();
    this.#connectionsTimer = setInterval(connectionsDue, CONNECTIONS_MS, this).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#figuresTimer);
    clearInterval(this.#connectionsTimer);
  }

  /** A client has logged in. */
  connected(client: Client): void {
    const { account } = client;
    if (!this.#mayBeHeard || !isPlainName(account.name)) return;
    const at = Date.now();
    this.#tellAccount(account);
    this.#tell(`$SYS.ACCOUNT.${account.name}.CONNECT`, (documents) =>
      documents.connected(client, at),
    );
  }

  /** A client is closed, and has left its account. */
  disconnected(client: Client): void {
    const { account, closeReason } = client;
    // With another name there is no subject to tell it on.
    if (!this.#mayBeHeard || !isPlainName(account.name)) return;
    const at = Date.now();
    const make: Make = (documents) => documents.disconnected(client, at);
    if (closeReason === CloseReason.authenticationFailure) {
      this.#tell(`$SYS.SERVER.${this.#system.host.serverId}.CLIENT.AUTH.ERR`, make);
    }
    if (client.isConnected) this.#tellAccount(account);
    this.#tell(`$SYS.ACCOUNT.${account.name}.DISCONNECT`, make);
  }

  /** Clients should go elsewhere. */
  lameDuck(): void {
    this.#tellOfServer("LAMEDUCK");
  }

  /** The last word. */
  shutdown(): void {
    this.#tellOfServer("SHUTDOWN");
  }

  /** The server's figures, now. */
  tellFigures(): void {
    const subject = `$SYS.SERVER.${this.#system.host.serverId}.STATSZ`;
    this.#tell(subject, (documents) => documents.figures());
  }

  /** How many connections each account has that has some. */
  tellConnections(): void {
    if (!this.#mayBeHeard) return;
    for (const account of this.#system.host.accounts) {
      if (account.connections > 0) this.#tellAccount(account);
    }
  }

  /** For the timer only. */
  figuresDue(): void {
    this.#system.neighbours.prune();
    this.tellFigures();
    this.#figuresMs = Math.min(this.#figuresMs * 2, FIGURES_MS_MAX);
    this.#figuresTimer = setTimeout(figuresDue, this.#figuresMs, this).unref();
  }

  /** Clients without an account of their own are each server's own matter. */
  #tellAccount(account: Account): void {
    const { name } = account;
    if (name === GLOBAL_ACCOUNT || !isPlainName(name)) return;
    const at = Date.now();
    const id = newId();
    const make: Make = (documents) => documents.connections(account, at, id);
    this.#tell(`$SYS.SERVER.ACCOUNT.${name}.CONNS`, make);
    this.#tell(`$SYS.ACCOUNT.${name}.SERVER.CONNS`, make);
  }

  #tellOfServer(what: string): void {
    const subject = `$SYS.SERVER.${this.#system.host.serverId}.${what}`;
    if (this.#isHeard(subject)) this.#system.publish(subject, toJson(this.#system.server));
  }

  /** Nobody subscribes to anything there: that is known without looking. */
  get #mayBeHeard(): boolean {
    const { subscriptionCount, remoteInterests } = this.#system.account;
    return !this.#stopped && (subscriptionCount > 0 || remoteInterests > 0);
  }

  #isHeard(subject: string): boolean {
    if (!this.#mayBeHeard) return false;
    const message = textMessage(subject, "");
    const { plain, groups, routing } = this.#system.account.interestIn(message, null);
    return plain.length > 0 || groups.length > 0 || routing !== null;
  }

  /** Later in this turn, or when what makes documents is loaded; in the order of the calls. */
  #tell(subject: string, make: Make): void {
    if (!this.#isHeard(subject)) return;
    const { loadedDocuments } = this.#system;
    // Made now, it shows how things are now.
    const now = loadedDocuments === null ? null : make(loadedDocuments);
    this.#last = this.#last
      .then(async () => {
        const { before, rest } = now ?? make(await this.#system.documents());
        if (!this.#stopped) this.#system.publish(subject, this.#system.describe(rest, before));
      })
      .catch((error: Error) => this.#system.host.reportBug(error));
  }
}

const figuresDue = (events: Events) => events.figuresDue();
const connectionsDue = (events: Events) => events.tellConnections();
