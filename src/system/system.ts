// The system account's side of a server (monitoring §21): it listens to requests, answers them one after the
// other, and tells of clients that come and go. What answers is loaded when the first request comes.

import type { Account } from "../broker/account.ts";
import { publishFromServer } from "../broker/message-trace.ts";
import { type ServerCall, ServerSubscription } from "../broker/server-subscription.ts";
import type { Roster } from "../broker/roster.ts";
import type { Options } from "../config/options.ts";
import { sharesJetStream } from "../http/shared-services.ts";
import type { MonitorSource } from "../http/source.ts";
import { formatTime, toJson } from "../proto/format.ts";
import { microseconds } from "../log/clock.ts";
import type { Logger } from "../log/logger.ts";
import { ownMessage } from "../proto/publish.ts";
import { isPlainName } from "../proto/subject.ts";
import type { Answers } from "./answers.ts";
import type { Documents } from "./documents.ts";
import { Events } from "./events.ts";
import type { JetStream } from "./jetstream.ts";
import { Neighbours } from "./neighbours.ts";
import {
  ACCOUNT_SUBJECTS,
  isForSystem,
  JETSTREAM_SUBJECT,
  type Listening,
  type Purpose,
  type Question,
  systemSubjects,
} from "./subjects.ts";

/** Questions of one account that wait for their answers, and their bytes; more are left unanswered. */
const WAITING_MAX = 1024;
const WAITING_BYTES_MAX = 8 << 20;
/** The same for accounts whose users may ask about themselves only. */
const WAITING_MAX_OTHERS = 64;
const WAITING_BYTES_MAX_OTHERS = 1 << 20;
/** The log hears of that once in so long. */
const COMPLAINT_MS = 60_000;

/** What waits of one account. */
interface Waiting {
  count: number;
  bytes: number;
}

/** Stands in subjects where all accounts are meant. */
const ALL = "PING";

const NOTHING = Buffer.alloc(0);

/** The server, as far as the system account has to do with it. */
export interface SystemHost {
  readonly serverId: string;
  readonly startedAt: number;
  readonly options: Options;
  readonly logger: Logger;
  readonly roster: Roster;
  readonly accounts: Iterable<Account>;
  readonly systemAccountName: string;
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
  readonly #waiting = new Map<Account, Waiting>();
  #complainedAt = -Infinity;
  #answers: Answers | null = null;
  /** Null until the first request; `#loading` before it is there. */
  #jetStream: JetStream | null = null;
  #loading: Promise<JetStream> | null = null;
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

  /** Users of this account may ask about it and, as the options are now, for JetStream of other servers. */
  serve(account: Account): void {
    const { name, ownSubscriptions } = account;
    // Subjects with such a name in them would be none.
    if (account === this.account || !isPlainName(name) || name === ALL) return;
    const subjects = sharesJetStream(name, this.host)
      ? [...ACCOUNT_SUBJECTS, JETSTREAM_SUBJECT]
      : ACCOUNT_SUBJECTS;
    if (ownSubscriptions.size === subjects.length) return;
    account.stopListening();
    this.#listen(account, subjects);
  }

  /** The server stops: nothing is answered and told any more. */
  stop(): void {
    this.#stopped = true;
    this.#questions.length = 0;
    this.#waiting.clear();
    this.events.stop();
    this.#answers?.stop();
    this.#jetStream?.stop();
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

  /** False for what is not for this server. */
  #take(purpose: Purpose, call: ServerCall): boolean {
    if (purpose.kind === "jetstream") return this.#askForJetStream(call);
    if (this.#stopped || purpose.kind === "nothing") return true;
    // Another question may be waiting for it.
    if (purpose.kind === "answer") queueMicrotask(() => this.#hear(call));
    else if (!this.neighbours.hear(purpose, call)) this.#queue(purpose, call);
    return true;
  }

  #hear(answer: ServerCall): void {
    this.#answers?.hear(answer);
    this.#jetStream?.hear(answer);
  }

  #queue(purpose: Purpose, call: ServerCall): void {
    const { account, payload } = call;
    const { isSystem } = account;
    const waiting = this.#waiting.get(account) ?? { count: 0, bytes: 0 };
    const isFull =
      waiting.count >= (isSystem ? WAITING_MAX : WAITING_MAX_OTHERS) ||
      waiting.bytes + payload.length > (isSystem ? WAITING_BYTES_MAX : WAITING_BYTES_MAX_OTHERS);
    if (isFull) return this.#complain(call, waiting);
    waiting.count++;
    waiting.bytes += payload.length;
    this.#waiting.set(account, waiting);
    this.#questions.push({ ...call, purpose });
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    // The message is still on its way to others.
    queueMicrotask(() => void this.#work());
  }

  /** Goes on its way after this turn's messages, in order; false where no server has JetStream. */
  #askForJetStream(call: ServerCall): boolean {
    if (this.#stopped || !isForSystem(call.subject) || !this.#isHeard(call.subject)) return false;
    this.#loading ??= this.#loadJetStream();
    this.#loading
      .then((jetStream) => {
        if (!this.#stopped) jetStream.ask(call);
      })
      .catch((error: Error) => this.host.reportBug(error));
    return true;
  }

  async #loadJetStream(): Promise<JetStream> {
    const [{ JetStream }, source] = await Promise.all([import("./jetstream.ts"), this.host.view()]);
    return (this.#jetStream = new JetStream(this, source));
  }

  /** By a client of the system account, or another server. */
  #isHeard(subject: string): boolean {
    const message = ownMessage(Buffer.from(subject).latin1Slice(), NOTHING);
    const { plain, groups, routing } = this.account.interestIn(message, null);
    return plain.length > 0 || groups.length > 0 || routing !== null;
  }

  async #work(): Promise<void> {
    for (let question = this.#questions.shift(); question; question = this.#questions.shift()) {
      try {
        await (await this.answers()).to(question);
      } catch (error) {
        this.host.reportBug(error instanceof Error ? error : new Error(String(error)));
      }
      this.#release(question);
    }
    this.#isAnswering = false;
  }

  #complain({ subject, account }: ServerCall, { count, bytes }: Waiting): void {
    const now = performance.now();
    if (now - this.#complainedAt < COMPLAINT_MS) return;
    this.#complainedAt = now;
    this.host.logger.warn(
      `Requests of account ${JSON.stringify(account.name)} such as ${JSON.stringify(subject)} ` +
        `are not answered: ${count} with ${bytes} bytes are waiting already`,
    );
  }

  #release({ account, payload }: Question): void {
    const waiting = this.#waiting.get(account);
    if (waiting === undefined) return;
    waiting.count--;
    waiting.bytes -= payload.length;
    if (waiting.count === 0) this.#waiting.delete(account);
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
