// A message over a route that names queue groups (cluster §4.5), read where it lies: its line is
// `<subject> | <queues> <sizes>` or `<subject> + <reply> <queues> <sizes>`. What is not about the groups is
// moved together, behind them, and is then the line of a message without groups.

import { CR, readSize, SPACE } from "./ascii.ts";

const BAR = 0x7c;
const PLUS = 0x2b;

export class NamedMessage {
  /** Queue groups with single blanks between them. */
  queues = "";
  /** Where the last sizes end: CR is there. */
  lineEnd = 0;
  totalBytes = 0;
  #subjectAt = 0;
  #subjectEnd = 0;
  #replyAt = 0;
  #replyEnd = 0;
  #sizesAt = 0;

  /**
   * Reads a line that begins with its subject at `at` and whose LF is at `lf`; `sizes` is how many there are.
   * False when it is none of these, or is spelled otherwise.
   */
  read(bytes: Buffer, at: number, lf: number, sizes: 1 | 2): boolean {
    this.lineEnd = lf - 1;
    if (bytes[this.lineEnd] !== CR) return false;
    const subjectEnd = wordEnd(bytes, at);
    const mark = bytes[subjectEnd + 1];
    if (bytes[subjectEnd] !== SPACE || bytes[subjectEnd + 2] !== SPACE) return false;
    if (mark !== BAR && mark !== PLUS) return false;
    let queuesAt = subjectEnd + 3;
    this.#replyAt = queuesAt;
    this.#replyEnd = queuesAt;
    if (mark === PLUS) {
      this.#replyEnd = wordEnd(bytes, queuesAt);
      queuesAt = this.#replyEnd + 1;
    }
    const totalAt = wordStart(bytes, this.lineEnd);
    const sizesAt = sizes === 1 ? totalAt : wordStart(bytes, totalAt - 1);
    this.totalBytes = readSize(bytes, totalAt, this.lineEnd);
    const headerBytes = sizes === 1 ? 0 : readSize(bytes, sizesAt, totalAt - 1);
    if (this.totalBytes < 0 || headerBytes < sizes - 1 || headerBytes > this.totalBytes)
      return false;
    if (sizesAt - 1 <= queuesAt || (this.#replyAt === this.#replyEnd) !== (mark === BAR))
      return false;
    this.queues = bytes.latin1Slice(queuesAt, sizesAt - 1);
    if (!SINGLE_BLANKS.test(this.queues)) return false;
    this.#subjectAt = at;
    this.#subjectEnd = subjectEnd;
    this.#sizesAt = sizesAt;
    return true;
  }

  /** Moves subject and reply in front of the sizes; returns where the subject is then. */
  gather(bytes: Buffer): number {
    let to = this.#sizesAt - 1;
    const replyBytes = this.#replyEnd - this.#replyAt;
    if (replyBytes > 0) {
      to -= replyBytes;
      bytes.copyWithin(to, this.#replyAt, this.#replyEnd);
      bytes[--to] = SPACE;
    }
    to -= this.#subjectEnd - this.#subjectAt;
    bytes.copyWithin(to, this.#subjectAt, this.#subjectEnd);
    return to;
  }
}

const SINGLE_BLANKS = /^[^\s]+(?: [^\s]+)*$/;

function wordEnd(bytes: Uint8Array, at: number): number {
  while (bytes[at]! > SPACE) at++;
  return at;
}

function wordStart(bytes: Uint8Array, end: number): number {
  while (bytes[end - 1]! > SPACE) end--;
  return end;
}
