// Random conversations of several clients, made from a seed: what a server answers to them must not depend
// on which server it is. Valid steps come first; the last step of a script may be anything at all.
import { Dice } from "../support/dice.ts";
import type { ServerOptions } from "../support/server.ts";
import { utf8 } from "../support/wire.ts";
import { endings, mutate } from "./endings.ts";

/** One client says these bytes, cut at these places; `pongs` of its operations are PINGs. */
export interface Step {
  readonly client: number;
  readonly says: string;
  readonly cuts: readonly number[];
  readonly pongs: number;
}

export interface Script {
  readonly seed: number;
  readonly clientCount: number;
  readonly steps: readonly Step[];
  /** Said by one client that then ends its side. */
  readonly ending: Step;
}

/** Servers with small limits meet them often. Scripts take turns through these. */
export const OPTION_SETS: readonly ServerOptions[] = [
  {},
  { maxPayload: 48, maxControlLine: 200, maxSubscriptions: 3, maxSubscriptionTokens: 3 },
  { noHeaderSupport: true },
];

/** What an older server does differently on purpose, so that scripts for it must do without. */
export interface Avoidance {
  readonly secondConnect?: boolean;
  readonly protocolOne?: boolean;
  readonly raftSubjects?: boolean;
}

/** What the generator must know of a client to keep its steps valid. */
interface ClientState {
  headers: boolean;
  connected: boolean;
  subscribed: boolean;
}

const TOKENS = ["a", "a", "b", "c", "A", "a-b", utf8("é"), "$x", "a*", ">b", "\x01"];
const SIDS = ["1", "2", "3", "01", "x", "a.b"];
const SPACES = [" ", " ", " ", "  ", "\t", " \t "];
const LINE_ENDS = ["\r\n", "\r\n", "\r\n", "\n", " \r\n", "\t \n"];
const BLOCKS = ["", "NATS/1.0\r\n\r\n", "NATS/1.0\r\nA: b\r\nA:c\r\n\r\n", "junk", "\r\n"];

export function makeScript(seed: number, options: ServerOptions, avoid: Avoidance = {}): Script {
  return new Writer(seed, options, avoid).script();
}

class Writer {
  readonly #dice: Dice;
  readonly #seed: number;
  readonly #avoid: Avoidance;
  readonly #limits: Required<Pick<ServerOptions, "maxPayload" | "maxControlLine">>;
  readonly #serverHeaders: boolean;
  readonly #clients: ClientState[];
  /** First token of nearly all subjects of a script: nobody else's subscriptions match them. */
  readonly #root: string;
  /** Makes every payload and every queue group the only one of its kind. */
  #serial = 0;

  constructor(seed: number, options: ServerOptions, avoid: Avoidance) {
    this.#dice = new Dice(seed);
    this.#seed = seed;
    this.#avoid = avoid;
    this.#limits = {
      maxPayload: options.maxPayload ?? 1_048_576,
      maxControlLine: options.maxControlLine ?? 4096,
    };
    this.#serverHeaders = options.noHeaderSupport !== true;
    this.#root = `r${seed.toString(36)}`;
    this.#clients = Array.from({ length: 1 + this.#dice.below(3) }, () => ({
      headers: false,
      connected: false,
      subscribed: false,
    }));
  }

  script(): Script {
    const steps: Step[] = [];
    const clientCount = this.#clients.length;
    for (let client = 0; client < clientCount; client++)
      if (!this.#dice.once(6)) steps.push(this.#step(client, [this.#connect(client)]));
    for (let count = 3 + this.#dice.below(10); count > 0; count--) {
      const client = this.#dice.below(clientCount);
      const says = Array.from({ length: 1 + this.#dice.below(4) }, () => this.#operation(client));
      steps.push(this.#step(client, says));
    }
    return { seed: this.#seed, clientCount, steps, ending: this.#ending() };
  }

  #step(client: number, operations: string[]): Step {
    const says = operations.join("");
    const cuts = new Set<number>();
    if (this.#dice.once(3))
      for (let count = 1 + this.#dice.below(4); count > 0; count--)
        cuts.add(this.#dice.below(says.length));
    const pongs = operations.filter((operation) => /^ping/i.test(operation)).length;
    return { client, says, cuts: [...cuts].sort((a, b) => a - b), pongs };
  }

  #ending(): Step {
    const client = this.#dice.below(this.#clients.length);
    const valid = () => this.#operation(client);
    const wrongs = endings(this.#root, this.#limits).filter(
      (operation) => !this.#avoid.secondConnect || !operation.startsWith("CONNECT {"),
    );
    const wrong = this.#dice.once(2)
      ? valid() + this.#dice.pick(wrongs)
      : withoutLineEndFirst(mutate(valid() + valid(), this.#dice));
    // After a client's -ERR nats-server still does what came in the same read: nothing may follow it.
    const says = wrong.endsWith("-ERR 'x'\r\n") ? wrong : wrong + valid();
    return { client, says, cuts: [], pongs: 0 };
  }

  #operation(client: number): string {
    const roll = this.#dice.below(20);
    if (roll < 6) return this.#publish(client);
    if (roll < 7) return this.#run();
    if (roll < 12) return this.#subscribe(client);
    if (roll < 15) return this.#unsubscribe();
    if (roll < 17) return this.#dice.pick(["PING\r\n", "ping x\n", "PiNgY\r\n"]);
    if (roll < 18) return this.#dice.pick(["PONG\r\n", "+OK\r\n", "INFO {}\r\n", "+ok x\n"]);
    const state = this.#clients[client]!;
    if (this.#avoid.secondConnect && (state.connected || state.subscribed)) return "PONG\r\n";
    return this.#connect(client);
  }

  #connect(client: number): string {
    const { once, pick } = this.#choices();
    const state = this.#clients[client]!;
    const options: Record<string, unknown> = {};
    const flag = (name: string) => {
      if (!once(3)) options[once(8) ? name.toUpperCase() : name] = once(2);
    };
    for (const name of ["verbose", "pedantic", "echo"]) flag(name);
    if (once(2)) options["name"] = pick(["x", "é", "<&>", '"', "\n", ""]);
    if (once(4)) options["unknown"] = { a: [1, null, {}] };
    if (!this.#avoid.protocolOne && once(2)) options["protocol"] = pick([0, 1, 1]);
    state.connected = true;
    if (once(2)) {
      options["headers"] = true;
      state.headers = this.#serverHeaders;
      options["no_responders"] = this.#serverHeaders && once(2);
    }
    return `CONNECT ${utf8(JSON.stringify(options))}\r\n`;
  }

  #subscribe(client: number): string {
    const { once, pick } = this.#choices();
    this.#clients[client]!.subscribed = true;
    const verb = pick(["SUB", "SUB", "sub", "sUb"]);
    const sid = pick(SIDS);
    if (once(12)) return this.#line(verb, ["_sys_.x", "_sys_", `q${sid}`]);
    // A group of one: whom a larger one chooses is random. Sids of queue members begin with q.
    if (once(4)) return this.#line(verb, [this.#pattern(), `g${this.#serial++}`, `q${sid}`]);
    return this.#line(verb, [this.#pattern(), sid]);
  }

  #unsubscribe(): string {
    const { once, pick } = this.#choices();
    const sid = (once(4) ? "q" : "") + pick(SIDS);
    const max = pick(["", "", "0", "1", "2", "3", "03", "-1", "x", "1x", "9999999999"]);
    return this.#line(pick(["UNSUB", "unsub"]), max === "" ? [sid] : [sid, max]);
  }

  #publish(client: number): string {
    const { once, pick, below } = this.#choices();
    const reply = once(3) ? [this.#reply()] : [];
    const withHeaders = this.#clients[client]!.headers && once(2);
    const block = withHeaders ? pick(BLOCKS) : "";
    const room = Math.max(0, this.#limits.maxPayload - block.length);
    const text = `${this.#serial++}`.padEnd(
      below(30),
      pick(["x", "\r\n", "\x00", "\xff", "PING\r\n"]),
    );
    const payload = once(6) ? "" : text.slice(0, room);
    const digits = (size: number) => `${once(8) ? "00" : ""}${size}`;
    const sizes = withHeaders
      ? [digits(block.length), digits(block.length + payload.length)]
      : [digits(payload.length)];
    const verb = withHeaders ? pick(["HPUB", "hpub"]) : pick(["PUB", "PUB", "pub"]);
    return this.#line(verb, [this.#subject(), ...reply, ...sizes]) + block + payload + "\r\n";
  }

  /** Publishes that differ in their payload only. */
  #run(): string {
    const { once, below } = this.#choices();
    const words = [this.#subject(), ...(once(3) ? [this.#reply()] : [])].join(" ");
    const payloads = Array.from({ length: 2 + below(5) }, () =>
      `${this.#serial++}`.padStart(6, "0"),
    );
    return payloads.map((payload) => `PUB ${words} 6\r\n${payload}\r\n`).join("");
  }

  #line(verb: string, args: string[]): string {
    const { pick } = this.#choices();
    return verb + args.map((arg) => pick(SPACES) + arg).join("") + pick(LINE_ENDS);
  }

  /** A subject to publish to: mostly of this script, sometimes odd or reserved. */
  #subject(): string {
    const { once, pick } = this.#choices();
    if (once(25))
      return pick(["_GR_.x", "_GR_.", "_GR_", "$SYS.x", "_SYS.x", "$JS.ACK.x", "_R_.x"]);
    if (once(25) && !this.#avoid.raftSubjects) return pick(["$NRG.x", "$NRG.", "$NRG"]);
    const wild = once(8);
    return this.#tokens(() => (wild ? pick(["*", ">", "", "a"]) : pick(TOKENS)));
  }

  #pattern(): string {
    const { once, pick } = this.#choices();
    // All of these match the subject by which the runner sees that former subscriptions are gone.
    if (once(12)) return pick([">", "*.>", "*.*", "*.a"]);
    if (once(15)) return pick([`.${this.#root}`, `${this.#root}.`, `${this.#root}..a`]);
    const wild = !once(3);
    const pattern = this.#tokens(() => (wild && once(2) ? "*" : pick(TOKENS)));
    return once(3) ? `${pattern}.>` : once(20) ? `${pattern}.>.a` : pattern;
  }

  #reply(): string {
    const { once, pick } = this.#choices();
    if (once(8)) return pick(["_R_.x", "_R_", "$JS.ACK.x", "_GR_.x", "_GR_.", ">", "a..b", "."]);
    return this.#tokens(() => pick(TOKENS));
  }

  #tokens(next: () => string): string {
    let subject = this.#root;
    for (let count = this.#dice.below(4); count > 0; count--) subject += `.${next()}`;
    return subject;
  }

  #choices() {
    const dice = this.#dice;
    return {
      once: (times: number) => dice.once(times),
      below: (bound: number) => dice.below(bound),
      pick: <T>(list: readonly T[]) => dice.pick(list),
    };
  }
}

/**
 * Midge refuses a publish whose arguments begin with a line end. nats-server takes the line end for a part
 * of the subject and breaks the stream of whoever gets the message.
 */
function withoutLineEndFirst(text: string): string {
  return text.replace(/(pub[ \t]+)\n/gi, "$1");
}
