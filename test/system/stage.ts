// A server with two accounts beside the system account, people who ask it about itself, and what it logs.
import { secret } from "../support/secrets.ts";
import { join, type WireClient, type WireMessage } from "../support/wire.ts";
import type { MidgeOptions } from "../../src/config/options.ts";
import type { Logger } from "../../src/log/logger.ts";
import { Midge } from "../../src/server.ts";

/** Everybody's; no answer may contain it. */
export const password = secret();

/** Accounts A, with permissions for alice, and B, and SYS. */
export const PEOPLE = {
  serverName: "one",
  serverTags: ["az:1", "dc:x"],
  systemAccount: "SYS",
  accounts: {
    A: {
      users: [
        {
          user: "alice",
          password,
          permissions: {
            publish: { allow: ["foo.>", "$SYS.REQ.USER.INFO"], deny: "foo.secret" },
            subscribe: ["answer.>", "foo.>", "$SYS.>"],
            allowResponses: { max: 3, expires: "2s" },
          },
        },
        { user: "adam", password },
      ],
    },
    B: { users: [{ user: "bob", password }] },
    SYS: { users: [{ user: "sys", password }] },
  },
} as const satisfies MidgeOptions;

/** A document as it came: of which shape it is, the tests say. */
export type Json = ReturnType<typeof JSON.parse>;

/** What the server says where nobody listens. */
const NOBODY = /^NATS\/1\.0 503\r\n/;

/** Each has subjects of its own. */
let askers = 0;

/** Somebody who asks, and hears the answers one after the other. */
export class Asker implements AsyncDisposable {
  readonly wire: WireClient;
  /** What the subjects of its answers begin with. */
  readonly inbox: string;
  #number = 0;

  private constructor(wire: WireClient, inbox: string) {
    this.wire = wire;
    this.inbox = inbox;
  }

  static async join(port: number, user?: string, more: object = {}): Promise<Asker> {
    const who = user === undefined ? {} : { user, pass: password, name: user };
    const wire = await join(port, { headers: true, no_responders: true, ...who, ...more });
    const inbox = `answer.${++askers}`;
    await wire.says(`SUB ${inbox}.* a\r\n`);
    await wire.silent();
    return new Asker(wire, inbox);
  }

  /** The number that the server gave it. */
  get cid(): number {
    return Number(this.wire.info["client_id"]);
  }

  /** Asks without waiting for the answer. `headers` are lines. */
  async sends(subject: string, body: unknown = "", headers = ""): Promise<void> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const reply = `${this.inbox}.${++this.#number}`;
    const block = headers === "" ? "" : `NATS/1.0\r\n${headers}\r\n\r\n`;
    const sizes = headers === "" ? text.length : `${block.length} ${block.length + text.length}`;
    const verb = headers === "" ? "PUB" : "HPUB";
    await this.wire.says(`${verb} ${subject} ${reply} ${sizes}\r\n${block}${text}\r\n`);
  }

  /** The whole answer to the last question. */
  async hears(): Promise<WireMessage> {
    const message = await this.wire.hearsMessage();
    if (message.subject !== `${this.inbox}.${this.#number}`) {
      throw new Error(`an answer to ${message.subject}: ${message.payload}`);
    }
    return message;
  }

  async asks(subject: string, body: unknown = "", headers = ""): Promise<Json> {
    await this.sends(subject, body, headers);
    const { payload } = await this.hears();
    return JSON.parse(Buffer.from(payload, "latin1").toString());
  }

  /** True when there is nobody to answer. */
  async asksNobody(subject: string, body: unknown = ""): Promise<boolean> {
    await this.sends(subject, body);
    const { headers, payload } = await this.hears();
    return NOBODY.test(headers ?? "") && payload === "";
  }

  /** True when this is not answered: the answer to a later question comes first. */
  async asksInVain(subject: string, body: unknown = ""): Promise<boolean> {
    await this.sends(subject, body);
    const { data } = await this.asks("$SYS.REQ.USER.INFO");
    return typeof data.user === "string";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.wire[Symbol.asyncDispose]();
  }
}

export class Stage implements AsyncDisposable {
  readonly midge: Midge;
  /** Warnings and errors since the start. */
  readonly problems: readonly string[];

  private constructor(midge: Midge, problems: readonly string[]) {
    this.midge = midge;
    this.problems = problems;
  }

  static async open(options: MidgeOptions = {}): Promise<Stage> {
    const problems: string[] = [];
    const quiet = () => {};
    const keep = (text: string) => void problems.push(text);
    const logger: Logger = {
      debugOn: false,
      traceOn: false,
      notice: quiet,
      warn: keep,
      error: keep,
      fatal: keep,
      debug: quiet,
      trace: quiet,
    };
    const midge = await Midge.start({ port: -1, maxConnections: 1000, ...options }, logger);
    problems.length = 0;
    return new Stage(midge, problems);
  }

  /** With the accounts A, B and SYS. */
  static withPeople(options: MidgeOptions = {}): Promise<Stage> {
    return Stage.open({ ...PEOPLE, ...options });
  }

  get id(): string {
    return this.midge.serverId;
  }

  join(user?: string, more: object = {}): Promise<Asker> {
    return Asker.join(this.midge.port, user, more);
  }

  /** An administrator who hears what is told there. */
  async listener(...subjects: readonly string[]): Promise<Listener> {
    const wire = await join(this.midge.port, { user: "sys", pass: password, headers: true });
    await wire.says(subjects.map((subject, at) => `SUB ${subject} e${at}\r\n`).join(""));
    await wire.silent();
    return new Listener(wire);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.midge.stop();
  }
}

export interface Event {
  readonly subject: string;
  readonly text: string;
  readonly document: Json;
}

/** Hears events one after the other. */
export class Listener implements AsyncDisposable {
  readonly wire: WireClient;

  constructor(wire: WireClient) {
    this.wire = wire;
  }

  async hears(): Promise<Event> {
    const { subject, payload } = await this.wire.hearsMessage();
    const text = Buffer.from(payload, "latin1").toString();
    return { subject, text, document: JSON.parse(text) };
  }

  /** The subjects of the next events. */
  async hearsSubjects(count: number): Promise<string[]> {
    const subjects: string[] = [];
    while (subjects.length < count) subjects.push((await this.hears()).subject);
    return subjects;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.wire[Symbol.asyncDispose]();
  }
}
