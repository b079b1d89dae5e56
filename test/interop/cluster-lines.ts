// Random conversations of a route (cluster §4.5): what another server and a client say in turns, whole lines
// and spoiled ones. A seed says everything, so that one can be played again.
import { Dice } from "../support/dice.ts";

/** One side says this; then both are asked what they have heard. */
export interface Step {
  readonly who: "peer" | "client";
  readonly says: string;
}

export interface RouteScript {
  readonly seed: number;
  /** Begins all subjects, so that nothing of another script is taken for this one's. */
  readonly prefix: string;
  /** What the peer says of itself. */
  readonly info: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}

const STEPS_MAX = 14;
/** Groups of the client, one member each, so that no server has a choice; the peer's are others. */
const GROUPS = ["g1", "g2", "g3"] as const;
const THEIR_GROUPS = ["r1", "r2"] as const;
const HEADERS = "NATS/1.0\r\nX: 1\r\n\r\n";

export function makeRouteScript(seed: number): RouteScript {
  const dice = new Dice(seed);
  const prefix = `t${seed}`;
  const info = {
    ...(dice.once(4) ? { headers: false } : {}),
    ...(dice.once(2) ? { lnocu: true } : {}),
  };
  const writer = new Writer(dice, prefix, info);
  const steps: Step[] = [{ who: "client", says: writer.subscribe() + writer.subscribe() }];
  const count = 4 + dice.below(STEPS_MAX - 4);
  while (steps.length < count) {
    const isPeer = dice.below(5) < 3;
    steps.push(
      isPeer ? { who: "peer", says: writer.peer() } : { who: "client", says: writer.client() },
    );
  }
  return { seed, prefix, info, steps };
}

class Writer {
  readonly #dice: Dice;
  readonly #prefix: string;
  readonly #info: { readonly lnocu?: boolean };
  readonly #groups: string[] = [...GROUPS];
  #sid = 0;

  constructor(dice: Dice, prefix: string, info: { readonly lnocu?: boolean }) {
    this.#dice = dice;
    this.#prefix = prefix;
    this.#info = info;
  }

  #subject(): string {
    return `${this.#prefix}.${this.#dice.pick(["a", "b", "a.b", "c.d.e"])}`;
  }

  #pattern(): string {
    const ends = ["a", "b", "a.b", "a.*", "*", "*.b", ">", "a.>"];
    return `${this.#prefix}.${this.#dice.pick(ends)}`;
  }

  // ---- the client

  client(): string {
    switch (this.#dice.below(6)) {
      case 0:
        return this.subscribe();
      case 1:
        return `UNSUB ${1 + this.#dice.below(4)}${this.#dice.once(3) ? " 2" : ""}\r\n`;
      case 2:
        return `HPUB ${this.#subject()}${this.#reply()} 18 20\r\n${HEADERS}ok\r\n`;
      default:
        return `PUB ${this.#subject()}${this.#reply()} 2\r\nhi\r\n`;
    }
  }

  subscribe(): string {
    const group = this.#dice.once(2) ? this.#groups.pop() : undefined;
    return `SUB ${this.#pattern()} ${group === undefined ? "" : `${group} `}${++this.#sid}\r\n`;
  }

  #reply(): string {
    return this.#dice.once(3) ? ` ${this.#prefix}.reply` : "";
  }

  // ---- the other server

  peer(): string {
    const line = this.#peerLine();
    return this.#dice.once(9) ? this.#spoil(line) : line;
  }

  #peerLine(): string {
    switch (this.#dice.below(12)) {
      case 0:
      case 1:
        return `RS+ $G ${this.#pattern()}\r\n`;
      case 2:
        return `RS+ $G ${this.#pattern()} ${this.#dice.pick(THEIR_GROUPS)} ${1 + this.#dice.below(3)}\r\n`;
      case 3:
        return `RS- $G ${this.#pattern()}${this.#dice.once(2) ? ` ${this.#dice.pick(THEIR_GROUPS)}` : ""}\r\n`;
      case 4:
        return this.#leafInterest();
      case 5:
        return this.#odd();
      case 6:
        return `LMSG L $G ${this.#subject()}${this.#address()} 0 2\r\nhi\r\n`;
      case 7:
        return `LMSG L $G ${this.#subject()}${this.#address()} 18 20\r\n${HEADERS}ok\r\n`;
      case 8:
      case 9:
        return `HMSG $G ${this.#subject()}${this.#address()} 18 20\r\n${HEADERS}ok\r\n`;
      default:
        return `RMSG $G ${this.#subject()}${this.#address()} 2\r\nhi\r\n`;
    }
  }

  #leafInterest(): string {
    const subject = this.#pattern();
    const queue = this.#dice.once(3) ? ` ${this.#dice.pick(THEIR_GROUPS)}` : "";
    if (this.#dice.once(2)) return `LS+ L $G ${subject}${queue}${queue === "" ? "" : " 1"}\r\n`;
    return `LS- ${this.#info.lnocu === true ? "L " : ""}$G ${subject}${queue}\r\n`;
  }

  /** Nothing, a reply, groups, or both. */
  #address(): string {
    const names = [...GROUPS, "nobody"].filter(() => this.#dice.once(2));
    const queues = names.length > 0 ? names : ["g1"];
    switch (this.#dice.below(4)) {
      case 0:
        return ` ${this.#prefix}.r`;
      case 1:
        return ` | ${queues.join(" ")}`;
      case 2:
        return ` + ${this.#prefix}.r ${queues.join(" ")}`;
      default:
        return "";
    }
  }

  /** What is allowed and seldom said. */
  #odd(): string {
    return this.#dice.pick([
      "PONG\r\n",
      "+OK\r\n",
      "A+ $G\r\n",
      "A- $G\r\n",
      `RS+ NOPE ${this.#pattern()}\r\n`,
      `RS- NOPE ${this.#pattern()}\r\n`,
      `RMSG NOPE ${this.#subject()} 2\r\nhi\r\n`,
      `RS- $G ${this.#prefix}.never\r\n`,
      `RS+ $G ${this.#prefix}..x\r\n`,
      `RS+ $G ${this.#prefix}.>.x\r\n`,
      `rs+ $G ${this.#pattern()}\n`,
      `rmsg $G ${this.#subject()} 2\nhi\r\n`,
      `RMSG $G ${this.#subject()}  2\r\nhi\r\n`,
      `RMSG\t$G\t${this.#subject()}\t2\r\nhi\r\n`,
      `RMSG $G ${this.#subject()} 0\r\n\r\n`,
      `HMSG $G ${this.#subject()} 12 12\r\nNATS/1.0\r\n\r\n\r\n`,
      `INFO ${JSON.stringify({ server_id: `P${this.#prefix}`, cluster: "c1", headers: true, ...this.#info })}\r\n`,
    ]);
  }

  /** Takes a word away, adds one, or breaks it in another way. */
  #spoil(line: string): string {
    const end = line.indexOf("\n") + 1;
    const words = line.slice(0, end).trim().split(" ");
    const rest = line.slice(end);
    // What servers differ in by name is not asked here: see cluster-differences.ts.
    if (words[0]!.startsWith("A") || words.includes("+")) return line;
    const isInterest = /^[RL]S/i.test(words[0]!);
    const at = this.#dice.below(words.length);
    switch (this.#dice.below(6)) {
      case 0:
        return `${words.toSpliced(at, 1).join(" ")}\r\n${rest}`;
      case 1:
        return `${words.toSpliced(at, 0, "x").join(" ")}\r\n${rest}`;
      case 2:
        return isInterest ? line : `${words.toSpliced(at, 1, "-1").join(" ")}\r\n${rest}`;
      case 3:
        return `${words.join(" ")}\r\n${rest}x\r\n`;
      case 4:
        return `X${line}`;
      default:
        return this.#dice.pick(["-ERR 'whatever'\r\n", "INFO {\r\n", "MSG x 1 1\r\nx\r\n"]);
    }
  }
}
