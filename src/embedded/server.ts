// The server with what a program that embeds it needs: clients it hears of, and connections that take no
// socket.

import { GLOBAL_ACCOUNT } from "../broker/account.ts";
import type { Client } from "../broker/client.ts";
import type { Options } from "../config/options.ts";
import type { Logger } from "../log/logger.ts";
import { Connection } from "../net/connection.ts";
import { Midge as Server } from "../server.ts";
import { InProcessClient, ObservedClient } from "./client.ts";
import { Events } from "./events.ts";
import { type PipeEnd, type PipeReader, PipeSocket } from "./pipe.ts";

export class EmbeddedServer extends Server {
  readonly events = new Events((text) => this.logger.error(text));

  /** Rejects with an Error for people when a port can't be opened; then none is. */
  static open(options: Options, listens: boolean, logger: Logger): Promise<EmbeddedServer> {
    return EmbeddedServer.launch(new EmbeddedServer(options, logger, listens));
  }

  protected override createClient(connection: Connection): Client {
    const account = this.accountNamed(GLOBAL_ACCOUNT);
    return new ObservedClient(this.nextId(), this, account, connection, this.events);
  }

  /** A connection within the process, greeted like every other; null where nobody is let in any more. */
  openPipe(reader: PipeReader): PipeEnd | null {
    if (!this.ready) return null;
    const socket = new PipeSocket(reader);
    const connection = new Connection(socket, this.outbox, () => this.options);
    socket.attach(connection);
    const account = this.accountNamed(GLOBAL_ACCOUNT);
    this.receive(new InProcessClient(this.nextId(), this, account, connection, this.events));
    return socket.far;
  }
}
