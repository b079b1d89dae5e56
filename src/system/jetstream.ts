// Requests to JetStream, which servers in the cluster may have and this one has not (cluster §4.16): they go to
// the others in the system account, with who asks in a header, and what comes back goes to who asked.

import type { Account } from "../broker/account.ts";
import type { Client } from "../broker/client.ts";
import { sendFromServer } from "../broker/message-trace.ts";
import type { ServerCall } from "../broker/server-subscription.ts";
import type { MonitorSource } from "../http/source.ts";
import { toJson } from "../proto/format.ts";
import { ownMessage } from "../proto/publish.ts";
import { isLiteral } from "../proto/subject.ts";
import { clientFacts, roundTrip, withoutEmpty } from "./client-facts.ts";
import type { System } from "./system.ts";

/** Answers that come later are nobody's. */
const PATIENCE_MS = 30_000;
/** Requests of one account that wait for their answer; of more the oldest gets none. */
const WAITING_MAX = 4_096;
/** The log hears of that once in so long. */
const COMPLAINT_MS = 60_000;

const VERSION_LINE = "NATS/1.0";
const ASKER = "Nats-Request-Info";
/** Who asks is for the server to say, and in the system account nothing is traced for other accounts. */
const NOT_FOR_CLIENTS = /^\s*(Nats-Request-Info|Nats-Trace-Dest)\s*:/i;
const LINE_END = /\r?\n/;

/** A request on its way. */
interface Waiting {
  readonly account: Account;
  readonly reply: string;
  readonly until: number;
}

export class JetStream {
  readonly #system: System;
  readonly #source: MonitorSource;
  /** By the subject that the answer comes to; the oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #byAccount = new Map<Account, Set<string>>();
  #number = 0;
  #timer: Timer | null = null;
  #complainedAt = -Infinity;

  constructor(system: System, source: MonitorSource) {
    this.#system = system;
    this.#source = source;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting.clear();
    this.#byAccount.clear();
  }

  /** Sends a request on. Without a reply it is one all the same. */
  ask(call: ServerCall): void {
    const { account, caller, reply, payload } = call;
    if (caller === null) return;
    const inbox = isLiteral(reply) ? this.#await(account, reply) : "";
    const headers = withAsker(call.headers, this.#describe(caller));
    const subject = Buffer.from(call.subject).latin1Slice();
    sendFromServer(this.#system.account, ownMessage(subject, payload, headers, inbox));
  }

  /** Perhaps an answer: each request has one. */
  hear({ subject, headers, payload }: ServerCall): void {
    const waiting = this.#waiting.get(subject);
    if (waiting === undefined) return;
    this.#forget(subject, waiting.account);
    sendFromServer(waiting.account, ownMessage(waiting.reply, payload, headers));
  }

  /** Where the answer is to come. */
  #await(account: Account, reply: string): string {
    const mine = this.#byAccount.get(account) ?? new Set();
    const [oldest] = mine;
    if (mine.size >= WAITING_MAX && oldest !== undefined) {
      this.#complain(account);
      this.#forget(oldest, account);
    }
    const inbox = `${this.#system.inbox}.js${++this.#number}`;
    this.#byAccount.set(account, mine.add(inbox));
    this.#waiting.set(inbox, { account, reply, until: performance.now() + PATIENCE_MS });
    this.#timer ??= setTimeout(tooLate, PATIENCE_MS, this).unref();
    return inbox;
  }

  #forget(inbox: string, account: Account): void {
    this.#waiting.delete(inbox);
    const mine = this.#byAccount.get(account);
    mine?.delete(inbox);
    if (mine?.size === 0) this.#byAccount.delete(account);
  }

  /** For the timer only. */
  dropOld(): void {
    this.#timer = null;
    const now = performance.now();
    for (const [inbox, { account, until }] of this.#waiting) {
      if (until > now) {
        this.#timer = setTimeout(tooLate, until - now, this).unref();
        return;
      }
      this.#forget(inbox, account);
    }
  }

  #complain({ name }: Account): void {
    const now = performance.now();
    if (now - this.#complainedAt < COMPLAINT_MS) return;
    this.#complainedAt = now;
    this.#system.host.logger.warn(
      `JetStream requests of account ${JSON.stringify(name)} stay without an answer: ` +
        `${WAITING_MAX} are waiting already`,
    );
  }

  /** The client, as servers tell each other. */
  #describe(client: Client): object {
    const { serverName, cluster } = this.#source;
    return {
      ...clientFacts(client),
      ...roundTrip(client),
      server: serverName,
      ...withoutEmpty({ cluster: cluster?.name ?? "" }),
      kind: "Client",
      client_type: "nats",
    };
  }
}

const tooLate = (jetStream: JetStream) => jetStream.dropOld();

/** The header block of a request with who asks in it. What the client wrote in that place does not count. */
export function withAsker(block: string, asker: object): string {
  const [version = "", ...lines] = block.split(LINE_END);
  const line = `${ASKER}: ${toJson(asker)}`;
  const first = version.startsWith(VERSION_LINE) ? version : VERSION_LINE;
  // Behind the version's line, unless that is nothing of the kind, come others and an empty one.
  const kept = lines.filter((each) => each !== "" && !NOT_FOR_CLIENTS.test(each));
  return `${[first, line, ...kept].join("\r\n")}\r\n\r\n`;
}
