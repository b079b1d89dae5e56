// Clients whose coming and going a program may hear of. A kind of its own, so that a broker which is not
// embedded has nothing of this on its way.

import type { Account } from "../broker/account.ts";
import { Client, type ClientHost } from "../broker/client.ts";
import { isSlowConsumer } from "../broker/roster.ts";
import type { Connection } from "../net/connection.ts";
import type { CloseReason } from "../proto/errors.ts";
import type { Info } from "../proto/info.ts";
import type { Events } from "./events.ts";

export class ObservedClient extends Client {
  readonly #events: Events;
  #isAnnounced = false;

  constructor(
    cid: number,
    host: ClientHost,
    account: Account,
    connection: Connection,
    events: Events,
  ) {
    super(cid, host, account, connection);
    this.#events = events;
  }

  override admitted(): boolean {
    const goesOn = super.admitted();
    // CONNECT may come again.
    if (!this.#isAnnounced && this.closeReason === null) {
      this.#isAnnounced = true;
      this.#events.connected(this);
    }
    return goesOn;
  }

  override close(reason: CloseReason): void {
    if (this.closeReason !== null) return;
    super.close(reason);
    if (this.#isAnnounced) this.#events.disconnected(this, isSlowConsumer(this));
  }
}

/** A client in the process: there is no wire between it and the broker, so nothing is encrypted. */
export class InProcessClient extends ObservedClient {
  override get address(): string {
    return this.connection.remoteAddress;
  }

  override start(): void {
    this.debug("Client connection created");
    this.greet();
    this.welcomed();
  }

  override sendInfo(info: Info): void {
    const { tls_required, tls_verify, tls_available, ...inClear } = info;
    super.sendInfo(inClear);
  }
}
