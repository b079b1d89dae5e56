// What the monitor may cost: people who watch a server must not be able to slow it down.

export interface Bounds {
  /** Seconds in which nothing happens on a connection before it is closed: it takes a descriptor. */
  readonly idleSeconds: number;
  /** Nothing that asks the monitor needs a body; what comes is read up to here and ignored. */
  readonly requestBytes: number;
  /** Answers made at a time; a monitor that asks faster than it can be answered has to wait. */
  readonly answers: number;
  /** Long answers that are being read at a time, apart from those. */
  readonly longAnswers: number;
  /** Who takes longer than this, in ms, to read one loses his place to the next who asks for one. */
  readonly readMs: number;
  /** A long answer that is not read to its end by then, in ms, is given up. */
  readonly answerMs: number;
  /** Password hashes reckoned for the monitor at a time: clients that log in need the processor, too. */
  readonly hashes: number;
}

export const BOUNDS: Bounds = {
  idleSeconds: 10,
  requestBytes: 64 << 10,
  answers: 64,
  longAnswers: 64,
  readMs: 2000,
  answerMs: 120_000,
  hashes: 4,
};
