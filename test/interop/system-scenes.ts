// The states in which the services of the system account are compared, and what is asked there in turn.
import type { Words } from "./access-play.ts";

export interface Scene {
  readonly name: string;
  /** Configuration besides the address of the clients. */
  readonly config: string;
  /** That of a second server, which is to dial `{port}`. */
  readonly second?: string;
  /** How the watcher logs in, whose answers prove that all earlier questions were dealt with. */
  readonly watcher?: object;
  /** What the watcher asks for it; services of the system account unless given. */
  readonly fences?: readonly string[];
  /** How much everybody is told is chance. */
  readonly isUncounted?: boolean;
  readonly steps: readonly Step[];
}

export type Step = Speech | Leaving | Asking | Signal;

/** Somebody connects with his first step, and stays until he leaves or is sent away. */
export interface Speech extends Waiting {
  readonly by: string;
  /** Which server he comes to first, 0 unless given. */
  readonly at?: number;
  readonly says: Words;
  /** The server sends this one away. */
  readonly isLast?: boolean;
  /** Reads nothing from now on. */
  readonly isLazy?: boolean;
}

export interface Leaving extends Waiting {
  readonly leaves: string;
}

/** A message that nobody has to log in for: who asks has said something before. */
export interface Asking extends Waiting {
  /** `{id}` stands for the id of the server, `{bob}` for the connection id of bob. */
  readonly asks: string;
  /** "sys" unless given. */
  readonly by?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The message has no reply subject. */
  readonly isMute?: boolean;
}

/** To the only server, or to the second one. */
export interface Signal extends Waiting {
  readonly signal: NodeJS.Signals;
  /** Nobody is left then. */
  readonly isEnd?: boolean;
}

interface Waiting {
  /** How many messages besides statistics "sys" is to hear before the next step. */
  readonly brings?: number;
  /** Statistics are what this step is about; elsewhere they come when it is their time and are not told. */
  readonly isAboutStatistics?: boolean;
  /** What this step brings comes in no promised order. */
  readonly isUnordered?: boolean;
}

/** Hears the answers to its own questions. */
export const SUBSCRIBED = "SUB answer.* inbox\r\n";

/** For people who read what went wrong. */
export function describeStep(step: Step): string {
  if ("asks" in step) {
    const { by = "sys", asks, body = "", headers, isMute = false } = step;
    const rest = headers === undefined ? "" : ` ${JSON.stringify(headers)}`;
    return `${by} asks ${asks} ${body}${rest}${isMute ? " without a reply subject" : ""}`;
  }
  if ("leaves" in step) return `${step.leaves} leaves`;
  if ("signal" in step) return step.signal;
  const words = typeof step.says === "string" ? step.says : "signed words";
  return `${step.by} says ${words.replace(/"(pass|auth_token)":"[^"]*"/g, '"$1":"…"').slice(0, SHOWN_BYTES_MAX)}`;
}

const SHOWN_BYTES_MAX = 300;
