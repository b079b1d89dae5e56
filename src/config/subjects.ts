// Subjects as a configuration writes them, with the queue group that a subscription's may have.
import { kindOf, SubjectKind } from "../proto/subject.ts";

/** A subject, wildcards and all. */
export function isSubject(text: string): boolean {
  return !/\s/.test(text) && kindOf(text) !== SubjectKind.invalid;
}

/** `foo.>` as it is, `  foo.>   q.* ` as `foo.> q.*`; undefined for anything else. */
export function parseQueueSubject(text: string): string | undefined {
  const words = text.trim().split(/\s+/);
  return words.length <= 2 && words.every(isSubject) ? words.join(" ") : undefined;
}
