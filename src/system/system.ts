// The system account's side of a server (monitoring §21): it listens to requests, answers them one after the
// other, and tells of clients that come and go. What answers is loaded when the first request comes.

import type { Account } from "../broker/account.ts";
import { publishFromServer } from "../broker/message-trace.ts";
import { type ServerCall, ServerSubscription } from "../broker/server-subscription.ts";
import type { Roster } from "../broker/roster.ts";
import type { Options } from "../config/options.ts";
import type { MonitorSource } from "../http/source.ts";
import { formatTime, toJson } from "../proto/format.ts";
import { microseconds } from "../log/clock.ts";
import type { Logger } from "../log/logger.ts";
import { isPlainName } from "../proto/subject.ts";
import type { Answers } from "./answers.ts";
import type { Documents } from "./documents.ts";
import { Events } from "./events.ts";
import { Neighbours } from "./neighbours.ts";
import { ACCOUNT_SUBJECTS, type Listening, type Purpose, systemSubjects } from "./subjects.ts";
import type { Question } from "./subjects.ts";

/** Questions of one account that wait for their answers; more are left unanswered. */
const WAITING_MAX = 1024;
/** The same for accounts whose users may ask about themselves only. */
const WAITING_MAX_OTHERS = 64;

/** The server, as far as the system account has to do with it. */
export interface SystemHost {
  readonly serverId: string;
  readonly startedAt: number;
  readonly options: Options;
  readonly logger: Logger;
  readonly roster: Roster;
  readonly accounts: Iterable<Account>;
  /** Other servers; null where there are none. */
  readonly cluster: { readonly remotes: number; hasRemote(id: string): boolean } | null;
  accountIfAny(name: string): Account | undefined;
  describeForEvent(): object;
  /** What the monitor sees. */
  view(): Promise<MonitorSource>;
  /** Reads the configuration again; undefined where it came from no file. */
  readonly reloadFile: (() => Promise<void>) | undefined;
  reportBug(error: Error): void;
}

export class System {
  readonly host: SystemHost;
  readonly account: Account;
  readonly events: Events;
  readonly neighbours: Neighbours;
  /** Where answers of other servers go: with a number at its end. */
  readonly inbox = `$SYS._INBOX.${token()}`;
  readonly #questions: Question[] = [];
  readonly #waiting = new Map<Account, number>();
  #answers: Answers | null = null;
  #isAnswering = false;
  #stopped = false;

  constructor(host: SystemHost, account: Account) {
    this.host = host;
    this.account = account;
    this.events = new Events(this);
    this.neighbours = new Neighbours(host);
    this.neighbours.onNewcomer = () => this.events.tellConnections();
    this.#listen(account, systemSubjects(host.serverId, `${this.inbox}.*`));
  }

  /** Users of this account may ask about it. */
  serve(account: Account): void {
    const { name, ownSubscriptions } = account;
    // Subjects with such a name in them would be none.
    if (account === this.account || ownSubscriptions.size > 0 || !isPlainName(name)) return;
    this.#listen(account, ACCOUNT_SUBJECTS);
  }

  /** The server stops: nothing is answered and told any more. */
  stop(): void {
    this.#stopped = true;
    this.#questions.length = 0;
    this.events.stop();
    this.#answers?.stop();
  }

  /** A document that describes this server, between what stands before and behind that. */
  describe(rest: object, before: object = {}): string {
    return toJson({ ...before, server: this.server, ...rest });
  }

  /** This server, as every document describes it: numbered on. */
  get server(): object {
    return { ...this.host.describeForEvent(), time: formatTime(microseconds() / 1000) };
  }

  /** To whoever listens in the system account, here and on other servers. */
  publish(subject: string, text: string): void {
    publishFromServer(this.account, subject, text);
  }

  /** Null before somebody needed them. */
  get loadedDocuments(): Documents | null {
    return this.#answers?.documents ?? null;
  }

  /** What the server tells of itself. */
  async documents(): Promise<Documents> {
    return (await this.answers()).documents;
  }

  /** What answers requests; loaded when it is needed first. */
  async answers(): Promise<Answers> {
    if (this.#answers === null) {
      const [{ Answers }, source] = await Promise.all([import("./answers.ts"), this.host.view()]);
      this.#answers ??= new Answers(this, source);
    }
    return this.#answers;
  }

  #listen(account: Account, subjects: readonly Listening[]): void {
    for (const [at, { subject, purpose, isTold }] of subjects.entries()) {
      const take = (call: ServerCall) => this.#take(purpose, call);
      account.listen(new ServerSubscription(account, subject, String(at + 1), isTold, take));
    }
  }

  #take(purpose: Purpose, call: ServerCall): void {
    if (this.#stopped || purpose.kind === "nothing") return;
    if (purpose.kind === "answer") {
      // Another question may be waiting for it.
      queueMicrotask(() => this.#answers?.hear(call));
      return;
    }
    const { account } = call;
    const waiting = this.#waiting.get(account) ?? 0;
    if (waiting >= (account.isSystem ? WAITING_MAX : WAITING_MAX_OTHERS)) {
      this.host.logger.warn(
        `Request ${JSON.stringify(call.subject)} of account ${JSON.stringify(account.name)} ` +
          `was not answered: ${waiting} are waiting already`,
      );
      return;
    }
    this.#waiting.set(account, waiting + 1);
    this.#questions.push({ ...call, purpose });
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    // The message is still on its way to others.
    queueMicrotask(() => void this.#work());
  }

  async #work(): Promise<void> {
    for (let question = this.#questions.shift(); question; question = this.#questions.shift()) {
      try {
        if (!this.neighbours.hear(question)) await (await this.answers()).to(question);
      } catch (error) {
        this.host.reportBug(error instanceof Error ? error : new Error(String(error)));
      }
      this.#release(question.account);
    }
    this.#isAnswering = false;
  }

  #release(account: Account): void {
    const left = (this.#waiting.get(account) ?? 1) - 1;
    if (left === 0) this.#waiting.delete(account);
    else this.#waiting.set(account, left);
  }
}

/** Eight letters and digits. */
function token(): string {
  const random = crypto.getRandomValues(new Uint8Array(5));
  return [...random]
    .map((byte) => byte.toString(36).padStart(2, "0"))
    .join("")
    .slice(0, 8);
}
