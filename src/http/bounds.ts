// What the monitor may cost: people who watch a server must not be able to slow it down.

export interface Bounds {
  /** Seconds in which nothing happens on a connection before it is closed: it takes a descriptor. */
  readonly idleSeconds: number;
  /** Nothing that asks the monitor needs a body; what comes is read up to here and ignored. */
  readonly requestBytes: number;
  /** Answers under way at a time; a monitor that asks more often than it reads has to wait. */
  readonly answers: number;
  /** A long answer that is not read to its end by then, in ms, is given up. */
  readonly answerMs: number;
  /** Password hashes reckoned for the monitor at a time: clients that log in need the processor, too. */
  readonly hashes: number;
}

export const BOUNDS: Bounds = {
  idleSeconds: 10,
  requestBytes: 64 << 10,
  answers: 64,
  answerMs: 120_000,
  hashes: 4,
};
