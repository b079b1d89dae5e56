// A copy of connections at one time, as columns: to look through ten thousand numbers that lie side by side
// takes microseconds, through ten thousand objects milliseconds.
import type { ConnectionView } from "./source.ts";
import { rateOf } from "./live-history.ts";
import type { ConnectionRow } from "./live-shapes.ts";

type ReadNumber = (view: ConnectionView) => number;
type ReadText = (view: ConnectionView) => string;

const COUNTERS = {
  inMsgs: (view) => view.inMsgs,
  outMsgs: (view) => view.outMsgs,
  inBytes: (view) => view.inBytes,
  outBytes: (view) => view.outBytes,
} satisfies Record<string, ReadNumber>;

const NUMBERS = {
  ...COUNTERS,
  cid: (view) => view.cid,
  port: (view) => view.port,
  encrypted: (view) => (view.tls === null ? 0 : 1),
  startedAt: (view) => view.startedAt,
  lastActivity: (view) => view.lastActivity,
  stoppedAt: (view) => view.stoppedAt ?? 0,
  subscriptions: (view) => view.subscriptionCount,
  pending: (view) => view.pendingBytes,
  rtt: (view) => view.rttMs,
} satisfies Record<string, ReadNumber>;

const TEXTS = {
  name: (view) => view.name,
  lang: (view) => view.lang,
  version: (view) => view.version,
  ip: (view) => view.ip,
  account: (view) => view.accountName,
  user: (view) => view.user,
  reason: (view) => view.reason ?? "",
} satisfies Record<string, ReadText>;

const RATES = {
  inMsgsRate: "inMsgs",
  outMsgsRate: "outMsgs",
  inBytesRate: "inBytes",
  outBytesRate: "outBytes",
} satisfies Record<string, keyof typeof COUNTERS>;

const NUMBER_NAMES = namesOf(NUMBERS);
const TEXT_NAMES = namesOf(TEXTS);
const RATE_NAMES = namesOf(RATES);
const COLUMN_NAMES = [...NUMBER_NAMES, ...RATE_NAMES];

type NumberName = keyof typeof NUMBERS | keyof typeof RATES;
type TextName = keyof typeof TEXTS;

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
    const width = Math.max(room, ROOM_MIN);
    this.#numbers = record(COLUMN_NAMES, () => new Float64Array(width));
    this.#texts = record(TEXT_NAMES, () => []);
  }

  get size(): number {
    return this.#size;
  }

  /** With an earlier snapshot there are rates; then connections have to come in the order of their cids. */
  add(view: ConnectionView, before: Snapshot | null): void {
    if (this.#size === this.#numbers.cid.length) this.#grow();
    const at = this.#size++;
    for (const name of NUMBER_NAMES) this.#numbers[name][at] = NUMBERS[name](view);
    for (const name of TEXT_NAMES) this.#texts[name].push(TEXTS[name](view));
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
    const numbers = record(NUMBER_NAMES, (name) => this.#numbers[name][at]!);
    const texts = record(TEXT_NAMES, (name) => this.#texts[name][at]!);
    const rates = record(RATE_NAMES, (name) => {
      const rate = this.#numbers[name][at]!;
      return rate === UNKNOWN ? null : rate;
    });
    return {
      ...numbers,
      ...rates,
      ...texts,
      encrypted: numbers.encrypted === 1,
      stoppedAt: numbers.stoppedAt || null,
      reason: texts.reason || null,
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
    const seconds = before === null ? 0 : (this.takenAt - before.takenAt) / 1000;
    for (const name of RATE_NAMES) {
      const counter = RATES[name];
      numbers[name][at] =
        before === null || old < 0
          ? UNKNOWN
          : rateOf(numbers[counter][at]! - before.#numbers[counter][old]!, seconds);
    }
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
    for (const name of COLUMN_NAMES) {
      const wider = new Float64Array(this.#size * 2);
      wider.set(this.#numbers[name]);
      this.#numbers[name] = wider;
    }
  }
}

function isText(name: string): name is TextName {
  return name in TEXTS;
}

function namesOf<K extends string>(columns: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(columns) as K[];
}

function record<K extends string, V>(names: readonly K[], make: (name: K) => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, V>;
}
