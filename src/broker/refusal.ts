// Why a client may not publish or subscribe: the text of its -ERR and the words for the log, which differ
// (auth.md §5.4).

import { quote } from "../proto/quote.ts";

export interface Refusal {
  /** Between the quotes of the -ERR. */
  readonly text: string;
  readonly logged: string;
}

/** Logged in the words that the client is told. */
export const plainly = (text: string): Refusal => ({ text, logged: text });

export const publishRefusal = (subject: string): Refusal => ({
  text: `Permissions Violation for Publish to ${quote(subject)}`,
  logged: `Publish Violation - Subject ${quote(subject)}`,
});

export const replyRefusal = (reply: string): Refusal => ({
  text: `Permissions Violation for Publish with Reply of ${quote(reply)}`,
  logged: `Publish Violation - Reply ${quote(reply)}`,
});

export function subscriptionRefusal(subject: string, queue: string | null, sid: string): Refusal {
  const group = queue === null ? "" : `, Queue: ${quote(queue)}`;
  return {
    text: `Permissions Violation for Subscription to ${whole(subject, queue)}`,
    logged: `Subscription Violation - Subject ${quote(subject)}${group}, SID ${sid}`,
  };
}

/** A subscription that was allowed once and is not any more (§10). */
export function removalOf(subject: string, queue: string | null, sid: string): Refusal {
  const which = `${whole(subject, queue)} (sid ${quote(sid)})`;
  return {
    text: `Permissions Violation for Subscription to ${which}`,
    logged: `Removed sub ${which} - not authorized`,
  };
}

const whole = (subject: string, queue: string | null) =>
  queue === null ? quote(subject) : `${quote(subject)} using queue ${quote(queue)}`;
