// Answers requests of the system account (monitoring §21.1): what the monitor's endpoints say, in an envelope
// that names the server.

import { sendFromServer } from "../broker/message-trace.ts";
import type { ServerCall } from "../broker/server-subscription.ts";
import { contextWithoutMonitor } from "../http/context.ts";
import type { Context } from "../http/endpoint.ts";
import { BadParameter } from "../http/query.ts";
import type { MonitorSource } from "../http/source.ts";
import { toJson } from "../proto/format.ts";
import { ownMessage } from "../proto/publish.ts";
import { isLiteral } from "../proto/subject.ts";
import { answerAccount, answerAllAccounts } from "./account-requests.ts";
import { carryOut } from "./commands.ts";
import { type Data, type Desk, Failure } from "./desk.ts";
import { Documents, type Draft } from "./documents.ts";
import { encode, type Encoding, encodingFor } from "./encoding.ts";
import { BadBody, FILTERS, means, readBody } from "./options.ts";
import { answerServer } from "./server-requests.ts";
import { countHere, countThere, readWanted } from "./subscribers.ts";
import type { Question } from "./subjects.ts";
import { Survey } from "./survey.ts";
import type { System } from "./system.ts";
import { userInfo } from "./user-info.ts";

export class Answers implements Desk {
  readonly system: System;
  readonly context: Context;
  readonly documents: Documents;
  readonly #source: MonitorSource;
  readonly #survey: Survey;

  constructor(system: System, source: MonitorSource) {
    this.system = system;
    this.#source = source;
    this.context = contextWithoutMonitor(source, system.host.logger);
    this.documents = new Documents(source);
    this.#survey = new Survey(system);
  }

  stop(): void {
    this.#survey.stop();
  }

  /** What another server answers. */
  hear(answer: ServerCall): void {
    this.#survey.hear(answer);
  }

  /** Rejects for mistakes of ours only. */
  async to(question: Question): Promise<void> {
    const { purpose } = question;
    if (question.reply === "") {
      // Who wants no answer wants all to hear.
      if (purpose.kind === "server" && purpose.name === "STATSZ") this.system.events.tellFigures();
      return;
    }
    if (!isLiteral(question.reply)) return;
    try {
      await this.#answer(question);
    } catch (error) {
      this.#refuse(question, failureOf(error));
    }
  }

  async #answer(question: Question): Promise<void> {
    const { purpose, payload, account } = question;
    switch (purpose.kind) {
      case "server":
        if (purpose.name === "IDZ") return this.#send(question, this.#identity());
        if (!this.#isMeant(payload)) return;
        if (purpose.name === "STATSZ") return this.#sendDraft(question, this.documents.figures());
        return this.#reply(question, await answerServer(this, purpose.name, payload));
      case "account": {
        const name = question.subject.split(".")[3] ?? "";
        // That is answered for all of them.
        if (name === "PING" && purpose.name === "STATZ") return;
        if (purpose.name === "CONNS") return this.#tellConnections(question, name);
        if (!this.#isMeant(payload)) return;
        return this.#reply(question, await answerAccount(this, purpose.name, name, payload));
      }
      case "all accounts":
        if (!this.#isMeant(payload)) return;
        return this.#reply(question, await answerAllAccounts(this, payload));
      case "own account": {
        this.#askOthers(question, `$SYS.REQ.ACCOUNT.${account.name}.${purpose.name}`);
        if (!this.#isMeant(payload)) return;
        const answer = await answerAccount(this, purpose.name, account.name, payload);
        return this.#reply(question, answer);
      }
      case "command":
        if (purpose.name !== "RELOAD" && !isBody(payload)) return;
        if (!this.#isMeant(payload)) return;
        return this.#later(question, async () => {
          this.#reply(question, await carryOut(this.system, purpose.name, payload));
        });
      case "user":
        return this.#send(question, this.system.describe({ data: userInfo(question) }));
      case "claims":
        throw new Failure(500, "accounts come from the configuration here, not from claims", {
          account: question.subject.split(".").at(-3),
        });
      case "subscribers": {
        const wanted = readWanted(payload);
        return this.#later(question, async () => {
          const here = countHere(account, wanted);
          const there = await countThere(this.#survey, account, wanted);
          this.#send(question, String(here + there));
        });
      }
      case "count":
        return this.#count(question);
      default:
    }
  }

  /** What waits for others, or for a file, keeps no other question waiting. */
  #later(question: Question, answer: () => Promise<void>): void {
    answer().catch((error: unknown) => {
      try {
        this.#refuse(question, failureOf(error));
      } catch {
        const bug = error instanceof Error ? error : new Error(String(error));
        this.system.host.reportBug(bug);
      }
    });
  }

  #isMeant(payload: Buffer): boolean {
    const { serverName, options } = this.#source;
    const cluster = this.#source.cluster?.name ?? "";
    const { host, serverTags: tags = [] } = options;
    return means(readBody(payload, FILTERS), { name: serverName, host, cluster, tags });
  }

  #identity(): string {
    const { serverName, options, serverId } = this.#source;
    return toJson({ name: serverName, host: options.host, id: serverId });
  }

  /** What other servers know of the own account goes to who asked as it comes. */
  #askOthers({ account, reply, payload }: Question, subject: string): void {
    this.#survey.forward(subject, payload, (text) =>
      sendFromServer(account, ownMessage(reply, Buffer.from(text))),
    );
  }

  #tellConnections(question: Question, name: string): void {
    const account = this.system.host.accountIfAny(name);
    if (account === undefined || account.connections === 0 || !isBody(question.payload, true))
      return;
    this.#sendDraft(question, this.documents.connections(account, Date.now()));
  }

  /** For another server, which counts its own and asks the others. */
  #count(question: Question): void {
    if (!isBody(question.payload)) return;
    const { acc = "", subject = "", queue } = readBody(question.payload, COUNT);
    const account = this.system.host.accountIfAny(acc);
    const name = queue === undefined ? undefined : decodeBase64(queue);
    if (account === undefined || name === null) return;
    const wanted = { subject: latin1(subject), queue: name };
    this.#send(question, String(countHere(account, wanted)));
  }

  #sendDraft(question: Question, { before, rest }: Draft): void {
    this.#send(question, this.system.describe(rest, before));
  }

  #reply(question: Question, data: Data): void {
    if (data === null) return;
    const server = toJson({ server: this.system.server });
    // No data at all is an answer, too.
    const text = data === "" ? server : `${server.slice(0, -1)},"data":${data}}`;
    this.#send(question, text, data === "" ? "none" : encodingFor(question.headers));
  }

  #refuse(question: Question, { code, message, about }: Failure): void {
    // Where nothing would have been told in any case, nothing is missing.
    const hasData = code !== 400 && !["command", "claims"].includes(question.purpose.kind);
    const data = hasData ? { data: null } : {};
    const error = { ...about, code, description: message };
    this.#send(question, this.system.describe({ ...data, error }));
  }

  #send({ account, reply }: Question, text: string, encoding: Encoding = "none"): void {
    const payload = Buffer.from(text);
    if (encoding === "none") return sendFromServer(account, ownMessage(reply, payload));
    const block = `NATS/1.0\r\nContent-Encoding: ${encoding}\r\n\r\n`;
    sendFromServer(account, ownMessage(reply, encode(payload, encoding), block));
  }
}

/** Throws what is a mistake of ours. */
function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof BadBody) return new Failure(400, error.message);
  if (error instanceof BadParameter) return new Failure(500, error.message);
  throw error;
}

/** An object of options; requests for which nothing else will do are not even told so. */
function isBody(payload: Buffer, mayBeEmpty = false): boolean {
  if (payload.length === 0) return mayBeEmpty;
  try {
    readBody(payload, { cid: "count" });
    return true;
  } catch {
    return false;
  }
}

const COUNT = { acc: "text", subject: "text", queue: "text" } as const;

/** The bytes, one character each; null for what is no base64. */
function decodeBase64(text: string): string | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes.latin1Slice() : null;
}

const latin1 = (text: string) => Buffer.from(text).latin1Slice();
