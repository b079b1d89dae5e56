// A copy of connections at one time, as columns: to look through ten thousand numbers that lie side by side
// takes microseconds, through ten thousand objects milliseconds.
import type { ConnectionView } from "./source.ts";
import { rateOf } from "./live-history.ts";
import type { ConnectionRow } from "./live-shapes.ts";

const NUMBERS = [
  "cid",
  "port",
  "encrypted",
  "startedAt",
  "lastActivity",
  "stoppedAt",
  "subscriptions",
  "pending",
  "rtt",
  "inMsgs",
  "outMsgs",
  "inBytes",
  "outBytes",
  "inMsgsRate",
  "outMsgsRate",
  "inBytesRate",
  "outBytesRate",
] as const;

const TEXTS = ["name", "lang", "version", "ip", "account", "user", "reason"] as const;

type NumberName = (typeof NUMBERS)[number];
type TextName = (typeof TEXTS)[number];
/** A rate before anything is known to compare with; sorted below all others. */
const UNKNOWN = -1;
const ROOM_MIN = 16;

export class Snapshot {
  /** On a clock that never goes back, in milliseconds. */
  readonly takenAt: number;
  readonly #numbers: Record<NumberName, Float64Array>;
  readonly #texts: Record<TextName, string[]>;
  /** What is searched in; "" before somebody searches. */
  readonly #searched: string[] = [];
  #size = 0;
  /** Where the next connection may be in the snapshot before. */
  #beforeAt = 0;

  /** `room`: connections that are expected. */
  constructor(takenAt: number, room: number) {
    this.takenAt = takenAt;
    this.#numbers = record(NUMBERS, () => new Float64Array(Math.max(room, ROOM_MIN)));
    this.#texts = record(TEXTS, () => []);
  }

  get size(): number {
    return this.#size;
  }

  /** With an earlier snapshot there are rates; then connections have to come in the order of their cids. */
  add(view: ConnectionView, before: Snapshot | null): void {
    if (this.#size === this.#numbers.cid.length) this.#grow();
    const at = this.#size++;
    const numbers = this.#numbers;
    numbers.cid[at] = view.cid;
    numbers.port[at] = view.port;
    numbers.encrypted[at] = view.tls === null ? 0 : 1;
    numbers.startedAt[at] = view.startedAt;
    numbers.lastActivity[at] = view.lastActivity;
    numbers.stoppedAt[at] = view.stoppedAt ?? 0;
    numbers.subscriptions[at] = view.subscriptionCount;
    numbers.pending[at] = view.pendingBytes;
    numbers.rtt[at] = view.rttMs;
    numbers.inMsgs[at] = view.inMsgs;
    numbers.outMsgs[at] = view.outMsgs;
    numbers.inBytes[at] = view.inBytes;
    numbers.outBytes[at] = view.outBytes;
    const texts = this.#texts;
    texts.name.push(view.name);
    texts.lang.push(view.lang);
    texts.version.push(view.version);
    texts.ip.push(view.ip);
    texts.account.push(view.accountName);
    texts.user.push(view.user);
    texts.reason.push(view.reason ?? "");
    const old = before === null ? -1 : this.#indexIn(before, view.cid);
    this.#rate(at, before, old);
    this.#searched.push(
      before !== null && this.#isSame(at, before, old) ? before.#searched[old]! : "",
    );
  }

  /** What a sort goes by. */
  column(name: Exclude<keyof ConnectionRow, "encrypted">): Float64Array | readonly string[] {
    return isText(name) ? this.#texts[name] : this.#numbers[name];
  }

  /** Its words, in lower case, have all these in them somewhere. */
  has(at: number, word: string, more: readonly string[]): boolean {
    const text = (this.#searched[at] ||= this.#text(at));
    return text.includes(word) && (more.length === 0 || more.every((each) => text.includes(each)));
  }

  row(at: number): ConnectionRow {
    const number = (name: NumberName) => this.#numbers[name][at]!;
    const text = (name: TextName) => this.#texts[name][at]!;
    const rate = (name: NumberName) => (number(name) === UNKNOWN ? null : number(name));
    return {
      cid: number("cid"),
      name: text("name"),
      lang: text("lang"),
      version: text("version"),
      ip: text("ip"),
      port: number("port"),
      account: text("account"),
      user: text("user"),
      encrypted: number("encrypted") === 1,
      startedAt: number("startedAt"),
      lastActivity: number("lastActivity"),
      stoppedAt: number("stoppedAt") || null,
      reason: text("reason") || null,
      subscriptions: number("subscriptions"),
      pending: number("pending"),
      rtt: number("rtt"),
      inMsgs: number("inMsgs"),
      outMsgs: number("outMsgs"),
      inBytes: number("inBytes"),
      outBytes: number("outBytes"),
      inMsgsRate: rate("inMsgsRate"),
      outMsgsRate: rate("outMsgsRate"),
      inBytesRate: rate("inBytesRate"),
      outBytesRate: rate("outBytesRate"),
    };
  }

  /** -1 where it was not there. */
  #indexIn(before: Snapshot, cid: number): number {
    const cids = before.#numbers.cid;
    while (this.#beforeAt < before.#size && cids[this.#beforeAt]! < cid) this.#beforeAt++;
    return this.#beforeAt < before.#size && cids[this.#beforeAt] === cid ? this.#beforeAt : -1;
  }

  #rate(at: number, before: Snapshot | null, old: number): void {
    const numbers = this.#numbers;
    if (before === null || old < 0) {
      numbers.inMsgsRate[at] = UNKNOWN;
      numbers.outMsgsRate[at] = UNKNOWN;
      numbers.inBytesRate[at] = UNKNOWN;
      numbers.outBytesRate[at] = UNKNOWN;
      return;
    }
    const seconds = (this.takenAt - before.takenAt) / 1000;
    const { inMsgs, outMsgs, inBytes, outBytes } = before.#numbers;
    numbers.inMsgsRate[at] = rateOf(numbers.inMsgs[at]! - inMsgs[old]!, seconds);
    numbers.outMsgsRate[at] = rateOf(numbers.outMsgs[at]! - outMsgs[old]!, seconds);
    numbers.inBytesRate[at] = rateOf(numbers.inBytes[at]! - inBytes[old]!, seconds);
    numbers.outBytesRate[at] = rateOf(numbers.outBytes[at]! - outBytes[old]!, seconds);
  }

  /** A client says who it is once: what is searched in need not be made again. */
  #isSame(at: number, before: Snapshot, old: number): boolean {
    const { name, user } = this.#texts;
    return old >= 0 && before.#texts.name[old] === name[at] && before.#texts.user[old] === user[at];
  }

  #text(at: number): string {
    const { name, ip, account, user, lang, version, reason } = this.#texts;
    const { cid, port } = this.#numbers;
    const place = `${cid[at]}\n${ip[at]}:${port[at]}\n${account[at]}\n${user[at]}`;
    return `${name[at]}\n${place}\n${lang[at]} ${version[at]}\n${reason[at]}`.toLowerCase();
  }

  #grow(): void {
    for (const name of NUMBERS) {
      const wider = new Float64Array(this.#size * 2);
      wider.set(this.#numbers[name]);
      this.#numbers[name] = wider;
    }
  }
}

function isText(name: string): name is TextName {
  return TEXTS.some((each) => each === name);
}

function record<K extends string, V>(names: readonly K[], make: () => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<K, V>;
}
