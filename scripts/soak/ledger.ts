// Who was owed which numbered message, and who got it. It decides from the clients' own view alone what may be
// missing: delivery is at most once, so only messages near the end or the beginning of a connection may be.

/** One who publishes and listens. A new epoch begins when its connection is lost, not when it is back. */
export interface Party {
  readonly name: string;
  readonly epoch: number;
  /** By epoch, how many numbers were published: 0 up to, not including, this one. */
  readonly sent: readonly number[];
}

/** What one listener heard of one epoch of a publisher during one epoch of its own. */
interface Stretch {
  readonly epoch: number;
  readonly first: number;
  last: number;
}

/** What was heard of one epoch of the publisher. */
interface Page {
  marks: Uint8Array;
  readonly stretches: Map<Party, Stretch[]>;
}

export interface Figures {
  /** Copies owed: one for each listener, or one for a group. */
  sent: number;
  received: number;
  /** Missing although both sides stayed connected: none is right. */
  lost: number;
  /** Missing around the end or the beginning of a connection, which at-most-once allows. */
  lostAway: number;
  doubled: number;
  disordered: number;
  /** Pairs that are connected and in which nothing was heard since the last reconnect. */
  silent: number;
  /** The first few faults, in words. */
  faults: string[];
}

export const noFigures = (): Figures => ({
  sent: 0,
  received: 0,
  lost: 0,
  lostAway: 0,
  doubled: 0,
  disordered: 0,
  silent: 0,
  faults: [],
});

const PAGE_BYTES = 1 << 16;
const FAULTS_MAX = 10;

/**
 * The messages of one publisher for these listeners: one listener is owed all of them, several are a queue group
 * of which one is owed each.
 *
 * A missing message is allowed only where some listener was away. With m the last number that a listener heard
 * before its connection or the publisher's ended, and f the first one it heard afterwards, these are the numbers
 * between m and f: all ways keep the order, so what was on its way to that listener had a higher number than m,
 * and what was published when it could be reached again has one from f on.
 */
export class Book {
  readonly publisher: Party;
  readonly listeners: readonly Party[];
  readonly #pages: Page[] = [];
  #received = 0;
  #doubled = 0;
  #disordered = 0;
  readonly #faults: string[] = [];

  constructor(publisher: Party, listeners: readonly Party[]) {
    this.publisher = publisher;
    this.listeners = listeners;
  }

  heard(listener: Party, epoch: number, number: number): void {
    const page = this.#page(epoch);
    const stretches = page.stretches.get(listener)!;
    const before = stretches.at(-1);
    if (number >= page.marks.length) page.marks = enlarged(page.marks, number);
    const isNew = page.marks[number] === 0;
    page.marks[number] = 1;
    this.#received++;
    if (!isNew) {
      this.#doubled++;
      this.#fault("doubled", epoch, number, listener);
    } else if (before !== undefined && number < before.last) {
      this.#disordered++;
      this.#fault(`after ${before.last}`, epoch, number, listener);
    }
    if (before?.epoch === listener.epoch) before.last = Math.max(before.last, number);
    else stretches.push({ epoch: listener.epoch, first: number, last: number });
  }

  /** Every listener has heard something since the last reconnect of either side. */
  get flows(): boolean {
    const page = this.#page(this.publisher.epoch);
    return this.listeners.every((each) => page.stretches.get(each)!.at(-1)?.epoch === each.epoch);
  }

  /** Nothing more is on its way between those who are connected now. */
  get isComplete(): boolean {
    return this.flows && this.figures().lost === 0;
  }

  figures(): Figures {
    const figures = noFigures();
    figures.received = this.#received;
    figures.doubled = this.#doubled;
    figures.disordered = this.#disordered;
    figures.faults.push(...this.#faults);
    for (const [epoch, sent] of this.publisher.sent.entries()) {
      figures.sent += sent;
      const page = this.#page(epoch);
      if (sent > page.marks.length) page.marks = enlarged(page.marks, sent);
      const { marks } = page;
      const away = this.listeners.flatMap((each) => this.#away(page, epoch, each));
      for (let n = marks.indexOf(0); n >= 0 && n < sent; n = marks.indexOf(0, n + 1)) {
        if (away.some(([from, to]) => n > from && n < to)) figures.lostAway++;
        else if (figures.lost++ === 0) figures.faults.push(this.#words("lost", epoch, n));
      }
    }
    if (this.listeners.length === 1 && !this.flows) figures.silent = 1;
    return figures;
  }

  /** Where this listener may have missed something: between two numbers, neither included. */
  #away(page: Page, epoch: number, listener: Party): [from: number, to: number][] {
    const stretches = page.stretches.get(listener)!;
    const isOver = this.publisher.epoch !== epoch;
    const [first] = stretches;
    const last = stretches.at(-1);
    const away: [number, number][] = [];
    if (first === undefined || last === undefined) {
      return isOver || epoch > 0 || listener.epoch > 0 ? [[-1, Infinity]] : [];
    }
    if (epoch > 0 || first.epoch > 0) away.push([-1, first.first]);
    for (const [i, { last: from }] of stretches.entries()) {
      const next = stretches[i + 1];
      if (next !== undefined) away.push([from, next.first]);
    }
    if (isOver || listener.epoch !== last.epoch) away.push([last.last, Infinity]);
    return away;
  }

  #page(epoch: number): Page {
    return (this.#pages[epoch] ??= {
      marks: new Uint8Array(PAGE_BYTES),
      stretches: new Map(this.listeners.map((each) => [each, []])),
    });
  }

  #fault(what: string, epoch: number, number: number, listener: Party): void {
    if (this.#faults.length < FAULTS_MAX) {
      this.#faults.push(`${this.#words(what, epoch, number)}, heard by ${listener.name}`);
    }
  }

  #words(what: string, epoch: number, number: number): string {
    const listeners = this.listeners.map(({ name, epoch }) => `${name}/${epoch}`).join(" or ");
    return `${what}: ${number} of ${this.publisher.name}/${epoch} for ${listeners}`;
  }
}

function enlarged(marks: Uint8Array, number: number): Uint8Array {
  let size = marks.length;
  while (size <= number) size *= 2;
  const larger = new Uint8Array(size);
  larger.set(marks);
  return larger;
}

export function sumOf(books: readonly Book[]): Figures {
  const sum = noFigures();
  for (const book of books) {
    const each = book.figures();
    sum.sent += each.sent;
    sum.received += each.received;
    sum.lost += each.lost;
    sum.lostAway += each.lostAway;
    sum.doubled += each.doubled;
    sum.disordered += each.disordered;
    sum.silent += each.silent;
    if (sum.faults.length < FAULTS_MAX) sum.faults.push(...each.faults);
  }
  return sum;
}
