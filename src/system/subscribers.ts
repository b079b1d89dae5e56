// How many subscriptions a subject reaches, or a pattern has below it (monitoring §21.1): a server counts those
// of its clients, and asks the other ones for theirs.

import type { Account } from "../broker/account.ts";
import { toJson } from "../proto/format.ts";
import { isWithin, kindOf, matches, SubjectKind } from "../proto/subject.ts";
import type { Survey } from "./survey.ts";

/** Texts are bytes, one character each. */
export interface Wanted {
  readonly subject: string;
  /** Members of this group only. */
  readonly queue: string | undefined;
}

const NOTHING: Wanted = { subject: "", queue: undefined };

/** A subject and perhaps a queue group, with one blank between them; anything else is nothing. */
export function readWanted(words: Buffer): Wanted {
  const [subject = "", queue, ...rest] = words
    .latin1Slice()
    .trim()
    .split(/[ \t\r\n]/);
  return rest.length > 0 ? NOTHING : { subject, queue };
}

export function countHere(account: Account, { subject, queue }: Wanted): number {
  const kind = kindOf(subject);
  if (kind === SubjectKind.invalid) return 0;
  const isReached = kind === SubjectKind.pattern ? isWithin : matches;
  let count = 0;
  for (const client of account.clients) {
    for (const each of client.subscriptions.values()) {
      if (queue !== undefined && each.queue !== queue) continue;
      if (isReached(each.subject, subject)) count++;
    }
  }
  return count;
}

export function countThere(
  survey: Survey,
  { name }: Account,
  { subject, queue }: Wanted,
): Promise<number> {
  if (kindOf(subject) === SubjectKind.invalid) return Promise.resolve(0);
  const asked = {
    acc: name,
    subject: Buffer.from(subject, "latin1").toString(),
    ...(queue === undefined ? {} : { queue: Buffer.from(queue, "latin1").toString("base64") }),
  };
  return survey.sum("$SYS.REQ.ACCOUNT.NSUBS", Buffer.from(toJson(asked)));
}
